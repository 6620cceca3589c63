import { defineCommand, defineModule } from '@waymark/contract'
import { beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createFixture, type Fixture, OrderPlaced, registry, shop } from '../../test-support/fixture.ts'
import { createClient } from './create-client.ts'

let fixture: Fixture
let requests: Request[]
beforeEach(() => {
  fixture = createFixture()
  requests = []
})

function connect(as?: string) {
  const options = { url: 'http://shop.test/', fetch: answer, retries: 0, ...(as === undefined ? {} : { credential: as }) }
  return createClient(options, shop).shop
}

async function answer(url: string, init: RequestInit): Promise<Response> {
  const request = new Request(url, init)
  requests.push(request.clone())
  return fixture.rest.fetch(request)
}

const ORDER = { learnerId: 'l1', items: [{ sku: 'tea', count: 1 }] }

async function collect<T>(results: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const result of results) found.push(result)
  return found
}

describe('a call', () => {
  it('answers with the data of the operation, and with what the answer says besides', async () => {
    expect(await connect('learner:l1').orders.place(ORDER)).toEqual({
      ok: true,
      data: { orderId: 'order-1', calls: 1 },
      meta: { requestId: 'id-1', replayed: false, attempts: 1, deprecation: null },
    })
  })

  it('sends queries as commands, so that no input ends in an address', async () => {
    const result = await connect().catalog.search({ text: 'tea', tags: ['a'], filter: { from: 'x' } })
    expect(result).toMatchObject({ ok: true, data: { input: { text: 'tea', tags: ['a'], filter: { from: 'x' } } } })
    expect(requests.map(({ method, url }) => `${method} ${url}`)).toEqual(['POST http://shop.test/v1/shop/catalog/search'])
  })

  it('needs no input where every field may be absent', async () => {
    expect(await connect('service').orders.touch()).toMatchObject({ ok: true, data: { total: 1 } })
  })

  it('answers a declared error with its data', async () => {
    const result = await connect('learner:l1').orders.place({ learnerId: 'l1', items: [{ sku: 'rare', count: 3 }] })
    expect(result).toMatchObject({
      ok: false,
      error: { code: 'OUT_OF_STOCK', status: 409, detail: 'One left.', data: { sku: 'rare', left: 2 } },
    })
  })

  it.each([
    ['VALIDATION_FAILED', 'learner:l1', { learnerId: 'l1', items: [] }],
    ['UNAUTHENTICATED', undefined, ORDER],
    ['FORBIDDEN', 'learner:l2', ORDER],
    ['PAYLOAD_TOO_LARGE', 'learner:l1', { learnerId: 'l1', items: [{ sku: 'x'.repeat(3_000), count: 1 }] }],
  ])('answers the reserved error %s', async (code, as, input) => {
    expect(await connect(as).orders.place(input)).toMatchObject({ ok: false, error: { code } })
  })

  it('asks a function for the credential before each call', async () => {
    const tokens = ['learner:l1', 'learner:l2']
    const client = createClient(
      { url: 'http://shop.test', fetch: answer, credential: async () => tokens.shift() as string },
      shop,
    )
    expect(await client.shop.orders.place(ORDER)).toMatchObject({ ok: true })
    expect(await client.shop.orders.place(ORDER)).toMatchObject({ ok: false, error: { code: 'FORBIDDEN' } })
  })

  it('tells of the end of a deprecated operation', async () => {
    expect(await connect('service').orders.cancel({ orderId: 'o1' })).toMatchObject({
      meta: {
        deprecation: {
          since: '2026-01-01T00:00:00.000Z',
          sunset: '2027-01-01T00:00:00.000Z',
          successor: '/v2/shop/orders/cancel',
        },
      },
    })
    fixture.clock.now = Date.parse('2027-02-01T00:00:00Z')
    expect(await connect('service').orders.cancel({ orderId: 'o1' })).toMatchObject({ ok: false, error: { code: 'GONE' } })
  })

  it('says that an answer was kept from an earlier call', async () => {
    const { place } = connect('learner:l1').orders
    await place(ORDER, { idempotencyKey: 'k1' })
    expect(await place(ORDER, { idempotencyKey: 'k1' })).toMatchObject({ ok: true, data: { calls: 1 }, meta: { replayed: true } })
    expect(await place({ ...ORDER, items: [{ sku: 'oil', count: 1 }] }, { idempotencyKey: 'k1' })).toMatchObject({
      error: { code: 'IDEMPOTENCY_MISMATCH' },
    })
  })
})

describe('a page', () => {
  it('comes alone when it is asked for', async () => {
    const result = await connect('service').orders.list({ learnerId: 'l1', limit: 2 })
    expect(result).toMatchObject({ ok: true, data: { items: [{ id: 'o0' }, { id: 'o1' }], nextCursor: '2' } })
  })

  it('is followed by the others when all items are', async () => {
    const results = await collect(connect('service').orders.list.all({ learnerId: 'l1', limit: 2 }))
    expect(results.map((result) => result.ok && result.data.id)).toEqual(['o0', 'o1', 'o2', 'o3'])
    expect(requests).toHaveLength(2)
  })

  it('is not asked for before its items are wanted', async () => {
    for await (const result of connect('service').orders.list.all({ learnerId: 'l1', limit: 2 })) {
      expect(result).toMatchObject({ data: { id: 'o0' } })
      break
    }
    expect(requests).toHaveLength(1)
  })

  it('that fails is the last result', async () => {
    const results = await collect(connect('service').orders.list.all({ learnerId: 'nobody' }))
    expect(results).toMatchObject([{ ok: false, error: { code: 'NOT_FOUND' } }])
  })
})

describe('names', () => {
  const cancel = registry.operations
    .map(({ operation }) => operation)
    .filter(({ meta }) => meta.key === 'shop.orders.cancel')
    .filter((operation) => operation.kind === 'command')

  it('say the major where it is not the first, and each leads to its own address', async () => {
    const client = createClient({ url: 'http://shop.test', fetch: answer, credential: 'service' }, cancel) as unknown as {
      shop: { orders: Record<string, (input: object) => Promise<unknown>> }
    }
    expect(Object.keys(client.shop.orders)).toEqual(['cancelV0', 'cancel', 'cancelV2'])
    expect(await client.shop.orders.cancelV2?.({ orderId: 'o1', reason: 'late' })).toMatchObject({ ok: true })
    expect(await client.shop.orders.cancelV0?.({ orderId: 'o1' })).toMatchObject({ error: { code: 'GONE' } })
    expect(requests.map(({ url }) => new URL(url).pathname)).toEqual(['/v2/shop/orders/cancel', '/v0/shop/orders/cancel'])
  })

  it('come from a list and from a record alike, and events and names in a record do not matter', () => {
    const [search] = shop.contracts.filter(({ meta }) => meta.key === 'shop.catalog.search')
    const options = { url: 'http://shop.test' }
    for (const contracts of [[search, OrderPlaced], { anything: search, OrderPlaced }, [shop, OrderPlaced]] as const)
      expect(createClient(options, contracts as never)).toHaveProperty('shop.catalog.search')
  })

  const command = (key: `${string}.${string}`, version = '1.0.0') =>
    defineCommand({
      meta: { key, version, stability: 'stable', owners: ['a'], tags: [], description: 'For a test.' },
      io: { input: z.object({}), output: z.object({}) },
      policy: { auth: 'anonymous' },
    })

  it.each([
    ['two versions of one major', [command('a.b'), command('a.b', '1.1.0')]],
    ['a name that another begins with', [command('a.b'), command('a.b.c')]],
    ['a name that begins another', [command('a.b.c'), command('a.b')]],
  ])('refuse %s', (_, contracts) => {
    expect(() => createClient({ url: 'http://shop.test' }, contracts)).toThrow('want the name a.b')
  })

  it('are the same for an operation in two modules that share a prefix', () => {
    const modules = [command('a.b'), command('a.c')].map((contract) => defineModule({ key: 'm', contracts: [contract] }))
    expect(createClient({ url: 'http://shop.test' }, modules)).toMatchObject({
      a: { b: expect.anything(), c: expect.anything() },
    })
  })
})

it.each(['', 'shop.test', '/api'])('a client refuses %j as the address of its server where no page has one', (url) => {
  expect(() => createClient({ url }, shop)).toThrow(`url is ${JSON.stringify(url)}. Expected where the server is`)
})
