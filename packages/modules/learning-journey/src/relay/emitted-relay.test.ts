import type { EmittedEvent } from '@waymark/contract'
import { afterEach, expect, test } from 'vitest'
import { createFakeStore } from '../../test-support/fake-store.ts'
import { createManualTimers } from '../../test-support/manual-timers.ts'
import { createEmittedRelay } from './emitted-relay.ts'

const relays: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const relay of relays.splice(0)) await relay.close()
})

function setup({ sequenced = false } = {}) {
  const store = createFakeStore(1, { sequenced })
  const timers = createManualTimers()
  const recorded: string[] = []
  const failures: unknown[] = []
  const state = {
    record: async (tenant: string, { eventId }: EmittedEvent): Promise<void> => void recorded.push(`${tenant} ${eventId}`),
  }
  const start = () => {
    const relay = createEmittedRelay({
      store,
      events: ['deal.created@1'],
      record: (tenant, event) => state.record(tenant, event),
      now: timers.now,
      after: timers.after,
      onFailure: (error) => failures.push(error),
    })
    relays.push(relay)
    return relay
  }
  let number = 0
  const add = (...ids: readonly string[]) => {
    for (const eventId of ids) {
      number += 1
      const row = {
        tenant: 'acme',
        subject: 'l:ada',
        number,
        event: 'deal.created@1',
        body: JSON.stringify({ eventId }),
        tries: 0,
      }
      store.tables.emitted.push({ row, heldUntil: 0 })
    }
  }
  return { store, timers, recorded, failures, state, start, add }
}

test('what was emitted is recorded in its order as soon as somebody says so, and forgotten then', async () => {
  const { store, timers, recorded, start, add } = setup()
  const relay = start()
  await timers.advance(0)
  add('e2', 'e1')
  relay.kick()
  await timers.advance(0)
  expect(recorded).toEqual(['acme e2', 'acme e1'])
  expect(store.tables.emitted).toEqual([])
})

test('a kick while it works is not forgotten', async () => {
  const { timers, recorded, state, start, add } = setup()
  const { promise, resolve } = Promise.withResolvers<void>()
  const { record } = state
  add('e1')
  state.record = async (...ask) => {
    await promise
    await record(...ask)
  }
  const relay = start()
  await timers.advance(0)
  add('e2')
  relay.kick()
  resolve()
  await timers.advance(0)
  expect(recorded).toEqual(['acme e1', 'acme e2'])
})

test('without a kick it looks by itself, and takes all that there is', async () => {
  const { timers, recorded, start, add } = setup()
  start()
  await timers.advance(0)
  add(...Array.from({ length: 200 }, (_, n) => `e${n}`))
  await timers.advance(1_000)
  expect(recorded).toHaveLength(200)
})

test('what a process that died had taken is recorded at once where there is no other process, and else when nobody holds it', async () => {
  for (const sequenced of [false, true]) {
    const { store, timers, recorded, start, add } = setup({ sequenced })
    add('e1')
    await store.claimEmitted(['deal.created@1'], 0, 14_000, 1)
    start()
    await timers.advance(0)
    expect(recorded).toHaveLength(sequenced ? 0 : 1)
    await timers.advance(16_000)
    expect(recorded).toHaveLength(1)
  }
})

test('one that could not be recorded comes again after growing pauses, and holds up no other', async () => {
  const { store, timers, recorded, failures, state, start, add } = setup()
  const { record } = state
  const tries: number[] = []
  state.record = async (tenant, event) => {
    if (event.eventId !== 'e1') return record(tenant, event)
    tries.push(timers.now())
    throw new Error('the database has too much to do')
  }
  add('e1', 'e2')
  start()
  await timers.advance(0)
  expect(recorded).toEqual(['acme e2'])
  expect(store.tables.emitted).toMatchObject([{ row: { tries: 1 } }])
  // What an earlier process may have held is free for a while, so that it rests for that long at first.
  await timers.advance(100_000)
  const pauses = tries.slice(1).map((time, place) => time - (tries[place] as number))
  expect(pauses).toEqual([15_000, 2_000, 4_000, 8_000, 16_000, 32_000])
  expect(failures).toHaveLength(tries.length)
  state.record = record
  await timers.advance(64_000)
  expect([recorded, store.tables.emitted]).toEqual([['acme e2', 'acme e1'], []])
})

test('what it could not forget it records again', async () => {
  const { store, timers, recorded, failures, start, add } = setup({ sequenced: true })
  const { removeEmitted } = store
  store.removeEmitted = async () => {
    throw new Error('the connection is lost')
  }
  add('e1')
  start()
  await timers.advance(0)
  store.removeEmitted = removeEmitted
  expect([recorded, failures.length, store.tables.emitted.length]).toEqual([['acme e1'], 1, 1])
  await timers.advance(17_000)
  expect([recorded, store.tables.emitted]).toEqual([['acme e1', 'acme e1'], []])
})

test('what another release can record is left to it', async () => {
  const { store, timers, recorded, start, add } = setup()
  add('e1')
  const [first] = store.tables.emitted
  if (first !== undefined) store.tables.emitted[0] = { ...first, row: { ...first.row, event: 'deal.created@2' } }
  start()
  await timers.advance(5_000)
  expect(recorded).toEqual([])
  expect(store.tables.emitted).toMatchObject([{ heldUntil: 0 }])
})

test('closing waits for what is being recorded, and takes no more', async () => {
  const { store, timers, recorded, state, start, add } = setup()
  const { promise, resolve } = Promise.withResolvers<void>()
  const { record } = state
  state.record = async (...ask) => {
    await promise
    await record(...ask)
  }
  add('e1')
  const relay = start()
  await timers.advance(0)
  add('e2')
  const closing = relay.close()
  resolve()
  await closing
  await timers.advance(5_000)
  expect(recorded).toEqual(['acme e1'])
  expect(store.tables.emitted).toMatchObject([{ row: { number: 2 }, heldUntil: 0 }])
})

test('what a turn takes while it closes is free for another process at once', async () => {
  const { store, timers, recorded, start, add } = setup({ sequenced: true })
  const claim = store.claimEmitted
  const { promise, resolve } = Promise.withResolvers<void>()
  const relay = start()
  await timers.advance(0)
  store.claimEmitted = async (...ask) => {
    const rows = await claim(...ask)
    await promise
    return rows
  }
  add('e1')
  relay.kick()
  await timers.advance(0)
  const closing = relay.close()
  resolve()
  await closing
  expect([recorded, store.tables.emitted.map(({ heldUntil }) => heldUntil)]).toEqual([[], [0]])
})

test('what fails while it closes is free for another process at once, and nobody is told', async () => {
  const { store, timers, failures, state, start, add } = setup({ sequenced: true })
  const { promise, reject } = Promise.withResolvers<void>()
  state.record = () => promise
  add('e1')
  const relay = start()
  await timers.advance(0)
  const closing = relay.close()
  reject(new Error('the database has too much to do'))
  await closing
  expect([failures, store.tables.emitted.map(({ heldUntil }) => heldUntil)]).toEqual([[], [0]])
})

test('it ends with its store', async () => {
  const { store, timers, failures, start } = setup()
  store.claimEmitted = () => Promise.reject(Object.assign(new Error('closed'), { outlook: 'closed' }))
  start()
  await timers.advance(10_000)
  expect([failures, timers.pending()]).toEqual([[], []])
})
