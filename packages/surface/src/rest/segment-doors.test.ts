import { gzipSync } from 'node:zlib'
import { beforeEach, describe, expect, it } from 'vitest'
import { expectDocumented } from '../../test-support/expect-documented.ts'
import { createFixture, type Fixture } from '../../test-support/fixture.ts'
import type { Mapping } from './mapping.ts'

const mappings: readonly Mapping[] = [
  { from: 'Order Completed', to: 'order.placed@1', payload: { '/orderId': '/order_id', '/total': '/revenue' }, account: '/org' },
  { from: 'Guest Order', to: 'order.placed', learner: '/guest' },
  { from: 'page', to: 'order.placed@2' },
]

let fixture: Fixture
beforeEach(() => {
  fixture = createFixture({ mappings })
})

const writeKey = { authorization: `Basic ${btoa('service:')}` }
const time = '2026-05-01T10:00:00.000Z'

async function post(path: string, body: unknown, headers: Record<string, string> = writeKey) {
  const raw = typeof body === 'string' || body instanceof Uint8Array ? (body as BodyInit) : JSON.stringify(body)
  const request = new Request(`http://shop.test${path}`, { method: 'POST', body: raw, headers })
  const response = await fixture.rest.fetch(request.clone())
  await expectDocumented(fixture.rest.document, request, response)
  return { status: response.status, body: await response.json() }
}

/** The items that ingest got. */
async function items(path: string, body: unknown, headers?: Record<string, string>) {
  const { status, body: answer } = await post(path, body, headers)
  expect([status, answer]).toMatchObject([200, { success: true }])
  expect(fixture.ingested).toHaveLength(1)
  return fixture.ingested[0]?.events
}

describe('a historical import', () => {
  it('is a batch that says so', async () => {
    const call = { type: 'track', event: 'e', userId: 'u1', timestamp: time }
    expect(await items('/v1/import', { batch: [call] })).toEqual([
      { type: 'event', eventName: 'e', learnerId: 'u1', occurredAt: time },
    ])
    expect(fixture.ingested[0]).toMatchObject({ import: true })
  })

  it('is refused as a batch is', async () => {
    expect(await post('/v1/import', { batch: 'all' })).toMatchObject({ status: 422, body: { errors: [{ pointer: '/batch' }] } })
    expect(fixture.ingested).toEqual([])
  })
})

describe('a Segment batch', () => {
  it.each<[string, unknown, unknown]>([
    [
      'a mapped track',
      {
        type: 'track',
        event: 'Order Completed',
        messageId: 'm1',
        userId: 'u1',
        anonymousId: 'n1',
        timestamp: time,
        properties: { order_id: 'o1', revenue: 5, org: 'a1', more: 1 },
      },
      {
        type: 'event',
        eventName: 'order.placed',
        eventVersion: '1',
        eventId: 'm1',
        learnerId: 'u1',
        anonymousId: 'n1',
        occurredAt: time,
        accountId: 'a1',
        eventPayload: { orderId: 'o1', total: 5 },
      },
    ],
    [
      'a track with the key of a contract',
      {
        type: 'track',
        event: 'order.placed',
        messageId: 'm1',
        userId: 'u1',
        context: { groupId: 'a2', ip: '::1' },
        properties: { x: 1 },
        integrations: {},
      },
      { type: 'event', eventName: 'order.placed', eventId: 'm1', learnerId: 'u1', accountId: 'a2', eventPayload: { x: 1 } },
    ],
    [
      'originalTimestamp before timestamp',
      { type: 'track', event: 'e', userId: 'u1', originalTimestamp: time, timestamp: '2020-01-01T00:00:00Z', sentAt: 'x' },
      { type: 'event', eventName: 'e', learnerId: 'u1', occurredAt: time },
    ],
    [
      'an anonymous track',
      { type: 'track', event: 'e', anonymousId: 'n1', userId: null },
      { type: 'event', eventName: 'e', learnerId: 'anon:n1', anonymousId: 'n1' },
    ],
    [
      'an empty user id and a number as id',
      { type: 'track', event: 'e', userId: '', anonymousId: 7 },
      { type: 'event', eventName: 'e', learnerId: 'anon:7', anonymousId: '7' },
    ],
    [
      'the learner of a mapping before an anonymous one',
      { type: 'track', event: 'Guest Order', anonymousId: 'n1', properties: { guest: 'g1' } },
      { type: 'event', eventName: 'order.placed', learnerId: 'g1', anonymousId: 'n1', eventPayload: { guest: 'g1' } },
    ],
    [
      'the user before the learner of a mapping',
      { type: 'track', event: 'Guest Order', userId: 'u1', properties: { guest: 'g1' } },
      { type: 'event', eventName: 'order.placed', learnerId: 'u1', eventPayload: { guest: 'g1' } },
    ],
    [
      'identify',
      { type: 'identify', messageId: 'm1', userId: 'u1', anonymousId: 'n1', traits: { plan: 'pro' }, timestamp: time },
      { type: 'identify', eventId: 'm1', learnerId: 'u1', anonymousId: 'anon:n1', traits: { plan: 'pro' }, occurredAt: time },
    ],
    [
      'group',
      { type: 'group', messageId: 'm1', userId: 'u1', groupId: 42, traits: { name: 'Acme' }, context: { groupId: 'other' } },
      { type: 'group', eventId: 'm1', learnerId: 'u1', accountId: '42', traits: { name: 'Acme' } },
    ],
    [
      'alias',
      { type: 'alias', messageId: 'm1', userId: 'u1', previousId: 'n1' },
      { type: 'alias', eventId: 'm1', learnerId: 'u1', previousId: 'n1', anonymousId: 'anon:n1' },
    ],
    [
      'a mapped page',
      { type: 'page', name: 'Home', userId: 'u1', properties: { url: '/' } },
      { type: 'event', eventName: 'order.placed', eventVersion: '2', learnerId: 'u1', eventPayload: { url: '/' } },
    ],
    ['a screen', { type: 'screen', userId: 'u1' }, { type: 'event', eventName: 'screen', learnerId: 'u1' }],
    ['a call without anything', {}, { type: 'nothing' }],
    ['a call of another type', { type: 'delete', userId: 'u1' }, { type: 'delete', learnerId: 'u1' }],
    [
      'a value of another kind',
      { type: 'track', event: { a: 1 }, userId: ['u1'] },
      { type: 'event', eventName: { a: 1 }, learnerId: ['u1'] },
    ],
    ['no call at all', null, null],
    ['a text', 'track', 'track'],
  ])('hands over %s', async (_, call, item) => {
    expect(await items('/v1/batch', { batch: [call], sentAt: time })).toEqual([item])
    expect(fixture.ingested[0]).toMatchObject({ channel: 'segment', principal: { kind: 'service', id: 'key-1' } })
  })

  it.each([
    ['RudderStack: gzip under a form type', { 'content-type': 'application/x-www-form-urlencoded', 'content-encoding': 'gzip' }],
    ['Segment: JSON', { 'content-type': 'application/json' }],
    ['a browser beacon', { 'content-type': 'text/plain' }],
  ])('is read as %s sends it', async (_, headers: Record<string, string>) => {
    const text = JSON.stringify({ batch: [{ type: 'track', event: 'e', userId: 'u1' }] })
    const body = headers['content-encoding'] === 'gzip' ? new Uint8Array(gzipSync(text)) : text
    expect(await items('/v1/batch', body, { ...writeKey, ...headers })).toHaveLength(1)
  })

  it('takes 500 calls, and answers 413 to more', async () => {
    const batch = (count: number) => ({
      batch: Array.from({ length: count }, (_, i) => ({ type: 'track', event: 'e', userId: `u${i}` })),
    })
    expect(await items('/v1/batch', batch(500))).toHaveLength(500)
    expect(await post('/v1/batch', batch(501))).toMatchObject({ status: 413, body: { code: 'PAYLOAD_TOO_LARGE' } })
    expect(fixture.ingested).toHaveLength(1)
  })

  it('answers 413 above 1 MiB', async () => {
    const batch = { batch: [{ type: 'track', event: 'e', userId: 'u', properties: { text: 'x'.repeat(1_048_576) } }] }
    expect((await post('/v1/batch', batch)).status).toBe(413)
  })

  it.each([
    ['no batch', '{}', '/batch'],
    ['a batch that is no array', '{"batch":{}}', '/batch'],
    ['two batches', '{"batch":[{}],"batch":[]}', '/batch'],
    ['an array', '[]', '/batch'],
    ['no JSON', 'event=1', ''],
    ['nothing', '', ''],
  ])('answers 422 to %s', async (_, body, pointer) => {
    expect(await post('/v1/batch', body)).toMatchObject({ status: 422, body: { errors: [{ pointer }] } })
    expect(fixture.ingested).toEqual([])
  })

  it.each([
    ['a prototype key', '"properties":{"__proto__":1}', 'batch/1/properties/__proto__'],
    ['a key twice', '"properties":{"a":1,"a":2}', 'batch/1/properties/a'],
    ['an id twice', '"messageId":"m2"', 'batch/1/messageId'],
    ['deep nesting', `"properties":${'['.repeat(5_000)}${']'.repeat(5_000)}`, 'batch/1/properties'],
    ['a deep id', `"userId":${'['.repeat(5_000)}${']'.repeat(5_000)}`, 'batch/1/userId'],
    ['a deep account', `"context":{"groupId":${'['.repeat(5_000)}${']'.repeat(5_000)}}`, 'batch/1/context/groupId'],
  ])('sets a call with %s aside and keeps its neighbours', async (_, part, path) => {
    const good = '{"type":"track","event":"e","userId":"u1"}'
    const bad = `{"type":"identify","messageId":"m1",${part}}`
    const events = await items('/v1/batch', `{"batch":[${good},${bad},${good}]}`)
    expect(events).toMatchObject([{ type: 'event' }, { refused: expect.stringContaining(path) }, { type: 'event' }])
    expect(Object.values(events?.[1] as object).every((value) => typeof value === 'string')).toBe(true)
  })

  it('does not mind flaws in what it leaves out', async () => {
    const body = '{"batch":[{"type":"track","event":"e","userId":"u1","context":{"constructor":1},"integrations":{"a":1,"a":2}}]}'
    expect(await items('/v1/batch', body)).toEqual([{ type: 'event', eventName: 'e', learnerId: 'u1' }])
  })
})

describe('a single Segment call', () => {
  it.each([
    ['track', { event: 'e', userId: 'u1' }, { type: 'event', eventName: 'e' }],
    ['identify', { userId: 'u1', traits: { a: 1 } }, { type: 'identify', traits: { a: 1 } }],
    ['group', { userId: 'u1', groupId: 'a1' }, { type: 'group', accountId: 'a1' }],
    ['alias', { userId: 'u1', previousId: 'n1' }, { type: 'alias', previousId: 'n1', anonymousId: 'anon:n1' }],
    ['page', { userId: 'u1' }, { type: 'event', eventName: 'order.placed' }],
    ['screen', { userId: 'u1', type: 'track' }, { type: 'event', eventName: 'screen' }],
  ])('to /v1/%s is an item', async (call, body, item) => {
    expect(await items(`/v1/${call}`, body)).toEqual([
      { learnerId: 'u1', ...(call === 'page' ? { eventVersion: '2' } : {}), ...item },
    ])
  })

  it('is set aside when it is flawed', async () => {
    expect(await items('/v1/track', '{"event":"e","properties":{"constructor":1}}')).toMatchObject([
      { refused: expect.stringContaining('/properties/constructor') },
    ])
  })
})

describe('credentials of SDKs', () => {
  it.each<[string, Record<string, string>, number]>([
    ['a write key', writeKey, 200],
    ['a secret key as bearer', { authorization: 'Bearer service' }, 200],
    ['an unknown key', { authorization: `Basic ${btoa('nonsense:')}` }, 401],
    ['no key', {}, 401],
    ['a learner token', { authorization: 'Bearer learner:l1' }, 403],
  ])('%s: %j is %i', async (_, headers, status) => {
    expect((await post('/v1/track', { event: 'e', userId: 'u1' }, headers)).status).toBe(status)
  })

  it('pass the Idempotency-Key on', async () => {
    await items('/v1/track', { event: 'e' }, { ...writeKey, 'idempotency-key': 'k1' })
    expect(fixture.ingested[0]?.idempotencyKey).toBe('k1')
  })
})
