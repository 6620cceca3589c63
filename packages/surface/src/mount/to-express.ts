import { type NodeResponse, sendAnswer } from '../rest/node-message.ts'
import { fetchBelow } from './fetch-below.ts'
import type { Mountable } from './mountable.ts'
import { type HostRequest, toFetchRequest } from './node-call.ts'

/** What a request of Express has, as far as it is needed. */
export interface ExpressRequest extends HostRequest {
  /** The path at which the middleware is mounted. */
  readonly baseUrl?: string
  /** The address before Express took the mount path from it. */
  readonly originalUrl?: string
  /** What a body parser made of the body. */
  readonly body?: unknown
}

export interface ExpressOptions {
  /** The largest body as sent, in bytes; 1 MiB when absent. Bodies that the host has read have its own limit. */
  readonly bodyLimit?: number
  /** The longest time for a reader to take nothing of an answer that is there, in milliseconds; 30 s when absent. */
  readonly readTimeout?: number
}

/**
 * A middleware for `app.use('/waymark', toExpress(waymark))`, of Express and everything like it. It answers every request that it gets; a
 * defect goes to the error handler of the host.
 */
export function toExpress(
  waymark: Mountable,
  { bodyLimit = 1_048_576, readTimeout }: ExpressOptions = {},
): (request: ExpressRequest, response: NodeResponse, next: (error?: unknown) => void) => void {
  async function handle(request: ExpressRequest, response: NodeResponse): Promise<void> {
    const { originalUrl: url = request.url, baseUrl = '', body } = request
    const made = await toFetchRequest({ request, response, url, body, bodyLimit })
    if (made === 'gone') return
    const answer = made instanceof Response ? made : await fetchBelow(waymark, made, baseUrl)
    await sendAnswer(response, answer, { isHead: request.method === 'HEAD', readTimeout })
  }
  return (request, response, next) => {
    handle(request, response).catch(next)
  }
}
