import type { FailInit, Issue, ReservedCode } from '@waymark/contract'
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

/** A problem lists no more issues than this, however many the body has. */
const MAX_ISSUES = 100

export function refuse(code: Refusal['code'], init: FailInit): Refusal {
  return { ok: false, code, init }
}

/** `VALIDATION_FAILED`, in the words the pipeline itself would use. */
export function refuseInput(found: readonly [Issue, ...Issue[]]): Refusal {
  const [{ pointer, message }] = found
  const more = found.length > 1 ? ` (and ${found.length - 1} more)` : ''
  const detail = `${pointer === '' ? 'The input' : pointer}: ${message}${more}`
  const errors = found
    .slice(0, MAX_ISSUES)
    .map(({ pointer, message, expected, received }) => ({ pointer, message, expected, received }))
  return refuse('VALIDATION_FAILED', { detail, errors })
}
