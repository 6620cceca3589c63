import type { Principal } from '@waymark/contract'
import type { JournalStore, SubjectKey } from '../ports/index.ts'
import { foreignAccount, mayName } from './account-access.ts'
import { accountSubject, learnerOf, learnerSubject } from './entry-row.ts'
import { accountAt } from './memberships.ts'

/** Whose journals a question is about. */
export interface People {
  readonly learner: SubjectKey
  /** Null when no account was named, and the learner is in none or in several. */
  readonly account: SubjectKey | null
}

/**
 * Finds the journal of a learner, wherever it went, and that of the account that is meant: the named one, else the only one of the
 * learner.
 * @throws ContractError FORBIDDEN when a learner's token does not name the account.
 */
export async function findPeople(
  store: JournalStore,
  { learnerId, accountId }: { readonly learnerId: string; readonly accountId?: string | undefined },
  principal: Exclude<Principal, { kind: 'invalid' }>,
): Promise<People> {
  const key = { tenant: principal.tenant, subject: learnerSubject(learnerId) }
  const into = await store.readMerged(key)
  const learner = into === null ? key : { ...key, subject: into }
  return { learner, account: await findAccount(store, learner, accountId, principal) }
}

/**
 * The account that is meant: the named one, else the only one in which the learner is now; null when there is none, or more than one.
 * @throws ContractError FORBIDDEN when a learner's token does not name the account.
 */
export async function findAccount(
  store: Pick<JournalStore, 'readMemberships'>,
  { tenant, subject }: SubjectKey,
  accountId: string | undefined,
  principal: Exclude<Principal, { kind: 'invalid' }>,
): Promise<SubjectKey | null> {
  if (accountId !== undefined) {
    if (!mayName(principal, accountId)) throw foreignAccount(accountId)
    return { tenant, subject: accountSubject(accountId) }
  }
  const memberships = await store.readMemberships([{ tenant, learner: learnerOf(subject) }])
  // No membership begins or ends in the future.
  const account = accountAt(memberships, Number.MAX_SAFE_INTEGER)
  return account === null ? null : { tenant, subject: accountSubject(account) }
}
