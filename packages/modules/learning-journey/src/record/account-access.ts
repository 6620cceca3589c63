/** Which accounts a learner's token lets its holder act and ask in. */
import { ContractError, type Principal } from '@waymark/contract'

/** True when a caller may name an account; a learner only one that the token names. */
export function mayName(principal: Principal, accountId: string): boolean {
  return principal.kind !== 'learner' || principal.accounts?.includes(accountId) === true
}

/** What a learner is told who names an account that the token does not. */
export function foreignAccount(accountId: string): ContractError {
  return new ContractError('FORBIDDEN', { detail: foreignAccountDetail(accountId) })
}

export function foreignAccountDetail(accountId: string): string {
  return `The learner token names no account ${accountId}. Sign it with the claim accounts, or leave accountId out.`
}
