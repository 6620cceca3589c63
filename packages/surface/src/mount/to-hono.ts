import { fetchBelow } from './fetch-below.ts'
import type { Mountable, MountOptions } from './mountable.ts'
import { lostBody } from './parsed-body.ts'
import { refused } from './refused.ts'

/** What a context of Hono has, as far as it is needed. */
interface HonoContext {
  readonly req: { readonly raw: Request; arrayBuffer(): Promise<ArrayBuffer> }
}

/** A handler for `app.all('/waymark/*', toHono(waymark, { basePath: '/waymark' }))`. */
export function toHono(waymark: Mountable, { basePath = '' }: MountOptions = {}): (context: HonoContext) => Promise<Response> {
  return async ({ req }) => {
    const { raw } = req
    if (!raw.bodyUsed) return fetchBelow(waymark, raw, basePath)
    // Another handler has read it, and Hono has kept what it read, unless that went past it.
    const body = await req.arrayBuffer().catch(() => undefined)
    const { url, method, headers, signal } = raw
    if (body === undefined) return refused(lostBody(headers.get('content-type')))
    return fetchBelow(waymark, new Request(url, { method, headers: withoutLength(headers), signal, body }), basePath)
  }
}

/** What was read and written again has another length, maybe. */
function withoutLength(headers: Headers): Headers {
  const all = new Headers(headers)
  all.delete('content-length')
  return all
}
