/**
 * The answer of a stream query. States: open, ended. It takes an item from the stream only when its reader took the one before, so a slow
 * reader slows the stream down and nothing piles up. Whatever ends it (the stream, its failure, a reader that goes away) ends the
 * stream, stops the heartbeat and tells the host, once.
 */
import { type Placed, type Ports, type Stream, StreamError } from '@waymark/contract'
import type { HeaderList } from './respond.ts'
import type { StreamFormat } from './stream-format.ts'

export interface StreamResponseOptions<Item> {
  readonly format: StreamFormat<Item>
  readonly headers: HeaderList
  readonly heartbeatMs: number
  readonly after: Ports['after']
  readonly onEnd: () => void
}

const UTF8 = new TextEncoder()

export function streamResponse<Item = Placed>(stream: Stream<Item>, options: StreamResponseOptions<Item>): Response {
  const { format, headers, heartbeatMs, after, onEnd } = options
  const iterator = stream[Symbol.asyncIterator]()
  let isOpen = true
  let stopHeart = () => {}

  function end(): void {
    isOpen = false
    stopHeart()
    onEnd()
  }

  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const beat = () => {
        // A reader that has something to take needs no sign of life.
        if ((controller.desiredSize ?? 0) > 0) controller.enqueue(UTF8.encode(format.heartbeat))
        stopHeart = after(heartbeatMs, beat)
      }
      controller.enqueue(UTF8.encode(format.opening(stream.cursor)))
      stopHeart = after(heartbeatMs, beat)
    },
    async pull(controller) {
      let last = ''
      try {
        const result = await iterator.next()
        if (!isOpen) return
        if (result.done !== true) return controller.enqueue(UTF8.encode(format.item(result.value)))
        if (result.value === true) last = format.end
      } catch (error) {
        if (!isOpen) return
        if (!(error instanceof StreamError)) {
          end()
          throw error
        }
        last = format.problem(error.problem)
      }
      end()
      if (last !== '') controller.enqueue(UTF8.encode(last))
      controller.close()
    },
    async cancel() {
      if (!isOpen) return
      end()
      await iterator.return?.()
    },
  })
  const all: [string, string][] = [
    ['content-type', format.contentType],
    ['cache-control', 'no-store'],
    // Proxies that collect an answer before they pass it on would hold a stream back for ever.
    ['x-accel-buffering', 'no'],
    ...headers.map(([name, value]): [string, string] => [name, value]),
  ]
  return new Response(body, { headers: all })
}
