import type { Issue, ReservedCode } from '@waymark/contract'
import type { ClientCode } from '../errors.ts'
import type { Out, Typed, TypedErrors } from './client-contract.ts'

/** What a call came to. A client throws only for mistakes of the program, never for what a server or a network did. */
export type CallResult<Data, Error> =
  | { readonly ok: true; readonly data: Data; readonly meta: CallMeta }
  | { readonly ok: false; readonly error: Error }

/** What an answer says besides its data. */
export interface CallMeta {
  /** Id of the call, which the log of the server also has; null where the browser hides the header. */
  readonly requestId: string | null
  /** True when the server kept the answer from an earlier call with the same idempotency key. */
  readonly replayed: boolean
  /** How often it was tried, the attempt that succeeded included. */
  readonly attempts: number
  /** When the operation goes away; null while it stays. */
  readonly deprecation: CallDeprecation | null
}

/** Dates are ISO 8601. */
export interface CallDeprecation {
  readonly since: string
  readonly sunset: string
  /** Path of what replaces the operation. */
  readonly successor: string | null
}

/** Every error of an operation: those it declares, those that all have, and those of the client itself. Tell them apart by `code`. */
export type CallError<E extends TypedErrors> = DeclaredProblem<E> | ReservedProblem | CallFailure

/** A problem of the server (RFC 9457). */
export interface AnsweredProblem<Code extends string> {
  readonly code: Code
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly instance: string
  /** Seconds after which the same call may succeed. */
  readonly retryAfter?: number
}

type DeclaredProblem<E extends TypedErrors> = {
  [Code in keyof E & string]: AnsweredProblem<Code> &
    (E[Code] extends { readonly data: infer D extends Typed } ? { readonly data: Out<D> } : unknown)
}[keyof E & string]

/** A problem that every operation may answer. */
export type ReservedProblem =
  | AnsweredProblem<Exclude<ReservedCode, 'VALIDATION_FAILED'>>
  | (AnsweredProblem<'VALIDATION_FAILED'> & { readonly errors: readonly Issue[] })

/** There is no answer, or none that the contract knows. */
export interface CallFailure {
  readonly code: ClientCode
  readonly detail: string
  /** HTTP status of what answered, where something did. */
  readonly status?: number
  /** What was thrown; with `ANSWER_UNDECLARED` the problem as it came. */
  readonly cause?: unknown
}
