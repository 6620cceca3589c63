import { expect, test } from 'vitest'
import { z } from 'zod'
import { settle } from '../test-support/manual-clock.ts'
import { meta } from '../test-support/meta.ts'
import { createTestRuntime, envelope, gate } from '../test-support/test-runtime.ts'
import { defineCommand, defineEvent, defineModule, defineQuery } from './define.ts'
import type { Emit } from './emit.ts'
import { implement } from './implement.ts'
import { invoke } from './invoke.ts'
import type { Transaction } from './transaction.ts'

const BROKEN = 13
const isFine = (amount: number) => {
  if (amount === BROKEN) throw new Error('a broken rule')
  return true
}
const Created = defineEvent({
  meta: meta('deal.created', '2.1.0'),
  payload: z.object({ amount: z.number().refine(isFine) }),
})
const Won = defineEvent({ meta: meta('deal.won'), payload: z.object({ by: z.string().refine(async (by) => by !== 'nobody') }) })
const Lost = defineEvent({ meta: meta('deal.lost'), payload: z.object({}) })
const Close = defineCommand({
  meta: meta('crm.close'),
  io: {
    input: z.object({}),
    output: z.object({ id: z.string() }),
    errors: { DEAL_CLOSED: { description: 'Closed', http: 409, gqlCode: 'DEAL_CLOSED', when: 'It was won' } },
  },
  policy: { auth: 'service', limits: { timeoutMs: 100 } },
  emits: [Created, Won],
})
const io = { input: z.object({}), output: z.boolean() }
const Note = defineCommand({ meta: meta('crm.note'), io, policy: { auth: 'service' } })
const Get = defineQuery({ meta: meta('crm.get'), io, policy: { auth: 'service' } })
const crm = defineModule({ key: 'crm', contracts: [Close, Note, Get, Created, Won, Lost] })

type Emits = Emit<typeof Created | typeof Won>

function setup(work: (emit: Emits, tx: Transaction) => unknown, output: unknown = { id: 'd1' }) {
  let runs = 0
  const hasEmit = async (context: object) => 'emit' in context
  const test = createTestRuntime(
    implement(crm).handlers({
      'crm.close': async ({ emit, tx }) => {
        runs += 1
        await work(emit, tx)
        return output as { id: string }
      },
      'crm.note': hasEmit,
      'crm.get': hasEmit,
    }),
  )
  const close = (rest = {}) => invoke(test.runtime, 'crm.close', {}, envelope(rest))
  return { ...test, close, runs: () => runs }
}

const internal = { ok: false, problem: { code: 'INTERNAL', status: 500 } }
const ada = { learnerId: 'ada' }

test('what a handler emits is kept with its commit, in order, and told once after it', async () => {
  const { close, store, emissions, clock } = setup((emit) => {
    emit(Won, { by: 'ada' }, { learnerId: 'ada', accountId: 'north', occurredAt: 5, eventId: 'won-1' })
    emit(Created, { amount: 3 }, ada)
  })
  expect(await close()).toMatchObject({ ok: true, data: { id: 'd1' } })
  const common = { source: 'crm', learnerId: 'ada', emittedAt: clock.now() }
  expect(store.emitted).toEqual([
    { ...common, eventId: 'won-1', key: 'deal.won', major: 1, accountId: 'north', occurredAt: 5, payload: { by: 'ada' } },
    { ...common, eventId: 'req-2', key: 'deal.created', major: 2, payload: { amount: 3 } },
  ])
  expect([store.commits(), emissions]).toEqual([1, [2]])
})

test('a handler that emits nothing writes nothing, and nobody is told', async () => {
  const { close, store, emissions } = setup(() => {})
  expect(await close()).toMatchObject({ ok: true })
  expect([store.emitted, emissions]).toEqual([[], []])
})

test('what is emitted is what it was when it was emitted', async () => {
  const payload: { amount: number; at?: unknown } = { amount: 1 }
  const { close, store } = setup((emit) => {
    emit(Created, payload, ada)
    payload.amount = 2
  })
  await close()
  expect(store.emitted).toMatchObject([{ payload: { amount: 1 } }])
})

test('a call that is answered again by its Idempotency-Key emits nothing again', async () => {
  const { close, store, emissions, runs } = setup((emit) => emit(Created, { amount: 3 }, ada))
  await close({ idempotencyKey: 'k' })
  expect(await close({ idempotencyKey: 'k' })).toMatchObject({ ok: true, meta: { replayed: true } })
  expect([runs(), store.emitted.length, emissions]).toEqual([1, 1, [1]])
})

test.each<[string, (emit: Emits) => unknown, unknown?]>([
  [
    'fails',
    (emit) => {
      emit(Created, { amount: 3 }, ada)
      throw new Error('lost')
    },
  ],
  ['answers what its contract refuses', (emit) => emit(Created, { amount: 3 }, ada), { id: 7 }],
])('a handler that %s emits nothing', async (_, work, output) => {
  const { close, store, emissions } = setup(work, output)
  expect(await close({ idempotencyKey: 'k' })).toMatchObject(internal)
  expect([store.emitted, store.kept.size, store.commits(), emissions]).toEqual([[], 0, 0, []])
})

test('a handler that takes too long emits nothing, also when it ends after all', async () => {
  const open = gate()
  const { close, store, emissions, clock } = setup(async (emit) => {
    emit(Created, { amount: 3 }, ada)
    await open.promise
    emit(Created, { amount: 4 }, ada)
  })
  const call = close()
  await settle()
  await clock.advance(100)
  expect(await call).toMatchObject({ ok: false, problem: { code: 'TIMEOUT' } })
  open.resolve()
  await settle()
  expect([store.emitted, store.commits(), emissions]).toEqual([[], 0, []])
})

test('a commit that fails tells nobody', async () => {
  const { close, store, emissions } = setup((emit) => emit(Created, { amount: 3 }, ada))
  store.failNextCommit(new Error('the disk is full'))
  expect(await close()).toMatchObject(internal)
  expect([store.emitted, emissions]).toEqual([[], []])
})

const anyEmit = (emit: Emits) => emit as Emit<typeof Lost> & ((event: unknown, payload: unknown, options: unknown) => void)

test.each<[string, (emit: Emits) => unknown, string]>([
  ['a payload that its contract refuses', (emit) => anyEmit(emit)(Created, { amount: '3' }, ada), '/amount expected number'],
  ['a payload that it refuses later', (emit) => emit(Won, { by: 'nobody' }, ada), 'deal.won@1.0.0 with a payload'],
  ['a number that JSON does not know', (emit) => emit(Created, { amount: Number.NaN }, ada), '/amount expected number'],
  ['a payload that JSON cannot say', (emit) => anyEmit(emit)(Created, { amount: 3n }, ada), 'JSON cannot say'],
  ['no payload', (emit) => anyEmit(emit)(Created, undefined, ada), 'JSON cannot say'],
  ['an event that is not declared', (emit) => anyEmit(emit)(Lost, {}, ada), 'emitted deal.lost@1.0.0, which it does not declare'],
  ['an event about nobody', (emit) => anyEmit(emit)(Created, { amount: 3 }, {}), 'with learnerId undefined'],
  [
    'an id that no database stores',
    (emit) => emit(Created, { amount: 3 }, { ...ada, eventId: 'a\0' }),
    'with eventId "a\\u0000"',
  ],
  ['an account without a name', (emit) => emit(Created, { amount: 3 }, { ...ada, accountId: '' }), 'with accountId ""'],
  ['a time that is none', (emit) => emit(Created, { amount: 3 }, { ...ada, occurredAt: -1 }), 'with occurredAt -1'],
  [
    'a time after all times',
    (emit) => emit(Created, { amount: 3 }, { ...ada, occurredAt: 9e15 }),
    'with occurredAt 9000000000000000',
  ],
  ['no options', (emit) => anyEmit(emit)(Created, { amount: 3 }, undefined), 'TypeError'],
])('%s is a defect, and nothing is committed', async (_, work, message) => {
  const { close, store, failures, emissions } = setup(work)
  expect(await close()).toMatchObject(internal)
  expect([store.emitted, store.commits(), emissions]).toEqual([[], 0, []])
  expect(String(failures[0]?.error)).toContain(message)
})

test.each<[string, (emit: Emits) => unknown]>([
  ['an event that is not declared', (emit) => anyEmit(emit)(Lost, {}, ada)],
  ['a rule that throws', (emit) => emit(Created, { amount: BROKEN }, ada)],
])('a handler that goes on after such a defect commits nothing all the same: %s', async (_, work) => {
  const { close, store } = setup((emit) => {
    emit(Created, { amount: 1 }, ada)
    try {
      work(emit)
    } catch {}
  })
  expect(await close()).toMatchObject(internal)
  expect([store.emitted, store.commits()]).toEqual([[], 0])
})

test('what is emitted after the handler has ended is refused', async () => {
  const late = gate<unknown>()
  const { close, store } = setup((emit) => {
    setTimeout(() => {
      try {
        emit(Created, { amount: 1 }, ada)
      } catch (error) {
        late.resolve(error)
      }
    })
  })
  expect(await close()).toMatchObject({ ok: true })
  expect(String(await late.promise)).toContain('after it had ended')
  expect(store.emitted).toEqual([])
})

test('a unit of work that has no place for emitted events is a defect that says so', async () => {
  const { runtime, store, failures } = setup((emit) => emit(Created, { amount: 1 }, ada))
  const run: typeof store.run = (tenant, work) => store.run(tenant, ({ emitted: _, ...tx }) => work(tx as Transaction))
  const ports = { ...runtime.ports, unitOfWork: { run } }
  expect(await invoke({ ...runtime, ports }, 'crm.close', {}, envelope())).toMatchObject(internal)
  expect(String(failures[0]?.error)).toContain('its unit of work has no place for that')
})

test('a command that declares nothing, and a query, have no emit', async () => {
  const { runtime } = setup(() => {})
  for (const id of ['crm.note', 'crm.get']) {
    expect(await invoke(runtime, id, {}, envelope())).toMatchObject({ ok: true, data: false })
  }
})
