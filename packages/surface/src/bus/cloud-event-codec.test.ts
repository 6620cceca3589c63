import { CloudEvent, HTTP, type Message } from 'cloudevents'
import { describe, expect, it } from 'vitest'
import { decodeMessage, encodeBatch, encodeBinary, encodeStructured, type WireMessage } from './cloud-event-codec.ts'

const EVENT = {
  specversion: '1.0',
  id: 'e1',
  source: '/tenants/acme',
  type: 'deal.created.v2',
  time: '2026-06-01T12:00:00.000Z',
  subject: 'ada',
  datacontenttype: 'application/json',
  tenant: 'acme',
  learnerid: 'ada',
  accountid: 'north',
  channel: 'rest',
  data: { amount: 3, note: 'für Ada', lines: [1, null] },
} as const

function toSdk({ headers, body }: WireMessage): Message {
  return { headers: { ...headers }, body: new TextDecoder().decode(body) }
}

function fromSdk({ headers, body }: Message): WireMessage {
  const text = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]))
  return { headers: text, body: new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body)) }
}

const encoders = { binary: encodeBinary, structured: encodeStructured }

describe.each(['binary', 'structured'] as const)('in %s mode', (mode) => {
  it('an event is read by the SDK as it was written', () => {
    const read = HTTP.toEvent(toSdk(encoders[mode](EVENT))) as CloudEvent
    expect(read.validate()).toBe(true)
    expect(JSON.parse(JSON.stringify(read))).toEqual(EVENT)
  })

  it('an event of the SDK is read as it was written', () => {
    const { datacontenttype: _, ...expected } = EVENT
    const decoded = decodeMessage(fromSdk(HTTP[mode](new CloudEvent(EVENT))))
    expect(decoded).toMatchObject({ ok: true, events: [expected] })
  })

  it('attributes outside of ASCII come back', () => {
    const event = { ...EVENT, learnerid: 'Jürgen "J" 100 %', id: 'é\u{1f600}' }
    const wire = encoders[mode](event)
    for (const value of Object.values(wire.headers)) expect(value).toMatch(/^[\x21-\x7e]+$/)
    expect(decodeMessage(wire)).toMatchObject({ ok: true, events: [{ learnerid: event.learnerid, id: event.id }] })
  })
})

describe('in batch mode', () => {
  const second = { ...EVENT, id: 'e2' }

  it('events are read by the SDK as they were written', () => {
    const read = HTTP.toEvent(toSdk(encodeBatch([EVENT, second]))) as CloudEvent[]
    expect(JSON.parse(JSON.stringify(read))).toEqual([EVENT, second])
  })

  it('events of the SDK are read as they were written', () => {
    const body = JSON.stringify([new CloudEvent(EVENT), new CloudEvent(second)])
    const wire = fromSdk({ headers: { 'content-type': 'application/cloudevents-batch+json' }, body })
    expect(decodeMessage(wire)).toEqual({ ok: true, events: [EVENT, second] })
  })
})

it.each([
  ['text/plain', 'x', 'The content type text/plain is not read here'],
  ['application/json', '{"a":', 'Not JSON'],
  ['application/json', '{"a":1,"a":2}', '/a: '],
  ['application/json', '{"__proto__":{}}', '/__proto__: '],
  ['application/cloudevents+json', '[]', 'The body is not one CloudEvent.'],
  ['application/cloudevents-batch+json', '{}', 'The batch is not an array of CloudEvents.'],
])('a body of type %s that says %s is refused with the reason', (type, text, detail) => {
  const decoded = decodeMessage({ headers: { 'content-type': type }, body: new TextEncoder().encode(text) })
  expect(decoded).toEqual({ ok: false, detail: expect.stringContaining(detail) })
})
