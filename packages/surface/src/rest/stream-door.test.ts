import { ContractError, type Principal } from '@waymark/contract'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readEventStream } from '../../test-support/event-stream.ts'
import { expectDocumented } from '../../test-support/expect-documented.ts'
import { createFixture, type Fixture, type Watching } from '../../test-support/fixture.ts'

const PATH = '/v1/shop/orders/watch'
const SSE = 'text/event-stream'

let fixture: Fixture
let open: AbortController[]
beforeEach(() => {
  fixture = createFixture()
  open = []
})
afterEach(() => {
  for (const controller of open) controller.abort()
})

interface CallOptions {
  readonly as?: string
  readonly query?: string
  readonly headers?: Record<string, string>
  readonly method?: string
  readonly body?: string
}

function toRequest({ as = 'learner:l1', query = '', headers = {}, method = 'GET', body }: CallOptions = {}): Request {
  const controller = new AbortController()
  open.push(controller)
  const learnerId = as.split(':')[1] ?? 'l1'
  const search = method === 'POST' ? '' : `?learnerId=${learnerId}${query}`
  return new Request(`http://shop.test${PATH}${search}`, {
    method,
    headers: { accept: SSE, authorization: `Bearer ${as}`, ...headers },
    signal: controller.signal,
    ...(body === undefined ? {} : { body }),
  })
}

/** Opens a stream: the answer, what comes on it, and the side of the handler. */
async function watch(options: CallOptions = {}) {
  const response = await fixture.rest.fetch(toRequest(options))
  expect([response.status, response.headers.get('content-type')]).toEqual([200, SSE])
  return { response, events: readEventStream(response), source: fixture.watching.at(-1) as Watching }
}

async function refusal(options: CallOptions) {
  const request = toRequest(options)
  const response = await fixture.rest.fetch(request)
  await expectDocumented(fixture.rest.document, request, response)
  return { status: response.status, headers: response.headers, body: await response.json() }
}

const settle = () => new Promise((resolve) => setImmediate(resolve))

describe('a stream as server-sent events', () => {
  it('begins with the pause for coming back and the place where it starts, and is kept by nobody on the way', async () => {
    const { response, events } = await watch()
    await events.until(() => events.state.lastEventId === 'start')
    expect(events.state.retry).toBe(2_000)
    expect(events.messages).toEqual([])
    expect(Object.fromEntries(response.headers)).toEqual({
      'content-type': SSE,
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      'x-request-id': 'id-1',
    })
  })

  it('has an item in each message, under its cursor', async () => {
    const { events, source } = await watch()
    source.push({ cursor: 'c1', total: 1 }, { cursor: 'c2\nevent: evil', total: 2 })
    await events.until(() => events.messages.length === 2)
    expect(events.messages).toEqual([
      { event: 'message', id: 'c1', data: '{"cursor":"c1","total":1}' },
      // An id that would end its line is not sent; the one before stands.
      { event: 'message', id: 'c1', data: '{"cursor":"c2\\nevent: evil","total":2}' },
    ])
  })

  it('ends when the stream ends, with a message that says so', async () => {
    const { events, source } = await watch()
    source.push({ cursor: 'c1', total: 1 })
    source.stop()
    await events.ended
    expect(events.messages).toMatchObject([
      { event: 'message', id: 'c1' },
      { event: 'end', id: 'c1', data: '{}' },
    ])
    await source.ended
  })

  it('ends without that message when it was cut off: there may be more', async () => {
    const token: Principal = { kind: 'learner', tenant: 'default', id: 'l1', expiresAt: fixture.clock.now + 60_000 }
    fixture = createFixture({ authenticate: async () => token })
    const { events, source } = await watch()
    source.push({ cursor: 'c1', total: 1 })
    await events.until(() => events.messages.length === 1)
    const [expire] = [...fixture.alarms].find(([, milliseconds]) => milliseconds === 60_000) as [() => void, number]
    expire()
    await events.ended
    expect(events.messages.map(({ event }) => event)).toEqual(['message'])
  })

  it('says in a last message why it failed, and nothing more', async () => {
    const declared = await watch()
    declared.source.stop(new ContractError('CLOSED', { detail: 'Good night.' }))
    await declared.events.ended
    expect(declared.events.messages.map(({ event, data }) => [event, JSON.parse(data)])).toMatchObject([
      ['problem', { code: 'CLOSED', status: 409, detail: 'Good night.' }],
    ])
    const wrong = await watch()
    wrong.source.push({ cursor: 'c1', total: 'many' as never })
    await wrong.events.ended
    expect(wrong.events.messages).toMatchObject([{ event: 'problem', data: expect.stringContaining('"code":"INTERNAL"') }])
    expect(fixture.failures.map(String)).toEqual([expect.stringContaining('/total expected number')])
  })

  it.each([
    ['by its field', { query: '&after=c7' }, 'c7'],
    ['by the header of a client that comes back', { headers: { 'last-event-id': 'c8' } }, 'c8'],
    [
      'by the header, when its address still has where it began',
      { query: '&after=c7', headers: { 'last-event-id': 'c8' } },
      'c8',
    ],
    ['nowhere', { headers: { 'last-event-id': '' } }, null],
  ])('goes on where it ended, named %s', async (_, options, after) => {
    const { source } = await watch(options)
    expect(source.after).toBe(after)
  })

  it('may be opened by POST', async () => {
    const headers = { 'content-type': 'application/json' }
    const { source } = await watch({ method: 'POST', body: '{"learnerId":"l1","after":"c9"}', headers })
    expect(source.after).toBe('c9')
  })
})

describe('a stream as NDJSON', () => {
  it('has an item in each line, an empty line for a heartbeat, and a problem in its last line', async () => {
    const response = await fixture.rest.fetch(toRequest({ headers: { accept: 'text/plain, application/x-ndjson;q=0.9' } }))
    expect(response.headers.get('content-type')).toBe('application/x-ndjson')
    const [source] = fixture.watching
    source?.push({ cursor: 'c1', total: 1 })
    const text = response.text()
    await settle()
    for (const beat of fixture.alarms.keys()) beat()
    source?.push({ cursor: 'c2', total: 2 })
    source?.stop(new Error('secret'))
    const lines = (await text).trimEnd().split('\n')
    expect(lines.slice(0, -1)).toEqual(['', '{"cursor":"c1","total":1}', '', '{"cursor":"c2","total":2}'])
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ problem: { code: 'INTERNAL' } })
  })
})

describe('a stream is refused', () => {
  it.each([undefined, '*/*', 'text/*', 'application/json', ''])('with 406 when Accept is %j', async (accept) => {
    const { status, body } = await refusal({ headers: { accept: accept as string } })
    expect([status, body.code]).toEqual([406, 'NOT_ACCEPTABLE'])
    expect(body.detail).toContain('text/event-stream or application/x-ndjson')
    expect(fixture.watching).toEqual([])
  })

  it('like any other call: without a credential, for somebody else, with a wrong input, by the handler', async () => {
    expect((await refusal({ as: 'unknown' })).status).toBe(401)
    expect((await refusal({ as: 'service:other' })).status).toBe(403)
    expect((await refusal({ query: '&after=a&after=b' })).status).toBe(422)
    expect((await refusal({ query: '&after=night' })).body.code).toBe('CLOSED')
  })
})

describe('a heartbeat', () => {
  it('comes every 15 seconds, for as long as the stream is open', async () => {
    const { events, source } = await watch()
    await events.until(() => events.state.lastEventId === 'start')
    expect([...fixture.alarms.values()]).toEqual([15_000])
    source.stop()
    await events.ended
    expect(fixture.alarms.size).toBe(0)
  })

  it('is a comment, which no client shows', async () => {
    const { events } = await watch()
    await events.until(() => events.state.lastEventId === 'start')
    for (let count = 1; count <= 3; count++) {
      for (const beat of fixture.alarms.keys()) beat()
      await events.until(() => events.state.comments === count)
    }
    expect(events.messages).toEqual([])
  })

  it('is left out while the reader has something to take', async () => {
    const response = await fixture.rest.fetch(toRequest())
    for (let count = 0; count < 5; count++) for (const beat of fixture.alarms.keys()) beat()
    const events = readEventStream(response)
    await events.until(() => events.state.lastEventId === 'start')
    expect(events.state.comments).toBe(0)
  })
})

describe('a slow reader', () => {
  it('slows the stream down: nothing is taken that nobody reads', async () => {
    const response = await fixture.rest.fetch(toRequest())
    const source = fixture.watching[0] as Watching
    source.push(...Array.from({ length: 1_000 }, (_, total) => ({ cursor: `c${total}`, total })))
    await settle()
    await settle()
    expect(source.queued.length).toBeGreaterThanOrEqual(998)
    const events = readEventStream(response)
    await events.until(() => events.messages.length === 1_000)
  })
})

describe('a stream ends, with the stream of the handler,', () => {
  it('when the reader goes away', async () => {
    const response = await fixture.rest.fetch(toRequest())
    const source = fixture.watching[0] as Watching
    await response.body?.cancel()
    await source.ended
    expect(fixture.alarms.size).toBe(0)
  })

  it('when the request is aborted', async () => {
    const { events, source } = await watch()
    await events.until(() => events.state.lastEventId === 'start')
    open[0]?.abort()
    await events.ended
    await source.ended
  })

  it('at once when only its head was asked for', async () => {
    const response = await fixture.rest.fetch(toRequest({ method: 'HEAD' }))
    expect([response.status, response.headers.get('content-type'), response.body]).toEqual([200, SSE, null])
    await fixture.watching[0]?.ended
  })
})

describe('places for streams', () => {
  it('are 50 for each credential; one that ends makes room', async () => {
    const opened = []
    for (let count = 0; count < 50; count++) opened.push(await watch())
    const { status, headers, body } = await refusal({})
    expect([status, headers.get('retry-after'), body.code]).toEqual([429, '10', 'RATE_LIMITED'])
    expect(body.detail).toContain('50 streams')
    await watch({ as: 'learner:l2' })
    opened[7]?.source.stop()
    await opened[7]?.events.ended
    await watch()
    expect((await refusal({})).status).toBe(429)
  })

  it('are limited in all, and one that is refused by the handler takes none', async () => {
    fixture = createFixture({ streamLimits: { total: 2 } })
    await refusal({ query: '&after=night' })
    await watch({ as: 'learner:a' })
    await watch({ as: 'learner:b' })
    const { status, body } = await refusal({ as: 'learner:c' })
    expect([status, body.detail]).toEqual([429, expect.stringContaining('2 streams')])
  })

  it('are not places for calls: open streams leave all of those', async () => {
    fixture = createFixture({ inFlightLimit: 1 })
    await watch()
    await watch()
    const call = new Request('http://shop.test/v1/shop/catalog/search?text=a')
    expect((await fixture.rest.fetch(call)).status).toBe(200)
  })
})
