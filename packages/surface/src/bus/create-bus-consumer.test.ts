import {
  composeRegistry,
  createRuntime,
  defineCommand,
  defineEvent,
  defineModule,
  implement,
  type Ports,
} from '@waymark/contract'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { encodeBatch, encodeStructured, type OutgoingCloudEvent } from './cloud-event-codec.ts'
import { createBusConsumer } from './create-bus-consumer.ts'
import { toMessage } from './outgoing-message.ts'

const meta = <const K extends string, const V extends string>(key: K, version: V) => ({
  stability: 'stable' as const,
  owners: ['shop'],
  tags: [],
  description: `${key}.`,
  key,
  version,
})
const Placed = defineEvent({ meta: meta('order.placed', '1.0.0'), payload: z.object({ total: z.number() }) })
const Placed2 = defineEvent({ meta: meta('order.placed', '2.3.0'), payload: z.object({ cents: z.number() }) })
const Ingest = defineCommand({
  meta: meta('learning.onboarding.ingest', '1.0.0'),
  io: { input: z.object({ events: z.array(z.any()) }), output: z.any(), errors: {} },
  policy: { auth: 'service', idempotent: true },
})
const shop = defineModule({ key: 'shop', contracts: [Placed, Placed2, Ingest] })

function setup(answer: () => unknown = () => ({ success: true, results: [] })) {
  const handled: unknown[] = []
  const ingested: { tenant: string; channel: string; events: unknown[] }[] = []
  let fails = false
  const implementation = implement(shop)
    .handlers({
      'learning.onboarding.ingest': async ({ input, principal, call }) => {
        ingested.push({ tenant: principal.tenant, channel: call.channel, events: input.events })
        return answer()
      },
    })
    .on({
      'order.placed@1': async ({ event, payload, principal }) => {
        if (fails) throw new Error('the mail server is away')
        handled.push({ ...event, tenant: principal.tenant, payload })
      },
      'order.placed@2': async ({ payload }) => handled.push(payload),
    })
  let ids = 0
  const tx = {
    idempotency: { find: async () => undefined, keep: async () => {} },
    inbox: { has: async () => false, add: async () => true },
    emitted: { add: async () => {} },
  }
  const ports: Ports = {
    now: () => 0,
    newId: () => `r${++ids}`,
    hash: (text) => text,
    after: () => () => {},
    unitOfWork: { run: (tenant, work) => work({ tenant, ...tx }) },
  }
  const runtime = createRuntime({ registry: composeRegistry(shop), implementations: [implementation], ports })
  const mappings = [
    { from: 'Order Placed', to: 'order.placed@1' },
    { from: 'shop.order', to: 'order.placed@1' },
  ]
  const consumer = createBusConsumer({ runtime, mappings, defaultTenant: 'default' })
  return { consumer, handled, ingested, fail: (now: boolean) => (fails = now) }
}

const ACCEPTED = {
  tenant: 'acme',
  id: 'e1',
  source: '/tenants/acme/learners/ada',
  key: 'order.placed',
  version: '1.0.0',
  occurredAt: 1_780_315_200_000,
  channel: 'rest',
  learnerId: 'ada',
  payload: { total: 3 },
}

function reported(rest: object = {}): OutgoingCloudEvent {
  const event = { specversion: '1.0', id: 'e1', source: '/shop', type: 'order.placed', learnerid: 'ada', data: { total: 3 } }
  return { ...event, ...rest } as unknown as OutgoingCloudEvent
}

it('hands what was accepted to its handlers, with what is known of it', async () => {
  const { consumer, handled, ingested } = setup()
  expect(await consumer.consume(toMessage(ACCEPTED))).toEqual({ outcome: 'ack' })
  expect(handled).toEqual([ACCEPTED])
  const second = { ...ACCEPTED, version: '2.0.0', payload: { cents: 300 } }
  expect(toMessage(second).subject).toBe('order.placed.v2')
  expect(await consumer.consume(toMessage(second))).toEqual({ outcome: 'ack' })
  expect(handled.at(-1)).toEqual({ cents: 300 })
  expect(ingested).toEqual([])
})

it('asks for what a handler failed at again, and for what can never succeed not at all', async () => {
  const { consumer, fail } = setup()
  fail(true)
  expect(await consumer.consume(toMessage(ACCEPTED))).toEqual({
    outcome: 'retry',
    reason: 'These handlers failed: shop/order.placed@1.',
  })
  const invalid = await consumer.consume(toMessage({ ...ACCEPTED, payload: { total: 'secret' } }))
  expect(invalid).toEqual({ outcome: 'dead', reason: expect.stringMatching(/^VALIDATION_FAILED: .*\/total expected number/) })
  expect(await consumer.consume(toMessage({ ...ACCEPTED, key: 'order.lost' }))).toMatchObject({ outcome: 'dead' })
})

it('reports what was not accepted yet, for each tenant at once', async () => {
  const { consumer, handled, ingested } = setup()
  const batch = [reported(), reported({ id: 'e2', tenant: 'acme' }), reported({ id: 'e3', type: 'order.placed.v2' })]
  expect(await consumer.consume(encodeBatch(batch))).toEqual({ outcome: 'ack' })
  expect(handled).toEqual([])
  expect(ingested).toMatchObject([
    {
      tenant: 'default',
      channel: 'bus',
      events: [
        { eventId: 'e1', eventName: 'order.placed', eventVersion: '1', sourceModule: '/shop', learnerId: 'ada' },
        { eventId: 'e3', eventName: 'order.placed', eventVersion: '2' },
      ],
    },
    { tenant: 'acme', channel: 'bus', events: [{ eventId: 'e2' }] },
  ])
})

it('listens to the subject of every event and of every mapping that can be one', async () => {
  const { consumer, ingested } = setup()
  expect(consumer.subjects).toEqual(['order.placed', 'order.placed.v2', 'shop.order'])
  await consumer.consume(encodeStructured(reported({ type: 'shop.order' })))
  expect(ingested[0]?.events).toMatchObject([{ eventName: 'order.placed', eventVersion: '1' }])
})

it('keeps an event that no contract has as a dead letter, and comes again when the server cannot take it now', async () => {
  const problem = { code: 'EVENT_UNKNOWN', detail: 'No module declares the event order.lost.' }
  const { consumer } = setup(() => ({ success: true, results: [{ status: 'unknown', problem }] }))
  expect(await consumer.consume(encodeStructured(reported()))).toEqual({
    outcome: 'dead',
    reason: 'EVENT_UNKNOWN: No module declares the event order.lost.',
  })
  const away = setup(() => {
    throw Object.assign(new Error('away'), { outlook: 'retry' })
  })
  expect(await away.consumer.consume(encodeStructured(reported()))).toMatchObject({ outcome: 'retry', delayMs: 1_000 })
})

it('gives an event whose time is no text to its handlers without one', async () => {
  const { consumer, handled } = setup()
  const event = { ...reported({ type: 'order.placed.v1', data: { total: 5 } }), channel: 'rest', time: { toString: 1 } }
  expect(await consumer.consume(encodeStructured(event as never))).toEqual({ outcome: 'ack' })
  expect(handled).toMatchObject([{ occurredAt: 0 }])
})

it('refuses what is no CloudEvent', async () => {
  const { consumer } = setup()
  expect(await consumer.consume({ headers: {}, body: new TextEncoder().encode('{}') })).toEqual({
    outcome: 'dead',
    reason: 'The attribute specversion must be 1.0.',
  })
  expect(await consumer.consume(encodeBatch(Array(501).fill(reported())))).toMatchObject({ outcome: 'dead' })
})
