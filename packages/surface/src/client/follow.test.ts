import { ContractError } from '@waymark/contract'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createFixture, type Fixture, shop, type Watching } from '../../test-support/fixture.ts'
import type { ClientOptions, RetryNotice, StreamOptions } from './client-options.ts'
import { createClient } from './create-client.ts'

type Answer = (request: Request) => Response | Promise<Response>

let fixture: Fixture
let requests: Request[]
let notices: RetryNotice[]
/** What comes instead of an answer of the shop, in turn. */
let instead: Answer[]
beforeEach(() => {
  // Pauses only: what the streams of the platform do, they do by other means.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  vi.spyOn(Math, 'random').mockReturnValue(0)
  fixture = createFixture()
  requests = []
  notices = []
  instead = []
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

function watch(options: StreamOptions = {}, client: Partial<ClientOptions> = {}) {
  const answer = async (url: string, init: RequestInit) => {
    const request = new Request(url, init)
    requests.push(request.clone())
    return (instead.shift() ?? fixture.rest.fetch)(request)
  }
  const onRetry = (notice: RetryNotice) => notices.push(notice)
  const all = { url: 'http://shop.test', credential: 'learner:l1', fetch: answer, onRetry, ...client }
  const results = createClient(all, shop).shop.orders.watch({ learnerId: 'l1' }, options)
  return results[Symbol.asyncIterator]()
}

const settle = () => new Promise((resolve) => setImmediate(resolve))

/** The streams that the server has opened, once there are so many; pauses are over at once. */
async function opened(count: number): Promise<Watching> {
  while (fixture.watching.length < count) {
    await settle()
    await vi.advanceTimersByTimeAsync(1_000)
  }
  return fixture.watching[count - 1] as Watching
}

/** What a promise comes to while pauses are over at once. */
async function soon<T>(promise: Promise<T>): Promise<T> {
  let isDone = false
  promise.finally(() => {
    isDone = true
  })
  while (!isDone) {
    await settle()
    await vi.advanceTimersByTimeAsync(1_000)
  }
  return promise
}

const item = (number: number) => ({ cursor: `c${number}`, total: number })
const given = (number: number) => ({ done: false, value: { ok: true, data: item(number) } })
const DONE = { done: true, value: undefined }

/** An event stream with this text, which then breaks, ends or goes on in silence. */
const eventStream =
  (text: string, then: 'breaks' | 'ends' | 'is silent'): Answer =>
  () => {
    const body = new ReadableStream({
      pull(controller) {
        if (text !== '') controller.enqueue(new TextEncoder().encode(text))
        else if (then === 'breaks') controller.error(new TypeError('terminated'))
        else if (then === 'ends') controller.close()
        else return new Promise(() => {})
        text = ''
      },
    })
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
  }

describe('a stream', () => {
  it('gives its items as results, and ends when the server says that there are no more', async () => {
    const results = watch()
    const next = results.next()
    const source = await opened(1)
    source.push(item(1), item(2))
    expect([await next, await results.next()]).toMatchObject([given(1), given(2)])
    source.stop()
    expect(await results.next()).toEqual(DONE)
    expect(notices).toEqual([])
  })

  it('opens when it is asked for its first item, and is ended with the iteration', async () => {
    const results = watch()
    await settle()
    expect(requests).toEqual([])
    const next = results.next()
    const source = await opened(1)
    source.push(item(1))
    await next
    await results.return?.()
    await source.ended
    expect(requests.map(({ headers }) => headers.get('accept'))).toEqual(['text/event-stream'])
  })

  it('ends with an error when its signal is aborted, on both sides', async () => {
    const controller = new AbortController()
    const results = watch({ signal: controller.signal })
    const next = results.next()
    const source = await opened(1)
    controller.abort()
    expect(await next).toMatchObject({ value: { ok: false, error: { code: 'CALL_ABORTED' } } })
    expect(await results.next()).toEqual(DONE)
    await source.ended
  })

  it.each([
    ['is refused', 'learner:l2', 'FORBIDDEN'],
    ['has no credential that holds', 'stolen', 'UNAUTHENTICATED'],
  ])('that %s ends with the error', async (_, credential, code) => {
    const results = watch({}, { credential })
    expect(await results.next()).toMatchObject({ value: { ok: false, error: { code } } })
    expect(await results.next()).toEqual(DONE)
  })

  it('that fails ends with what the server said', async () => {
    const results = watch()
    const next = results.next()
    ;(await opened(1)).stop(new ContractError('CLOSED', { detail: 'Good night.' }))
    expect(await next).toMatchObject({ value: { ok: false, error: { code: 'CLOSED', detail: 'Good night.' } } })
    expect(await results.next()).toEqual(DONE)
  })

  it('ends with an error when something else answers', async () => {
    instead.push(() => new Response('<h1>Welcome</h1>', { headers: { 'content-type': 'text/html' } }))
    expect(await watch().next()).toMatchObject({ value: { error: { code: 'ANSWER_UNREADABLE', status: 200 } } })
    instead.push(eventStream('data: no item\n\n', 'is silent'))
    expect(await watch().next()).toMatchObject({ value: { error: { code: 'ANSWER_UNREADABLE' } } })
  })
})

describe('a connection that is lost', () => {
  it.each(['breaks', 'ends'] as const)('%s: the stream goes on behind the last item that came whole', async (then) => {
    instead.push(eventStream(`id: c1\ndata: ${JSON.stringify(item(1))}\n\ndata: {"cursor":"c2",`, then))
    const results = watch()
    expect(await results.next()).toMatchObject(given(1))
    const next = results.next()
    const source = await opened(1)
    expect(source.after).toBe('c1')
    source.push(item(2))
    expect(await next).toMatchObject(given(2))
  })

  it('before its first item: the stream goes on where it began', async () => {
    instead.push(eventStream('retry: 3000\nid: c0\n\n', 'breaks'))
    const next = watch().next()
    const source = await opened(1)
    expect(source.after).toBe('c0')
    expect(notices).toMatchObject([{ pauseMs: 3_000, error: { code: 'SERVER_UNREACHABLE' } }])
    source.push(item(1))
    expect(await next).toMatchObject(given(1))
  })

  it('is one that gives no sign of life in time', async () => {
    instead.push(eventStream(`data: ${JSON.stringify(item(1))}\n\n`, 'is silent'))
    const results = watch({ silenceMs: 20_000 })
    await results.next()
    const next = results.next()
    await settle()
    await vi.advanceTimersByTimeAsync(19_999)
    expect(notices).toEqual([])
    const source = await opened(1)
    expect([notices.map(({ error }) => error.code), source.after]).toEqual([['CALL_TIMED_OUT'], 'c1'])
    source.push(item(2))
    expect(await next).toMatchObject(given(2))
  })

  it('is not one whose items are taken slowly, nor one with signs of life', async () => {
    const results = watch({ silenceMs: 20_000 })
    const first = results.next()
    const source = await opened(1)
    source.push(item(1), item(2))
    await first
    await vi.advanceTimersByTimeAsync(60_000)
    expect(await results.next()).toMatchObject(given(2))
    const next = results.next()
    for (let beats = 0; beats < 5; beats++) {
      await settle()
      await vi.advanceTimersByTimeAsync(15_000)
      for (const beat of [...fixture.alarms.keys()]) beat()
    }
    await settle()
    source.push(item(3))
    expect(await next).toMatchObject(given(3))
    expect(requests).toHaveLength(1)
  })

  it('is opened again with a new credential', async () => {
    instead.push(eventStream(`data: ${JSON.stringify(item(1))}\n\n`, 'ends'))
    const tokens = ['old', 'learner:l1']
    const results = watch({}, { credential: () => tokens.shift() as string })
    await results.next()
    const next = results.next()
    ;(await opened(1)).push(item(2))
    expect(await next).toMatchObject(given(2))
  })
})

describe('a server', () => {
  const away: Answer = () => Promise.reject(new TypeError('fetch failed'))
  const busy: Answer = () => {
    const problem = { type: 'urn:waymark:error:RATE_LIMITED', code: 'RATE_LIMITED', status: 429, detail: 'Full.', retryAfter: 10 }
    return Response.json(problem, { status: 429, headers: { 'content-type': 'application/problem+json' } })
  }

  it('that cannot be reached is asked again without end, after growing pauses', async () => {
    vi.mocked(Math.random).mockReturnValue(0.999_999)
    instead.push(...Array.from({ length: 30 }, () => away))
    const next = watch().next()
    ;(await opened(1)).push(item(1))
    expect(await next).toMatchObject(given(1))
    expect(notices.slice(0, 4).map(({ pauseMs }) => Math.round(pauseMs))).toEqual([400, 800, 1_600, 3_200])
    expect(notices).toHaveLength(30)
  })

  it('that has no place is asked again as it says, and three times at most', async () => {
    instead.push(busy, busy, busy, busy)
    expect(await soon(watch().next())).toMatchObject({ value: { error: { code: 'RATE_LIMITED' } } })
    expect(notices.map(({ pauseMs }) => pauseMs)).toEqual([10_000, 10_000, 10_000])
  })

  it('is asked again as often as the caller wants, counted from the last item', async () => {
    instead.push(away, eventStream(`data: ${JSON.stringify(item(1))}\n\n`, 'breaks'), away, away)
    const results = watch({ retries: 2 })
    expect(await soon(results.next())).toMatchObject(given(1))
    expect(await soon(results.next())).toMatchObject({ value: { error: { code: 'SERVER_UNREACHABLE' } } })
    expect(requests).toHaveLength(4)
  })

  it('that opens streams and drops them at once is left alone for longer each time', async () => {
    instead.push(...Array.from({ length: 4 }, () => eventStream('id: c0\n\n', 'ends')))
    const next = watch().next()
    await opened(1)
    expect(notices.map(({ attempts }) => attempts)).toEqual([1, 2, 3, 4])
    fixture.watching[0]?.stop()
    expect(await next).toEqual(DONE)
  })
})
