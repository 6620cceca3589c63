/** HTTP/1.1 as bytes: what is sent does not pass through a library that would refuse to send it. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** A request whose framing is right, whatever the rest of it is. */
export interface WireRequest {
  readonly method: string
  /** As it goes over the wire. */
  readonly path: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body?: Buffer
}

export interface WireAnswer {
  readonly status: number
  readonly headers: ReadonlyMap<string, string>
  readonly body: Buffer
  /** From the request to the whole answer; of a stream to its head. */
  readonly milliseconds: number
  /** True when it is a stream that went on. */
  readonly goesOn: boolean
}

/** The answer, or that the connection ended without a whole one. */
export type Outcome = WireAnswer | 'closed'

/** The length is that of the body unless a header says another one. */
export function toBytes({ method, path, headers, body }: WireRequest): Buffer {
  const hasLength = headers.some(([name]) => /^(content-length|transfer-encoding)$/i.test(name))
  const all = body === undefined || hasLength ? headers : [...headers, ['content-length', String(body.length)] as const]
  const lines = [`${method} ${path} HTTP/1.1`, ...all.map(([name, value]) => `${name}: ${value}`)]
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
  return body === undefined ? head : Buffer.concat([head, body])
}

/** How long a stream may say nothing until it is left, in milliseconds. */
const QUIET_MS = 30

/** One connection, with one request at a time on its way. */
export class Connection {
  readonly #socket: Socket
  #received = Buffer.alloc(0)
  #isClosed = false
  #wake = () => {}

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('data', (chunk) => {
      this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk])
      this.#wake()
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      this.#isClosed = true
      this.#wake()
    })
  }

  static async open(port: number): Promise<Connection> {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    await once(socket, 'connect')
    return new Connection(socket)
  }

  /** True while another request can be sent. */
  get isOpen(): boolean {
    return !this.#isClosed
  }

  /** Sends bytes, and half-closes behind them where nothing more will come. */
  write(bytes: Buffer, isLast = false): void {
    this.#socket.write(bytes)
    if (isLast) this.#socket.end()
  }

  /** Reads the next answer. A stream that goes on is left, and ends the connection. */
  async read(isHead = false): Promise<Outcome> {
    const begin = performance.now()
    for (;;) {
      const end = this.#received.indexOf('\r\n\r\n')
      if (end === -1) {
        if (!(await this.#more())) return 'closed'
        continue
      }
      const [line = '', ...fields] = this.#received.toString('latin1', 0, end).split('\r\n')
      const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(line)?.[1] ?? Number.NaN)
      const headers = new Map(
        fields.map((field) => [field.slice(0, field.indexOf(':')).toLowerCase(), field.slice(field.indexOf(':') + 1).trim()]),
      )
      this.#received = this.#received.subarray(end + 4)
      if (status >= 100 && status < 200) continue
      const head = performance.now() - begin
      const isBodiless = isHead || status === 204 || status === 304
      if (/^(text\/event-stream|application\/x-ndjson)/.test(headers.get('content-type') ?? '')) {
        const goesOn = await this.#readStream()
        this.close()
        return { status, headers, body: this.#received, milliseconds: head, goesOn }
      }
      const body = isBodiless ? Buffer.alloc(0) : await this.#readBody(headers)
      if (body === undefined) return 'closed'
      if (headers.get('connection') === 'close') this.close()
      return { status, headers, body, milliseconds: performance.now() - begin, goesOn: false }
    }
  }

  async send(bytes: Buffer, isHead = false): Promise<Outcome> {
    this.write(bytes)
    return this.read(isHead)
  }

  close(): void {
    this.#isClosed = true
    this.#socket.destroy()
  }

  async #readBody(headers: ReadonlyMap<string, string>): Promise<Buffer | undefined> {
    const length = headers.get('content-length')
    if (length !== undefined) return this.#take(Number(length))
    if (headers.get('transfer-encoding') !== 'chunked') {
      while (await this.#more());
      return this.#received
    }
    const parts: Buffer[] = []
    for (;;) {
      const end = this.#received.indexOf('\r\n')
      if (end === -1) {
        if (!(await this.#more())) return undefined
        continue
      }
      const size = Number.parseInt(this.#received.toString('latin1', 0, end), 16)
      this.#received = this.#received.subarray(end + 2)
      const part = await this.#take(size + 2)
      if (part === undefined) return undefined
      if (size === 0) return Buffer.concat(parts)
      parts.push(part.subarray(0, size))
    }
  }

  async #take(size: number): Promise<Buffer | undefined> {
    while (this.#received.length < size) if (!(await this.#more())) return undefined
    const taken = this.#received.subarray(0, size)
    this.#received = this.#received.subarray(size)
    return taken
  }

  /** Resolves when the stream has ended or says nothing; true for one that goes on. */
  async #readStream(): Promise<boolean> {
    for (;;) {
      if (this.#received.includes('\r\n0\r\n\r\n')) return false
      const quiet = new Promise<'quiet'>((resolve) => setTimeout(resolve, QUIET_MS, 'quiet'))
      const next = await Promise.race([this.#more(), quiet])
      if (next !== true) return next === 'quiet'
    }
  }

  /** Resolves when more has come; with false when nothing will. */
  #more(): Promise<boolean> {
    if (this.#isClosed) return Promise.resolve(false)
    const before = this.#received.length
    return new Promise((resolve) => {
      this.#wake = () => {
        if (this.#received.length !== before) resolve(true)
        else if (this.#isClosed) resolve(false)
      }
    })
  }
}
