/** What `identify` and `group` share: their traits are right, and their entries are recorded. */
import type { CallInfo, CheckedOutput, ContractError, Issue, OutputCheck, Principal } from '@waymark/contract'
import { type Prepared, tooLarge } from '../record/assess.ts'
import type { Said } from '../record/person.ts'
import { findUnstorable } from '../record/storable.ts'
import { validationProblem } from '../record/validation-problem.ts'
import { refusalOf } from './change-run.ts'
import { idOfCall, type Journey } from './journey.ts'

interface Saying {
  readonly call: CallInfo
  readonly principal: Exclude<Principal, { kind: 'invalid' }>
  readonly fail: {
    VALIDATION_FAILED(init: { detail: string; errors: Issue[] }): ContractError
    PAYLOAD_TOO_LARGE(init: { detail: string }): ContractError
    CONFLICT(init: { detail: string }): ContractError
  }
  readonly check: OutputCheck<{ success: true; eventId: string; duplicate: boolean }>
}

/**
 * Records what is said of a person.
 * @param issues what is wrong with the traits.
 * @param toEntries the entries that say it, the person's own first.
 */
export async function sayOfPerson(
  journey: Journey,
  input: { readonly learnerId: string; readonly at?: string | undefined },
  issues: readonly Issue[],
  toEntries: (
    said: Said,
    reporter: { principal: Saying['principal']; channel: string; receivedAt: number },
  ) => readonly Prepared[],
  { call, principal, fail, check }: Saying,
): Promise<CheckedOutput> {
  const receivedAt = journey.now()
  const claimedAt = input.at === undefined ? null : Math.floor(Date.parse(input.at))
  const unstorable = findUnstorable(input)
  const wrong = [
    ...(unstorable === undefined ? [] : [unstorable]),
    ...issues,
    ...(claimedAt !== null && claimedAt > receivedAt ? [IN_THE_FUTURE] : []),
  ]
  if (wrong.length > 0) throw fail.VALIDATION_FAILED(validationProblem(wrong))
  const eventId = idOfCall(journey, call)
  const said = { learnerId: input.learnerId, eventId, occurredAt: claimedAt ?? receivedAt, claimedAt }
  const prepared = toEntries(said, { principal, channel: call.channel, receivedAt })
  for (const { row } of prepared) {
    const detail = tooLarge(row.payload)
    if (detail !== undefined) throw fail.PAYLOAD_TOO_LARGE({ detail })
  }
  return journey.recorder.submit({
    prepared,
    rejected: [],
    trace: false,
    finish: ([recorded]) => {
      const detail = refusalOf(recorded, eventId)
      if (detail !== undefined) return { ok: false, error: fail.CONFLICT({ detail }) }
      return check({ success: true, eventId, duplicate: recorded?.append === 'duplicate' })
    },
  })
}

const IN_THE_FUTURE = {
  pointer: '/at',
  message: 'Nothing is known of the future',
  expected: 'a moment that has passed',
  received: 'string',
}
