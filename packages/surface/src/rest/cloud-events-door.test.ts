import { beforeEach, describe, expect, it } from 'vitest'
import { expectDocumented } from '../../test-support/expect-documented.ts'
import { createFixture, type Fixture } from '../../test-support/fixture.ts'
import type { Mapping } from './mapping.ts'

const mappings: readonly Mapping[] = [
  { from: 'com.acme.order.v1', to: 'order.placed@1', payload: { '/orderId': '/id' }, learner: '/buyer', account: '/org' },
]

let fixture: Fixture
beforeEach(() => {
  fixture = createFixture({ mappings })
})

const STRUCTURED = 'application/cloudevents+json'
const BATCH = 'application/cloudevents-batch+json; charset=UTF-8'
const base = { specversion: '1.0', id: 'e1', source: '/shop', type: 'order.placed.v2' }
const item = { type: 'event', eventName: 'order.placed', eventVersion: '2', eventId: 'e1', sourceModule: '/shop' }

async function post(body: string | undefined, headers: Record<string, string>) {
  const request = new Request('http://shop.test/events', {
    method: 'POST',
    headers: { authorization: 'Bearer service', ...headers },
    ...(body === undefined ? {} : { body }),
  })
  const response = await fixture.rest.fetch(request.clone())
  await expectDocumented(fixture.rest.document, request, response)
  return { status: response.status, body: await response.json() }
}

function binary(attributes: Record<string, string>, data?: unknown, contentType = 'application/json') {
  const headers = Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`ce-${name}`, value]))
  return post(
    data === undefined ? undefined : JSON.stringify(data),
    data === undefined ? headers : { ...headers, 'content-type': contentType },
  )
}

const structured = (event: unknown) => post(JSON.stringify(event), { 'content-type': STRUCTURED })
const batch = (events: unknown) => post(JSON.stringify(events), { 'content-type': BATCH })
const items = () => fixture.ingested[0]?.events

describe('one CloudEvent', () => {
  it.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['the learner of its extension', { learnerid: 'l1', subject: 's1' }, { learnerId: 'l1' }],
    ['its subject as learner', { subject: 's1' }, { learnerId: 's1' }],
    [
      'its account and time',
      { accountid: 'a1', time: '2026-05-01T10:00:00Z' },
      { accountId: 'a1', occurredAt: '2026-05-01T10:00:00Z' },
    ],
    ['a type without version', { type: 'order.placed' }, { eventVersion: undefined }],
    ['a type that only looks versioned', { type: 'order.v2.placed' }, { eventName: 'order.v2.placed', eventVersion: undefined }],
    ['nothing of what is not used', { dataschema: 'https://x.test', datacontenttype: 'application/json', color: 'red' }, {}],
  ])('hands over %s, in both modes', async (_, attributes, expected) => {
    const event = { ...base, ...attributes }
    const wanted = JSON.parse(JSON.stringify({ ...item, ...expected, eventPayload: { x: 1 } }))
    expect((await structured({ ...event, data: { x: 1 } })).status).toBe(200)
    expect(fixture.ingested[0]).toMatchObject({ channel: 'cloudevents' })
    expect(items()).toEqual([wanted])
    const { datacontenttype, ...headers } = event as Record<string, string>
    expect((await binary(headers, { x: 1 })).status).toBe(200)
    expect(fixture.ingested[1]?.events).toEqual([wanted])
  })

  it('is mapped by its whole type', async () => {
    const event = { ...base, type: 'com.acme.order.v1', data: { id: 'o1', buyer: 'b1', org: 'a1' } }
    const mapped = { ...item, eventVersion: '1', eventPayload: { orderId: 'o1' }, accountId: 'a1' }
    await structured({ ...event, subject: 's1' })
    expect(items()).toEqual([{ ...mapped, learnerId: 'b1' }])
    await structured({ ...event, learnerid: 'l1', accountid: 'a2' })
    expect(fixture.ingested[1]?.events).toEqual([{ ...mapped, learnerId: 'l1', accountId: 'a2' }])
  })

  it.each([
    ['a%20b%C3%BC%25', 'a bü%'],
    ['"quoted \\"text\\""', 'quoted "text"'],
    ['100%', '100%'],
    ['%2541', '%41'],
  ])('decodes the header value %s', async (header, subject) => {
    await binary({ ...base, subject: header })
    expect(items()).toMatchObject([{ learnerId: subject }])
  })

  it('may come without data', async () => {
    expect((await binary({ ...base })).status).toBe(200)
    expect(items()).toEqual([item])
  })

  it('may carry its JSON data as base64', async () => {
    const base64 = (text: string) => btoa(String.fromCharCode(...new TextEncoder().encode(text)))
    const payloads = [base64('{"name":"ü"}'), base64('{"__proto__":1}'), base64('no JSON'), '***']
    await batch(payloads.map((data) => ({ ...base, data_base64: data })))
    expect(items()).toMatchObject([
      { eventPayload: { name: 'ü' } },
      ...payloads.slice(1).map((eventPayload) => ({ eventPayload })),
    ])
    await structured({ ...base, datacontenttype: 'image/png', data_base64: base64('{}') })
    expect(fixture.ingested[1]?.events).toMatchObject([{ eventPayload: base64('{}') }])
  })

  it.each([
    ['no specversion', { specversion: undefined }, ['/specversion']],
    ['another specversion', { specversion: '0.3' }, ['/specversion']],
    ['no id', { id: undefined }, ['/id']],
    ['an empty source', { source: '' }, ['/source']],
    [
      'nothing',
      { specversion: undefined, id: undefined, source: undefined, type: undefined },
      ['/specversion', '/id', '/source', '/type'],
    ],
  ])('with %s is 422', async (_, attributes, pointers) => {
    const event = JSON.parse(JSON.stringify({ ...base, ...attributes }))
    for (const answer of [await structured({ ...event, data: {} }), await binary(event, {})]) {
      expect(answer.status).toBe(422)
      expect(answer.body.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual(pointers)
    }
    expect(fixture.ingested).toEqual([])
  })

  it.each([
    ['structured', STRUCTURED, `{"specversion":"1.0","id":"e1","source":"/s","type":"t","data":{"__proto__":1}}`, {}],
    [
      'binary',
      'application/json',
      '{"__proto__":1}',
      { 'ce-specversion': '1.0', 'ce-id': 'e1', 'ce-source': '/s', 'ce-type': 't' },
    ],
  ])('with a flaw in its data is 422 in %s mode', async (_, contentType, body, headers) => {
    const answer = await post(body, { ...headers, 'content-type': contentType })
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ pointer: '/data/__proto__' }] } })
  })

  it('does not mind flaws in extensions that it does not use', async () => {
    expect((await structured({ ...base, other: JSON.parse('{"__proto__":1}') })).status).toBe(200)
  })

  it.each([
    ['another format', 'application/cloudevents+avro', '{}', 415],
    ['data of another type', 'text/plain', 'hello', 415],
    ['an array in structured mode', STRUCTURED, '[]', 422],
    ['a text that is not JSON', STRUCTURED, '{', 422],
    ['an object in batch mode', BATCH, '{}', 422],
  ])('as %s is refused', async (_, contentType, body, status) => {
    expect((await post(body, { 'content-type': contentType, 'ce-specversion': '1.0' })).status).toBe(status)
  })
})

describe('a batch of CloudEvents', () => {
  it('is handed over item by item, invalid ones marked', async () => {
    const { status } = await batch([
      { ...base, subject: 's1', data: { x: 1 } },
      { ...base, specversion: '0.3' },
      { ...base, id: undefined },
      { ...base, source: '' },
      { ...base, type: undefined },
      null,
    ])
    expect(status).toBe(200)
    expect(items()).toEqual([
      { ...item, learnerId: 's1', eventPayload: { x: 1 } },
      { ...item, type: 'cloudevents/0.3' },
      { ...item, eventId: null },
      { ...item, sourceModule: null },
      { type: 'event', eventId: 'e1', sourceModule: '/shop' },
      null,
    ])
  })

  it('sets a flawed event aside and keeps its neighbours', async () => {
    const deep = `${'['.repeat(5_000)}${']'.repeat(5_000)}`
    const event = (part: string) => `{"specversion":"1.0","id":"e1","source":"/shop","type":"order.placed.v2"${part}}`
    const body = `[${event('')},${event(`,"data":${deep}`)},${event(',"id":"e2"')},${event(`,"specversion":${deep}`)},${event('')}]`
    await post(body, { 'content-type': BATCH })
    const refused = (path: string) => ({ refused: expect.stringContaining(path), eventName: 'order.placed' })
    expect(items()).toMatchObject([item, refused('1/data'), refused('2/id'), refused('3/specversion'), item])
  })

  it('takes 500 events, and answers 413 to more', async () => {
    expect((await batch(Array.from({ length: 500 }, () => base))).status).toBe(200)
    expect((await batch(Array.from({ length: 501 }, () => base))).status).toBe(413)
  })
})

it('POST /events without a credential is 401, and with a learner token 403', async () => {
  expect((await post('x', { authorization: 'Bearer nonsense', 'content-type': STRUCTURED })).status).toBe(401)
  expect((await post(JSON.stringify(base), { authorization: 'Bearer learner:l1', 'content-type': STRUCTURED })).status).toBe(403)
})
