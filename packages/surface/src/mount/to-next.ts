import type { Mountable, MountOptions } from './mountable.ts'
import { toFetch } from './to-fetch.ts'

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const

type RouteHandlers = Readonly<Record<(typeof METHODS)[number], (request: Request) => Promise<Response>>>

/**
 * The route handlers of a catch-all route of Next's app router, such as `app/api/waymark/[[...path]]/route.ts`; `basePath` is the path of
 * that route.
 */
export function toNext(waymark: Mountable, options: MountOptions = {}): RouteHandlers {
  const handle = toFetch(waymark, options)
  // Next calls handlers with a context as second argument, which is none of ours.
  return Object.fromEntries(METHODS.map((method) => [method, (request: Request) => handle(request)])) as RouteHandlers
}
