import type { Operation } from './contract.ts'
import { type FailInit, RESERVED, type ReservedCode } from './errors.ts'
import type { Issue } from './validation.ts'

/**
 * The one error body, on every surface.
 * @see https://www.rfc-editor.org/rfc/rfc9457
 */
export interface Problem {
  /** `urn:waymark:error:<code>`. */
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  /** Id of this occurrence, which the server's log also has. */
  readonly instance: string
  /** The declared or reserved code; what programs switch on. */
  readonly code: string
  /** With `VALIDATION_FAILED`: the issues that were found, at most 100. */
  readonly errors?: readonly Issue[]
  /** With a declared error: its data, as the contract describes it. */
  readonly data?: unknown
  /** Seconds after which the same call may succeed. */
  readonly retryAfter?: number
}

/** The problem of a reserved or declared code. */
export function toProblem(operation: Operation | undefined, code: string, instance: string, init: FailInit = {}): Problem {
  const errors = operation?.io.errors ?? {}
  const declared = Object.hasOwn(errors, code) ? errors[code] : undefined
  const reserved = Object.hasOwn(RESERVED, code) ? RESERVED[code as ReservedCode] : RESERVED.INTERNAL
  return {
    type: `urn:waymark:error:${code}`,
    title: declared?.description ?? reserved.title,
    status: declared?.http ?? reserved.http,
    detail: init.detail ?? declared?.when ?? reserved.when,
    instance: `urn:waymark:request:${instance}`,
    code,
    ...(init.errors === undefined ? {} : { errors: init.errors }),
    ...(init.data === undefined ? {} : { data: init.data }),
    ...(init.retryAfter === undefined ? {} : { retryAfter: init.retryAfter }),
  }
}
