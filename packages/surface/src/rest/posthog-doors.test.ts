import { gzipSync } from 'node:zlib'
import { beforeEach, describe, expect, it } from 'vitest'
import { expectDocumented } from '../../test-support/expect-documented.ts'
import { createFixture, type Fixture } from '../../test-support/fixture.ts'
import type { Mapping } from './mapping.ts'

const mappings: readonly Mapping[] = [
  {
    from: 'Order Completed',
    to: 'order.placed@1',
    payload: { '/orderId': '/order_id', '/url': '/$current_url' },
    account: '/org',
  },
  { from: '$pageview', to: 'order.placed@2' },
]

let fixture: Fixture
beforeEach(() => {
  fixture = createFixture({ mappings })
})

const timestamp = '2026-05-01T10:00:00.000Z'

async function post(path: string, body: unknown, headers: Record<string, string> = {}) {
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

describe('a PostHog batch', () => {
  it.each<[string, unknown, unknown]>([
    [
      'an event, without what is about the SDK',
      {
        event: 'order.placed',
        distinct_id: 'u1',
        uuid: 'e1',
        timestamp,
        properties: {
          orderId: 'o1',
          $lib: 'posthog-node',
          $groups: { company: 'a1', team: 't1' },
          token: 'service',
          api_key: 'service',
          distinct_id: 'u1',
        },
      },
      {
        type: 'event',
        eventName: 'order.placed',
        eventId: 'e1',
        learnerId: 'u1',
        accountId: 'a1',
        occurredAt: timestamp,
        eventPayload: { orderId: 'o1' },
      },
    ],
    [
      'a mapped event, whose mapping sees every property',
      {
        event: 'Order Completed',
        distinct_id: 'u1',
        properties: { order_id: 'o1', $current_url: '/shop', org: 'a2', more: 1 },
      },
      {
        type: 'event',
        eventName: 'order.placed',
        eventVersion: '1',
        learnerId: 'u1',
        accountId: 'a2',
        eventPayload: { orderId: 'o1', url: '/shop' },
      },
    ],
    [
      'a mapped page view, whose payload is taken as it is',
      { event: '$pageview', distinct_id: 'u1', properties: { title: 'Home', $current_url: '/' } },
      { type: 'event', eventName: 'order.placed', eventVersion: '2', learnerId: 'u1', eventPayload: { title: 'Home' } },
    ],
    [
      'a learner that only the properties name, by a number',
      { event: 'e', properties: { distinct_id: 7 } },
      { type: 'event', eventName: 'e', learnerId: '7', eventPayload: {} },
    ],
    [
      '$identify with the id that they had before',
      {
        event: '$identify',
        distinct_id: 'u1',
        uuid: 'e1',
        properties: { $anon_distinct_id: 'n1', $set: { plan: 'pro' }, $set_once: { a: 1 } },
      },
      { type: 'identify', eventId: 'e1', learnerId: 'u1', anonymousId: 'n1', traits: { plan: 'pro' } },
    ],
    [
      '$set',
      { event: '$set', distinct_id: 'u1', timestamp, properties: { $set: { plan: 'pro' } } },
      { type: 'identify', learnerId: 'u1', traits: { plan: 'pro' }, occurredAt: timestamp },
    ],
    [
      '$create_alias',
      { event: '$create_alias', distinct_id: 'u1', uuid: 'e1', properties: { distinct_id: 'u1', alias: 'n1' } },
      { type: 'alias', eventId: 'e1', learnerId: 'u1', previousId: 'n1' },
    ],
    [
      '$groupidentify of a person',
      {
        event: '$groupidentify',
        distinct_id: 'u1',
        properties: { $group_type: 'company', $group_key: 42, $group_set: { seats: 3 } },
      },
      { type: 'group', learnerId: 'u1', accountId: '42', traits: { seats: 3 } },
    ],
    [
      '$groupidentify of nobody',
      {
        event: '$groupidentify',
        distinct_id: '$company_a1',
        properties: { $group_type: 'company', $group_key: 'a1', $group_set: { seats: 3 } },
      },
      { type: 'group', accountId: 'a1', traits: { seats: 3 } },
    ],
    [
      '$groupidentify of a group whose key is no text',
      { event: '$groupidentify', distinct_id: 'u1', properties: { $group_type: 'company', $group_key: { toString: 1 } } },
      { type: 'group', learnerId: 'u1', accountId: { toString: 1 } },
    ],
    [
      '$groupidentify of a group that is no account, as an event that has no contract',
      { event: '$groupidentify', distinct_id: 'u1', properties: { $group_type: 'team', $group_key: 't1' } },
      { type: 'event', eventName: '$groupidentify', learnerId: 'u1', eventPayload: {} },
    ],
    [
      'properties that are no object',
      { event: 'e', distinct_id: 'u1', properties: 'x' },
      { type: 'event', eventName: 'e', learnerId: 'u1', eventPayload: 'x' },
    ],
    ['an event without anything', {}, { type: 'event' }],
    ['no event at all', null, null],
    ['a text', '$identify', '$identify'],
  ])('hands over %s', async (_, event, item) => {
    expect(await items('/batch/', { api_key: 'service', batch: [event], sent_at: timestamp })).toEqual([item])
    expect(fixture.ingested[0]).toMatchObject({
      channel: 'posthog',
      import: undefined,
      principal: { kind: 'service', id: 'key-1' },
    })
  })

  it('sets an event aside whose group is nested deeper than the stack', async () => {
    const event = `{"event":"$groupidentify","properties":{"$group_type":"company","$group_key":${'['.repeat(9_000)}${']'.repeat(9_000)}}}`
    expect(await items('/capture/', event, { authorization: `Basic ${btoa('service:')}` })).toMatchObject([
      { type: 'group', refused: expect.stringContaining('Nested more than 32 levels deep') },
    ])
  })

  it('takes the properties of a person that an event sets behind all events, under an id of their own', async () => {
    const events = [
      { event: 'e', distinct_id: 'u1', uuid: 'e1', timestamp, properties: { a: 1, $set: { plan: 'pro' } } },
      { event: 'e', distinct_id: 'u2', uuid: 'e2', properties: { $set: {} } },
      { event: '$identify', distinct_id: 'u3', uuid: 'e3', properties: { $set: { plan: 'free' } } },
    ]
    expect(await items('/batch/', { api_key: 'service', batch: events })).toEqual([
      { type: 'event', eventName: 'e', eventId: 'e1', learnerId: 'u1', occurredAt: timestamp, eventPayload: { a: 1 } },
      { type: 'event', eventName: 'e', eventId: 'e2', learnerId: 'u2', eventPayload: {} },
      { type: 'identify', eventId: 'e3', learnerId: 'u3', traits: { plan: 'free' } },
      { type: 'identify', eventId: 'e1:set', learnerId: 'u1', traits: { plan: 'pro' }, occurredAt: timestamp },
    ])
  })

  it('answers 413 when events and the properties they set are more than 500, so that the SDK sends less', async () => {
    const batch = Array.from({ length: 251 }, (_, i) => ({ event: 'e', distinct_id: `u${i}`, properties: { $set: { i } } }))
    expect(await post('/batch/', { api_key: 'service', batch })).toMatchObject({
      status: 413,
      body: { code: 'PAYLOAD_TOO_LARGE' },
    })
    expect(await items('/batch/', { api_key: 'service', batch: batch.slice(1) })).toHaveLength(500)
  })

  it('that says it is history is an import', async () => {
    await items('/batch/', { api_key: 'service', historical_migration: true, batch: [{ event: 'e', distinct_id: 'u1' }] })
    expect(fixture.ingested[0]).toMatchObject({ import: true })
  })

  it('takes accounts from the group type that is set', async () => {
    fixture = createFixture({ mappings, postHogGroup: 'team' })
    const batch = [{ event: 'e', distinct_id: 'u1', properties: { $groups: { company: 'a1', team: 't1' } } }]
    expect(await items('/batch/', { api_key: 'service', batch })).toMatchObject([{ accountId: 't1' }])
  })

  it('sets a flawed event aside, with the properties that it sets, and keeps its neighbours', async () => {
    const good = '{"event":"e","distinct_id":"u1"}'
    const bad = '{"event":"e","distinct_id":"u2","uuid":"e2","properties":{"$set":{"a":1},"constructor":1}}'
    expect(await items('/batch/', `{"api_key":"service","batch":[${good},${bad}]}`)).toMatchObject([
      { learnerId: 'u1' },
      { eventId: 'e2', refused: expect.stringContaining('/properties/constructor') },
    ])
  })

  it.each([
    ['a batch that is no array', '{"api_key":"service","batch":1}', '/batch'],
    ['no JSON', 'event=1', ''],
  ])('answers 422 to %s', async (_, body, pointer) => {
    expect(await post('/batch/', body)).toMatchObject({ status: 422, body: { errors: [{ pointer }] } })
  })
})

describe('a single PostHog event', () => {
  it.each(['/capture/', '/i/v0/e/', '/capture', '/i/v0/e'])('to %s is an item', async (path) => {
    expect(await items(path, { api_key: 'service', event: 'e', distinct_id: 'u1', properties: { a: 1 } })).toEqual([
      { type: 'event', eventName: 'e', learnerId: 'u1', eventPayload: { a: 1 } },
    ])
  })

  it('may come compressed', async () => {
    const body = new Uint8Array(gzipSync(JSON.stringify({ api_key: 'service', event: 'e', distinct_id: 'u1' })))
    expect(await items('/capture/', body, { 'content-encoding': 'gzip', 'content-type': 'text/plain' })).toHaveLength(1)
  })
})

describe('the key of a PostHog SDK', () => {
  const event = { event: 'e', distinct_id: 'u1' }
  it.each<[string, object, Record<string, string>, number]>([
    ['in the body', { api_key: 'service' }, {}, 200],
    ['as a token', { token: 'service' }, {}, 200],
    ['as a token in the properties', { properties: { token: 'service' } }, {}, 200],
    ['in a header, which wins', { api_key: 'nonsense' }, { authorization: 'Bearer service' }, 200],
    ['unknown', { api_key: 'nonsense' }, {}, 401],
    ['that no header can carry', { api_key: 'sérvice\n' }, {}, 401],
    ['nowhere', {}, {}, 401],
    ['that is a number', { api_key: 1 }, {}, 401],
  ])('%s: %j with %j is %i', async (_, body, headers, status) => {
    expect((await post('/capture/', { ...event, ...body }, headers)).status).toBe(status)
    expect(fixture.ingested).toHaveLength(status === 200 ? 1 : 0)
  })

  it('is not asked of a body that is too large, so that the SDK learns to send less', async () => {
    const batch = Array.from({ length: 501 }, () => event)
    expect((await post('/batch/', { api_key: 'nonsense', batch })).status).toBe(413)
  })

  it('is not taken from a body of another endpoint', async () => {
    const body = { api_key: 'service', type: 'track', event: 'e', userId: 'u1' }
    expect((await post('/v1/track', body)).status).toBe(401)
  })
})
