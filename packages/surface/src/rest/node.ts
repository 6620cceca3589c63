/**
 * The bridge from `node:http` to a Fetch handler. A body is collected before the handler starts, up to a limit, so that a slow sender
 * occupies a socket and nothing else; an answer that says its length is written in one piece, any other is streamed.
 *
 * A connection is idle (no request being answered) or busy. `close` ends idle ones at once; busy ones get `Connection: close` on
 * their last answer, and end with it. A stream has no end to wait for, so `close` ends it. A reader that takes nothing for a while is
 * cut off.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { mediaType } from './media-type.ts'
import { type HeaderList, refusalResponse } from './respond.ts'
import { STREAM_FORMATS } from './stream-format.ts'
import { type Refusal, refuse } from './wire-input.ts'

export interface ServeOptions {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** Told of every error that the handler throws; the caller gets a 500 without its text. */
  readonly onError?: (error: unknown) => void
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

/** An answer up to this size is written in one piece. */
const ONE_PIECE = 1_048_576
/** How much of a refused body is read and dropped, in limits, so that the sender still sees the answer. */
const DROPPED_LIMITS = 16
/** How long the end of a stream may take to leave, in milliseconds. */
const END_MS = 1_000
/** What Fetch can carry; it has no TRACE. */
const METHODS = 'DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT'

/** Serves a Fetch handler over HTTP/1.1. Rejects when the address cannot be taken. */
export function serveNode(handler: FetchHandler, options: ServeOptions): Promise<NodeServer> {
  const { host, port, requestTimeout = 10_000 } = options
  const server = createServer({
    maxHeaderSize: 16_384,
    requestTimeout,
    headersTimeout: Math.min(5_000, requestTimeout),
    keepAliveTimeout: 65_000,
    connectionsCheckingInterval: Math.min(1_000, requestTimeout),
  })
  const busy = new Map<Socket, number>()
  const streams = new Set<() => void>()
  let isClosing = false

  server.on('connection', (socket: Socket) => {
    busy.set(socket, 0)
    socket.on('close', () => busy.delete(socket))
  })

  function serve(request: IncomingMessage, response: ServerResponse, continues: boolean): void {
    const { socket } = request
    busy.set(socket, (busy.get(socket) ?? 0) + 1)
    response.on('close', () => {
      const left = (busy.get(socket) ?? 1) - 1
      if (busy.has(socket)) busy.set(socket, left)
      if (isClosing && left === 0) socket.destroySoon()
    })
    const isLast = () => isClosing && busy.get(socket) === 1
    const onClosing = (end: () => void) => {
      if (isClosing) return end()
      streams.add(end)
      response.on('close', () => streams.delete(end))
    }
    exchange({ request, response, continues, isLast, onClosing }, handler, options).catch((error: unknown) => {
      options.onError?.(error)
      response.destroy()
    })
  }
  server.on('request', (request, response) => serve(request, response, false))
  server.on('checkContinue', (request, response) => serve(request, response, true))

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
            for (const [socket, requests] of busy) if (requests === 0) socket.destroy()
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
  /** True when the connection ends with this answer. */
  readonly isLast: () => boolean
  /** Calls when the server closes, at once when it is closing. */
  readonly onClosing: (end: () => void) => void
}

async function exchange(http: Exchange, handler: FetchHandler, options: ServeOptions): Promise<void> {
  const { request, response, continues } = http
  const { bodyLimit = 1_048_576, onError } = options
  const controller = new AbortController()
  response.on('close', () => {
    if (!response.writableFinished) controller.abort()
  })
  if (request.method === 'TRACE') {
    return sendRefusal(http, refuse('METHOD_NOT_ALLOWED', { detail: 'This server does not take TRACE.' }), [['allow', METHODS]])
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
  const { method = 'GET', rawHeaders } = message
  const headers: [string, string][] = []
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    headers.push([rawHeaders[index] as string, rawHeaders[index + 1] as string])
  }
  return new Request(urlOf(message), { method, headers, signal, ...(body === undefined ? {} : { body }) })
}

/** The host is the sender's to choose, so anything but a host and a port in it is not used. */
function urlOf({ url = '/', headers: { host = '' } }: IncomingMessage): string {
  if (/^https?:\/\//i.test(url) && URL.canParse(url)) return url
  const path = url.startsWith('/') ? url : `/${url}`
  const origin = `http://${host}`
  return /^[\w.-]+(:\d{1,5})?$|^\[[\da-f:.]+\](:\d{1,5})?$/i.test(host) && URL.canParse(origin)
    ? `${origin}${path}`
    : `http://localhost${path}`
}

/** The whole body; undefined when the request has none. */
function collect(request: IncomingMessage, limit: number): Promise<Uint8Array<ArrayBuffer> | undefined | 'too large' | 'gone'> {
  const { 'content-length': length, 'transfer-encoding': coding } = request.headers
  const isBodiless = request.method === 'GET' || request.method === 'HEAD' || (coding === undefined && Number(length ?? 0) === 0)
  if (isBodiless) return Promise.resolve(undefined)
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= limit) chunks.push(chunk)
      else settle('too large')
    })
    request.on('end', () => settle(joined(chunks, size)))
    request.on('error', () => settle('gone'))
    request.on('close', () => settle('gone'))
    function settle(outcome: Uint8Array<ArrayBuffer> | 'too large' | 'gone') {
      request.removeAllListeners('data').removeAllListeners('end').removeAllListeners('close')
      resolve(outcome)
    }
  })
}

function joined(chunks: readonly Buffer[], size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size)
  let offset = 0
  for (const chunk of chunks) {
    bytes.set(chunk, offset)
    offset += chunk.length
  }
  return bytes
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

async function send(http: Exchange, answer: Response, readTimeout = 30_000): Promise<void> {
  const { request, response } = http
  if (response.destroyed) {
    await answer.body?.cancel()
    return
  }
  writeHead(http, answer.status, answer.headers)
  if (answer.body === null || request.method === 'HEAD') {
    await answer.body?.cancel()
    response.end()
    return
  }
  const length = answer.headers.get('content-length')
  if (length !== null && Number(length) <= ONE_PIECE) {
    response.end(new Uint8Array(await answer.arrayBuffer()))
    return
  }
  response.flushHeaders()
  const reader = answer.body.getReader()
  const cancel = () => {
    reader.cancel().catch(() => {})
  }
  response.on('close', cancel)
  if (isEndless(answer.headers)) {
    http.onClosing(() => {
      cancel()
      const timer = setTimeout(() => response.destroy(), END_MS)
      response.on('close', () => clearTimeout(timer))
    })
  }
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    if (!response.write(part.value) && !response.destroyed) await drained(response, readTimeout)
  }
  response.end()
}

function isEndless(headers: Headers): boolean {
  const type = mediaType(headers.get('content-type'))
  return STREAM_FORMATS.some(({ contentType }) => contentType === type)
}

/** Resolves when the reader takes more; one that does not is cut off. */
function drained(response: ServerResponse, readTimeout: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => response.destroy(), readTimeout)
    const done = () => {
      clearTimeout(timer)
      response.off('drain', done).off('close', done)
      resolve()
    }
    response.on('drain', done).on('close', done)
  })
}

function sendRefusal(http: Exchange, refusal: Refusal, headers: HeaderList = []): Promise<void> {
  const requestId = crypto.randomUUID()
  return send(http, refusalResponse(refusal, requestId, [...headers, ['x-request-id', requestId]]))
}

function writeHead({ response, isLast }: Exchange, status: number, headers: Headers): void {
  for (const [name, value] of headers) if (name !== 'set-cookie') response.setHeader(name, value)
  const cookies = headers.getSetCookie()
  if (cookies.length > 0) response.setHeader('set-cookie', cookies)
  if (isLast()) response.setHeader('connection', 'close')
  response.writeHead(status)
}
