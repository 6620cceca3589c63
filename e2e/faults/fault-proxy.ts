/**
 * A bad network between a server and its database: it listens on a free port of 127.0.0.1 and forwards to the target, with the fault
 * that is set, which may change while connections are open.
 *
 * States of a connection: forwarding, deaf (one direction or both swallow everything), ended. Invariants: bytes keep their order; a
 * connection that has swallowed bytes stays deaf, for what follows would make no sense without them; both ends of it end together.
 */
import { once } from 'node:events'
import { connect, createServer, type NetConnectOpts, type Server, type Socket } from 'node:net'
import { below, type Random } from './random.ts'

export const FAULTS = ['none', 'delay', 'reset', 'half-open', 'slow', 'sliced'] as const
/**
 * `delay`: every piece waits for up to half a second. `reset`: every 50th piece is cut in two, and the connection reset between them.
 * `half-open`: one direction or both fall silent, and new connections are accepted and not answered. `slow`: 64 KB a second.
 * `sliced`: packets of 1 to 7 bytes.
 */
export type Fault = (typeof FAULTS)[number]

const LONGEST_DELAY_MS = 500
const RESET_EVERY = 50
const SLOW_PIECE = 3_277
const SLOW_PAUSE_MS = 50
const MOST_SLICE = 7

export class FaultProxy {
  fault: Fault = 'none'
  /** What it has done: resets, and connections it made deaf. */
  readonly done = { resets: 0, deaf: 0 }
  readonly #random: Random
  readonly #target: NetConnectOpts
  readonly #server: Server
  readonly #open = new Set<Socket>()

  private constructor(target: NetConnectOpts, random: Random) {
    this.#target = target
    this.#random = random
    this.#server = createServer({ noDelay: true }, (client) => this.#accept(client))
  }

  static async listen(target: NetConnectOpts, random: Random): Promise<FaultProxy> {
    const proxy = new FaultProxy(target, random)
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  get port(): number {
    const address = this.#server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  /** Connections of clients that are open now. */
  get connections(): number {
    return this.#open.size
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    for (const client of this.#open) client.destroy()
    await closed
  }

  #accept(client: Socket): void {
    const server = connect(this.#target)
    server.setNoDelay(true)
    this.#open.add(client)
    const pair = { isDeaf: false }
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      from.on('error', () => {})
      from.on('close', () => to.destroy())
      void this.#forward(from, to, pair)
    }
    client.on('close', () => this.#open.delete(client))
  }

  /** One direction of a connection, until it ends. */
  async #forward(from: Socket, to: Socket, pair: { isDeaf: boolean }): Promise<void> {
    let isDeaf = false
    try {
      for await (const piece of from as AsyncIterable<Buffer>) {
        if (this.fault === 'half-open' && !isDeaf && (!pair.isDeaf || this.#random() < 0.5)) {
          if (!pair.isDeaf) this.done.deaf += 1
          isDeaf = true
          pair.isDeaf = true
        }
        if (!isDeaf) await this.#pass(piece, from, to)
      }
    } catch {
      // It was reset by one of its ends, or by us.
    }
    to.end()
  }

  async #pass(piece: Buffer, from: Socket, to: Socket): Promise<void> {
    if (this.fault === 'reset' && below(this.#random, RESET_EVERY) === 0) {
      this.done.resets += 1
      to.write(piece.subarray(0, below(this.#random, piece.length)))
      from.resetAndDestroy()
      to.destroy()
      return
    }
    if (this.fault === 'delay') await sleep(below(this.#random, LONGEST_DELAY_MS))
    let rest = piece
    while (rest.length > 0) {
      // Asked for each part: the fault may end while a piece is on its way.
      const size =
        this.fault === 'slow' ? SLOW_PIECE : this.fault === 'sliced' ? 1 + below(this.#random, MOST_SLICE) : rest.length
      const part = rest.subarray(0, size)
      rest = rest.subarray(size)
      if (to.destroyed) return
      if (!to.write(part)) await Promise.race([once(to, 'drain'), once(to, 'close')])
      if (this.fault === 'slow') await sleep(SLOW_PAUSE_MS)
      else if (rest.length > 0) await new Promise((resolve) => setImmediate(resolve))
    }
  }
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
