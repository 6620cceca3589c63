import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { settle } from '../test-support/manual-clock.ts'
import { putRow } from '../test-support/memory-unit-of-work.ts'
import { meta } from '../test-support/meta.ts'
import { createTestRuntime, envelope, gate, learner, operator, service } from '../test-support/test-runtime.ts'
import { defineCommand, defineModule, defineQuery } from './define.ts'
import { implement } from './implement.ts'
import { type Envelope, invoke } from './invoke.ts'

const io = { input: z.object({ n: z.number() }), output: z.unknown() }
const Add = defineCommand({ meta: meta('sum.add'), io, policy: { auth: 'user', limits: { timeoutMs: 20_000 } } })
const Add2 = defineCommand({ meta: meta('sum.add', '2.0.0'), io, policy: { auth: 'user' } })
const Set_ = defineCommand({ meta: meta('sum.set'), io, policy: { auth: 'user', idempotent: true } })
const Get = defineQuery({ meta: meta('sum.get'), io, policy: { auth: 'user' } })
const sum = defineModule({ key: 'sum', contracts: [Add, Add2, Set_, Get] })

const DAY = 24 * 60 * 60 * 1_000

function setup(handle: (n: number, run: number) => unknown = (n, run) => ({ n, run })) {
  let runs = 0
  const handler = async ({ input, tx }: { input: { n: number }; tx: Parameters<typeof putRow>[0] }) => {
    const run = ++runs
    putRow(tx, `run ${run}`, input.n)
    return handle(input.n, run)
  }
  const test = createTestRuntime(
    implement(sum).handlers({ 'sum.add': handler, 'sum.add@2': handler, 'sum.set': handler, 'sum.get': handler }),
  )
  const call = (id: string, n: number, rest: Partial<Envelope> = {}) =>
    invoke(test.runtime, id, { n }, envelope({ idempotencyKey: 'k', ...rest }))
  return { ...test, runs: () => runs, call, add: (n = 1, rest: Partial<Envelope> = {}) => call('sum.add@1', n, rest) }
}

const conflict = { ok: false, problem: { code: 'CONFLICT', status: 409, retryAfter: 1 } }

describe('the second call with a key', () => {
  test('gets the kept answer and does nothing', async () => {
    const { add, runs, store, stages } = setup()
    const first = await add()
    stages.length = 0
    const second = await add()
    expect(second).toEqual({ ...first, meta: { ...first.meta, requestId: 'req-2', replayed: true } })
    expect(first.meta).not.toHaveProperty('replayed')
    expect([runs(), store.rows.size]).toEqual([1, 1])
    expect(stages.at(-1)).toMatchObject({ stage: 'idempotency' })
  })

  test.each([[null], [undefined], [0], [''], [[]], [{ a: { b: [1, null] } }]])('gets %j again', async (answer) => {
    const { add, runs } = setup(() => answer)
    expect(await add()).toMatchObject({ ok: true, data: answer })
    expect(await add()).toMatchObject({ ok: true, data: answer, meta: { replayed: true } })
    expect(runs()).toBe(1)
  })

  test('and another input is a mismatch', async () => {
    const { add, runs } = setup()
    await add(1)
    expect(await add(2)).toMatchObject({ ok: false, problem: { code: 'IDEMPOTENCY_MISMATCH', status: 409 } })
    expect(await add(1)).toMatchObject({ ok: true })
    expect(runs()).toBe(1)
  })

  test('and the same fields in another order is the same input', async () => {
    const { runtime, runs } = setup()
    await invoke(runtime, 'sum.add@1', { n: 1, note: 'x' }, envelope({ idempotencyKey: 'k' }))
    expect(await invoke(runtime, 'sum.add@1', { note: 'x', n: 1 }, envelope({ idempotencyKey: 'k' }))).toMatchObject({ ok: true })
    expect(runs()).toBe(1)
  })

  test('and an input that differs only in what the contract drops is another one', async () => {
    const { runtime } = setup()
    await invoke(runtime, 'sum.add@1', { n: 1, note: 'x' }, envelope({ idempotencyKey: 'k' }))
    const other = await invoke(runtime, 'sum.add@1', { n: 1, note: 'y' }, envelope({ idempotencyKey: 'k' }))
    expect(other).toMatchObject({ ok: false, problem: { code: 'IDEMPOTENCY_MISMATCH' } })
  })

  test('runs anew a day later', async () => {
    const { add, runs, clock } = setup()
    await add()
    await clock.advance(DAY - 1)
    await add()
    expect(runs()).toBe(1)
    await clock.advance(1)
    await add()
    expect(runs()).toBe(2)
  })

  test('is authorised like any other', async () => {
    const { runtime, runs } = setup()
    await invoke(runtime, 'sum.add@1', { n: 1 }, envelope({ idempotencyKey: 'k', principal: service('sum.*') }))
    const later = await invoke(runtime, 'sum.add@1', { n: 1 }, envelope({ idempotencyKey: 'k', principal: service('crm.*') }))
    expect(later).toMatchObject({ ok: false, problem: { code: 'FORBIDDEN' } })
    expect(runs()).toBe(1)
  })
})

describe('a key', () => {
  test('belongs to one tenant, caller and operation', async () => {
    const { call, runs } = setup()
    const callers = [service(), { ...service(), id: 'key-2' }, { ...service(), tenant: 'other' }, operator(), learner('key-1')]
    for (const principal of callers) expect((await call('sum.add@1', 1, { principal })).meta.replayed).toBeUndefined()
    expect((await call('sum.add@2', 1)).meta.replayed).toBeUndefined()
    expect(runs()).toBe(6)
  })

  test('cannot be made to look like the key of another caller', async () => {
    const { call, runs } = setup()
    await call('sum.add@1', 1, { principal: learner('u sum.add@1.0.0 a'), idempotencyKey: 'b' })
    await call('sum.add@1', 1, { principal: learner('u'), idempotencyKey: 'a sum.add@1.0.0 b' })
    expect(runs()).toBe(2)
  })

  test.each(['sum.set', 'sum.get'])('does nothing on %s, which is idempotent by itself', async (id) => {
    const { call, runs, store } = setup()
    await call(id, 1)
    await call(id, 2)
    expect([runs(), store.kept.size]).toEqual([2, 0])
  })

  test('that is absent keeps nothing', async () => {
    const { runtime, runs, store } = setup()
    await invoke(runtime, 'sum.add@1', { n: 1 }, envelope())
    await invoke(runtime, 'sum.add@1', { n: 1 }, envelope())
    expect([runs(), store.kept.size]).toEqual([2, 0])
  })
})

describe('a failure is not kept', () => {
  test('when the handler fails', async () => {
    const { add, runs, store } = setup((_, run) => (run === 1 ? Promise.reject(new Error('lost')) : 'ok'))
    expect(await add()).toMatchObject({ ok: false })
    expect(store.kept.size).toBe(0)
    expect(await add()).toMatchObject({ ok: true, data: 'ok' })
    expect(runs()).toBe(2)
  })

  test('when the commit fails', async () => {
    const { add, runs, store } = setup()
    store.failNextCommit(new Error('lost'))
    expect(await add()).toMatchObject({ ok: false })
    expect(await add()).toMatchObject({ ok: true, data: { run: 2 } })
    expect(runs()).toBe(2)
  })
})

describe('a twin in flight', () => {
  test('is waited for, and its answer shared', async () => {
    const open = gate()
    const { add, runs, clock, runtime } = setup(async (_, run) => {
      await open.promise
      return run
    })
    const calls = [add(), add(), add()]
    await settle()
    expect(runs()).toBe(1)
    await clock.advance(4_999)
    open.resolve()
    const results = await Promise.all(calls)
    expect(results.map(({ ok, meta }) => [ok, meta.replayed])).toEqual([
      [true, undefined],
      [true, true],
      [true, true],
    ])
    expect([runs(), runtime.inFlight.size, clock.pending()]).toEqual([1, 0, 0])
  })

  test('that takes more than 5 s makes the others answer CONFLICT, with when to come back', async () => {
    const open = gate()
    const { add, runs, clock } = setup(() => open.promise)
    const first = add()
    await settle()
    const second = add()
    await settle()
    await clock.advance(5_000)
    expect(await second).toMatchObject(conflict)
    open.resolve()
    expect(await first).toMatchObject({ ok: true })
    expect(await add()).toMatchObject({ ok: true, meta: { replayed: true } })
    expect(runs()).toBe(1)
  })

  test('that fails lets the next one run, while the rest wait for that one', async () => {
    const gates = [gate<string>(), gate<string>()]
    const { add, runs } = setup((_, run) => gates[run - 1]?.promise)
    const calls = [add(), add(), add()]
    await settle()
    gates[0]?.reject(new Error('lost'))
    await settle()
    expect(runs()).toBe(2)
    gates[1]?.resolve('ok')
    const results = await Promise.all(calls)
    expect(results.map(({ ok, meta }) => [ok, meta.replayed])).toEqual([
      [false, undefined],
      [true, undefined],
      [true, true],
    ])
    expect(runs()).toBe(2)
  })

  test('with another input gets the mismatch as soon as the first is done', async () => {
    const open = gate()
    const { add } = setup(() => open.promise)
    const calls = [add(1), add(2)]
    open.resolve()
    expect(await Promise.all(calls)).toMatchObject([{ ok: true }, { ok: false, problem: { code: 'IDEMPOTENCY_MISMATCH' } }])
  })

  test('of another key does not wait', async () => {
    const open = gate()
    const { add, runs } = setup((_, run) => (run === 1 ? open.promise : run))
    const first = add()
    expect(await add(1, { idempotencyKey: 'other' })).toMatchObject({ ok: true })
    expect(runs()).toBe(2)
    open.resolve()
    await first
  })

  test('that ran out of time is still waited for until it really ended', async () => {
    const open = gate()
    const { add, runs, clock, runtime } = setup((_, run) => (run === 1 ? open.promise : run))
    const first = add()
    await settle()
    await clock.advance(20_000)
    expect(await first).toMatchObject({ ok: false, problem: { code: 'TIMEOUT' } })
    const second = add()
    await settle()
    expect(runs()).toBe(1)
    open.resolve()
    expect(await second).toMatchObject({ ok: true, data: 2 })
    expect([runs(), runtime.inFlight.size]).toEqual([2, 0])
  })
})
