import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { type CallOptions, createClient } from '@waymark/surface/client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { shop } from '../../packages/surface/test-support/fixture.ts'

/** What the server does with each request in turn, the last one for ever. */
type Behaviour = (request: IncomingMessage, response: ServerResponse) => void

let server: Server
let requests: IncomingMessage[]
let behaviours: Behaviour[]
beforeEach(async () => {
  requests = []
  server = createServer((request, response) => {
    requests.push(request)
    const behave = behaviours.length > 1 ? behaviours.shift() : behaviours[0]
    request.resume().on('end', () => (behave as Behaviour)(request, response))
  })
  await listen()
})
afterEach(async () => {
  for (const socket of sockets) socket.destroy()
  server.close()
  await once(server, 'close')
})

const sockets = new Set<Socket>()
async function listen(): Promise<void> {
  server.on('connection', (socket: Socket) => sockets.add(socket))
  await once(server.listen(0, '127.0.0.1'), 'listening')
}

function connect(...turn: readonly Behaviour[]) {
  behaviours = [...turn]
  const { port } = server.address() as { readonly port: number }
  return createClient({ url: `http://127.0.0.1:${port}` }, shop).shop
}

const place = (...turn: readonly Behaviour[]) => {
  const { orders } = connect(...turn)
  return (options: CallOptions = {}) => orders.place({ learnerId: 'l1', items: [{ sku: 'tea', count: 1 }] }, options)
}

const JSON_TYPE = { 'content-type': 'application/json' }
const ORDER = '{"orderId":"order-1","calls":1}'
const fine: Behaviour = (_, response) => response.writeHead(200, JSON_TYPE).end(ORDER)
const hangUp: Behaviour = ({ socket }) => socket.destroy()
const say =
  (status: number, body: string): Behaviour =>
  (_, response) =>
    response.writeHead(status, { 'content-type': 'text/html' }).end(body)

describe('a server that', () => {
  it.each([
    ['hangs up', hangUp],
    ['hangs up inside the head', ({ socket }) => socket.end('HTTP/1.1 200 OK\r\nContent-')],
    [
      'hangs up inside the body',
      (_, response) => {
        response.writeHead(200, { ...JSON_TYPE, 'content-length': ORDER.length }).write(ORDER.slice(0, 9))
        setTimeout(() => response.destroy(), 20)
      },
    ],
    ['speaks another protocol', ({ socket }) => socket.end('220 mail.example.com ESMTP\r\n')],
    ['is behind a gateway that lost it', say(502, '<h1>Bad gateway</h1>')],
  ] satisfies [string, Behaviour][])('%s is asked again with the same key', async (_, behave) => {
    expect(await place(behave, behave, fine)()).toMatchObject({ ok: true, meta: { attempts: 3 } })
    const keys = requests.map(({ headers }) => headers['idempotency-key'])
    expect(keys).toHaveLength(3)
    expect(new Set(keys).size).toBe(1)
    expect(await place(behave)({ retries: 0 })).toMatchObject({ ok: false, error: { code: 'SERVER_UNREACHABLE' } })
  })

  it.each([
    ['fails with a page', say(500, '<h1>Oops</h1>'), 500],
    ['answers a page', say(200, '<h1>Welcome</h1>'), 200],
    ['answers half of a document', (_, response) => response.writeHead(200, JSON_TYPE).end('{"orderId":'), 200],
    ['answers bytes', (_, response) => response.writeHead(200, JSON_TYPE).end(Buffer.from([0xff, 0xfe, 0, 1])), 200],
    ['does not know the path', say(404, 'Not found'), 404],
  ] satisfies [string, Behaviour, number][])('%s is not asked again: it is another one', async (_, behave, status) => {
    expect(await place(behave)()).toMatchObject({ ok: false, error: { code: 'ANSWER_UNREADABLE', status } })
    expect(requests).toHaveLength(1)
  })

  it('does not answer is asked again while there is time, and then no more', async () => {
    const silent: Behaviour = () => {}
    expect(await place(silent, fine)({ attemptTimeoutMs: 100 })).toMatchObject({ ok: true, meta: { attempts: 2 } })
    const result = await place(silent)({ attemptTimeoutMs: 100, timeoutMs: 350, retries: 1_000 })
    expect(result).toMatchObject({ ok: false, error: { code: 'CALL_TIMED_OUT' } })
    expect(requests.length).toBeLessThanOrEqual(6)
  })

  it('answers byte by byte is too slow as a whole', async () => {
    const slow: Behaviour = (_, response) => {
      response.writeHead(200, JSON_TYPE)
      const timer = setInterval(() => response.write(' '), 20)
      response.on('close', () => clearInterval(timer))
    }
    expect(await place(slow)({ attemptTimeoutMs: 200, retries: 0 })).toMatchObject({ error: { code: 'CALL_TIMED_OUT' } })
  })

  it('sends somebody round in circles is out of reach', async () => {
    const circle: Behaviour = ({ url }, response) => response.writeHead(307, { location: url }).end()
    expect(await place(circle)({ retries: 0 })).toMatchObject({ error: { code: 'SERVER_UNREACHABLE' } })
  })

  it('is a server of TCP that says nothing but accepts', async () => {
    server.close()
    server = createTcpServer()
    await listen()
    expect(await place(fine)({ attemptTimeoutMs: 100, retries: 0 })).toMatchObject({ error: { code: 'CALL_TIMED_OUT' } })
  })
})

describe('a stream of a server that', () => {
  const item = (number: number) => `id: c${number}\ndata: {"cursor":"c${number}","total":${number}}\n\n`
  const begin = (response: ServerResponse) => response.writeHead(200, { 'content-type': 'text/event-stream' })

  it('cuts it inside a message, answers 503 and is silent, comes whole and once', async () => {
    const places: unknown[] = []
    const keep =
      (behave: Behaviour): Behaviour =>
      (request, response) => {
        places.push(request.headers.accept)
        behave(request, response)
      }
    const { orders } = connect(
      keep((_, response) => {
        begin(response).write(`${item(1)}${item(2).slice(0, 20)}`)
        setTimeout(() => response.destroy(), 20)
      }),
      keep(say(503, 'later')),
      keep((_, response) => begin(response).write(item(2))),
      keep((_, response) => begin(response).end(`${item(3)}event: end\ndata: {}\n\n`)),
    )
    const totals: unknown[] = []
    for await (const change of orders.watch({ learnerId: 'l1' }, { silenceMs: 200 }))
      totals.push(change.ok ? change.data.total : change.error.code)
    expect(totals).toEqual([1, 2, 3])
    expect(places).toEqual(Array.from({ length: 4 }, () => 'text/event-stream'))
  })

  it('hangs up each time ends after as many attempts as the caller wants', async () => {
    const results: unknown[] = []
    for await (const change of connect(hangUp).orders.watch({ learnerId: 'l1' }, { retries: 2 })) results.push(change)
    expect(results).toMatchObject([{ ok: false, error: { code: 'SERVER_UNREACHABLE' } }])
    expect(requests).toHaveLength(3)
  })
})
