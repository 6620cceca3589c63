import type { ContractError, Issue, Principal } from '@waymark/contract'
import type { Journey } from '../handlers/journey.ts'
import { assess, type NewEntryRow, type ReportedEvent } from '../record/assess.ts'
import { validationProblem } from '../record/validation-problem.ts'

/** The errors of a supposed event that `recordEvent` would give too. */
export interface Refusals {
  readonly FORBIDDEN: (init: { readonly detail: string }) => ContractError
  readonly PAYLOAD_TOO_LARGE: (init: { readonly detail: string }) => ContractError
  readonly VALIDATION_FAILED: (init: { readonly detail: string; readonly errors: Issue[] }) => ContractError
  /** No event contract has the name. */
  readonly unknown: () => ContractError
}

export interface Supposed {
  readonly principal: Exclude<Principal, { kind: 'invalid' }>
  readonly channel: string
  readonly receivedAt: number
  /** Where the event is in the input. */
  readonly pointer: string
}

/** The row that an event would have if it were reported at a moment. It is checked as `recordEvent` does, and not stored. */
export async function suppose(
  journey: Journey,
  event: ReportedEvent,
  { principal, channel, receivedAt, pointer }: Supposed,
  fail: Refusals,
): Promise<NewEntryRow> {
  const assessed = await assess(journey, event, { principal, channel, receivedAt, fallbackId: journey.newId })
  switch (assessed.verdict) {
    case 'forbidden':
      throw fail.FORBIDDEN({ detail: assessed.detail })
    case 'too_large':
      throw fail.PAYLOAD_TOO_LARGE({ detail: assessed.detail })
    case 'invalid':
      throw fail.VALIDATION_FAILED(
        validationProblem(assessed.issues.map((issue) => ({ ...issue, pointer: `${pointer}${issue.pointer}` }))),
      )
    case 'unknown':
    case 'unknown_track':
      throw fail.unknown()
    default:
      return assessed.prepared.row
  }
}
