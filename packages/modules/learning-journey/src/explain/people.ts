import type { ContractError, Principal } from '@waymark/contract'
import type { JournalStore, SubjectKey } from '../ports/index.ts'
import { accountSubject, learnerOf, learnerSubject } from '../record/entry-row.ts'
import { accountAt } from '../record/memberships.ts'

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
  const key = { tenant: principal.tenant, subject: learnerSubject(learnerId) }
  const into = await store.readMerged(key)
  const learner = into === null ? key : { ...key, subject: into }
  return { learner, account: await findAccount(store, learner, accountId, principal, refuse) }
}

/** The account that is meant: the named one, else the only one in which the learner is now; null when there is none, or more than one. */
export async function findAccount(
  store: Pick<JournalStore, 'readMemberships'>,
  { tenant, subject }: SubjectKey,
  accountId: string | undefined,
  principal: Exclude<Principal, { kind: 'invalid' }>,
  refuse: (init: { readonly detail: string }) => ContractError,
): Promise<SubjectKey | null> {
  if (accountId !== undefined) {
    if (principal.kind === 'learner' && !principal.accounts?.includes(accountId)) {
      const detail = `The learner token names no account ${accountId}. Sign it with the claim accounts, or leave accountId out.`
      throw refuse({ detail })
    }
    return { tenant, subject: accountSubject(accountId) }
  }
  const memberships = await store.readMemberships([{ tenant, learner: learnerOf(subject) }])
  // No membership begins or ends in the future.
  const account = accountAt(memberships, Number.MAX_SAFE_INTEGER)
  return account === null ? null : { tenant, subject: accountSubject(account) }
}
