import { type FailInit, type Issue, MOST_ISSUES, type ReservedCode, summariseIssues } from '@waymark/contract'
import type { ConnectionCode, SurfaceCode } from '../errors.ts'

/** What an adapter made of a request: the input of the operation, or why there is none. */
export type WireInput =
  | {
      readonly ok: true
      readonly input: unknown
      readonly inputBytes: number
      /** The key that the body has, where SDKs put it there. */
      readonly key?: string
    }
  | Refusal

/** A request that never becomes a call. */
export interface Refusal {
  readonly ok: false
  readonly code: ReservedCode | SurfaceCode | ConnectionCode
  readonly init: FailInit
}

export function refuse(code: Refusal['code'], init: FailInit): Refusal {
  return { ok: false, code, init }
}

/** `VALIDATION_FAILED`, in the words the pipeline itself would use. */
export function refuseInput(found: readonly [Issue, ...Issue[]]): Refusal {
  const issues = found
    .slice(0, MOST_ISSUES + 1)
    .map(({ pointer, message, expected, received }) => ({ pointer, message, expected, received }))
  return refuse('VALIDATION_FAILED', summariseIssues(issues))
}
