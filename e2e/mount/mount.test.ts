import { request as httpRequest } from 'node:http'
import { gzipSync } from 'node:zlib'
import { toHono } from '@waymark/surface/mount'
import { Hono } from 'hono'
import { afterEach, describe, expect, it } from 'vitest'
import { createFixture, type Fixture } from '../../packages/surface/test-support/fixture.ts'
import { HOSTS, type RunningHost } from './hosts.ts'

const SERVICE = { authorization: 'Bearer service' }
const JSON_TYPE = { 'content-type': 'application/json' }

describe.each(HOSTS)('mounted in $name', ({ start, takesForms, hasHook }) => {
  let fixture: Fixture
  let host: RunningHost | undefined
  afterEach(async () => {
    await host?.close()
    host = undefined
  })

  async function open(options: Parameters<typeof createFixture>[0] = {}) {
    fixture = createFixture(options)
    host = await start(fixture.rest)
    const { url } = host
    return (path: string, init: RequestInit = {}) => fetch(`${url}${path}`, init)
  }
  const post = (body: unknown, headers: object = {}) => ({
    method: 'POST',
    headers: { ...JSON_TYPE, ...SERVICE, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })

  it('stands beside the routes that were there', async () => {
    const call = await open()
    expect(await (await call('/own', post({ a: 1 }))).json()).toEqual({ own: { a: 1 } })
    expect((await call('/elsewhere')).status).toBe(404)
    const health = await call('/app/healthz')
    expect(await health.json()).toEqual({ status: 'ok' })
    expect(health.headers.has('x-host')).toBe(hasHook === true)
    expect(await (await call('/own', post({ a: 2 }))).json()).toEqual({ own: { a: 2 } })
  })

  it('takes bodies and query strings, and answers with status, headers and problems', async () => {
    const call = await open()
    const placed = await call('/app/v1/shop/orders/place', post({ learnerId: 'l1', items: [{ sku: 'tea', count: 2 }] }))
    expect([placed.status, await placed.json()]).toEqual([200, { orderId: 'order-1', calls: 1 }])
    expect(placed.headers.get('x-request-id')).toMatch(/^id-/)
    const found = await call('/app/v1/shop/catalog/search?text=a%20b&count=3&tags=x&tags=y')
    expect(await found.json()).toEqual({ input: { text: 'a b', count: 3, tags: ['x', 'y'] } })
    const problem = await call('/app/v1/shop/orders/place', post({ learnerId: 'l1', items: [] }))
    expect(problem.headers.get('content-type')).toBe('application/problem+json')
    expect([problem.status, await problem.json()]).toMatchObject([422, { code: 'VALIDATION_FAILED' }])
    expect((await call('/app/v1/shop/nothing')).status).toBe(404)
    expect((await call('/app/openapi.json', { method: 'HEAD' })).status).toBe(200)
    const options = await call('/app/v1/shop/orders/place', { method: 'OPTIONS' })
    expect([options.status, options.headers.get('allow')]).toEqual([204, 'OPTIONS, POST'])
    expect((await call('/app/v1/shop/orders/place', { method: 'POST', headers: SERVICE })).status).toBe(422)
  })

  it('puts the path of the mount before what it links to', async () => {
    const call = await open()
    const document = (await (await call('/app/openapi.json')).json()) as { servers: unknown }
    expect(document.servers).toEqual([{ url: '/app' }])
    const old = await call('/app/v1/shop/orders/cancel', post({ orderId: 'o1' }))
    expect(old.headers.get('link')).toBe('</app/v2/shop/orders/cancel>; rel="successor-version"')
    expect(await old.json()).toEqual({ cancelled: true })
  })

  it('takes compressed bodies', async () => {
    const call = await open()
    const body = new Uint8Array(gzipSync(JSON.stringify({ batch: [{ type: 'track', event: 'e', userId: 'u1' }] })))
    const answer = await call('/app/v1/batch', {
      method: 'POST',
      headers: { ...SERVICE, ...JSON_TYPE, 'content-encoding': 'gzip' },
      body,
    })
    expect([answer.status, fixture.ingested.map(({ events }) => events)]).toEqual([
      200,
      [[{ type: 'event', eventName: 'e', learnerId: 'u1' }]],
    ])
  })

  it('takes JSON under the type of a form, or says why it cannot', async () => {
    const call = await open()
    const body = new Uint8Array(gzipSync(JSON.stringify({ batch: [{ type: 'track', event: 'e', userId: 'u1' }] })))
    const headers = { ...SERVICE, 'content-type': 'application/x-www-form-urlencoded', 'content-encoding': 'gzip' }
    const answer = await call('/app/v1/batch', { method: 'POST', headers, body })
    if (takesForms) expect([answer.status, fixture.ingested.length]).toEqual([200, 1])
    else {
      expect([answer.status, await answer.json()]).toMatchObject([
        415,
        { code: 'UNSUPPORTED_MEDIA_TYPE', detail: expect.stringContaining('Mount Waymark before the parser') },
      ])
    }
  })

  it('answers 413 to a body beyond the limit', async () => {
    const call = await open()
    const answer = await call('/app/v1/batch', post({ batch: [], filler: 'x'.repeat(1_048_577) }))
    expect(answer.status).toBe(413)
    await answer.arrayBuffer()
    expect((await call('/app/healthz')).status).toBe(200)
  })

  it('streams items as they come, and ends the stream when its reader goes away', async () => {
    const call = await open()
    const leave = new AbortController()
    const answer = await call('/app/v1/shop/orders/watch?learnerId=l1', {
      headers: { ...SERVICE, accept: 'application/x-ndjson' },
      signal: leave.signal,
    })
    expect(answer.headers.get('content-type')).toBe('application/x-ndjson')
    const lines = linesOf(answer)
    const [watching] = fixture.watching
    for (const cursor of ['c1', 'c2']) {
      watching?.push({ cursor, total: 1 })
      expect(await lines.next()).toEqual({ done: false, value: { cursor, total: 1 } })
    }
    leave.abort()
    await watching?.ended
  })

  it('takes no more from a stream than its reader takes', async () => {
    await open()
    const reader = await slowReader(`${host?.url}/app/v1/shop/orders/watch?learnerId=l1`)
    const [watching] = fixture.watching
    const total = 4_000
    const cursor = 'x'.repeat(5_000)
    watching?.push(...Array.from({ length: total }, () => ({ cursor, total: 1 })))
    let left = -1
    // Until nothing is taken any more: the buffers of both sides are full.
    for (let still = 0; still < 5; ) {
      await new Promise((resolve) => setTimeout(resolve, 40))
      const now = watching?.queued.length ?? 0
      still = now === left ? still + 1 : 0
      left = now
    }
    expect(left).toBeGreaterThan(0)
    reader.resume()
    while ((watching?.queued.length ?? 0) > 0) await new Promise((resolve) => setTimeout(resolve, 10))
    reader.destroy()
    await watching?.ended
  })

  it('aborts a call whose caller goes away', async () => {
    const call = await open()
    const entered = fixture.entered()
    const leave = new AbortController()
    const answering = call('/app/v1/shop/admin/break', {
      ...post({ how: 'wait' }, { authorization: 'Bearer operator' }),
      signal: leave.signal,
    }).catch(() => 'left')
    await entered
    const [signal] = fixture.signals
    const aborted = new Promise((resolve) => signal?.addEventListener('abort', resolve))
    leave.abort()
    expect(await answering).toBe('left')
    await aborted
    fixture.release()
  })
})

it('Hono answers 415 where another handler has read the body past it', async () => {
  const { rest } = createFixture()
  const app = new Hono()
  app.use(async ({ req }, next) => {
    await req.raw.text()
    await next()
  })
  app.all('/app/*', toHono(rest, { basePath: '/app' }))
  const answer = await app.request('/app/v1/batch', { method: 'POST', headers: SERVICE, body: '{"batch":[]}' })
  expect([answer.status, await answer.json()]).toMatchObject([415, { code: 'UNSUPPORTED_MEDIA_TYPE' }])
})

/** The items of a stream of JSON lines. */
async function* linesOf({ body }: Response): AsyncGenerator<unknown> {
  let rest = ''
  for await (const chunk of (body as ReadableStream<Uint8Array<ArrayBuffer>>).pipeThrough(new TextDecoderStream())) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line.trim() !== '') yield JSON.parse(line)
  }
}

/** An answer whose head has come, and of which nothing is read until it is resumed. */
function slowReader(url: string) {
  const request = httpRequest(url, { headers: { ...SERVICE, accept: 'application/x-ndjson' }, agent: false })
  request.end()
  return new Promise<{ resume(): void; destroy(): void }>((resolve, reject) => {
    request.on('response', (response) => {
      response.pause()
      response.on('error', () => {})
      resolve({ resume: () => response.resume(), destroy: () => request.destroy() })
    })
    request.on('error', reject)
  })
}
