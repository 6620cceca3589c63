import { type AnyResult, call } from './call.ts'
import type { CallOptions } from './client-options.ts'
import { type Endpoint, failure } from './endpoint.ts'

/** Every item of a paged query, as results. A page is asked for when the one before it was taken. */
export async function* allItems(endpoint: Endpoint, input: object = {}, options?: CallOptions): AsyncGenerator<AnyResult> {
  let cursor: string | null | undefined
  do {
    const result = await call(endpoint, cursor === undefined ? input : { ...input, cursor }, options)
    if (!result.ok) {
      yield result
      return
    }
    const { items, nextCursor } = (result.data ?? {}) as Readonly<Record<string, unknown>>
    if (!Array.isArray(items) || (nextCursor !== null && typeof nextCursor !== 'string') || nextCursor === cursor) {
      const detail = `${endpoint.address} answered what is no page, or the same page again. Is a Waymark server there?`
      yield { ok: false, error: failure('ANSWER_UNREADABLE', detail).error }
      return
    }
    for (const data of items) yield { ...result, data }
    cursor = nextCursor
  } while (cursor !== null)
}
