import { afterEach, expect, test } from 'vitest'
import { createFakeStore } from '../../test-support/fake-store.ts'
import { createManualTimers } from '../../test-support/manual-timers.ts'
import type { EntryRow } from '../ports/index.ts'
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
      hash: (text) => Buffer.from(text).toString('hex').slice(-20),
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
      store.tables.outgoing.push({ row: { tenant, subject, source, eventId }, heldUntil: 0 })
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
      id: expect.stringMatching(/^\w{12}\.e1$/),
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
    await store.claimOutgoing(0, 119_000, 1)
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
  expect([published.length, store.tables.outgoing.length, failures.length]).toEqual([0, 1, 3])
  state.publish = publish
  await timers.advance(5_000)
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
    order.push((event as RelayedEvent).id.split('.')[1] as string)
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
