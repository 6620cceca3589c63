import { gzipSync } from 'node:zlib'
import { beforeEach, describe, expect, it } from 'vitest'
import { expectDocumented } from '../../test-support/expect-documented.ts'
import { createFixture, type Fixture } from '../../test-support/fixture.ts'

let fixture: Fixture
beforeEach(() => {
  fixture = createFixture()
})

interface CallOptions {
  readonly as?: string
  readonly headers?: Record<string, string>
  readonly method?: string
  readonly raw?: BodyInit
}

/** Calls a path; every answer is checked against the document. */
async function call(path: string, body?: unknown, { as, headers = {}, method, raw }: CallOptions = {}) {
  const content = raw ?? (body === undefined ? undefined : JSON.stringify(body))
  const request = new Request(`http://shop.test${path}`, {
    method: method ?? (content === undefined ? 'GET' : 'POST'),
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(as === undefined ? {} : { authorization: `Bearer ${as}` }),
      ...headers,
    },
    ...(content === undefined ? {} : { body: content }),
  })
  const response = await fixture.rest.fetch(request.clone())
  if (!['HEAD', 'OPTIONS'].includes(request.method)) await expectDocumented(fixture.rest.document, request, response)
  const text = await response.text()
  return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) }
}

const order = (sku: string, learnerId = 'l1') => ({ learnerId, items: [{ sku, count: 2 }] })
const place = '/v1/shop/orders/place'
const search = '/v1/shop/catalog/search'

describe('an operation over HTTP', () => {
  it('answers a command with its data', async () => {
    const { status, headers, body } = await call(place, order('tea'), { as: 'learner:l1' })
    expect(status).toBe(200)
    expect(body).toEqual({ orderId: 'order-1', calls: 1 })
    expect(Object.fromEntries(headers)).toEqual({
      'content-type': 'application/json',
      'content-length': String(JSON.stringify(body).length),
      'cache-control': 'no-store',
      'x-request-id': 'id-1',
    })
  })

  it('answers a query by GET with a coerced query string, and by POST alike', async () => {
    const input = {
      text: '7',
      max: 1.5,
      count: 2,
      inStock: true,
      tags: ['a'],
      sizes: [1, 2],
      mode: 'exact',
      filter: { from: 'x' },
    }
    const query = 'text=7&max=1.5&count=2&inStock=true&tags=a&sizes=1&sizes=2&mode=exact&filter={"from":"x"}'
    expect((await call(`${search}?${query}`)).body).toEqual({ input })
    expect((await call(search, input)).body).toEqual({ input })
  })

  it('leaves what it cannot coerce to the contract, which names the field', async () => {
    const { status, body } = await call(`${search}?text=a&count=many&sizes=1&sizes=two`)
    expect(status).toBe(422)
    expect(body.errors.map(({ pointer, received }: { pointer: string; received: string }) => [pointer, received])).toEqual([
      ['/count', 'string'],
      ['/sizes/1', 'string'],
    ])
  })

  it('pages', async () => {
    const first = await call('/v1/shop/orders/list?learnerId=l1&limit=2', undefined, { as: 'learner:l1' })
    expect(first.body).toMatchObject({ items: [{ id: 'o0' }, { id: 'o1' }], nextCursor: '2' })
    const last = await call(`/v1/shop/orders/list?learnerId=l1&limit=2&cursor=2`, undefined, { as: 'learner:l1' })
    expect(last.body).toMatchObject({ items: [{ id: 'o2' }, { id: 'o3' }], nextCursor: null })
    expect((await call('/v1/shop/orders/list?learnerId=l1&limit=201', undefined, { as: 'learner:l1' })).status).toBe(422)
  })

  it('serves recursive values and group commits', async () => {
    const tree = { name: 'a', children: [{ name: 'b', children: [] }] }
    expect((await call('/v1/shop/tree/save', tree, { as: 'service' })).body.root).toEqual(tree)
    expect((await call('/v1/shop/tree/list', undefined, { as: 'service' })).body.items).toEqual([tree])
    expect((await call('/v1/shop/orders/touch', { by: 4 }, { as: 'service' })).body).toEqual({ total: 4 })
  })

  it('takes no body for the empty input', async () => {
    expect((await call('/v1/shop/orders/touch', undefined, { method: 'POST', as: 'service' })).body).toEqual({ total: 1 })
    const missing = await call(place, undefined, { method: 'POST', as: 'service' })
    expect(missing.body.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual(['/learnerId', '/items'])
  })

  it('hands over principal, channel, key and signal', async () => {
    await call('/v1/learning/onboarding/ingest', { events: [1] }, { as: 'service', headers: { 'idempotency-key': 'k-1' } })
    expect(fixture.ingested).toEqual([
      {
        events: [1],
        channel: 'rest',
        idempotencyKey: 'k-1',
        principal: { kind: 'service', tenant: 'default', id: 'key-1', scopes: ['*'] },
      },
    ])
    const controller = new AbortController()
    const entered = fixture.entered()
    const request = new Request('http://shop.test/v1/shop/admin/break', {
      method: 'POST',
      body: '{"how":"wait"}',
      headers: { 'content-type': 'application/json', authorization: 'Bearer operator' },
      signal: controller.signal,
    })
    const answer = fixture.rest.fetch(request)
    await entered
    expect(fixture.signals[0]?.aborted).toBe(false)
    controller.abort()
    expect(fixture.signals[0]?.aborted).toBe(true)
    fixture.release()
    await answer
  })

  it('takes the request id of its host', async () => {
    const response = await fixture.rest.fetch(new Request(`http://shop.test${search}?text=a`), { requestId: 'trace-9' })
    expect(response.headers.get('x-request-id')).toBe('trace-9')
  })
})

describe('errors', () => {
  it.each<[string, number, string, () => ReturnType<typeof call>]>([
    ['a declared error', 402, 'CARD_DECLINED', () => call(place, order('dear'), { as: 'learner:l1' })],
    ['a declared error with data', 409, 'OUT_OF_STOCK', () => call(place, order('rare'), { as: 'learner:l1' })],
    [
      'a reserved error of the handler',
      404,
      'NOT_FOUND',
      () => call('/v1/shop/orders/list?learnerId=nobody', undefined, { as: 'service' }),
    ],
    ['no credential', 401, 'UNAUTHENTICATED', () => call(place, order('tea'))],
    ['an invalid credential', 401, 'UNAUTHENTICATED', () => call(place, order('tea'), { as: 'nonsense' })],
    [
      'an invalid credential where none is needed',
      401,
      'UNAUTHENTICATED',
      () => call(`${search}?text=a`, undefined, { as: 'nonsense' }),
    ],
    ['another learner', 403, 'FORBIDDEN', () => call(place, order('tea', 'l2'), { as: 'learner:l1' })],
    ['a learner where services call', 403, 'FORBIDDEN', () => call('/v1/shop/orders/touch', {}, { as: 'learner:l1' })],
    ['a missing scope', 403, 'FORBIDDEN', () => call(place, order('tea'), { as: 'service:shop.catalog.*' })],
    ['an invalid input', 422, 'VALIDATION_FAILED', () => call(place, { items: [] }, { as: 'learner:l1' })],
    [
      'an input above the limit of the contract',
      413,
      'PAYLOAD_TOO_LARGE',
      () => call(place, order('x'.repeat(2_000)), { as: 'learner:l1' }),
    ],
    ['a sunset contract', 410, 'GONE', () => call('/v0/shop/orders/cancel', { orderId: 'o' }, { as: 'service' })],
    ['a defect', 500, 'INTERNAL', () => call('/v1/shop/admin/break', { how: 'throw' }, { as: 'operator' })],
    ['a bad output', 500, 'INTERNAL', () => call('/v1/shop/admin/break', { how: 'output' }, { as: 'operator' })],
    ['a failing authenticator', 500, 'INTERNAL', () => call(place, order('tea'), { as: 'broken' })],
    ['an unknown path', 404, 'NOT_FOUND', () => call('/v1/shop/orders')],
    ['a path in another case', 404, 'NOT_FOUND', () => call('/v1/Shop/orders/place', {})],
    [
      'another content type',
      415,
      'UNSUPPORTED_MEDIA_TYPE',
      () => call(place, order('tea'), { as: 'service', headers: { 'content-type': 'text/plain' } }),
    ],
    [
      'another charset',
      415,
      'UNSUPPORTED_MEDIA_TYPE',
      () => call(place, {}, { as: 'service', headers: { 'content-type': 'application/json; charset=utf-16' } }),
    ],
    [
      'an unknown encoding',
      415,
      'UNSUPPORTED_MEDIA_TYPE',
      () => call(place, {}, { as: 'service', headers: { 'content-encoding': 'br' } }),
    ],
    ['a body of 1 MiB', 413, 'PAYLOAD_TOO_LARGE', () => call(place, order('x'.repeat(1_048_576)), { as: 'service' })],
    ['text that is not JSON', 422, 'VALIDATION_FAILED', () => call(place, 0, { as: 'service', raw: '{"a":1,}' })],
    ['a prototype key', 422, 'VALIDATION_FAILED', () => call(place, 0, { as: 'service', raw: '{"items":{"__proto__":1}}' })],
    ['a key that comes twice', 422, 'VALIDATION_FAILED', () => call(place, 0, { as: 'service', raw: '{"items":[],"items":[]}' })],
    ['deep nesting', 422, 'VALIDATION_FAILED', () => call(place, 0, { as: 'service', raw: '['.repeat(40) + ']'.repeat(40) })],
    [
      'an empty key',
      422,
      'VALIDATION_FAILED',
      () => call(place, order('tea'), { as: 'service', headers: { 'idempotency-key': '' } }),
    ],
    [
      'a key with a space',
      422,
      'VALIDATION_FAILED',
      () => call(place, order('tea'), { as: 'service', headers: { 'idempotency-key': 'a b' } }),
    ],
    [
      'a long key',
      422,
      'VALIDATION_FAILED',
      () => call(place, order('tea'), { as: 'service', headers: { 'idempotency-key': 'k'.repeat(256) } }),
    ],
  ])('%s is %i %s', async (_, status, code, answer) => {
    const { status: got, headers, body } = await answer()
    expect([got, body.code, body.status]).toEqual([status, code, status])
    expect(headers.get('content-type')).toBe('application/problem+json')
    expect(body.instance).toBe(`urn:waymark:request:${headers.get('x-request-id')}`)
    expect(headers.get('www-authenticate')).toBe(status === 401 ? 'Bearer' : null)
    expect(JSON.stringify(body)).not.toMatch(/swordfish|key store/)
  })

  it('tells the host what the caller is not told', async () => {
    await call('/v1/shop/admin/break', { how: 'throw' }, { as: 'operator' })
    await call(place, {}, { as: 'broken' })
    expect(fixture.failures.map(String)).toEqual(['Error: the password is swordfish', 'Error: the key store is gone'])
  })

  it('carries the data of a declared error', async () => {
    const { body } = await call(place, order('rare'), { as: 'learner:l1' })
    expect(body).toMatchObject({ data: { sku: 'rare', left: 1 }, detail: 'One left.', title: 'Not enough in stock' })
  })

  it('names the pointer of every flaw, and the position of a mistake', async () => {
    const flaws = await call(place, 0, { as: 'service', raw: '{"a":{"constructor":1},"b":1,"b":2}' })
    expect(flaws.body.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual(['/a/constructor', '/b'])
    const mistake = await call(place, 0, { as: 'service', raw: '{"a":1,}' })
    expect(mistake.body.errors).toMatchObject([{ pointer: '', message: expect.stringMatching(/position 7/) }])
  })

  it('looks at the credential before the body', async () => {
    expect((await call(place, 0, { raw: 'not JSON' })).status).toBe(401)
    expect((await call(place, order('x'.repeat(1_048_576)), { as: 'nonsense' })).status).toBe(401)
    expect((await call('/v0/shop/orders/cancel', {}, { as: 'nonsense' })).status).toBe(410)
  })

  it('says when to come again, in whole seconds', async () => {
    const { headers } = await call('/v1/shop/admin/break', { how: 'busy' }, { as: 'operator' })
    expect(headers.get('retry-after')).toBe('3')
  })

  it('answers 504 when the handler takes too long', async () => {
    const entered = fixture.entered()
    const answer = call(place, order('slow'), { as: 'service' })
    await entered
    for (const alarm of fixture.alarms.keys()) alarm()
    expect(await answer).toMatchObject({ status: 504, body: { code: 'TIMEOUT' } })
    fixture.release()
  })
})

describe('methods', () => {
  it.each([
    ['DELETE', place, 'OPTIONS, POST'],
    ['GET', place, 'OPTIONS, POST'],
    ['PUT', search, 'GET, HEAD, OPTIONS, POST'],
    ['POST', '/healthz', 'GET, HEAD, OPTIONS'],
    ['GET', '/events', 'OPTIONS, POST'],
  ])('%s %s is 405 and says what is allowed', async (method, path, allow) => {
    const response = await fixture.rest.fetch(new Request(`http://shop.test${path}`, { method }))
    expect([response.status, response.headers.get('allow')]).toEqual([405, allow])
    expect(await response.json()).toMatchObject({ code: 'METHOD_NOT_ALLOWED', status: 405 })
  })

  it('OPTIONS answers what is allowed', async () => {
    const { status, headers } = await call(search, undefined, { method: 'OPTIONS' })
    expect([status, headers.get('allow')]).toEqual([204, 'GET, HEAD, OPTIONS, POST'])
  })

  it('HEAD answers as GET does, without the body', async () => {
    const get = await call(`${search}?text=a`)
    const head = await call(`${search}?text=a`, undefined, { method: 'HEAD' })
    expect(head.body).toBeUndefined()
    expect(head.status).toBe(200)
    expect(head.headers.get('content-length')).toBe(get.headers.get('content-length'))
  })
})

describe('deprecation', () => {
  it('is said on every answer, and the successor is linked', async () => {
    for (const as of ['service', 'nonsense']) {
      const { headers } = await call('/v1/shop/orders/cancel', { orderId: 'o' }, { as })
      expect(headers.get('deprecation')).toBe('@1767225600')
      expect(headers.get('sunset')).toBe('Fri, 01 Jan 2027 00:00:00 GMT')
      expect(headers.get('link')).toBe('</v2/shop/orders/cancel>; rel="successor-version"')
    }
    expect(
      (await call('/v2/shop/orders/cancel', { orderId: 'o', reason: 'r' }, { as: 'service' })).headers.has('deprecation'),
    ).toBe(false)
  })

  it('ends the operation at its sunset', async () => {
    fixture.clock.now = Date.parse('2027-01-01T00:00:00Z')
    expect((await call('/v1/shop/orders/cancel', { orderId: 'o' }, { as: 'service' })).status).toBe(410)
  })
})

describe('Idempotency-Key', () => {
  const headers = { 'idempotency-key': 'order-7' }

  it('answers a repeated call from the first one, and says so', async () => {
    const first = await call(place, order('tea'), { as: 'learner:l1', headers })
    const again = await call(place, order('tea'), { as: 'learner:l1', headers })
    expect(again.body).toEqual(first.body)
    expect([first.headers.get('idempotency-replayed'), again.headers.get('idempotency-replayed')]).toEqual([null, 'true'])
  })

  it('refuses another input under the same key', async () => {
    await call(place, order('tea'), { as: 'learner:l1', headers })
    const other = await call(place, order('cake'), { as: 'learner:l1', headers })
    expect([other.status, other.body.code]).toEqual([409, 'IDEMPOTENCY_MISMATCH'])
  })
})

describe('compressed bodies', () => {
  const gzip = { 'content-encoding': 'gzip' }

  it('are read', async () => {
    const raw = new Uint8Array(gzipSync(JSON.stringify(order('tea'))))
    expect((await call(place, 0, { as: 'service', raw, headers: gzip })).status).toBe(200)
  })

  it('are measured unpacked', async () => {
    const raw = new Uint8Array(gzipSync(JSON.stringify(order('x'.repeat(1_048_576)))))
    expect(raw.byteLength).toBeLessThan(5_000)
    expect((await call(place, 0, { as: 'service', raw, headers: gzip })).status).toBe(413)
  })
})

describe('the process', () => {
  it('does not start with a wrong mapping', () => {
    expect(() => createFixture({ mappings: [{ from: 'Order', to: 'order.shipped' }] })).toThrow(
      /order\.shipped.*no event contract/,
    )
  })

  it('is alive, and ready when the host says so', async () => {
    let isReady = false
    fixture = createFixture({ ready: () => isReady })
    const get = async (path: string) => {
      const response = await fixture.rest.fetch(new Request(`http://shop.test${path}`))
      return [response.status, await response.json()]
    }
    expect(await get('/healthz')).toEqual([200, { status: 'ok' }])
    expect(await get('/readyz')).toEqual([503, { status: 'not ready' }])
    isReady = true
    expect(await get('/readyz')).toEqual([200, { status: 'ready' }])
    expect(await get('/openapi.json')).toEqual([200, JSON.parse(JSON.stringify(fixture.rest.document))])
  })

  it('takes a limited number of calls at once, and is alive beyond it', async () => {
    fixture = createFixture({ inFlightLimit: 1 })
    const entered = fixture.entered()
    const held = call('/v1/shop/admin/break', { how: 'wait' }, { as: 'operator' })
    await entered
    const refused = await call(place, order('tea'), { as: 'service' })
    expect([refused.status, refused.body.code, refused.headers.get('retry-after')]).toEqual([429, 'RATE_LIMITED', '1'])
    expect((await fixture.rest.fetch(new Request('http://shop.test/healthz'))).status).toBe(200)
    fixture.release()
    expect((await held).status).toBe(200)
    expect((await call(place, order('tea'), { as: 'service' })).status).toBe(200)
  })

  it('lets another surface answer a path, within the same limit', async () => {
    const held = Promise.withResolvers<Response>()
    const other = { method: 'POST', path: '/other', answer: () => held.promise } as const
    fixture = createFixture({ inFlightLimit: 1, endpoints: [other] })
    const send = (method: string) => fixture.rest.fetch(new Request('http://shop.test/other', { method }))
    const first = send('POST')
    expect((await send('POST')).status).toBe(429)
    held.resolve(new Response('its answer'))
    const response = await first
    expect([await response.text(), response.headers.get('x-request-id')]).toEqual(['its answer', 'id-1'])
    const refused = await send('GET')
    expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'OPTIONS, POST'])
  })
})
