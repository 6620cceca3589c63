/**
 * A stream that survives its connections. States: opening, open, pausing, over. It begins to open at the given cursor, or from now on,
 * and each later time behind the last item that was handed over, so that nothing is lost and nothing comes twice. A connection ends with
 * the last message of the server (the stream is over), or without one (it is lost: pause, and open again). Failures are counted from the
 * last sign that something works: an item, or a connection that lived long enough to give a sign of life.
 */
import { type AnyResult, metaOf } from './call.ts'
import type { StreamOptions } from './client-options.ts'
import { type Endpoint, type Failed, failure, send, stopped, unreachable } from './endpoint.ts'
import { createEventStreamReader } from './event-stream.ts'
import { pauseAfter, sleep } from './pause.ts'
import { isProblem, isType, parse, readProblem, toFailed, unreadable } from './read-answer.ts'
import { type StopWatch, startStopWatch } from './stop-watch.ts'

const EVENT_STREAM = 'text/event-stream'

/** What a connection has to tell: an item, a sign that it works, or how it ended; `over` when nothing more will come. */
type News = { readonly item: AnyResult } | 'alive' | 'over' | Failed

export async function* follow(endpoint: Endpoint, input: object = {}, options: StreamOptions = {}): AsyncGenerator<AnyResult> {
  const { attemptTimeoutMs = 20_000, retries, onRetry } = { ...endpoint.options, ...options }
  const { signal, silenceMs = 45_000 } = options
  const place: Place = { after: undefined, retryMs: 0 }
  for (let failures = 0; ; ) {
    let failed: Failed = failure('SERVER_UNREACHABLE', `${endpoint.address} ended the stream, which was not at its end.`)
    const from = place.after === undefined ? input : { ...input, after: place.after }
    for await (const news of connection(endpoint, from, place, { attemptTimeoutMs, silenceMs, signal, attempts: failures + 1 })) {
      if (news === 'over') return
      if (news === 'alive') failures = 0
      else if ('item' in news) {
        failures = 0
        yield news.item
      } else failed = news
    }
    failures += 1
    const { error, retry, askedMs } = failed
    if (!retry || failures > (retries ?? (isAway(failed) ? Number.POSITIVE_INFINITY : 3))) {
      yield { ok: false, error }
      return
    }
    const pauseMs = pauseAfter(failures, Math.max(askedMs, place.retryMs))
    onRetry?.({ operation: endpoint.contract.meta.key, error, attempts: failures, pauseMs })
    await sleep(pauseMs, signal)
  }
}

/** Where the stream stands, and what the server said of coming back. */
interface Place {
  after: string | undefined
  retryMs: number
}

/** The server is out of reach, rather than say no. */
function isAway({ error }: Failed): boolean {
  return error.code === 'SERVER_UNREACHABLE' || error.code === 'CALL_TIMED_OUT'
}

interface ConnectionOptions {
  readonly attemptTimeoutMs: number
  readonly silenceMs: number
  readonly signal: AbortSignal | undefined
  readonly attempts: number
}

async function* connection(endpoint: Endpoint, input: object, place: Place, options: ConnectionOptions): AsyncGenerator<News> {
  const watch = startStopWatch(options.signal)
  watch.set(options.attemptTimeoutMs)
  try {
    const sent = await send(endpoint, JSON.stringify(input), { accept: EVENT_STREAM }, watch)
    if (!sent.ok) return yield sent
    const { response } = sent
    if (!response.ok) return yield await watch.race(readProblem(response, endpoint.contract))
    if (!isType(response, EVENT_STREAM) || response.body === null) {
      return yield unreadable(response, await watch.race(response.text()))
    }
    yield* messages(endpoint, response, place, watch, options)
  } catch (cause) {
    yield stopped(watch) ?? unreachable(endpoint.address, cause)
  } finally {
    watch.close()
  }
}

async function* messages(
  endpoint: Endpoint,
  response: Response,
  place: Place,
  watch: StopWatch,
  { silenceMs, attempts }: ConnectionOptions,
): AsyncGenerator<News> {
  const meta = metaOf(response, attempts)
  const events = createEventStreamReader()
  const decoder = new TextDecoder()
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  for (let pieces = 0; ; pieces++) {
    // Silence is of the server: while the items are taken, nobody listens.
    watch.set(silenceMs)
    const piece = await watch.race(reader.read())
    watch.pause()
    if (piece.done) return
    const taken = events.take(decoder.decode(piece.value, { stream: true }))
    place.retryMs = events.retryMs ?? place.retryMs
    if (taken.length === 0) place.after = events.lastId ?? place.after
    // The first piece is the opening, which a server also gives that ends the stream right behind it.
    if (pieces > 0 && taken.length === 0) yield 'alive'
    for (const { event, data } of taken) {
      if (event === 'end') return yield 'over'
      const value = parse(data)
      if (event === 'problem' && isProblem(value)) return yield toFailed(value, endpoint.contract)
      if (event !== 'message') continue
      const { cursor } = (value ?? {}) as { readonly cursor?: unknown }
      if (typeof cursor !== 'string') return yield unreadable(response, data)
      place.after = cursor
      yield { item: { ok: true, data: value, meta } }
    }
  }
}
