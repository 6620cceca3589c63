import { expect, it } from 'vitest'
import { z } from 'zod'
import { definitionError } from '../test-support/definition-error.ts'
import { meta } from '../test-support/meta.ts'
import { createTestRuntime, gate, service } from '../test-support/test-runtime.ts'
import { defineEvent, defineModule } from './define.ts'
import { deliver, type EventEnvelope } from './deliver.ts'
import type { DeliveredEvent } from './event-handlers.ts'
import { implement, type Signal } from './implement.ts'
import { composeRegistry } from './registry.ts'
import { createRuntime } from './runtime.ts'

const Created = defineEvent({ meta: meta('deal.created'), payload: z.object({ amount: z.number() }) })
const Created2 = defineEvent({ meta: meta('deal.created', '2.1.0'), payload: z.object({ cents: z.int() }) })
const Won = defineEvent({ meta: meta('deal.won', '1.2.0'), payload: z.looseObject({}) })
const crm = defineModule({ key: 'crm', contracts: [Created, Created2, Won] })
const mail = defineModule({ key: 'mail', contracts: [] })

function event(rest: Partial<EventEnvelope> = {}): EventEnvelope {
  const at = Date.parse('2026-06-01T12:00:00Z')
  return {
    id: 'e1',
    source: 'shop',
    key: 'deal.won',
    occurredAt: at,
    channel: 'rest',
    payload: {},
    principal: service(),
    ...rest,
  }
}

it('hands an event to every handler once, whatever comes again', async () => {
  const got: string[] = []
  const handled: DeliveredEvent[] = []
  const { runtime, store } = createTestRuntime(
    implement(crm)
      .handlers({})
      .on({
        'deal.won': async ({ event, tx, principal }) => {
          expect([tx.tenant, principal.tenant]).toEqual(['acme', 'acme'])
          handled.push(event)
          got.push('crm')
        },
      }),
    implement(mail)
      .handlers({})
      .on(crm, { 'deal.won': async () => got.push('mail') }),
  )
  const delivery = { outcome: 'handled', handlers: ['crm/deal.won@1', 'mail/deal.won@1'] }
  expect(await deliver(runtime, event({ learnerId: 'ada' }))).toEqual(delivery)
  expect(await deliver(runtime, event({ learnerId: 'ada' }))).toEqual(delivery)
  expect(got).toEqual(['crm', 'mail'])
  expect(handled).toEqual([
    {
      id: 'e1',
      source: 'shop',
      key: 'deal.won',
      version: '1.2.0',
      occurredAt: event().occurredAt,
      channel: 'rest',
      learnerId: 'ada',
    },
  ])
  await deliver(runtime, event({ source: 'other' }))
  expect(got).toHaveLength(4)
  expect([...store.handled.values()]).toEqual(Array(4).fill(event().occurredAt + 400 * 86_400_000))
})

it('runs only the handlers that failed when an event comes again, and keeps nothing of those that did', async () => {
  const got: string[] = []
  let isDown = true
  const { runtime, failures, store } = createTestRuntime(
    implement(crm)
      .handlers({})
      .on({
        'deal.won': async () => {
          got.push('crm')
          if (isDown) throw new Error('the mail server is away')
        },
      }),
    implement(mail)
      .handlers({})
      .on(crm, { 'deal.won': async () => got.push('mail') }),
  )
  expect(await deliver(runtime, event())).toEqual({ outcome: 'retry', failed: ['crm/deal.won@1'] })
  expect(failures).toMatchObject([{ operation: 'crm/deal.won@1', error: { message: 'the mail server is away' } }])
  expect(store.handled.size).toBe(1)
  isDown = false
  expect(await deliver(runtime, event())).toMatchObject({ outcome: 'handled' })
  expect(got).toEqual(['crm', 'mail', 'crm'])
})

it('undoes a handler that another process was faster than', async () => {
  let deliverAgain = async () => {}
  let commits = 0
  const { runtime, store } = createTestRuntime(
    implement(crm)
      .handlers({})
      .on({ 'deal.won': () => deliverAgain() }),
  )
  deliverAgain = async () => {
    deliverAgain = async () => {}
    expect(await deliver(runtime, event())).toMatchObject({ outcome: 'handled' })
    commits = store.commits()
  }
  expect(await deliver(runtime, event())).toMatchObject({ outcome: 'handled' })
  expect([store.commits(), store.rollbacks()]).toEqual([commits, 1])
})

it('finds the handlers of a major version, and checks a payload against its latest contract', async () => {
  const got: unknown[] = []
  const { runtime } = createTestRuntime(
    implement(crm)
      .handlers({})
      .on({
        'deal.created': async ({ event, payload }) => got.push([event.version, payload]),
        'deal.created@1': async ({ event, payload }) => got.push([event.version, payload]),
      }),
  )
  const created = (version: string | undefined, payload: unknown, id: string) =>
    deliver(runtime, event({ key: 'deal.created', payload, id, ...(version === undefined ? {} : { version }) }))
  await created('1', { amount: 3 }, 'a')
  await created('2.0.0', { cents: 300 }, 'b')
  await created(undefined, { cents: 301 }, 'c')
  expect(got).toEqual([
    ['1.0.0', { amount: 3 }],
    ['2.1.0', { cents: 300 }],
    ['2.1.0', { cents: 301 }],
  ])
})

it('says of what can never succeed why that is, without the values', async () => {
  const { runtime } = createTestRuntime(
    implement(crm)
      .handlers({})
      .on({ 'deal.created@1': async () => {} }),
  )
  const invalid = await deliver(runtime, event({ key: 'deal.created', version: '1.0.0', payload: { amount: 'secret' } }))
  expect(invalid).toMatchObject({ outcome: 'dead', problem: { code: 'VALIDATION_FAILED', errors: [{ pointer: '/amount' }] } })
  expect(JSON.stringify(invalid)).not.toContain('secret')
  expect(await deliver(runtime, event({ key: 'deal.lost' }))).toMatchObject({ outcome: 'dead', problem: { code: 'NOT_FOUND' } })
  expect(await deliver(runtime, event({ version: '3' }))).toMatchObject({
    outcome: 'dead',
    problem: { detail: 'No module declares the event deal.won@3.' },
  })
})

it('has nothing to do for an event that nobody handles', async () => {
  const { runtime, store } = createTestRuntime(implement(crm).handlers({}))
  expect(await deliver(runtime, event())).toEqual({ outcome: 'handled', handlers: [] })
  expect(store.commits()).toBe(0)
})

it('refuses handlers of events that nobody declares, and two of one module for one event', () => {
  const unknown = implement(mail)
    .handlers({})
    .on([defineEvent({ meta: meta('deal.lost'), payload: z.object({}) })], { 'deal.lost': async () => {} })
  expect(definitionError(() => createTestRuntime(implement(crm).handlers({}), unknown))).toMatchObject({
    code: 'HANDLER_UNKNOWN',
    message: expect.stringContaining('Module mail handles the event deal.lost, which no module declares.'),
  })
  const twice = implement(crm)
    .handlers({})
    .on({ 'deal.created': async () => {} })
    .on({ 'deal.created@2': async () => {} })
  expect(definitionError(() => createTestRuntime(twice))).toMatchObject({
    code: 'HANDLER_DUPLICATE',
    message: expect.stringContaining('deal.created@2 twice, as deal.created and as deal.created@2'),
  })
})

it('needs a unit of work for handlers of events', () => {
  const implementation = implement(crm)
    .handlers({})
    .on({ 'deal.won': async () => {} })
  const { unitOfWork: _, ...ports } = createTestRuntime().runtime.ports
  const create = () => createRuntime({ registry: composeRegistry(crm), implementations: [implementation], ports })
  expect(definitionError(create)).toMatchObject({ code: 'PORT_MISSING' })
})

it('counts a handler that never ends as failed after 30 seconds, tells it to end, and commits nothing that it does later', async () => {
  const never = gate()
  const started = gate()
  let signal: Signal | undefined
  const { runtime, clock, store, failures } = createTestRuntime(
    implement(crm)
      .handlers({})
      .on({
        'deal.won': async (context) => {
          signal = context.signal
          started.resolve()
          await never.promise
        },
      }),
  )
  const delivery = deliver(runtime, event())
  await started.promise
  await clock.advance(29_999)
  expect(signal?.aborted).toBe(false)
  await clock.advance(1)
  expect(await delivery).toEqual({ outcome: 'retry', failed: ['crm/deal.won@1'] })
  expect(signal?.aborted).toBe(true)
  expect(failures).toMatchObject([{ error: { message: expect.stringContaining('within 30 seconds') } }])
  never.resolve()
  expect([store.handled.size, store.rollbacks(), clock.pending()]).toEqual([0, 1, 0])
})

it('does not wait for a handler when the process has to end', async () => {
  const started = gate()
  const { runtime, clock, failures } = createTestRuntime(
    implement(crm)
      .handlers({})
      .on({
        'deal.won': () => {
          started.resolve()
          return new Promise(() => {})
        },
      }),
  )
  const ending = new AbortController()
  const delivery = deliver(runtime, event({ signal: ending.signal }))
  await started.promise
  ending.abort()
  expect(await delivery).toEqual({ outcome: 'retry', failed: ['crm/deal.won@1'] })
  expect(failures).toHaveLength(1)
  expect(clock.pending()).toBe(0)
})
