import type { ContractError, Principal } from '@waymark/contract'
import type { JournalStore, SubjectKey } from '../ports/index.ts'
import { accountSubject, learnerSubject } from '../record/entry-row.ts'

/** Whose journals an explanation is about. */
export interface People {
  readonly learner: SubjectKey
  /** Null when no account was named, and the learner is in none or in several. */
  readonly account: SubjectKey | null
}

/**
 * Finds the journal of a learner, wherever it went, and that of the account that is meant: the named one, else the only one of the
 * learner.
 * @param refuse makes the error of a learner who asks about an account that their token does not name.
 */
export async function findPeople(
  store: JournalStore,
  { learnerId, accountId }: { readonly learnerId: string; readonly accountId?: string | undefined },
  principal: Exclude<Principal, { kind: 'invalid' }>,
  refuse: (init: { readonly detail: string }) => ContractError,
): Promise<People> {
  const { tenant } = principal
  if (accountId !== undefined && principal.kind === 'learner' && !principal.accounts?.includes(accountId)) {
    const detail = `The learner token names no account ${accountId}. Sign it with the claim accounts, or leave accountId out.`
    throw refuse({ detail })
  }
  const subject = learnerSubject(learnerId)
  const [into, memberships] = await Promise.all([
    store.readMerged({ tenant, subject }),
    accountId === undefined ? store.readMemberships([{ tenant, learner: learnerId }]) : [],
  ])
  const current = [...new Set(memberships.filter(({ until }) => until === null).map(({ account }) => account))]
  const account = accountId ?? (current.length === 1 ? current[0] : undefined)
  return {
    learner: { tenant, subject: into ?? subject },
    account: account === undefined ? null : { tenant, subject: accountSubject(account) },
  }
}
