import type { Issue, Problem } from '@waymark/contract'
import type { Fixture } from '../../packages/surface/test-support/fixture.ts'

/** One line of the table. */
export interface SurfaceCall {
  readonly what: string
  /** `key@version` of the operation. */
  readonly id: string
  readonly input: unknown
  /** The bearer token; none when absent. */
  readonly as?: string
  /** Of the header `Idempotency-Key`. */
  readonly idempotencyKey?: string
  /** Made before it, whatever comes of it. */
  readonly first?: Omit<SurfaceCall, 'what' | 'first'>
  /** Items of a stream, which ends after them. */
  readonly items?: readonly { readonly cursor: string; readonly total: number }[]
  /** True: the handler does not come to its end before its time is over. */
  readonly isLate?: true
}

/** What all surfaces agree on. The `instance` of a problem is another one in every call. */
export type SurfaceAnswer =
  | { readonly ok: true; readonly data: unknown }
  | {
      readonly ok: false
      readonly code: string
      readonly status: number
      readonly detail: string
      readonly errors?: readonly Issue[]
      readonly data?: unknown
      readonly retryAfter?: number
    }

/** How a surface is called. Each call has a fixture of its own. */
export interface SurfaceCaller {
  readonly name: string
  /** The data of a stream is the list of its items. */
  call(fixture: Fixture, call: Omit<SurfaceCall, 'what' | 'first'>): Promise<SurfaceAnswer>
}

export function toAnswer({ code, status, detail, errors, data, retryAfter }: Problem): SurfaceAnswer {
  return {
    ok: false,
    code,
    status,
    detail,
    ...(errors === undefined ? {} : { errors }),
    ...(data === undefined ? {} : { data }),
    ...(retryAfter === undefined ? {} : { retryAfter }),
  }
}
