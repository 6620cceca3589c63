import { expect, test } from 'vitest'
import { z } from 'zod'
import { settle } from '../test-support/manual-clock.ts'
import { putRow } from '../test-support/memory-unit-of-work.ts'
import { meta } from '../test-support/meta.ts'
import { createTestRuntime, envelope, gate } from '../test-support/test-runtime.ts'
import { defineCommand, defineModule } from './define.ts'
import { implement, type Signal } from './implement.ts'
import { invoke } from './invoke.ts'

const io = { input: z.object({}), output: z.string() }
const Slow = defineCommand({ meta: meta('crm.slow'), io, policy: { auth: 'service', limits: { timeoutMs: 100 } } })
const Free = defineCommand({ meta: meta('crm.free'), io, policy: { auth: 'service' } })
const crm = defineModule({ key: 'crm', contracts: [Slow, Free] })

function setup(open = gate()) {
  const signals: Signal[] = []
  const handler = async ({ signal, tx }: { signal: Signal; tx: Parameters<typeof putRow>[0] }) => {
    signals.push(signal)
    putRow(tx, 'deal', 1)
    await open.promise
    return 'done'
  }
  const test = createTestRuntime(implement(crm).handlers({ 'crm.slow': handler, 'crm.free': handler }))
  return { ...test, open, signals }
}

const timeout = { ok: false, problem: { code: 'TIMEOUT', status: 504, detail: expect.stringContaining('100 ms') } }

test('a handler that takes too long is answered at once, told by its signal, and never commits', async () => {
  const { runtime, clock, store, open, signals, failures, stages } = setup()
  const call = invoke(runtime, Slow, {}, envelope())
  await settle()
  await clock.advance(99)
  expect(signals[0]?.aborted).toBe(false)
  await clock.advance(1)
  expect(await call).toMatchObject(timeout)
  expect(signals[0]?.aborted).toBe(true)
  const reported = stages.length
  expect(stages.at(-1)).toMatchObject({ stage: 'handle', code: 'TIMEOUT', duration: 100 })
  open.resolve()
  await settle()
  expect([store.rows.size, store.commits(), store.rollbacks()]).toEqual([0, 0, 1])
  expect(failures).toEqual([])
  expect(stages).toHaveLength(reported)
})

test('a handler in time leaves no timer behind', async () => {
  const { runtime, clock, open } = setup()
  const call = invoke(runtime, Slow, {}, envelope())
  open.resolve()
  expect(await call).toMatchObject({ ok: true, data: 'done' })
  expect(clock.pending()).toBe(0)
})

test('a handler that fails in time leaves no timer behind', async () => {
  const { runtime, clock, open } = setup()
  const call = invoke(runtime, Slow, {}, envelope())
  open.reject(new Error('lost'))
  expect(await call).toMatchObject({ ok: false, problem: { code: 'INTERNAL' } })
  expect(clock.pending()).toBe(0)
})

test('a commit that has begun is waited for: a call never answers TIMEOUT and commits', async () => {
  const { runtime, clock, store, open } = setup()
  const committing = gate()
  const slowCommit: typeof store.run = (tenant, work) =>
    store.run(tenant, async (tx) => {
      const result = await work(tx)
      await committing.promise
      return result
    })
  const ports = { ...runtime.ports, unitOfWork: { run: slowCommit } }
  const call = invoke({ ...runtime, ports }, Slow, {}, envelope())
  open.resolve()
  await settle()
  await clock.advance(1_000)
  committing.resolve()
  expect(await call).toMatchObject({ ok: true })
  expect(store.commits()).toBe(1)
})

test('without a limit there is no clock', async () => {
  const { runtime, clock, open } = setup()
  const call = invoke(runtime, Free, {}, envelope())
  await settle()
  expect(clock.pending()).toBe(0)
  open.resolve()
  expect(await call).toMatchObject({ ok: true })
})

test.each([Slow, Free])(
  'a caller that goes away is a signal to the handler of $meta.key; what it finishes all the same is committed',
  async (operation) => {
    const { runtime, open, signals, store } = setup()
    const caller = new AbortController()
    const call = invoke(runtime, operation, {}, envelope({ signal: caller.signal }))
    await settle()
    expect(signals[0]?.aborted).toBe(false)
    caller.abort()
    expect(signals[0]?.aborted).toBe(true)
    open.resolve()
    expect(await call).toMatchObject({ ok: true })
    expect(store.commits()).toBe(1)
  },
)

test('a caller that was gone before is a signal from the start', async () => {
  const { runtime, open, signals } = setup()
  const call = invoke(runtime, Slow, {}, envelope({ signal: AbortSignal.abort() }))
  await settle()
  expect(signals[0]?.aborted).toBe(true)
  open.resolve()
  await call
})
