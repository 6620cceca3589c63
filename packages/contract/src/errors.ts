/**
 * Every error code of this package. Two families: `RESERVED` codes travel to callers inside a problem; definition codes are
 * thrown while a process starts, as `DefinitionError`, because a declaration is wrong.
 */

import type { Issue } from './validation.ts'

interface Reserved {
  readonly http: number
  readonly title: string
  readonly when: string
  readonly retryable: boolean
}

/** The errors that every operation may answer, without declaring them. */
export const RESERVED = {
  VALIDATION_FAILED: {
    http: 422,
    title: 'The input does not match the contract',
    when: 'A field is missing, unknown or of the wrong shape',
    retryable: false,
  },
  UNAUTHENTICATED: {
    http: 401,
    title: 'A valid credential is needed',
    when: 'No credential, or one that is not valid',
    retryable: false,
  },
  FORBIDDEN: {
    http: 403,
    title: 'The credential does not admit this call',
    when: 'Another person, a missing scope, or a kind of caller that the policy does not admit',
    retryable: false,
  },
  NOT_FOUND: {
    http: 404,
    title: 'There is nothing here',
    when: 'The operation or the thing it names is unknown to this tenant',
    retryable: false,
  },
  CONFLICT: {
    http: 409,
    title: 'The call contradicts what is stored',
    when: 'The same id with another content, or a twin of the call still in flight',
    retryable: false,
  },
  IDEMPOTENCY_MISMATCH: {
    http: 409,
    title: 'The idempotency key was used with another input',
    when: 'An Idempotency-Key comes again with another body',
    retryable: false,
  },
  PAYLOAD_TOO_LARGE: {
    http: 413,
    title: 'The input is too large',
    when: 'The body exceeds the limit of the operation',
    retryable: false,
  },
  RATE_LIMITED: {
    http: 429,
    title: 'Too much at once',
    when: 'The server has more work in flight, or more streams open, than it takes; see Retry-After',
    retryable: true,
  },
  GONE: {
    http: 410,
    title: 'The contract is past its sunset date',
    when: 'A deprecated version was switched off',
    retryable: false,
  },
  TIMEOUT: {
    http: 504,
    title: 'The call took too long',
    when: 'The handler exceeded the time limit of the operation and was rolled back, or the database could not be reached',
    retryable: true,
  },
  INTERNAL: {
    http: 500,
    title: 'The server failed',
    when: 'A defect or a lost resource; the instance id finds it in the log',
    retryable: true,
  },
} as const satisfies { readonly [code: string]: Reserved }

export type ReservedCode = keyof typeof RESERVED

/** Codes of `DefinitionError`. */
export type DefinitionCode =
  | 'CONTRACT_DUPLICATE'
  | 'CONTRACT_NAME_ILLEGAL'
  | 'CONTRACT_VERSION_ILLEGAL'
  | 'CONTRACT_NAME_COLLISION'
  | 'CONTRACT_EVENT_UNRESOLVED'
  | 'CONTRACT_PAYLOAD_TRANSFORMS'
  | 'CONTRACT_SCHEMA_UNDESCRIBED'
  | 'CONTRACT_POINTER_ILLEGAL'
  | 'CONTRACT_ERROR_ILLEGAL'
  | 'CONTRACT_DATE_ILLEGAL'
  | 'CONTRACT_RETENTION_ILLEGAL'
  | 'CONTRACT_POLICY_ILLEGAL'
  | 'CONTRACT_STREAM_ILLEGAL'
  | 'HANDLER_MISSING'
  | 'HANDLER_UNKNOWN'
  | 'HANDLER_DUPLICATE'
  | 'PORT_MISSING'

/** A declaration is wrong. Thrown while a process starts, with what, where, and the next action in its message. */
export class DefinitionError extends Error {
  override readonly name = 'DefinitionError'
  readonly code: DefinitionCode

  constructor(code: DefinitionCode, message: string) {
    super(message)
    this.code = code
  }
}

/** What a handler may say beside the code of an error. */
export interface FailInit<Data = unknown> {
  /** One sentence for the caller about this occurrence. */
  readonly detail?: string
  readonly data?: Data
  /** With `VALIDATION_FAILED`: the issues that were found, at most 100. */
  readonly errors?: readonly Issue[]
  /** Seconds after which the same call may succeed. */
  readonly retryAfter?: number
}

/** A declared or reserved error on its way from a handler to the caller. Made by `fail.CODE(…)`. */
export class ContractError extends Error {
  override readonly name = 'ContractError'
  readonly code: string
  readonly init: FailInit

  constructor(code: string, init: FailInit = {}) {
    super(init.detail ?? code)
    this.code = code
    this.init = init
  }
}
