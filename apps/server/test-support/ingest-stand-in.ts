import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'

interface IngestBody {
  readonly import?: boolean
  readonly events: readonly { readonly eventId?: string; readonly status?: string }[]
}

/** Stands in for a server: it records what comes, holds answers back and goes away when a test says so. */
export interface IngestStandIn {
  readonly url: string
  /** Every batch that came, in order. */
  readonly batches: IngestBody[]
  readonly keys: string[]
  /** Ids of the events that it answered for. */
  readonly answered: string[]
  /** The most requests that were in flight at once. */
  readonly mostInFlight: () => number
  /** Whether a batch is answered, and when; one that is not stays in flight. */
  answers: (body: IngestBody) => boolean | Promise<boolean>
  /** A status of its own for a batch. */
  refuses: (body: IngestBody) => { readonly status: number; readonly code: string } | undefined
  /** Ends all connections and takes no new ones. */
  stop(): Promise<void>
  /** Takes connections at the same address again. */
  start(): Promise<void>
}

export async function startIngestStandIn(): Promise<IngestStandIn> {
  let server: Server | undefined
  let port = 0
  let inFlight = 0
  let most = 0
  const standIn: IngestStandIn = {
    get url() {
      return `http://127.0.0.1:${port}`
    },
    batches: [],
    keys: [],
    answered: [],
    mostInFlight: () => most,
    answers: () => true,
    refuses: () => undefined,
    async start() {
      server = createServer(async (request, response) => {
        inFlight++
        most = Math.max(most, inFlight)
        response.once('close', () => inFlight--)
        const body = (await json(request)) as IngestBody
        standIn.batches.push(body)
        standIn.keys.push(String(request.headers['idempotency-key']))
        if (!(await standIn.answers(body))) return
        const refused = standIn.refuses(body)
        if (refused !== undefined) {
          response.writeHead(refused.status, { 'content-type': 'application/problem+json' })
          response.end(JSON.stringify({ type: 'urn:waymark:problem', title: 'No', detail: 'Not this.', ...refused }))
          return
        }
        for (const { eventId = '' } of body.events) standIn.answered.push(eventId)
        const results = body.events.map(({ eventId, status = 'recorded' }, index) => ({
          index,
          eventId,
          status,
          ...(status === 'recorded' ? {} : { problem: { code: 'X', detail: `because of ${eventId}` } }),
        }))
        response.writeHead(200, { 'content-type': 'application/json' })
        response.end(JSON.stringify({ success: true, results }))
      })
      await new Promise<void>((resolve) => server?.listen(port, '127.0.0.1', resolve))
      port = (server.address() as AddressInfo).port
    },
    async stop() {
      const ended = new Promise((resolve) => server?.close(resolve))
      server?.closeAllConnections()
      await ended
    },
  }
  await standIn.start()
  return standIn
}
