/**
 * The bridge from `node:http` to a Fetch handler. A body is collected before the handler starts, up to a limit, so that a slow sender
 * occupies a socket and nothing else; an answer that says its length is written in one piece, any other is streamed.
 *
 * A connection is idle (no request being answered) or busy. `close` ends idle ones at once; busy ones get `Connection: close` on
 * their last answer, and end with it. A stream has no end to wait for, so `close` ends it. A reader that takes nothing for a while is
 * cut off. What is no request gets a problem, as every request does, unless an answer before it has begun; it ends the connection.
 */
import { createServer, type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { type Cors, createCors } from './cors.ts'
import { collect, headersOf, sendAnswer, urlOf } from './node-message.ts'
import { type HeaderList, refusalResponse, toSurfaceProblem } from './respond.ts'
import { type Refusal, refuse } from './wire-input.ts'

export interface ServeOptions {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** Told of every error that the handler throws; the caller gets a 500 without its text. */
  readonly onError?: (error: unknown) => void
  /** The origins whose pages may call, each as browsers send it, such as `https://app.example.com`; none when absent. */
  readonly corsOrigins?: readonly string[]
  /** The largest body as sent, in bytes; 1 MiB when absent. */
  readonly bodyLimit?: number
  /** The longest time for a request to arrive, in milliseconds; 10 s when absent. */
  readonly requestTimeout?: number
  /** The longest time for a reader to take nothing of an answer that is there, in milliseconds; 30 s when absent. */
  readonly readTimeout?: number
}

export interface NodeServer {
  readonly url: string
  readonly port: number
  /** Takes no more requests, ends streams, finishes what else is in flight, then resolves. */
  close(): Promise<void>
}

type FetchHandler = (request: Request) => Response | Promise<Response>

/** How much of a refused body is read and dropped, in limits, so that the sender still sees the answer. */
const DROPPED_LIMITS = 16
/** The first line and the headers of a request, in bytes. */
const HEADERS_LIMIT = 16_384
/** How long the end of a stream may take to leave, in milliseconds. */
const END_MS = 1_000
/** What Fetch can carry; it has no TRACE. */
const METHODS = 'DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT'

/** Serves a Fetch handler over HTTP/1.1. Rejects when the address cannot be taken. */
export function serveNode(handler: FetchHandler, options: ServeOptions): Promise<NodeServer> {
  const { host, port, requestTimeout = 10_000, corsOrigins = [] } = options
  const cors = corsOrigins.length === 0 ? undefined : createCors(corsOrigins)
  const server = createServer({
    maxHeaderSize: HEADERS_LIMIT,
    requestTimeout,
    headersTimeout: Math.min(5_000, requestTimeout),
    keepAliveTimeout: 65_000,
    connectionsCheckingInterval: Math.min(1_000, requestTimeout),
    // It is required, and refused with a problem.
    requireHostHeader: false,
  })
  const busy = new Map<Socket, Set<ServerResponse>>()
  const streams = new Set<() => void>()
  let isClosing = false

  server.on('connection', (socket: Socket) => {
    busy.set(socket, new Set())
    socket.on('close', () => busy.delete(socket))
  })

  function serve(request: IncomingMessage, response: ServerResponse, continues: boolean): void {
    const { socket } = request
    const answers = busy.get(socket) ?? new Set()
    answers.add(response)
    response.on('close', () => {
      answers.delete(response)
      if (isClosing && answers.size === 0) socket.destroySoon()
    })
    const isLast = () => isClosing && answers.size === 1
    const onClosing = (end: () => void) => {
      if (isClosing) return end()
      streams.add(end)
      response.on('close', () => streams.delete(end))
    }
    exchange({ request, response, continues, cors, isLast, onClosing }, handler, options).catch((error: unknown) => {
      options.onError?.(error)
      response.destroy()
    })
  }
  server.on('request', (request, response) => serve(request, response, false))
  server.on('checkContinue', (request, response) => serve(request, response, true))
  server.on('checkExpectation', (request, response) => {
    const http = { request, response, continues: false, cors, isLast: () => true, onClosing: () => {} }
    sendRefusal(http, refuse('EXPECTATION_FAILED', {})).catch(() => response.destroy())
  })
  const broken = new WeakSet<Socket>()
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    if (broken.has(socket)) return
    broken.add(socket)
    const answers = [...(busy.get(socket) ?? [])]
    if (answers.some(({ headersSent }) => headersSent)) return socket.destroySoon()
    const end = () => {
      if (socket.writable) socket.write(noRequest(error.code))
      socket.destroySoon()
    }
    // What came whole before it is answered first: the problem would be taken for its answer.
    const last = answers.filter(({ req }) => req.complete).at(-1)
    if (last === undefined) end()
    else last.on('close', end)
  })

  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      const address = server.address() as AddressInfo
      const name = address.family === 'IPv6' ? `[${address.address}]` : address.address
      resolve({
        url: `http://${name}:${address.port}`,
        port: address.port,
        close: () =>
          new Promise((closed) => {
            isClosing = true
            server.close(() => closed())
            for (const [socket, answers] of busy) if (answers.size === 0) socket.destroy()
            for (const end of streams) end()
          }),
      })
    })
  })
}

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** True when the sender waits for `100 Continue` before it sends the body. */
  readonly continues: boolean
  readonly cors: Cors | undefined
  /** True when the connection ends with this answer. */
  readonly isLast: () => boolean
  /** Calls when the server closes, at once when it is closing. */
  readonly onClosing: (end: () => void) => void
}

async function exchange(http: Exchange, handler: FetchHandler, options: ServeOptions): Promise<void> {
  const { request, response, continues, cors } = http
  const { bodyLimit = 1_048_576, onError } = options
  const controller = new AbortController()
  response.on('close', () => {
    if (!response.writableFinished) controller.abort()
  })
  if (request.method === 'TRACE') {
    return sendRefusal(http, refuse('METHOD_NOT_ALLOWED', { detail: 'This server does not take TRACE.' }), [['allow', METHODS]])
  }
  const preflight = cors?.preflight(request.method, request.headers)
  if (preflight !== undefined) return send(http, preflight)
  if (request.headers.host === undefined && request.httpVersion === '1.1') {
    drop(request, bodyLimit)
    return sendRefusal(http, refuse('REQUEST_MALFORMED', { detail: 'The request has no header Host, which HTTP/1.1 requires.' }))
  }
  const tooLarge = refuse('PAYLOAD_TOO_LARGE', { detail: `The body has more than ${bodyLimit} bytes. Send less at once.` })
  if (Number(request.headers['content-length'] ?? 0) > bodyLimit) {
    // Without its 100 Continue the sender may or may not send the body, so nothing after this answer can be told apart.
    if (continues) return sendRefusal({ ...http, isLast: () => true }, tooLarge)
    drop(request, bodyLimit)
    return sendRefusal(http, tooLarge)
  }
  if (continues) response.writeContinue()
  const body = await collect(request, bodyLimit)
  if (body === 'gone') return
  if (body === 'too large') {
    drop(request, bodyLimit)
    return sendRefusal(http, tooLarge)
  }
  let answer: Response
  try {
    answer = await handler(toRequest(request, body, controller.signal))
  } catch (error) {
    onError?.(error)
    return sendRefusal(http, refuse('INTERNAL', {}))
  }
  await send(http, answer, options.readTimeout)
}

function toRequest(message: IncomingMessage, body: Uint8Array<ArrayBuffer> | undefined, signal: AbortSignal): Request {
  const { method = 'GET', url } = message
  return new Request(urlOf(url, message), {
    method,
    headers: headersOf(message),
    signal,
    ...(body === undefined ? {} : { body }),
  })
}

/** Reads on and forgets: a sender that finds its connection cut mid-body never sees the answer. */
function drop(request: IncomingMessage, limit: number): void {
  let left = limit * DROPPED_LIMITS
  request.on('error', () => {})
  request.on('data', (chunk: Buffer) => {
    left -= chunk.length
    if (left < 0) request.destroy()
  })
}

function send({ request, response, cors, isLast, onClosing }: Exchange, answer: Response, readTimeout?: number): Promise<void> {
  if (isLast() && !response.destroyed) response.setHeader('connection', 'close')
  return sendAnswer(response, answer, {
    isHead: request.method === 'HEAD',
    headers: cors?.headersFor(request.headers.origin, answer.headers.get('vary')) ?? [],
    readTimeout,
    onEndless: (cancel) =>
      onClosing(() => {
        cancel()
        const timer = setTimeout(() => response.destroy(), END_MS)
        response.on('close', () => clearTimeout(timer))
      }),
  })
}

function sendRefusal(http: Exchange, refusal: Refusal, headers: HeaderList = []): Promise<void> {
  const requestId = crypto.randomUUID()
  return send(http, refusalResponse(refusal, requestId, [...headers, ['x-request-id', requestId]]))
}

/** What the parser of `node:http` refuses, by the codes of its errors; anything else is malformed. */
const REFUSED_HEADS: Readonly<Record<string, Refusal>> = {
  HPE_HEADER_OVERFLOW: refuse('HEADERS_TOO_LARGE', {
    detail: `Address and headers have more than ${HEADERS_LIMIT} bytes. Send less, or the input of a query by POST, in the body.`,
  }),
  HPE_CHUNK_EXTENSIONS_OVERFLOW: refuse('PAYLOAD_TOO_LARGE', {
    detail: 'The extensions of a chunk have more than 16 KiB. Leave them out.',
  }),
  ERR_HTTP_REQUEST_TIMEOUT: refuse('REQUEST_TOO_SLOW', {}),
}
const MALFORMED = refuse('REQUEST_MALFORMED', {
  detail: 'What came is not a request of HTTP/1.1, or only part of one. The connection ends here.',
})

/** The whole answer to bytes that are no request, as bytes: there is nothing of the library to answer with. */
function noRequest(code: string | undefined): string {
  const requestId = crypto.randomUUID()
  const { code: name, init } = REFUSED_HEADS[code ?? ''] ?? MALFORMED
  const problem = toSurfaceProblem(name, requestId, init)
  const body = JSON.stringify(problem)
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
    'content-type: application/problem+json',
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${requestId}`,
    'connection: close',
  ]
  return `${head.join('\r\n')}\r\n\r\n${body}`
}
