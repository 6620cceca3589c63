import type { NodeResponse } from '../rest/node-message.ts'
import { fetchBelow } from './fetch-below.ts'
import type { Mountable } from './mountable.ts'
import { type HostRequest, toFetchRequest } from './node-call.ts'

/** What an instance of Fastify has, as far as it is needed. */
interface FastifyHost {
  readonly prefix: string
  removeAllContentTypeParsers(): void
  addContentTypeParser(type: string, parser: (request: unknown, payload: unknown, done: (error: null) => void) => void): unknown
  route(route: {
    readonly method: string[]
    readonly url: string
    readonly exposeHeadRoute: boolean
    readonly handler: (request: { readonly raw: HostRequest }, reply: FastifyReply) => Promise<unknown>
  }): unknown
}

interface FastifyReply {
  readonly raw: Pick<NodeResponse, 'writableFinished' | 'on'>
  send(payload: Response): unknown
  hijack(): unknown
}

export interface FastifyOptions {
  /** The largest body as sent, in bytes; 1 MiB when absent. */
  readonly bodyLimit?: number
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/**
 * A plugin for `app.register(toFastify(waymark), { prefix: '/waymark' })`. Hooks of the host run as for its own routes; its body parsers do
 * not, for SDKs send JSON under other names.
 */
export function toFastify(
  waymark: Mountable,
  { bodyLimit = 1_048_576 }: FastifyOptions = {},
): (host: FastifyHost, options: unknown, done: () => void) => void {
  return (host, _, done) => {
    const { prefix } = host
    host.removeAllContentTypeParsers()
    host.addContentTypeParser('*', (_request, _payload, parsed) => parsed(null))
    host.route({
      method: METHODS,
      url: '/*',
      exposeHeadRoute: false,
      async handler({ raw }, reply) {
        const made = await toFetchRequest({ request: raw, response: reply.raw, url: raw.url, body: undefined, bodyLimit })
        if (made === 'gone') return reply.hijack()
        const answer = made instanceof Response ? made : await fetchBelow(waymark, made, prefix)
        return reply.send(answer)
      },
    })
    done()
  }
}
