import type { Deprecation } from './contract.ts'
import type { Problem } from './problem.ts'

/** What a surface needs besides the answer itself. */
export interface ResultMeta {
  /** `key@version` that answered; absent when the operation is unknown. */
  readonly operation?: string
  readonly requestId: string
  readonly deprecation?: Deprecation
  /** True when the answer was kept from an earlier call with the same idempotency key. */
  readonly replayed?: boolean
}

/** The answer of every operation, on every surface, as data. */
export type Result<T = unknown> =
  | { readonly ok: true; readonly data: T; readonly meta: ResultMeta }
  | { readonly ok: false; readonly problem: Problem; readonly meta: ResultMeta }
