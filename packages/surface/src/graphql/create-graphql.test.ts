import { getIntrospectionQuery } from 'graphql'
import { beforeEach, describe, expect, it } from 'vitest'
import { readEventStream } from '../../test-support/event-stream.ts'
import { authenticate, createFixture, type Fixture } from '../../test-support/fixture.ts'
import { createGraphql, type Graphql, type GraphqlOptions } from './create-graphql.ts'

let fixture: Fixture
let graphql: Graphql
const start = (options: Partial<GraphqlOptions> = {}) => {
  fixture = createFixture()
  graphql = createGraphql({ runtime: fixture.runtime, authenticate, ...options })
}
beforeEach(() => start())

interface Options {
  readonly as?: string
  readonly headers?: Record<string, string>
  readonly operationName?: string
}

function toRequest(query: unknown, variables?: unknown, { as, headers = {}, operationName }: Options = {}): Request {
  return new Request('http://shop.test/graphql', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/graphql-response+json',
      ...(as === undefined ? {} : { authorization: `Bearer ${as}` }),
      ...headers,
    },
    body: JSON.stringify({ query, variables, operationName }),
  })
}

async function send(query: unknown, variables?: unknown, options?: Options) {
  const { status, headers, ...response } = await graphql.fetch(toRequest(query, variables, options)).then(async (response) => ({
    status: response.status,
    headers: response.headers,
    body: JSON.parse(await response.text()),
  }))
  const { data, errors = [] } = response.body
  return { status, headers, data, errors, error: errors[0], codes: errors.map(codeOf) }
}

const codeOf = (error: { readonly extensions: { readonly code: string } }) => error.extensions.code
const order = (sku: string, learnerId = 'l1') => ({ learnerId, items: [{ sku, count: 2 }] })
const PLACE = 'mutation ($input: ShopOrdersPlaceInput!) { shopOrdersPlace(input: $input) { orderId calls } }'
const SEARCH = 'query ($input: ShopCatalogSearchInput!) { shopCatalogSearch(input: $input) { input } }'
const LIST = 'query ($input: ShopOrdersListInput!) { shopOrdersList(input: $input) { items { id note } nextCursor } }'
const BREAK = 'mutation ($input: ShopAdminBreakInput!) { shopAdminBreak(input: $input) { done } }'

describe('an operation', () => {
  it('answers a command with its data', async () => {
    const { status, headers, data, errors } = await send(PLACE, { input: order('tea') }, { as: 'learner:l1' })
    expect([status, data, errors]).toEqual([200, { shopOrdersPlace: { orderId: 'order-1', calls: 1 } }, []])
    expect(headers.get('content-type')).toBe('application/graphql-response+json; charset=utf-8')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('x-request-id')).toBe('id-1')
  })

  it('gets its input as JSON, whether it came as a variable or stood in the document', async () => {
    const input = { text: '7', max: 1.5, count: 2, inStock: true, tags: ['a'], mode: 'exact', limit: null, filter: { from: 'x' } }
    expect((await send(SEARCH, { input })).data).toEqual({ shopCatalogSearch: { input } })
    const literal = 'text: "7" max: 1.5 count: 2 inStock: true tags: ["a"] mode: exact limit: null filter: { from: "x" }'
    expect((await send(`{ shopCatalogSearch(input: { ${literal} }) { input } }`)).data).toEqual({ shopCatalogSearch: { input } })
  })

  it('takes a free value as a literal too, without keys that change prototypes', async () => {
    const literal = (either: string) => `{ shopCatalogSearch(input: { text: "a" either: ${either} }) { input } }`
    expect((await send(literal('[1, 2]'))).data.shopCatalogSearch.input).toEqual({ text: 'a', either: [1, 2] })
    for (const bad of ['{ __proto__: 1 }', '[{ constructor: 1 }]', '1e999']) {
      expect([bad, (await send(literal(bad))).codes]).toEqual([bad, ['GRAPHQL_VALIDATION_FAILED']])
    }
  })

  it('pages', async () => {
    const { data } = await send(LIST, { input: { learnerId: 'l1', limit: 2 } }, { as: 'learner:l1' })
    expect(data.shopOrdersList).toEqual({
      items: [
        { id: 'o0', note: 'first' },
        { id: 'o1', note: null },
      ],
      nextCursor: '2',
    })
  })

  it('needs no input where none is required', async () => {
    const { data } = await send('mutation { shopOrdersTouch { total } }', undefined, { as: 'service' })
    expect(data).toEqual({ shopOrdersTouch: { total: 1 } })
  })

  it('answers beside others, and fails alone', async () => {
    const query = '{ a: shopOrdersList(input: { learnerId: "nobody" }) { nextCursor } b: shopTreeList { items { name } } }'
    const { status, data, errors } = await send(query, undefined, { as: 'service' })
    expect([status, data]).toEqual([200, { a: null, b: { items: [{ name: 'a' }] } }])
    expect(errors).toMatchObject([{ message: 'Nobody is called nobody.', path: ['a'], extensions: { code: 'NOT_FOUND' } }])
  })

  it('is found by the name of an operation of the document, and by GET where it only reads', async () => {
    const query = 'query A { shopTreeList { nextCursor } } query B { shopTreeList { items { name } } }'
    const { data } = await send(query, undefined, { as: 'service', operationName: 'B' })
    expect(data).toEqual({ shopTreeList: { items: [{ name: 'a' }] } })
    const search = new URLSearchParams({ query: SEARCH, variables: JSON.stringify({ input: { text: 'a' } }) })
    const response = await graphql.fetch(new Request(`http://shop.test/graphql?${search}`))
    expect(await response.json()).toEqual({ data: { shopCatalogSearch: { input: { text: 'a' } } } })
    const mutation = new URLSearchParams({ query: 'mutation { shopOrdersTouch { total } }' })
    const refused = await graphql.fetch(new Request(`http://shop.test/graphql?${mutation}`))
    expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'POST'])
  })
})

describe('an error', () => {
  it('that is declared has its gqlCode, and the rest of its problem', async () => {
    const { status, data, error } = await send(PLACE, { input: order('rare') }, { as: 'learner:l1' })
    expect([status, data]).toEqual([200, { shopOrdersPlace: null }])
    expect(error).toEqual({
      message: 'One left.',
      path: ['shopOrdersPlace'],
      locations: [{ line: 1, column: 44 }],
      extensions: {
        code: 'OUT_OF_STOCK',
        type: 'urn:waymark:error:OUT_OF_STOCK',
        title: 'Not enough in stock',
        status: 409,
        instance: 'urn:waymark:request:id-1',
        data: { sku: 'rare', left: 1 },
        retryable: false,
      },
    })
  })

  it('of an input lists its issues as every surface does, before and behind the types of the schema', async () => {
    const behind = await send(PLACE, { input: { learnerId: 'l1', items: [] } }, { as: 'learner:l1' })
    expect(behind.error.extensions).toMatchObject({ code: 'VALIDATION_FAILED', status: 422, errors: [{ pointer: '/items' }] })
    const before = await send(PLACE, { input: { learnerId: 7, items: [{ sku: 'a', count: 'two' }] } }, { as: 'learner:l1' })
    expect([before.status, before.data]).toEqual([400, undefined])
    expect(before.error.extensions).toMatchObject({
      code: 'VALIDATION_FAILED',
      errors: [
        { pointer: '/learnerId', expected: 'string', received: 'number' },
        { pointer: '/items/0/count', expected: 'number', received: 'string' },
      ],
    })
  })

  it('of a value that only the schema refuses says where and what it expected', async () => {
    const { error } = await send(SEARCH, { input: { text: 'a', more: 1 } })
    expect(error.extensions).toMatchObject({
      code: 'VALIDATION_FAILED',
      errors: [{ pointer: '/more', message: 'Unknown field' }],
    })
    const query = 'query ($n: SafeInt!) { shopCatalogSearch(input: { text: "a", count: $n }) { input } }'
    const part = await send(query, { n: 2 ** 53 })
    expect(part.error.extensions.errors).toEqual([
      { pointer: '/count', message: 'Expected SafeInt, received number', expected: 'SafeInt', received: 'number' },
    ])
    expect(fixture.failures).toEqual([])
  })

  it('of a variable calls nothing, also where an empty input would do', async () => {
    const query = 'mutation ($input: ShopOrdersTouchInput!) { shopOrdersTouch(input: $input) { total } }'
    for (const variables of [{}, { input: null }, { input: { by: 1, more: 2 } }, { input: { by: 1.5 } }]) {
      expect((await send(query, variables, { as: 'service' })).codes).toEqual(['VALIDATION_FAILED'])
    }
    expect((await send(query, { input: {} }, { as: 'service' })).data).toEqual({ shopOrdersTouch: { total: 1 } })
  })

  it('of a variable lists the first hundred of what is wrong, as REST does', async () => {
    const sizes = Array.from({ length: 10_000 }, () => 'a')
    const { error } = await send(SEARCH, { input: { text: 'a', sizes } })
    const { body } = await fixture.rest
      .fetch(
        new Request('http://shop.test/v1/shop/catalog/search', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ text: 'a', sizes }),
        }),
      )
      .then(async (response) => ({ body: (await response.json()) as { readonly detail: string; readonly errors: unknown[] } }))
    expect(error.message).toBe(body.detail)
    expect(body.detail).toContain('(and at least 100 more)')
    expect([error.extensions.errors, body.errors.length]).toEqual([body.errors, 100])
    const unknown = Object.fromEntries(sizes.map((size, index) => [`k${index}`, size]))
    expect((await send(SEARCH, { input: { text: 'a', ...unknown } })).error.extensions.errors).toHaveLength(100)
  })

  it('of a variable that brings null where none may be is the caller’s, not ours', async () => {
    const query = 'query ($text: String = "a") { shopCatalogSearch(input: { text: $text }) { input } }'
    const { status, codes } = await send(query, { text: null })
    expect([status, codes, fixture.failures]).toEqual([400, ['GRAPHQL_VALIDATION_FAILED'], []])
    expect((await send(query)).data).toEqual({ shopCatalogSearch: { input: { text: 'a' } } })
  })

  it('of who may not call comes before what is wrong with the input', async () => {
    const wrong = { input: { learnerId: 7 } }
    expect((await send(PLACE, wrong)).codes).toEqual(['UNAUTHENTICATED'])
    expect((await send(PLACE, { input: order('tea') })).codes).toEqual(['UNAUTHENTICATED'])
    expect((await send(PLACE, { input: order('tea', 'l2') }, { as: 'learner:l1' })).codes).toEqual(['FORBIDDEN'])
    const invalid = await send('{ __typename }', undefined, { as: 'unknown' })
    expect([invalid.status, invalid.headers.get('www-authenticate'), invalid.codes]).toEqual([401, 'Bearer', ['UNAUTHENTICATED']])
  })

  it('that is a defect keeps its text', async () => {
    for (const how of ['throw', 'output']) {
      const { error } = await send(BREAK, { input: { how } }, { as: 'operator' })
      expect(error.extensions).toMatchObject({ code: 'INTERNAL', status: 500, retryable: true })
      expect(JSON.stringify(error)).not.toContain('swordfish')
    }
    expect(fixture.failures).toHaveLength(2)
    const { status, codes } = await send('{ __typename }', undefined, { as: 'broken:' })
    expect([status, codes, fixture.failures.length]).toEqual([500, ['INTERNAL'], 3])
  })

  it('says when to come back', async () => {
    const { headers, error } = await send(BREAK, { input: { how: 'busy' } }, { as: 'operator' })
    expect([headers.get('retry-after'), error.extensions.retryAfter, error.extensions.retryable]).toEqual(['3', 2.5, true])
  })

  it('of a document is at its place in it', async () => {
    const parsed = await send('{')
    expect([parsed.status, parsed.codes, parsed.data]).toEqual([400, ['GRAPHQL_PARSE_FAILED'], undefined])
    expect(parsed.error.locations).toEqual([{ line: 1, column: 2 }])
    const { status, error } = await send('{ nothing }')
    expect([status, error.locations]).toEqual([400, [{ line: 1, column: 3 }]])
    expect(error.extensions).toMatchObject({
      code: 'GRAPHQL_VALIDATION_FAILED',
      status: 400,
      instance: 'urn:waymark:request:id-2',
    })
  })

  it('of a body that is flawed inside the input points into the input', async () => {
    const headers = { 'content-type': 'application/json' }
    const body = (input: string) => `{"query":${JSON.stringify(SEARCH)},"variables":{"input":${input}}}`
    const read = async (text: string) => {
      const response = await graphql.fetch(new Request('http://shop.test/graphql', { method: 'POST', headers, body: text }))
      return { status: response.status, ...JSON.parse(await response.text()) }
    }
    const twice = await read(body('{"text":"a","text":"b"}'))
    expect([twice.status, twice.errors[0].extensions]).toMatchObject([
      400,
      { code: 'VALIDATION_FAILED', errors: [{ pointer: '/text' }] },
    ])
    expect((await read(body('{"text":"a","__proto__":1}'))).errors[0].extensions.errors[0].pointer).toBe('/__proto__')
    expect((await read('{"query": ')).errors[0].extensions).toMatchObject({ code: 'GRAPHQL_REQUEST_INVALID', status: 400 })
  })

  it('of a request names the parameter', async () => {
    for (const [query, variables, part] of [
      [7, {}, 'query is of type number'],
      ['{ a }', [], 'variables is a list'],
    ]) {
      const { status, error } = await send(query, variables)
      expect([status, codeOf(error), error.message]).toEqual([
        400,
        'GRAPHQL_REQUEST_INVALID',
        expect.stringContaining(part as string),
      ])
    }
    const { error } = await send('query A { __typename }', {}, { operationName: 'B' })
    expect(error.message).toContain('no operation "B"')
  })
})

describe('a deprecated operation', () => {
  const CANCEL = 'mutation { shopOrdersCancel(input: { orderId: "o" }) { cancelled } }'

  it('says so in the schema and on its answers, and is gone after its end', async () => {
    const { data, headers } = await send(CANCEL, undefined, { as: 'service' })
    expect(data).toEqual({ shopOrdersCancel: { cancelled: true } })
    expect([headers.get('deprecation'), headers.get('sunset')]).toEqual(['@1767225600', 'Fri, 01 Jan 2027 00:00:00 GMT'])
    const sdl = await (await graphql.schema()).text()
    expect(sdl).toContain('shopOrdersCancel(input: ShopOrdersCancelInput!): ShopOrdersCancelOutput @deprecated(reason:')
    expect(sdl).toContain('Use shopOrdersCancelV2.')
    fixture.clock.now = Date.parse('2027-01-01T00:00:00Z')
    expect((await send(CANCEL, undefined, { as: 'service' })).codes).toEqual(['GONE'])
  })
})

describe('an idempotency key', () => {
  it('keeps the answer of one command', async () => {
    const options = { as: 'learner:l1', headers: { 'idempotency-key': 'k' } }
    await send(PLACE, { input: order('tea') }, options)
    const { data, headers } = await send(PLACE, { input: order('tea') }, options)
    expect([data.shopOrdersPlace.calls, headers.get('idempotency-replayed')]).toEqual([1, 'true'])
    expect((await send(PLACE, { input: order('milk') }, options)).codes).toEqual(['IDEMPOTENCY_MISMATCH'])
  })

  it('is not for two, nor for what is no key', async () => {
    const two = 'mutation { a: shopOrdersTouch { total } b: shopOrdersTouch { total } }'
    const { codes, error } = await send(two, undefined, { as: 'service', headers: { 'idempotency-key': 'k' } })
    expect([codes, error.message]).toEqual([['VALIDATION_FAILED'], expect.stringContaining('one mutation')])
    expect((await send(two, undefined, { as: 'service' })).data).toEqual({ a: { total: 1 }, b: { total: 2 } })
    const odd = await send(PLACE, { input: order('tea') }, { as: 'learner:l1', headers: { 'idempotency-key': 'a b' } })
    expect(odd.codes).toEqual(['VALIDATION_FAILED'])
  })
})

describe('a limit', () => {
  const nested = (depth: number) => `{ shopTreeList { items { name ${'children { name '.repeat(depth)}${'}'.repeat(depth)} } } }`
  const doubling = (levels: number) =>
    `{ shopTreeList { items { ...f0 } } } ${Array.from({ length: levels }, (_, i) => `fragment f${i} on ShopTreeListOutputItems { name ...f${i + 1} ...f${i + 1} }`).join(' ')} fragment f${levels} on ShopTreeListOutputItems { name }`
  const repeated = (count: number, field: (index: number) => string) =>
    `{ ${Array.from({ length: count }, (_, i) => field(i)).join(' ')} }`

  it.each([
    ['tokens', repeated(10_001, () => 'a'), '10000 tokens'],
    ['brackets inside each other', `{ a(b: ${'['.repeat(5_000)}`, '64 brackets'],
    ['depth', nested(11), '14 fields deep'],
    ['depth through fragments', `${doubling(30)}`, 'fields with its fragments written out'],
    ['introspection', '{ __schema { types { name } } again: __schema { types { name } } }', 'the schema more than once'],
    [
      'aliases inside introspection',
      '{ __schema { types { a: fields { name } b: fields { name } } } }',
      'introspection takes none',
    ],
    [
      'aliases inside introspection, in a fragment',
      '{ __schema { types { ...a } } } fragment a on __Type { a: fields { name } b: name }',
      'introspection takes none',
    ],
    ['aliases', repeated(101, (i) => `a${i}: __typename`), '101 aliases'],
    ['fields', repeated(601, () => '__typename'), '601 fields'],
    ['operations', repeated(21, (i) => `a${i}: shopTreeList { nextCursor }`), '21 operations'],
    ['items', repeated(11, (i) => `a${i}: shopTreeList(input: { limit: 200 }) { nextCursor }`), '2200 items'],
    [
      'items, whatever is taken off',
      `{ less: shopTreeList(input: { limit: -900 }) { nextCursor } ${repeated(11, (i) => `a${i}: shopTreeList(input: { limit: 200 }) { nextCursor }`).slice(1)}`,
      '2201 items',
    ],
  ])('of %s is said before anything is called', async (_, query, part) => {
    const { status, codes, error } = await send(query, undefined, { as: 'service' })
    expect([status, codes, error.message]).toEqual([400, ['GRAPHQL_LIMIT_EXCEEDED'], expect.stringContaining(part)])
  })

  it('that is raised still leaves no document that takes long to validate', async () => {
    start({ limits: { fields: 2_000 } })
    const { codes, error } = await send(`{ shopTreeList { items { ${'name '.repeat(1_500)} } } }`, undefined, { as: 'service' })
    expect([codes, error.message]).toEqual([['GRAPHQL_LIMIT_EXCEEDED'], expect.stringContaining('too often')])
  })

  it('leaves what is just below it', async () => {
    for (const query of [nested(10), repeated(20, (i) => `a${i}: shopTreeList(input: { limit: 100 }) { nextCursor }`)]) {
      expect((await send(query, undefined, { as: 'service' })).errors).toEqual([])
    }
  })

  it('can be another one', async () => {
    start({ limits: { depth: 2, operations: 1 } })
    expect((await send('{ shopTreeList { items { name } } }', undefined, { as: 'service' })).codes).toEqual([
      'GRAPHQL_LIMIT_EXCEEDED',
    ])
    expect((await send('{ shopTreeList { nextCursor } }', undefined, { as: 'service' })).errors).toEqual([])
  })

  it('of the body is that of the contract, and never less than that of the server', async () => {
    start({ bodyLimit: 100 })
    const { status, codes } = await send(SEARCH, { input: { text: 'a'.repeat(1_048_576) } })
    expect([status, codes]).toEqual([413, ['PAYLOAD_TOO_LARGE']])
    expect((await send(PLACE, { input: order('tea'.repeat(1_000)) }, { as: 'learner:l1' })).codes).toEqual(['PAYLOAD_TOO_LARGE'])
  })

  it('lets introspection through, however little depth is left for answers', async () => {
    start({ limits: { depth: 1 } })
    const { data, errors } = await send(getIntrospectionQuery())
    expect([errors, data.__schema.queryType]).toEqual([[], { name: 'Query', kind: 'OBJECT' }])
  })
})

describe('a response', () => {
  it.each([
    ['*/*', 'application/json; charset=utf-8', 200],
    ['application/json', 'application/json; charset=utf-8', 200],
    ['application/json, application/graphql-response+json', 'application/json; charset=utf-8', 200],
    ['text/html, application/graphql-response+json;q=0.9', 'application/graphql-response+json; charset=utf-8', 400],
  ])('to %s is %s', async (accept, type, status) => {
    const response = await send('{ nothing }', undefined, { headers: { accept } })
    expect([response.headers.get('content-type'), response.status]).toEqual([type, status])
  })

  it('as events has one result, and the end', async () => {
    const request = toRequest('{ shopTreeList { nextCursor } }', {}, { as: 'service', headers: { accept: 'text/event-stream' } })
    const { messages, ended } = readEventStream(await graphql.fetch(request))
    await ended
    expect(messages.map(({ event, data }) => [event, data])).toEqual([
      ['next', '{"data":{"shopTreeList":{"nextCursor":null}}}'],
      ['complete', ''],
    ])
  })

  it('to anything else is refused, as is a body that is no JSON', async () => {
    expect((await send('{ __typename }', undefined, { headers: { accept: 'text/html' } })).status).toBe(406)
    expect((await send('{ __typename }', undefined, { headers: { accept: 'constructor' } })).status).toBe(406)
    expect((await send('{ __typename }', undefined, { headers: { 'content-type': 'text/plain' } })).status).toBe(415)
  })
})

describe('a subscription', () => {
  const WATCH = 'subscription ($input: ShopOrdersWatchInput!) { shopOrdersWatch(input: $input) { cursor total } }'
  const watch = async (after?: string, as = 'learner:l1', query = WATCH) => {
    const learnerId = as.split(':')[1]
    const request = toRequest(query, { input: { learnerId, after } }, { as, headers: { accept: 'text/event-stream' } })
    const response = await graphql.fetch(request)
    return { response, events: readEventStream(response), source: fixture.watching.at(-1) }
  }
  const dataOf = (message: { readonly data: string } | undefined) => JSON.parse(message?.data ?? 'null')

  it('sends each item as a next event, and complete at the end', async () => {
    const { response, events, source } = await watch('c0')
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream'])
    expect(source?.after).toBe('c0')
    source?.push({ cursor: 'c1', total: 1 }, { cursor: 'c2', total: 2 })
    await events.until(() => events.messages.length === 2)
    expect(events.messages.map(({ event }) => event)).toEqual(['next', 'next'])
    expect(dataOf(events.messages[1])).toEqual({ data: { shopOrdersWatch: { cursor: 'c2', total: 2 } } })
    source?.stop()
    await events.ended
    expect(events.messages.at(-1)).toEqual({ event: 'complete', id: '', data: '' })
    expect(fixture.alarms.size).toBe(0)
  })

  it('is alive every 15 seconds', async () => {
    const { events } = await watch()
    await events.until(() => events.state.comments === 1)
    expect([...fixture.alarms.values()]).toEqual([15_000])
    for (const beat of fixture.alarms.keys()) beat()
    await events.until(() => events.state.comments === 2)
  })

  it('that fails says so, and no more of it', async () => {
    const { events, source } = await watch()
    source?.stop(new Error('the password is swordfish'))
    await events.ended
    expect(dataOf(events.messages[0]).errors[0].extensions.code).toBe('INTERNAL')
    expect(JSON.stringify(events.messages)).not.toContain('swordfish')
  })

  it('ends in the handler, and gives its place back, when its reader goes away', async () => {
    const { createStreamSlots } = await import('../rest/stream-slots.ts')
    start({ slots: createStreamSlots(1, 1) })
    const headers = { accept: 'text/event-stream' }
    const response = await graphql.fetch(toRequest(WATCH, { input: { learnerId: 'l1' } }, { as: 'learner:l1', headers }))
    await response.body?.cancel()
    await fixture.watching[0]?.ended
    expect(fixture.alarms.size).toBe(0)
    expect((await watch()).source?.after).toBe(null)
    expect(fixture.watching).toHaveLength(2)
  })

  it('that is cut off does not say that it is complete', async () => {
    const controller = new AbortController()
    const headers = { accept: 'text/event-stream' }
    const request = toRequest(WATCH, { input: { learnerId: 'l1' } }, { as: 'learner:l1', headers })
    const events = readEventStream(await graphql.fetch(new Request(request, { signal: controller.signal })))
    fixture.watching[0]?.push({ cursor: 'c1', total: 1 })
    await events.until(() => events.messages.length === 1)
    controller.abort()
    await events.ended
    expect(events.messages.map(({ event }) => event)).toEqual(['next'])
  })

  it('is refused in an event, as every error of a stream', async () => {
    const { response, events } = await watch('night')
    await events.ended
    expect([response.status, dataOf(events.messages[0]).errors[0].extensions.code]).toEqual([200, 'CLOSED'])
    const { events: unknown } = await watch(undefined, 'learner:l1', 'subscription { nothing }')
    await unknown.ended
    expect(dataOf(unknown.messages[0]).errors[0].extensions.code).toBe('GRAPHQL_VALIDATION_FAILED')
    expect((await watch(undefined, 'unknown:')).response.status).toBe(401)
  })

  it('wants to be asked for as a stream', async () => {
    const { status, codes } = await send(WATCH, { input: { learnerId: 'l1' } }, { as: 'learner:l1' })
    expect([status, codes]).toEqual([406, ['NOT_ACCEPTABLE']])
  })

  it('takes a place for streams, and gives it back', async () => {
    const { createStreamSlots } = await import('../rest/stream-slots.ts')
    start({ slots: createStreamSlots(1, 2) })
    await (await watch('night')).events.ended
    const first = await watch()
    const second = await watch()
    await second.events.ended
    expect(second.response.headers.get('retry-after')).toBe('10')
    expect(dataOf(second.events.messages[0]).errors[0].extensions.code).toBe('RATE_LIMITED')
    first.source?.stop()
    await first.events.ended
    const third = await watch()
    await third.events.until(() => third.events.state.comments === 1)
  })
})
