import { fetchBelow } from './fetch-below.ts'
import type { Mountable, MountOptions } from './mountable.ts'

/** A Fetch handler: for hosts that give a `Request` and want a `Response` (Deno, Bun, workers, `app.mount` of Hono). */
export function toFetch(waymark: Mountable, { basePath = '' }: MountOptions = {}): (request: Request) => Promise<Response> {
  return (request) => fetchBelow(waymark, request, basePath)
}
