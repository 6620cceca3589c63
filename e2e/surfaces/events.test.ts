import { createBusConsumer, encodeBatch, encodeBinary, encodeStructured, type WireMessage } from '@waymark/surface/bus'
import { expect, it } from 'vitest'
import { createFixture } from '../../packages/surface/test-support/fixture.ts'

type Event = Parameters<typeof encodeBinary>[0]

const event = (rest: object = {}) =>
  ({
    specversion: '1.0',
    id: 'e1',
    source: '/shop',
    type: 'order.placed.v2',
    learnerid: 'l1',
    data: { order: 'o1' },
    ...rest,
  }) as Event

/** The same event is the same item of `ingest`, whether it comes over HTTP or on a bus. */
const EVENTS: readonly { readonly what: string; readonly message: WireMessage }[] = [
  { what: 'a structured event', message: encodeStructured(event()) },
  { what: 'an event in headers', message: encodeBinary(event({ datacontenttype: 'application/json' })) },
  { what: 'a batch', message: encodeBatch([event(), event({ id: 'e2', accountid: 'north', time: '2026-06-01T12:00:00Z' })]) },
  {
    what: 'an event with a mapping',
    message: encodeStructured(event({ type: 'Order Completed', data: { buyer: 'l7' }, learnerid: null })),
  },
  { what: 'an event that no contract has', message: encodeStructured(event({ type: 'order.lost' })) },
  { what: 'the subject as the learner', message: encodeStructured(event({ learnerid: undefined, subject: 'l2' })) },
  { what: 'unicode in headers', message: encodeBinary(event({ datacontenttype: 'application/json', learnerid: 'l 茶 "1"' })) },
  { what: 'data in base64', message: encodeStructured(event({ data: undefined, data_base64: btoa('{"order":"o1"}') })) },
]
const mappings = [{ from: 'Order Completed', to: 'order.placed@2', learner: '/buyer' }]

async function overHttp({ headers, body }: WireMessage) {
  const { rest, ingested } = createFixture({ mappings })
  const all = { ...headers, authorization: 'Bearer service' }
  await rest.fetch(
    new Request('http://shop.test/events', { method: 'POST', headers: all, body: body as Uint8Array<ArrayBuffer> }),
  )
  return ingested
}

async function onBus(message: WireMessage) {
  const { runtime, ingested } = createFixture()
  await createBusConsumer({ runtime, mappings, defaultTenant: 'default' }).consume(message)
  return ingested
}

it.each(EVENTS)('$what is the same on a bus as over HTTP, but for the channel', async ({ message }) => {
  const [http, bus] = await Promise.all([overHttp(message), onBus(message)])
  expect(http).toHaveLength(1)
  expect(bus.map(({ events }) => events)).toEqual(http.map(({ events }) => events))
  expect([http[0]?.channel, bus[0]?.channel]).toEqual(['cloudevents', 'bus'])
})

it('a type without a major is the latest one over HTTP, and on a bus the first one, whose subject it is', async () => {
  const message = encodeStructured(event({ type: 'order.placed' }))
  expect((await overHttp(message))[0]?.events).toMatchObject([{ eventName: 'order.placed' }])
  expect((await overHttp(message))[0]?.events[0]).not.toHaveProperty('eventVersion')
  expect((await onBus(message))[0]?.events).toMatchObject([{ eventName: 'order.placed', eventVersion: '1' }])
})
