import { gzipSync } from 'node:zlib'
import { composeRegistry, createRuntime, defineModule, defineQuery, implement, type Operation } from '@waymark/contract'
import { beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { authenticate, createFixture, type Fixture } from '../../test-support/fixture.ts'
import { createMcp, type Mcp, type McpOptions } from './create-mcp.ts'

let fixture: Fixture
let mcp: Mcp
beforeEach(() => {
  fixture = createFixture()
  mcp = createMcp({ runtime: fixture.runtime, authenticate, title: 'Shop', version: '1.2.3', instructions: 'Sell.' })
})

interface SendOptions {
  readonly as?: string
  readonly headers?: Record<string, string>
  readonly body?: BodyInit
  readonly to?: Mcp
  readonly signal?: AbortSignal
}

interface Revision {
  readonly meta: object
  readonly headers: Record<string, string>
}

const OLDER: Revision = { meta: {}, headers: {} }
/** What a message of the newer revision says besides. */
const NEWER: Revision = {
  meta: { 'io.modelcontextprotocol/protocolVersion': '2026-07-28', 'io.modelcontextprotocol/clientCapabilities': {} },
  headers: { 'mcp-protocol-version': '2026-07-28' },
}

function toRequest(method: string, params: object, { as, headers, body, signal }: SendOptions): Request {
  return new Request('http://127.0.0.1:4400/mcp', {
    method: 'POST',
    headers: {
      host: '127.0.0.1:4400',
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2025-11-25',
      ...(as === undefined ? {} : { authorization: `Bearer ${as}` }),
      ...headers,
    },
    body: body ?? JSON.stringify({ jsonrpc: '2.0', id: 7, method, params }),
    ...(signal === undefined ? {} : { signal }),
  })
}

/** Sends a message of the older revision, which needs no more than itself. */
async function send(method: string, params: object = {}, options: SendOptions = {}) {
  const response = await (options.to ?? mcp).fetch(toRequest(method, params, options), 'request-1')
  const text = await response.text()
  // biome-ignore lint/suspicious/noExplicitAny: any answer of JSON-RPC, looked at field by field.
  return { status: response.status, headers: response.headers, body: text === '' ? undefined : (JSON.parse(text) as any) }
}

const call = (name: string, args: object, options?: SendOptions & { readonly meta?: object }) =>
  send('tools/call', { name, arguments: args, ...(options?.meta && { _meta: options.meta }) }, options)
const toolNames = async (as?: string) =>
  (await send('tools/list', {}, as === undefined ? {} : { as })).body.result.tools.map(({ name }: { name: string }) => name)

/** A server with this operation alone. */
function serving(operation: Operation, handlers: Readonly<Record<string, () => Promise<unknown>>>): Mcp {
  const module = defineModule({ key: 'a', contracts: [operation] })
  const { ports } = fixture.runtime
  const implementations = [implement(module).handlers(handlers as never)]
  return createMcp({ runtime: createRuntime({ registry: composeRegistry(module), implementations, ports }), authenticate })
}

const order = (sku: string) => ({ learnerId: 'l1', items: [{ sku, count: 2 }] })

describe('a request', () => {
  it('is answered in one piece of JSON, in each revision', async () => {
    const older = await send('ping')
    expect(older.body).toEqual({ jsonrpc: '2.0', id: 7, result: {} })
    expect(older.headers.get('content-type')).toBe('application/json')
    const headers = { ...NEWER.headers, 'mcp-method': 'server/discover' }
    const newer = await send('server/discover', { _meta: NEWER.meta }, { headers })
    expect(newer.headers.get('content-type')).toBe('application/json')
    expect(newer.body.result).toMatchObject({
      supportedVersions: ['2026-07-28'],
      capabilities: { tools: {}, resources: {} },
      instructions: 'Sell.',
      _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'waymark', title: 'Shop', version: '1.2.3' } },
    })
  })

  it('may be packed', async () => {
    const body = gzipSync(JSON.stringify({ jsonrpc: '2.0', id: 7, method: 'ping' }))
    expect((await send('ping', {}, { body, headers: { 'content-encoding': 'gzip' } })).body.result).toEqual({})
  })

  it.each<[string, SendOptions, number, object]>([
    ['is no JSON', { body: '{' }, 400, { error: { code: -32_700 }, id: null }],
    ['is a batch', { body: '[]' }, 400, { error: { code: -32_600, message: expect.stringContaining('one JSON-RPC message') } }],
    ['is of another type', { headers: { 'content-type': 'text/plain' } }, 415, { error: { code: -32_000 } }],
    ['is too large', { body: JSON.stringify('x'.repeat(1_048_576)) }, 413, { code: 'PAYLOAD_TOO_LARGE' }],
    [
      'says something twice',
      { body: '{"jsonrpc":"2.0","id":7,"method":"ping","method":"tools/list"}' },
      400,
      { error: { code: -32_600, message: expect.stringContaining('/method') }, id: 7 },
    ],
  ])('is refused when it %s', async (_, options, status, body) => {
    const answer = await send('ping', {}, options)
    expect(answer.status).toBe(status)
    expect(answer.body).toMatchObject(body)
  })

  it('costs a flawed argument no more than its call', async () => {
    const body = `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"shop.catalog.search","arguments":{"text":"a","text":"b"}}}`
    const { status, body: answer } = await send('', {}, { body })
    expect(status).toBe(200)
    expect(answer.result).toMatchObject({
      isError: true,
      structuredContent: { code: 'VALIDATION_FAILED', errors: [{ pointer: '/text' }] },
    })
  })

  it('costs an item that is nested deeper than the stack that item alone', async () => {
    const deep = `{"learnerId":"a","traits":${'['.repeat(9_000)}${']'.repeat(9_000)}}`
    const params = `{"name":"learning.onboarding.ingest","arguments":{"events":[{"learnerId":"b"},${deep}]}}`
    const body = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${params}}`
    expect((await send('tools/call', {}, { as: 'service', body })).body.result.isError).toBeUndefined()
    expect(fixture.ingested[0]?.events).toMatchObject([
      { learnerId: 'b' },
      { refused: expect.stringContaining('Nested more than') },
    ])
  })

  it.each(['[', '{"a":'])('is refused for arguments that are nested deeper than the stack: %s', async (open) => {
    const deep = `${open.repeat(90_000)}1${(open === '[' ? ']' : '}').repeat(90_000)}`
    const params = `{"name":"shop.catalog.search","arguments":{"text":"a","more":${deep}}}`
    const body = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${params}}`
    const { result } = (await send('tools/call', {}, { as: 'service', body })).body
    expect(result).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('Nested more than 32 levels') }] })
  })

  it('costs a flawed item of a batch of events that item alone, as in REST', async () => {
    const args = '{"events":[{"eventId":"a","x":1,"x":2},{"eventId":"b"}]}'
    const body = `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"learning.onboarding.ingest","arguments":${args}}}`
    const { body: answer } = await send('', {}, { body, as: 'service' })
    expect(answer.result.isError).toBeUndefined()
    expect(fixture.ingested[0]).toMatchObject({
      channel: 'mcp',
      events: [{ eventId: 'a', refused: expect.stringContaining('/x') }, { eventId: 'b' }],
    })
  })
})

describe('who calls', () => {
  it('is asked for a credential with 401 where a tool needs one, in the words of the pipeline', async () => {
    const { status, headers, body } = await call('shop.orders.place', order('tea'))
    expect(status).toBe(401)
    expect(headers.get('www-authenticate')).toBe('Bearer')
    expect(body).toMatchObject({ code: 'UNAUTHENTICATED', instance: 'urn:waymark:request:request-1' })
    expect((await call('shop.catalog.search', { text: 'tea' })).status).toBe(200)
  })

  it('is refused with 401 when the credential is not valid, whatever is asked', async () => {
    for (const method of ['initialize', 'tools/list', 'ping']) {
      const { status, headers, body } = await send(method, {}, { as: 'stolen' })
      expect(status).toBe(401)
      expect(headers.get('www-authenticate')).toBe('Bearer')
      expect(body).toMatchObject({ code: 'UNAUTHENTICATED', detail: 'The key is not known.' })
    }
  })

  it('sees the tools that some input admits them to, and no others', async () => {
    expect(await toolNames()).toEqual(['shop.catalog.search'])
    expect(await toolNames('learner:l1')).toEqual([
      'shop.catalog.search',
      'shop.orders.list',
      'shop.orders.place',
      'shop.orders.watch',
    ])
    // Its scope covers the operation, and not the permission that the operation wants besides.
    expect(await toolNames('service:shop.tree.*')).toEqual(['shop.catalog.search'])
    expect(await toolNames('service:shop.*')).toContain('shop.orders.touch')
    expect(await toolNames('service')).not.toContain('shop.admin.break')
    expect(await toolNames('operator')).toContain('shop.admin.break')
  })

  it('may call a tool that is not shown, and is told why not', async () => {
    const { status, body } = await call('shop.admin.break', { how: 'fine' }, { as: 'service' })
    expect(status).toBe(200)
    expect(body.result).toMatchObject({ isError: true, structuredContent: { code: 'FORBIDDEN', status: 403 } })
  })

  it('sees no tool that was switched off', async () => {
    expect(await toolNames('operator')).toContain('shop.orders.cancel')
    expect(await toolNames('operator')).not.toContain('shop.orders.cancelV0')
    fixture.clock.now = Date.parse('2027-01-01T00:00:00Z')
    expect(await toolNames('operator')).not.toContain('shop.orders.cancel')
    expect(await toolNames('operator')).toContain('shop.orders.cancelV2')
  })
})

describe('a call', () => {
  it('answers with the same data as text and as structured content', async () => {
    const { body } = await call('shop.orders.place', order('tea'), { as: 'learner:l1' })
    expect(body.result).toEqual({
      content: [{ type: 'text', text: '{"orderId":"order-1","calls":1}' }],
      structuredContent: { orderId: 'order-1', calls: 1 },
      _meta: { 'waymark/requestId': 'request-1' },
    })
  })

  it('has one effect under one idempotency key, and says when it is a repetition', async () => {
    const options = { as: 'learner:l1', meta: { 'waymark/idempotencyKey': 'k1' } }
    const first = await call('shop.orders.place', order('tea'), options)
    const again = await call('shop.orders.place', order('tea'), options)
    expect(again.body.result.structuredContent).toEqual(first.body.result.structuredContent)
    expect(again.body.result._meta).toEqual({ 'waymark/requestId': 'request-1', 'waymark/idempotencyReplayed': true })
  })

  it.each(['', 'ä', 'a b', 7, 'k'.repeat(256)])('refuses the idempotency key %j', async (key) => {
    const { body } = await call('shop.orders.place', order('tea'), { as: 'learner:l1', meta: { 'waymark/idempotencyKey': key } })
    expect(body.result).toMatchObject({ isError: true, structuredContent: { code: 'VALIDATION_FAILED' } })
    expect(body.result.structuredContent.detail).toContain('waymark/idempotencyKey')
  })

  it('tells of a deprecation', async () => {
    const { body } = await call('shop.orders.cancel', { orderId: 'o1' }, { as: 'service' })
    expect(body.result._meta['waymark/deprecation']).toEqual({
      since: '2026-01-01',
      sunset: '2027-01-01T00:00:00Z',
      successor: 'shop.orders.cancel@2.0.0',
    })
  })

  it.each([
    ['initialize', { protocolVersion: 5, capabilities: {}, clientInfo: { name: 'a', version: '1' } }, '/params/protocolVersion'],
    ['resources/read', { uri: ['a'] }, '/params/uri'],
    ['tools/list', { cursor: 5 }, '/params/cursor'],
  ])('of %s with parameters of the wrong shape is the mistake of its sender, in a sentence', async (method, params, pointer) => {
    const { error } = (await send(method, params, { as: 'service' })).body
    expect(error).toEqual({ code: -32602, message: expect.stringContaining(`${method}: ${pointer}: Invalid input`) })
  })

  it('may be large when it calls a tool, and no other', async () => {
    const long = 'a'.repeat(40_000)
    expect((await call('shop.catalog.search', { text: long }, { as: 'service' })).status).toBe(200)
    const { status, body } = await send('tools/list', { cursor: long }, { as: 'service' })
    expect([status, body.code]).toEqual([413, 'PAYLOAD_TOO_LARGE'])
  })

  it('of a tool that does not exist is an error of the protocol', async () => {
    const { body } = await call('shop.orders.guess', {}, { as: 'service' })
    expect(body.error).toMatchObject({ code: -32_602, message: expect.stringContaining('shop.orders.guess') })
  })

  it('of a stream that fails on the way is a problem', async () => {
    const answering = call('shop.orders.watch', { learnerId: 'l1' }, { as: 'learner:l1' })
    while (fixture.watching.length === 0) await new Promise((resolve) => setImmediate(resolve))
    fixture.watching[0]?.push({ cursor: 'c1', total: 1 })
    fixture.watching[0]?.stop(new Error('the password is swordfish'))
    const { body } = await answering
    expect(body.result).toMatchObject({ isError: true, structuredContent: { code: 'INTERNAL' } })
    await fixture.watching[0]?.ended
  })

  it('whose answer is no object has it under the name result', async () => {
    const Count = defineQuery({
      meta: { key: 'a.count', version: '1.0.0', stability: 'stable', owners: [], tags: [], description: 'Count.' },
      io: { input: z.object({}), output: z.int() },
      policy: { auth: 'anonymous' },
    })
    const { body } = await call('a.count', {}, { to: serving(Count, { 'a.count': async () => 7 }) })
    expect(body.result).toMatchObject({ structuredContent: { result: 7 }, content: [{ text: '{"result":7}' }] })
  })

  it('whose answer cannot be written is a failure of ours, and its text stays here', async () => {
    const Count = defineQuery({
      meta: { key: 'a.count', version: '1.0.0', stability: 'stable', owners: [], tags: [], description: 'Count.' },
      io: { input: z.object({}), output: z.object({ count: z.unknown() }) },
      policy: { auth: 'anonymous' },
    })
    const { body } = await call('a.count', {}, { to: serving(Count, { 'a.count': async () => ({ count: 7n }) }) })
    expect(body.result).toMatchObject({ isError: true, structuredContent: { code: 'INTERNAL' } })
    expect(JSON.stringify(body)).not.toContain('BigInt')
    expect(fixture.failures).toEqual([expect.any(TypeError)])
  })

  it('keeps the text of a defect to itself', async () => {
    const { body } = await call('shop.admin.break', { how: 'throw' }, { as: 'operator' })
    expect(body.result).toMatchObject({ isError: true, structuredContent: { code: 'INTERNAL', status: 500 } })
    expect(JSON.stringify(body)).not.toContain('swordfish')
  })

  it.each([OLDER, NEWER])('ends when its caller goes away', async ({ meta, headers }) => {
    const controller = new AbortController()
    const params = { name: 'shop.admin.break', arguments: { how: 'wait' }, _meta: meta }
    const request = toRequest('tools/call', params, {
      as: 'operator',
      headers: { ...headers, 'mcp-method': 'tools/call', 'mcp-name': 'shop.admin.break' },
      signal: controller.signal,
    })
    const entered = fixture.entered()
    const answering = mcp.fetch(request, 'request-1')
    await entered
    controller.abort()
    expect((await answering).status).toBe(499)
    expect(fixture.signals[0]?.aborted).toBe(true)
    fixture.release()
  })
})

describe('a server on a loopback address', () => {
  const local = (more: Partial<McpOptions> = {}) =>
    createMcp({ runtime: fixture.runtime, authenticate, loopbackOnly: true, ...more })

  it.each<[string, Record<string, string>]>([
    ['its own name', { host: 'localhost:4400' }],
    ['its address', { host: '[::1]:4400', origin: 'http://127.0.0.1:8080' }],
  ])('answers who calls it by %s', async (_, headers) => {
    expect((await send('ping', {}, { headers, to: local() })).status).toBe(200)
  })

  it.each<[string, Record<string, string>]>([
    ['Host', { host: 'evil.example:4400' }],
    ['Host', { host: 'localhost.evil.example' }],
    ['Origin', { origin: 'https://evil.example' }],
    ['Origin', { origin: 'null' }],
  ])('refuses another %s with 403 before it looks at anything else', async (header, headers) => {
    const { status, body } = await send('ping', {}, { headers, as: 'broken', to: local() })
    expect(status).toBe(403)
    expect(body).toMatchObject({ error: { code: -32_000, message: expect.stringContaining(header) }, id: null })
  })

  it('answers pages of the origins that it is told, and of no other', async () => {
    const to = local({ corsOrigins: ['https://app.example.com'] })
    const statusFor = async (origin: string) => (await send('ping', {}, { headers: { origin }, to })).status
    expect(await statusFor('https://app.example.com')).toBe(200)
    expect(await statusFor('http://app.example.com')).toBe(403)
    expect(await statusFor('https://app.example.com:8443')).toBe(403)
  })

  it('is not every server: another one has names that it does not know', async () => {
    expect((await send('ping', {}, { headers: { host: 'waymark.example' } })).status).toBe(200)
  })
})

describe('resources', () => {
  const list = async (cursor?: string, as = 'operator') =>
    (await send('resources/list', cursor === undefined ? {} : { cursor }, { as })).body

  it('are the contracts of what the caller may call, and of events', async () => {
    const { result } = await list()
    const uris = result.resources.map(({ uri }: { uri: string }) => uri)
    expect(uris).toContain('waymark://contracts/shop.orders.place@1.0.0')
    expect(uris).toContain('waymark://contracts/order.placed@2.0.0')
    const own = (await list(undefined, 'learner:l1')).result.resources.map(({ name }: { name: string }) => name)
    expect(own).toContain('shop.orders.place@1.0.0')
    expect(own).not.toContain('shop.admin.break@1.0.0')
  })

  it('say all that a contract says', async () => {
    const read = async (uri: string, as = 'operator') => (await send('resources/read', { uri }, { as })).body
    const { result } = await read('waymark://contracts/shop.orders.place')
    expect(result.contents[0]).toMatchObject({ uri: 'waymark://contracts/shop.orders.place', mimeType: 'application/json' })
    expect(JSON.parse(result.contents[0].text)).toMatchObject({
      id: 'shop.orders.place@1.0.0',
      kind: 'command',
      goal: 'Sell.',
      tool: 'shop.orders.place',
      policy: { auth: 'user', subject: '/learnerId', limits: { inputBytes: 2_000 } },
      input: { type: 'object', required: ['learnerId', 'items'] },
      errors: [{ code: 'OUT_OF_STOCK', http: 409, data: { type: 'object' } }, { code: 'CARD_DECLINED' }],
      emits: ['order.placed@1.0.0'],
    })
    const event = await read('waymark://contracts/order.placed@1')
    expect(JSON.parse(event.result.contents[0].text)).toMatchObject({
      id: 'order.placed@1.0.0',
      kind: 'event',
      reportableBy: 'server',
      payload: { type: 'object' },
    })
  })

  it.each([
    'waymark://contracts/shop.admin.break',
    'waymark://contracts/shop.orders.guess',
    'waymark://contracts/%E0%A4%A',
    'waymark://tracks/first-win',
    'waymark://learners/l1',
    'https://evil.example/',
  ])('have nothing at %s for a learner', async (uri) => {
    const { body } = await send('resources/read', { uri }, { as: 'learner:l1' })
    expect(body.error).toMatchObject({ code: -32_602, data: { uri } })
  })

  it.each(['contracts:-1', 'contracts:x', 'elsewhere', 'contracts:1.5'])('have no page at the cursor %s', async (cursor) => {
    expect((await list(cursor)).error).toMatchObject({ code: -32_602, message: expect.stringContaining('nextCursor') })
  })
})
