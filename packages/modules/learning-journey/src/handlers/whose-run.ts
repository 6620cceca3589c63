import { ContractError, type Principal } from '@waymark/contract'
import type { CompiledTrack } from '../engine/index.ts'
import type { SubjectKey } from '../ports/index.ts'
import { foreignAccount, mayName } from '../record/account-access.ts'
import { accountSubject, learnerSubject } from '../record/entry-row.ts'
import { validationProblem } from '../record/validation-problem.ts'

/** Whose run of a track a call is about, and who acts where that is somebody else. */
export interface WhoseRun {
  readonly key: SubjectKey
  /** As a subject; null when the subject itself acts, or nobody is named. */
  readonly actor: string | null
}

/**
 * @throws ContractError VALIDATION_FAILED when the track is about the other kind of subject, FORBIDDEN when a learner's token does not name
 * the account.
 */
export function whoseRun(
  { key: trackId, subject }: CompiledTrack,
  { learnerId, accountId }: { readonly learnerId?: string | undefined; readonly accountId?: string | undefined },
  principal: Exclude<Principal, { kind: 'invalid' }>,
): WhoseRun {
  const { tenant } = principal
  if (subject === 'learner') {
    if (accountId !== undefined) throw invalid('/accountId', `${trackId} is about learners`, 'no account')
    if (learnerId === undefined) throw invalid('/learnerId', `${trackId} is about learners`, 'the id of a learner')
    return { key: { tenant, subject: learnerSubject(learnerId) }, actor: null }
  }
  if (accountId === undefined) throw invalid('/accountId', `${trackId} is about accounts`, 'the id of an account')
  if (!mayName(principal, accountId)) throw foreignAccount(accountId)
  return {
    key: { tenant, subject: accountSubject(accountId) },
    actor: learnerId === undefined ? null : learnerSubject(learnerId),
  }
}

function invalid(pointer: string, message: string, expected: string): ContractError {
  const received = expected === 'no account' ? 'string' : 'undefined'
  return new ContractError('VALIDATION_FAILED', validationProblem([{ pointer, message, expected, received }]))
}
