import { defineCommand, RESERVED } from '@waymark/contract'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { createFixture, shop } from '../../test-support/fixture.ts'
import type { ClientOptions, RetryNotice } from './client-options.ts'
import { createClient } from './create-client.ts'
import { RESERVED_RETRYABLE } from './read-answer.ts'

const ORDER = { learnerId: 'l1', items: [{ sku: 'tea', count: 1 }] }

type Script = (request: Request) => Response | Promise<Response>

let requests: Request[]
let notices: RetryNotice[]
beforeEach(() => {
  vi.useFakeTimers()
  // The longest pause that chance can bring.
  vi.spyOn(Math, 'random').mockReturnValue(0.999_999)
  requests = []
  notices = []
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

/** A client of a server that answers by a script, the last line of it for ever. */
function connect(script: readonly Script[], options: Partial<ClientOptions> = {}) {
  const lines = [...script]
  const request: ClientOptions['fetch'] = async (url, init) => {
    const asked = new Request(url, init)
    requests.push(asked)
    const line = lines.length > 1 ? lines.shift() : lines[0]
    return (line as Script)(asked.clone())
  }
  const client = createClient(
    { url: 'http://shop.test', credential: 'learner:l1', fetch: request, onRetry: (notice) => notices.push(notice), ...options },
    shop,
  )
  return client.shop
}

/** What a promise comes to, with time passing as fast as it can. */
async function soon<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  await vi.runAllTimersAsync()
  return promise
}

const fine: Script = () => Response.json({ orderId: 'o1', calls: 1 }, { headers: { 'x-request-id': 'r1' } })
const cut: Script = () => Promise.reject(new TypeError('fetch failed', { cause: new Error('ECONNRESET') }))
const silent: Script = () => new Promise(() => {})
const gateway =
  (status: number, headers: Record<string, string> = {}): Script =>
  () =>
    new Response('<h1>Sorry</h1>', { status, headers: { 'content-type': 'text/html', ...headers } })
const problem =
  (code: string, status: number, more: object = {}): Script =>
  () => {
    const body = { type: `urn:waymark:error:${code}`, title: code, status, detail: 'Because.', instance: 'i', code, ...more }
    return Response.json(body, { status, headers: { 'content-type': 'application/problem+json' } })
  }

describe('another attempt', () => {
  it.each([
    ['a broken connection', cut],
    ['502 of a gateway', gateway(502)],
    ['503 of a gateway', gateway(503)],
    ['504 of a gateway', gateway(504)],
    ['429 of a gateway', gateway(429)],
    ['TIMEOUT', problem('TIMEOUT', 504)],
    ['INTERNAL', problem('INTERNAL', 500)],
    ['RATE_LIMITED', problem('RATE_LIMITED', 429, { retryAfter: 1 })],
    ['a twin that still runs', problem('CONFLICT', 409, { retryAfter: 1 })],
  ])('follows %s, of commands and queries', async (_, script) => {
    const orders = connect([script, script, fine]).orders
    expect(await soon(orders.place(ORDER))).toMatchObject({ ok: true, meta: { attempts: 3 } })
    expect(await soon(connect([script, fine]).catalog.search({ text: 'tea' }))).toMatchObject({ ok: true, meta: { attempts: 2 } })
  })

  it.each([
    ['a declared error that says nothing of trying again', problem('CARD_DECLINED', 402)],
    ['VALIDATION_FAILED', problem('VALIDATION_FAILED', 422, { errors: [] })],
    ['CONFLICT', problem('CONFLICT', 409)],
    ['a page of something else', gateway(200)],
    ['an error page', gateway(500)],
    ['a code that the contract does not have', problem('SOLD', 409)],
  ])('does not follow %s', async (_, script) => {
    expect(await soon(connect([script]).orders.place(ORDER))).toMatchObject({ ok: false })
    expect(requests).toHaveLength(1)
  })

  it('follows every reserved error of which the server says that it may pass, and no other', () => {
    expect(RESERVED_RETRYABLE).toEqual(
      Object.fromEntries(Object.entries(RESERVED).map(([code, { retryable }]) => [code, retryable])),
    )
  })

  it('follows a declared error that says that it may pass', async () => {
    const error = { description: 'Full', http: 409, gqlCode: 'FULL', when: 'Now', retryable: true }
    const Enter = defineCommand({
      meta: { key: 'shop.enter', version: '1.0.0', stability: 'stable', owners: ['a'], tags: [], description: 'For a test.' },
      io: { input: z.object({}), output: z.object({}), errors: { FULL: error } },
      policy: { auth: 'anonymous' },
    })
    const lines = [problem('FULL', 409), () => Response.json({})]
    const request = async (url: string, init: RequestInit) => (lines.shift() as Script)(new Request(url, init))
    const client = createClient({ url: 'http://shop.test', fetch: request }, [Enter])
    expect(await soon(client.shop.enter())).toMatchObject({ ok: true, meta: { attempts: 2 } })
  })

  it('has the same idempotency key, which is another one in the next call; queries have none', async () => {
    const client = connect([cut, cut, fine])
    await soon(client.orders.place(ORDER))
    await soon(client.orders.place(ORDER))
    await soon(client.catalog.search({ text: 'tea' }))
    const keys = requests.map(({ headers }) => headers.get('idempotency-key'))
    expect(keys.slice(0, 3)).toEqual([keys[0], keys[0], keys[0]])
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/)
    expect(keys[3]).toMatch(/^[0-9a-f]{32}$/)
    expect(keys[3]).not.toBe(keys[0])
    expect(keys[4]).toBeNull()
  })

  it('runs a command of a real server once, also when its answer was lost', async () => {
    const fixture = createFixture()
    const lost: Script = async (request) => {
      await fixture.rest.fetch(request)
      throw new TypeError('terminated')
    }
    const orders = connect([lost, lost, (request) => fixture.rest.fetch(request)]).orders
    expect(await soon(orders.place(ORDER))).toMatchObject({
      ok: true,
      data: { orderId: 'order-1', calls: 1 },
      meta: { replayed: true, attempts: 3 },
    })
  })

  it('comes after a pause by chance below a limit that doubles, and is told of', async () => {
    await soon(connect([cut], { retries: 9, timeoutMs: 600_000 }).orders.place(ORDER))
    expect(notices.map(({ pauseMs }) => Math.round(pauseMs))).toEqual([400, 800, 1600, 3200, 6400, 12800, 20000, 20000, 20000])
    expect(notices[0]).toMatchObject({ operation: 'shop.orders.place', attempts: 1, error: { code: 'SERVER_UNREACHABLE' } })
    vi.mocked(Math.random).mockReturnValue(0)
    notices = []
    await soon(connect([cut]).orders.place(ORDER))
    expect(notices.map(({ pauseMs }) => pauseMs)).toEqual([0, 0, 0])
  })

  it.each([
    ['in seconds of a problem', problem('RATE_LIMITED', 429, { retryAfter: 2.5 }), 2_500],
    ['in seconds of a gateway', gateway(503, { 'retry-after': '7' }), 7_000],
    ['as a date', gateway(503, { 'retry-after': 'Sun, 01 Mar 2026 12:00:09 GMT' }), 9_000],
    ['as a date that is over', gateway(503, { 'retry-after': 'Sun, 01 Mar 2020 12:00:09 GMT' }), 0],
  ])('waits as long as the server asks, %s, and then by chance', async (_, script, asked) => {
    vi.setSystemTime('2026-03-01T12:00:00Z')
    await soon(connect([script, fine]).orders.place(ORDER))
    expect(Math.round((notices[0]?.pauseMs ?? 0) / 10) * 10).toBe(asked + 400)
  })

  it('is not waited for when its time would be over before it begins', async () => {
    const orders = connect([problem('RATE_LIMITED', 429, { retryAfter: 90 })]).orders
    const started = performance.now()
    expect(await orders.place(ORDER)).toMatchObject({ ok: false, error: { code: 'RATE_LIMITED', retryAfter: 90 } })
    expect(performance.now()).toBe(started)
  })

  it('may be forbidden, for all calls or for one', async () => {
    await soon(connect([cut], { retries: 0 }).orders.place(ORDER))
    await soon(connect([cut], { retries: 5 }).orders.place(ORDER, { retries: 0 }))
    expect(requests).toHaveLength(2)
  })
})

describe('time', () => {
  it('is limited for an attempt, and the next one follows', async () => {
    const result = await soon(connect([silent, fine], { attemptTimeoutMs: 1_000 }).orders.place(ORDER))
    expect(result).toMatchObject({ ok: true, meta: { attempts: 2 } })
    expect(requests[0]?.signal.aborted).toBe(true)
    expect(notices).toMatchObject([{ error: { code: 'CALL_TIMED_OUT' } }])
  })

  it('is limited for a call with all its attempts', async () => {
    const started = performance.now()
    const place = connect([silent], { retries: 100 }).orders.place
    const result = await soon(place(ORDER, { attemptTimeoutMs: 1_000, timeoutMs: 4_000 }))
    expect(result).toMatchObject({ ok: false, error: { code: 'CALL_TIMED_OUT' } })
    expect(performance.now() - started).toBeLessThanOrEqual(4_000)
    expect(requests.length).toBeGreaterThan(1)
  })

  it('is limited for the credential and for the body of an answer too', async () => {
    const never = new Promise<string>(() => {})
    expect(await soon(connect([fine], { credential: () => never, retries: 0 }).orders.place(ORDER))).toMatchObject({
      error: { code: 'CALL_TIMED_OUT' },
    })
    const endless: Script = () => new Response(new ReadableStream(), { headers: { 'content-type': 'application/json' } })
    expect(await soon(connect([endless], { retries: 0 }).orders.place(ORDER))).toMatchObject({
      error: { code: 'CALL_TIMED_OUT' },
    })
  })
})

describe('a signal', () => {
  it('ends a call that waits for its answer', async () => {
    const controller = new AbortController()
    const calling = connect([silent]).orders.place(ORDER, { signal: controller.signal })
    await vi.advanceTimersByTimeAsync(10)
    controller.abort()
    expect(await calling).toMatchObject({ ok: false, error: { code: 'CALL_ABORTED' } })
    expect(requests).toHaveLength(1)
  })

  it('ends a call that waits for its next attempt', async () => {
    const controller = new AbortController()
    const calling = connect([cut]).orders.place(ORDER, { signal: controller.signal })
    await vi.advanceTimersByTimeAsync(10)
    expect(notices).toHaveLength(1)
    controller.abort()
    expect(await calling).toMatchObject({ ok: false, error: { code: 'CALL_ABORTED' } })
  })

  it('that was given before keeps the call from being made', async () => {
    const result = await connect([fine], { credential: async () => 'learner:l1' }).orders.place(ORDER, {
      signal: AbortSignal.abort(),
    })
    expect(result).toMatchObject({ ok: false, error: { code: 'CALL_ABORTED' } })
    expect(requests).toHaveLength(0)
  })
})

describe('what is no answer of the operation', () => {
  const first = (script: Script, options: Partial<ClientOptions> = {}) =>
    soon(connect([script], { retries: 0, ...options }).orders.place(ORDER))

  it('is a server that is out of reach, with the reason behind it', async () => {
    expect(await first(cut)).toMatchObject({
      error: {
        code: 'SERVER_UNREACHABLE',
        detail: expect.stringContaining('fetch failed (ECONNRESET)'),
        cause: expect.any(TypeError),
      },
    })
    expect(await first(gateway(502))).toMatchObject({ error: { code: 'SERVER_UNREACHABLE', status: 502 } })
  })

  it('is a connection that breaks inside the answer', async () => {
    const half: Script = () => {
      const body = new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode('{"orderId":'))
          controller.error(new TypeError('terminated'))
        },
      })
      return new Response(body, { headers: { 'content-type': 'application/json' } })
    }
    expect(await first(half)).toMatchObject({ error: { code: 'SERVER_UNREACHABLE' } })
  })

  it.each([
    ['text that is no JSON', () => new Response('{"orderId":', { headers: { 'content-type': 'application/json' } })],
    ['a page', gateway(200)],
    ['nothing', () => new Response(null, { status: 204 })],
    ['a problem of another kind of server', () => Response.json({ type: 'about:blank' }, { status: 404 })],
    ['a problem in no JSON', () => new Response('no', { status: 409, headers: { 'content-type': 'application/problem+json' } })],
  ] satisfies [string, Script][])('is %s', async (_, script) => {
    expect(await first(script)).toMatchObject({
      error: { code: 'ANSWER_UNREADABLE', status: (await script(new Request('http://a'))).status },
    })
  })

  it.each([{ retryAfter: 'soon' }, { retryAfter: -5 }, { status: {} }, { detail: undefined }])(
    'is a problem with %j, which no Waymark server gives',
    async (more) => {
      expect(await first(problem('CARD_DECLINED', 402, more))).toMatchObject({
        error: { code: 'ANSWER_UNREADABLE', status: 402 },
      })
    },
  )

  it.each([null, {}, { items: {}, nextCursor: null }, { items: [], nextCursor: 5 }])(
    'is %j where a page is expected',
    async (body) => {
      const { list } = connect([() => Response.json(body)]).orders
      const results = []
      for await (const result of list.all({ learnerId: 'l1' })) results.push(result)
      expect(results).toMatchObject([{ ok: false, error: { code: 'ANSWER_UNREADABLE' } }])
    },
  )

  it('is the same page again', async () => {
    const { list } = connect([() => Response.json({ items: [], nextCursor: 'again' })]).orders
    for await (const result of list.all({ learnerId: 'l1' }))
      expect(result).toMatchObject({ error: { code: 'ANSWER_UNREADABLE' } })
    expect(requests).toHaveLength(2)
  })

  it('is not an answer whose headers make no sense', async () => {
    const headers = { deprecation: '@99999999999999999', sunset: 'Thu, 01 Jan 2026 00:00:00 GMT' }
    expect(await first(() => Response.json({}, { headers }))).toMatchObject({ ok: true, meta: { deprecation: null } })
  })

  it('is an error that the contract does not have; the problem comes with it', async () => {
    expect(await first(problem('SOLD', 409))).toMatchObject({
      error: { code: 'ANSWER_UNDECLARED', status: 409, cause: { code: 'SOLD', detail: 'Because.' } },
    })
  })

  it('is a credential that cannot be had', async () => {
    const credential = () => Promise.reject(new Error('nobody is logged in'))
    expect(await first(fine, { credential })).toMatchObject({
      error: { code: 'CREDENTIAL_FAILED', detail: expect.stringContaining('nobody is logged in') },
    })
    expect(requests).toHaveLength(0)
  })

  it('is not what a program does wrong: that throws', async () => {
    const calling = connect([fine]).orders.place({ learnerId: 'l1', items: [{ sku: 'tea', count: 1n as never }] })
    await expect(soon(calling)).rejects.toThrow(TypeError)
  })
})
