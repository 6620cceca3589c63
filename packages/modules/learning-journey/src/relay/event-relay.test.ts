import { composeRegistry } from '@waymark/contract'
import { afterEach, expect, test } from 'vitest'
import { createFakeStore } from '../../test-support/fake-store.ts'
import { addOutgoing } from '../../test-support/fake-tables.ts'
import { sha256 } from '../../test-support/journey-process.ts'
import { createManualTimers } from '../../test-support/manual-timers.ts'
import { LearningJourneyModule } from '../module.ts'
import type { EntryRow, StoredFact } from '../ports/index.ts'
import { createTombstones } from '../record/tombstones.ts'
import { createEventRelay } from './event-relay.ts'
import type { RelayedEvent } from './relayed-event.ts'

const relays: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const relay of relays.splice(0)) await relay.close()
})

function entry(eventId: string, values: Partial<EntryRow> = {}): EntryRow {
  return {
    tenant: 'acme',
    subject: 'l:ada',
    source: 'crm',
    eventId,
    kind: 'event',
    name: 'deal.created',
    version: '2.1.0',
    occurredAt: 5,
    receivedAt: 6,
    claimedAt: null,
    account: 'north',
    actor: null,
    track: null,
    channel: 'segment',
    keyId: null,
    bodyHash: 'h',
    payload: '{"amount":3}',
    ...values,
  }
}

function keyedHash(text: string): string {
  return `keyed-${sha256(text)}`
}

function setup({ sequenced = false } = {}) {
  const store = createFakeStore(1, { sequenced })
  const timers = createManualTimers()
  const published: RelayedEvent[] = []
  const failures: unknown[] = []
  const state = { publish: async (events: readonly RelayedEvent[]): Promise<void> => void published.push(...events) }
  const start = () => {
    const relay = createEventRelay({
      store,
      publish: (events) => state.publish(events),
      events: ['deal.created@2', 'learning.onboarding.step.completed@1'],
      registry: composeRegistry(LearningJourneyModule),
      hashes: { hash: sha256, keyedHash },
      now: timers.now,
      after: timers.after,
      onFailure: (error) => failures.push(error),
    })
    relays.push(relay)
    return relay
  }
  const add = (...entries: readonly EntryRow[]) => {
    store.entries.push(...entries)
    for (const { tenant, subject, source, eventId } of entries)
      addOutgoing(store.tables, [{ tenant, subject, kind: 'entry', source, eventId, event: 'deal.created@2' }], 0)
  }
  return { store, timers, published, failures, state, start, add }
}

test('an event is handed on with what was recorded of it, and forgotten then', async () => {
  const { store, timers, published, start, add } = setup()
  const relay = start()
  await timers.advance(0)
  add(entry('e1'))
  relay.kick()
  await timers.advance(0)
  expect(published).toEqual([
    {
      tenant: 'acme',
      id: expect.stringMatching(/^keyed-\w{64}\.\w{12}\.e1$/),
      source: '/tenants/acme',
      key: 'deal.created',
      version: '2.1.0',
      occurredAt: 5,
      channel: 'segment',
      learnerId: 'ada',
      accountId: 'north',
      payload: { amount: 3 },
    },
  ])
  expect(store.tables.outgoing).toEqual([])
})

test('what was handled of a person can be found by the hash of their tombstone', async () => {
  const { store, timers, published, start, add } = setup()
  add(entry('e1'), entry('e2', { subject: 'l:bob' }), entry('e3', { subject: 'a:ada' }))
  start()
  await timers.advance(0)
  const { idHash } = createTombstones(store, keyedHash).of('acme', 'ada', 0)
  expect(published.map(({ id }) => id.startsWith(`${idHash}.`))).toEqual([true, false, false])
})

test('events of two people, or of two sources, with the same id have ids of their own', async () => {
  const { timers, published, start, add } = setup()
  add(entry('e1'), entry('e1', { subject: 'l:bob' }), entry('e1', { source: '' }))
  start()
  await timers.advance(0)
  expect(new Set(published.map(({ id }) => id)).size).toBe(3)
})

test('what a process that died had taken is handed on at once where there is no other process, and else when nobody holds it', async () => {
  for (const sequenced of [false, true]) {
    const { store, timers, published, start, add } = setup({ sequenced })
    add(entry('e1'))
    await store.claimOutgoing(['deal.created@2'], 0, 119_000, 1)
    start()
    await timers.advance(0)
    expect(published).toHaveLength(sequenced ? 0 : 1)
    await timers.advance(121_000)
    expect(published).toHaveLength(1)
  }
})

test('an event that could not be published is not forgotten, and comes again', async () => {
  const { store, timers, published, failures, state, start, add } = setup({ sequenced: true })
  const { publish } = state
  state.publish = async () => {
    throw new Error('the broker is away')
  }
  add(entry('e1'))
  start()
  await timers.advance(12_000)
  expect([published.length, store.tables.outgoing.length, failures.length]).toEqual([0, 1, 4])
  state.publish = publish
  await timers.advance(9_000)
  expect([published.length, store.tables.outgoing.length]).toEqual([1, 0])
})

test('an event that is being published is not handed on a second time meanwhile', async () => {
  const { timers, state, start, add } = setup()
  let calls = 0
  state.publish = () => {
    calls += 1
    return new Promise(() => {})
  }
  add(entry('e1'))
  start()
  await timers.advance(500_000)
  expect(calls).toBe(1)
  relays.length = 0
})

test('an entry that became another person’s is handed on as theirs, under the same id', async () => {
  const { store, timers, published, start, add } = setup()
  add(entry('e1'))
  start()
  await timers.advance(0)
  add(entry('e1'))
  await store.merge({ tenant: 'acme', from: 'l:ada', into: 'l:bob', mergedAt: 1 })
  await timers.advance(1_000)
  expect(published.map(({ learnerId }) => learnerId)).toEqual(['ada', 'bob'])
  expect(published[1]?.id).toBe(published[0]?.id)
})

test('what was erased, or has no payload any more, is not handed on', async () => {
  const { store, timers, published, start, add } = setup()
  add(entry('e1'), entry('e2', { payload: null }))
  store.entries.shift()
  start()
  await timers.advance(0)
  expect([published, store.tables.outgoing]).toEqual([[], []])
})

test('a backlog leaves in its order, with a bounded number on their way', async () => {
  const { store, timers, state, start, add } = setup()
  const waiting: (() => void)[] = []
  const order: string[] = []
  state.publish = ([event]) => {
    order.push((event as RelayedEvent).id.split('.').at(-1) as string)
    return new Promise<void>((resolve) => waiting.push(resolve))
  }
  const ids = Array.from({ length: 600 }, (_, n) => `e${n}`)
  add(...ids.map((id) => entry(id)))
  start()
  await timers.advance(5_000)
  expect(waiting).toHaveLength(256)
  while (waiting.length > 0) {
    for (const done of waiting.splice(0)) done()
    await timers.advance(2_000)
  }
  expect(order).toEqual(ids)
  expect(store.tables.outgoing).toEqual([])
})

test('what is refused while it closes is free for another process at once', async () => {
  const { store, state, timers, start, add } = setup({ sequenced: true })
  let refuse = (_: Error) => {}
  state.publish = () =>
    new Promise<void>((_, reject) => {
      refuse = reject
    })
  add(entry('e1'))
  const relay = start()
  await timers.advance(0)
  const closing = relay.close()
  refuse(new Error('the bus was closed'))
  await closing
  expect(store.tables.outgoing).toMatchObject([{ heldUntil: 0 }])
})

test('it closes when what is on its way has ended, and leaves no timer', async () => {
  const { timers, state, start, add, store } = setup()
  let done = () => {}
  state.publish = () =>
    new Promise<void>((resolve) => {
      done = resolve
    })
  add(entry('e1'))
  const relay = start()
  await timers.advance(0)
  let isClosed = false
  const closing = relay.close().then(() => {
    isClosed = true
  })
  await timers.advance(0)
  expect(isClosed).toBe(false)
  done()
  await closing
  expect([store.tables.outgoing, timers.pending()]).toEqual([[], []])
})

test('what fails for long is tried less and less often, at least every ten minutes and a turn, and never given up', async () => {
  const { store, timers, state, published, start, add } = setup({ sequenced: true })
  const { publish } = state
  const times: number[] = []
  state.publish = async () => {
    times.push(timers.now())
    throw new Error('what the handler calls is away')
  }
  add(entry('e1'))
  start()
  await timers.advance(4 * 3_600_000)
  const pauses = times.slice(1).map((time, place) => time - (times[place] as number))
  expect(pauses.slice(0, 4)).toEqual([1_000, 2_000, 4_000, 8_000])
  expect(Math.max(...pauses)).toBe(600_000)
  expect(pauses.at(-1)).toBe(600_000)
  expect(store.tables.outgoing).toHaveLength(1)
  state.publish = publish
  await timers.advance(601_000)
  expect([published.length, store.tables.outgoing]).toEqual([1, []])
})

test('where there is no other process, what fails in the first minutes rests too', async () => {
  const { timers, state, start, add } = setup()
  let calls = 0
  state.publish = async () => {
    calls += 1
    throw new Error('away')
  }
  add(...Array.from({ length: 64 }, (_, n) => entry(`e${n}`)))
  start()
  await timers.advance(900)
  expect(calls).toBe(64)
})

test('one that fails holds up no other', async () => {
  const { timers, published, state, start, add } = setup()
  const { publish } = state
  state.publish = async (events) => {
    if (events[0]?.accountId === 'south') throw new Error('away')
    await publish(events)
  }
  add(...Array.from({ length: 400 }, (_, n) => entry(`e${n}`, { account: 'south' })), entry('last'))
  start()
  await timers.advance(20_000)
  expect(published.map(({ accountId }) => accountId)).toEqual(['north'])
})

test('what another release has handlers for is left to it', async () => {
  const { store, timers, published, start, add } = setup()
  add(entry('e1'))
  addOutgoing(store.tables, [{ ...entry('e2'), kind: 'entry', event: 'deal.created@1' }], 0)
  start()
  await timers.advance(5_000)
  expect(published.map(({ id }) => id.split('.').at(-1))).toEqual(['e1'])
  expect(store.tables.outgoing).toMatchObject([{ row: { eventId: 'e2' }, heldUntil: 0 }])
})

test('before each try it looks whether there is still something to hand on', async () => {
  const { store, timers, state, start, add } = setup({ sequenced: true })
  let calls = 0
  state.publish = async () => {
    calls += 1
    throw new Error('away')
  }
  add(entry('e1'))
  start()
  await timers.advance(500)
  store.entries.splice(0)
  await timers.advance(60_000)
  expect([calls, store.tables.outgoing]).toEqual([1, []])
})

test('what was recorded anew after an erasure is not forgotten with what was on its way before', async () => {
  const { store, timers, published, state, start, add } = setup()
  const { publish } = state
  let done = () => {}
  state.publish = () =>
    new Promise<void>((resolve) => {
      done = resolve
    })
  add(entry('e1'))
  const relay = start()
  await timers.advance(0)
  await store.erase([{ tenant: 'acme', subject: 'l:ada' }], [])
  add(entry('e1'))
  state.publish = publish
  done()
  relay.kick()
  await timers.advance(2_000)
  expect(published).toHaveLength(1)
  expect(store.tables.outgoing).toEqual([])
})

test('a fact that could not be handed on in its turn is handed on from here', async () => {
  const { store, timers, published, start } = setup()
  const fact = {
    tenant: 'acme',
    subject: 'l:ada',
    factId: 'f1',
    name: 'learning.onboarding.step.completed',
    occurredAt: 7,
    data: '{"run":0}',
  }
  store.facts.push(fact as StoredFact)
  const event = 'learning.onboarding.step.completed@1'
  const keys = ['f1', 'gone'].map((eventId) => ({
    tenant: 'acme',
    subject: 'l:ada',
    kind: 'fact' as const,
    source: '',
    eventId,
    event,
  }))
  await store.addOutgoing(keys, 0)
  start()
  await timers.advance(0)
  expect(published).toMatchObject([{ key: 'learning.onboarding.step.completed', channel: 'fact', payload: { run: 0 } }])
  expect(published[0]?.id).toMatch(/^keyed-\w+\.f1$/)
  expect(store.tables.outgoing).toEqual([])
})

test('what takes long stays held, also while there is no room for more', async () => {
  const { store, timers, state, start, add } = setup({ sequenced: true })
  state.publish = () => new Promise(() => {})
  add(...Array.from({ length: 256 }, (_, n) => entry(`e${n}`)))
  start()
  await timers.advance(500_000)
  const soonest = Math.min(...store.tables.outgoing.map(({ heldUntil }) => heldUntil))
  expect(soonest).toBeGreaterThan(timers.now())
  relays.length = 0
})

test('what a turn takes while it closes is free for another process at once', async () => {
  const { store, timers, published, start, add } = setup({ sequenced: true })
  const claim = store.claimOutgoing
  const { promise, resolve } = Promise.withResolvers<void>()
  const slow = start()
  await timers.advance(0)
  store.claimOutgoing = async (...ask) => {
    const rows = await claim(...ask)
    await promise
    return rows
  }
  add(entry('e1'))
  slow.kick()
  await timers.advance(0)
  const closing = slow.close()
  resolve()
  await closing
  expect([published, store.tables.outgoing.map(({ heldUntil }) => heldUntil)]).toEqual([[], [0]])
})
