import type { CallFailure } from './call-result.ts'

/** How a client reaches its server. The limits hold for each call that does not set its own. */
export interface ClientOptions extends Limits {
  /** Where the server is, without a path of an operation: `https://waymark.example.com`. Where pages have an address, `''` is their own server. */
  readonly url: string
  /** Sent as a bearer token; a function is asked before every attempt, so it can renew what is about to expire. None: calls are anonymous. */
  readonly credential?: string | (() => string | Promise<string>)
  /** Instead of the global one. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>
}

export interface Limits {
  /** How long a call may take with all its attempts and the pauses between them, in milliseconds; 60 s when absent. */
  readonly timeoutMs?: number
  /** How long one attempt may take, in milliseconds; 20 s when absent. Of a stream: until it is open. */
  readonly attemptTimeoutMs?: number
  /** How many attempts may follow the first; 3 when absent. */
  readonly retries?: number
  /** Told before the pause that comes before another attempt. */
  readonly onRetry?: (notice: RetryNotice) => void
}

export interface RetryNotice {
  /** Key of the operation. */
  readonly operation: string
  /** Why the last attempt did not do. */
  readonly error: CallFailure | { readonly code: string; readonly detail: string }
  /** How many attempts there were, since the last that did. */
  readonly attempts: number
  readonly pauseMs: number
}

export interface CallOptions extends Limits {
  readonly signal?: AbortSignal
  /** Of a command: what makes a repeated call safe; made for each call when absent. A query has none. */
  readonly idempotencyKey?: string
}

/** `retries` counts attempts without anything new in between. When absent, a server that cannot be reached is tried again without end. */
export interface StreamOptions extends Omit<Limits, 'timeoutMs'> {
  readonly signal?: AbortSignal
  /** After how long without a sign of life the connection counts as lost, in milliseconds; 45 s when absent: a server gives one every 15 s. */
  readonly silenceMs?: number
}
