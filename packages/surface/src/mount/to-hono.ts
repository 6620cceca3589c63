import { fetchBelow } from './fetch-below.ts'
import type { Mountable, MountOptions } from './mountable.ts'

/** What a context of Hono has, as far as it is needed. */
interface HonoContext {
  readonly req: { readonly raw: Request; arrayBuffer(): Promise<ArrayBuffer> }
}

/** A handler for `app.all('/waymark/*', toHono(waymark, { basePath: '/waymark' }))`. */
export function toHono(waymark: Mountable, { basePath = '' }: MountOptions = {}): (context: HonoContext) => Promise<Response> {
  return async ({ req }) => {
    const { raw } = req
    if (!raw.bodyUsed) return fetchBelow(waymark, raw, basePath)
    // Another handler has read it, and Hono has kept what it read.
    const { url, method, headers, signal } = raw
    return fetchBelow(
      waymark,
      new Request(url, { method, headers: withoutCoding(headers), signal, body: await req.arrayBuffer() }),
      basePath,
    )
  }
}

/** What was read and written again has another length, maybe. */
function withoutCoding(headers: Headers): Headers {
  const all = new Headers(headers)
  all.delete('content-length')
  return all
}
