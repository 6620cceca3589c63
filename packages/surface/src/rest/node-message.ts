/** What `node:http` gives and takes, as far as Fetch needs it. The same in every framework that stands on it. */
import { mediaType } from './media-type.ts'
import type { HeaderList } from './respond.ts'
import { STREAM_FORMATS } from './stream-format.ts'

/** An `IncomingMessage`. */
export interface NodeRequest {
  readonly method?: string | undefined
  readonly url?: string | undefined
  readonly headers: { readonly [name: string]: string | readonly string[] | undefined }
  readonly rawHeaders: readonly string[]
  on(event: 'data', listener: (chunk: Uint8Array) => void): unknown
  on(event: 'end' | 'close' | 'error', listener: () => void): unknown
  off(event: 'data', listener: (chunk: Uint8Array) => void): unknown
  off(event: 'end' | 'close' | 'error', listener: () => void): unknown
}

/** A `ServerResponse`. */
export interface NodeResponse {
  readonly destroyed: boolean
  readonly writableFinished: boolean
  setHeader(name: string, value: string | readonly string[]): unknown
  writeHead(status: number): unknown
  flushHeaders(): void
  write(chunk: Uint8Array): boolean
  end(chunk?: Uint8Array): unknown
  destroy(): unknown
  on(event: 'close' | 'drain', listener: () => void): unknown
  off(event: 'close' | 'drain', listener: () => void): unknown
}

/** An answer up to this size is written in one piece. */
const ONE_PIECE = 1_048_576

/** The headers as they came, without those that HTTP/2 makes up. */
export function headersOf({ rawHeaders }: NodeRequest): Headers {
  const headers = new Headers()
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string
    if (!name.startsWith(':')) headers.append(name, rawHeaders[index + 1] as string)
  }
  return headers
}

/** The absolute address. The host is the sender's to choose, so anything but a host and a port in it is not used. */
export function urlOf(url: string | undefined, { headers: { host } }: NodeRequest): string {
  if (url !== undefined && /^https?:\/\//i.test(url) && URL.canParse(url)) return url
  const path = url?.startsWith('/') ? url : `/${url ?? ''}`
  const name = typeof host === 'string' ? host : ''
  const origin = `http://${name}`
  return /^[\w.-]+(:\d{1,5})?$|^\[[\da-f:.]+\](:\d{1,5})?$/i.test(name) && URL.canParse(origin)
    ? `${origin}${path}`
    : `http://localhost${path}`
}

/** The whole body; undefined when the request has none. */
export function collect(
  request: NodeRequest,
  limit: number,
): Promise<Uint8Array<ArrayBuffer> | undefined | 'too large' | 'gone'> {
  const { 'content-length': length, 'transfer-encoding': coding } = request.headers
  const isBodiless = request.method === 'GET' || request.method === 'HEAD' || (coding === undefined && Number(length ?? 0) === 0)
  if (isBodiless) return Promise.resolve(undefined)
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = []
    let size = 0
    const onData = (chunk: Uint8Array) => {
      size += chunk.length
      if (size <= limit) chunks.push(chunk)
      else settle('too large')
    }
    const onEnd = () => settle(joined(chunks, size))
    const onGone = () => settle('gone')
    function settle(outcome: Uint8Array<ArrayBuffer> | 'too large' | 'gone') {
      request.off('data', onData)
      request.off('end', onEnd)
      request.off('close', onGone)
      resolve(outcome)
    }
    request.on('data', onData)
    request.on('end', onEnd)
    // Stays: an error that nobody listens to would end the process.
    request.on('error', onGone)
    request.on('close', onGone)
  })
}

export interface SendOptions {
  readonly isHead: boolean
  /** Instead of the answer's own of the same name, and besides the others. */
  readonly headers?: HeaderList
  /** The longest time for a reader to take nothing of an answer that is there, in milliseconds; 30 s when absent. */
  readonly readTimeout?: number | undefined
  /** Called with what ends an answer that has no end of its own. */
  readonly onEndless?: (cancel: () => void) => void
}

/** Writes an answer: in one piece where it says its length, else as fast as its reader takes it. Who goes away ends it. */
export async function sendAnswer(response: NodeResponse, answer: Response, options: SendOptions): Promise<void> {
  if (response.destroyed) {
    await answer.body?.cancel()
    return
  }
  writeHead(response, answer, options.headers)
  if (answer.body === null || options.isHead) {
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
  if (isEndless(answer.headers)) options.onEndless?.(cancel)
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    if (!response.write(part.value) && !response.destroyed) await drained(response, options.readTimeout ?? 30_000)
  }
  response.end()
}

function writeHead(response: NodeResponse, { status, headers }: Response, more: HeaderList = []): void {
  for (const [name, value] of headers) if (name !== 'set-cookie') response.setHeader(name, value)
  const cookies = headers.getSetCookie()
  if (cookies.length > 0) response.setHeader('set-cookie', cookies)
  for (const [name, value] of more) response.setHeader(name, value)
  response.writeHead(status)
}

function joined(chunks: readonly Uint8Array[], size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size)
  let offset = 0
  for (const chunk of chunks) {
    bytes.set(chunk, offset)
    offset += chunk.length
  }
  return bytes
}

function isEndless(headers: Headers): boolean {
  const type = mediaType(headers.get('content-type'))
  return STREAM_FORMATS.some(({ contentType }) => contentType === type)
}

/** Resolves when the reader takes more; one that does not is cut off. */
function drained(response: NodeResponse, readTimeout: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => response.destroy(), readTimeout)
    const done = () => {
      clearTimeout(timer)
      response.off('drain', done)
      response.off('close', done)
      resolve()
    }
    response.on('drain', done)
    response.on('close', done)
  })
}
