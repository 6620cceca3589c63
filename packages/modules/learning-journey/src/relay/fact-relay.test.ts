import { composeRegistry } from '@waymark/contract'
import { expect, test } from 'vitest'
import { createFakeStore } from '../../test-support/fake-store.ts'
import { sha256 } from '../../test-support/journey-process.ts'
import { createManualTimers } from '../../test-support/manual-timers.ts'
import { LearningJourneyModule } from '../module.ts'
import type { StoredFact } from '../ports/index.ts'
import { createFactFeed } from './fact-feed.ts'
import { createFactRelay } from './fact-relay.ts'
import type { RelayedEvent } from './relayed-event.ts'

const registry = composeRegistry(LearningJourneyModule)

function setup(store = createFakeStore()) {
  const timers = createManualTimers()
  const published: string[] = []
  const events: RelayedEvent[] = []
  const failures: unknown[] = []
  const state = {
    publish: async (batch: readonly RelayedEvent[]) => {
      events.push(...batch)
      published.push(...batch.map(idOf))
    },
  }
  const shared = { store, now: timers.now, after: timers.after, onFailure: (error: unknown) => failures.push(error) }
  const feed = createFactFeed(shared)
  const hashes = { hash: sha256, keyedHash: (text: string) => `keyed-${text.split('\0').at(-1)}` }
  const start = (holder = 'n1', events = [EVENT]) =>
    createFactRelay({ ...shared, feed, registry, hashes, holder, events, publish: (batch) => state.publish(batch) })
  const commit = (factId: string, values: Partial<StoredFact> = {}) => {
    store.facts.push({ ...FACT, factId, ...values, position: store.facts.length + 1 })
    feed.kick()
  }
  const positions = () => store.tables.cursors.filter(({ tenant }) => tenant !== '').map(({ position }) => position)
  return { store, timers, published, events, failures, state, feed, start, commit, positions }
}

/** The id of a fact, without the mark of whom it is about. */
function idOf({ id }: RelayedEvent): string {
  return id.slice(id.indexOf('.') + 1)
}

const EVENT = 'learning.onboarding.step.completed@1'

const FACT = {
  tenant: 'acme',
  subject: 'l:ada',
  name: 'learning.onboarding.step.completed',
  track: 'first-win',
  run: 0,
  step: 's1',
  causeSource: '',
  causeId: 'e1',
  occurredAt: 7,
  runStartedAt: 0,
  backfilled: false,
  heldOut: false,
  data: '{"trackId":"first-win","run":0,"stepId":"s1"}',
}

test('the first time, facts are handed on from then on; those of a new tenant all', async () => {
  const { timers, published, events, start, commit, feed } = setup()
  commit('f1')
  const relay = start()
  await timers.advance(0)
  commit('f2')
  commit('f3', { tenant: 'other', subject: 'a:north' })
  await timers.advance(3_000)
  expect([...published].sort()).toEqual(['f2', 'f3'])
  expect(events.find((event) => idOf(event) === 'f2')).toEqual({
    tenant: 'acme',
    id: 'keyed-ada.f2',
    source: '/tenants/acme',
    key: 'learning.onboarding.step.completed',
    version: '1.0.0',
    occurredAt: 7,
    channel: 'fact',
    learnerId: 'ada',
    payload: { trackId: 'first-win', run: 0, stepId: 's1' },
  })
  expect(events.find((event) => idOf(event) === 'f3')).toMatchObject({ tenant: 'other', accountId: 'north' })
  await relay.close()
  await feed.close()
})

test('the next process goes on where the last one had got, whether that closed or died', async () => {
  const first = setup()
  const relay = first.start()
  await first.timers.advance(0)
  first.commit('f1')
  await first.timers.advance(2_000)
  first.commit('f2')
  await first.timers.advance(2_000)
  expect(first.positions()).toEqual([2])
  await relay.close()
  await first.feed.close()

  const second = setup(first.store)
  second.commit('f3')
  second.start()
  await second.timers.advance(500)
  expect(second.published).toEqual(['f3'])
  // It dies before it has kept that.
  expect(second.positions()).toEqual([2])
  await second.feed.close()

  const third = setup(first.store)
  const last = third.start()
  await third.timers.advance(500)
  expect(third.published).toEqual(['f3'])
  await last.close()
  expect(third.positions()).toEqual([3])
  await third.feed.close()
})

test('the cursor stays before a fact that is not published, while others pass it', async () => {
  const { timers, published, state, start, commit, positions, feed } = setup()
  const { publish } = state
  let done = () => {}
  state.publish = async (batch) => {
    if (batch.map(idOf).includes('f1'))
      await new Promise<void>((resolve) => {
        done = resolve
      })
    await publish(batch)
  }
  const relay = start()
  await timers.advance(0)
  for (const id of ['f1', 'f2', 'f3']) commit(id)
  await timers.advance(5_000)
  expect([published, positions()]).toEqual([['f2', 'f3'], [0]])
  done()
  await timers.advance(2_000)
  expect([published, positions()]).toEqual([['f2', 'f3', 'f1'], [3]])
  await relay.close()
  await feed.close()
})

test('what was brought in from the past is passed over', async () => {
  const { timers, published, start, commit, positions, feed } = setup()
  const relay = start()
  await timers.advance(0)
  commit('f1', { backfilled: true })
  commit('f2')
  await timers.advance(3_000)
  expect([published, positions()]).toEqual([['f2'], [2]])
  await relay.close()
  await feed.close()
})

test('a fact that could not be published is written down, and holds up neither others nor the cursor', async () => {
  const { store, timers, published, failures, state, start, commit, positions, feed } = setup()
  const { publish } = state
  state.publish = async (batch) => {
    if (batch.map(idOf).includes('f1')) throw new Error('what the handler calls is away')
    await publish(batch)
  }
  const relay = start()
  await timers.advance(0)
  commit('f1')
  commit('f2')
  await timers.advance(3_000)
  expect([published, failures.length, positions()]).toEqual([['f2'], 1, [2]])
  expect(store.tables.outgoing.map(({ row }) => row)).toMatchObject([
    { kind: 'fact', eventId: 'f1', subject: 'l:ada', event: EVENT },
  ])
  await relay.close()
  await feed.close()
})

test('the cursor stays before a fact that could not be written down either, and closing does not wait for its next try', async () => {
  const { store, timers, state, start, commit, positions, feed } = setup()
  state.publish = async () => {
    throw new Error('away')
  }
  store.addOutgoing = async () => {
    throw new Error('the database is away')
  }
  const relay = start()
  await timers.advance(0)
  commit('f1')
  await timers.advance(20_000)
  expect(positions()).toEqual([0])
  await relay.close()
  await feed.close()
  expect(positions()).toEqual([0])
  expect(timers.pending()).toEqual([])
})

test('facts of people who are held out are passed over', async () => {
  const { timers, published, start, commit, positions, feed } = setup()
  const relay = start()
  await timers.advance(0)
  commit('f1', { heldOut: true })
  commit('f2')
  await timers.advance(3_000)
  expect([published, positions()]).toEqual([['f2'], [2]])
  await relay.close()
  await feed.close()
})

test('each contract has a cursor of its own, and a process moves only those that it has handlers for', async () => {
  const { store, timers, published, start, commit, feed } = setup()
  const other = 'learning.onboarding.enrolled@1'
  const both = start('n1', [EVENT, other])
  await timers.advance(0)
  await both.close()
  const relay = start('n2')
  commit('f1', { name: 'learning.onboarding.enrolled' })
  commit('f2')
  await timers.advance(3_000)
  expect(published).toEqual(['f2'])
  await relay.close()
  expect(store.tables.cursors.filter(({ tenant }) => tenant !== '')).toMatchObject([{ relay: EVENT, position: 2 }])
  const again = start('n3', [other])
  await timers.advance(3_000)
  expect(published).toEqual(['f2', 'f1'])
  await again.close()
  await feed.close()
})

test('who finds that another process took a cursor stops following, and does not take it back', async () => {
  const { store, timers, published, start, commit, feed } = setup(createFakeStore(1, { sequenced: true }))
  const relay = start()
  await timers.advance(0)
  commit('f1')
  await timers.advance(2_000)
  expect(published).toEqual(['f1'])
  // The database was away for longer than the cursor was held.
  const taken = await store.takeFactCursor(
    { relay: EVENT, tenant: 'acme' },
    'n2',
    0,
    timers.now() + 60_000,
    timers.now() + 90_000,
  )
  expect(taken).toBe(1)
  await timers.advance(31_000)
  commit('f2')
  await timers.advance(5_000)
  expect(published).toEqual(['f1'])
  await relay.close()
  await feed.close()
  expect(store.tables.cursors.find(({ tenant }) => tenant === 'acme')).toMatchObject({ holder: 'n2', position: 1 })
})

test('a tenant whose cursor another process holds is left to it, until it holds it no more', async () => {
  const { store, timers, published, start, commit, feed } = setup(createFakeStore(1, { sequenced: true }))
  await store.takeFactCursor({ relay: EVENT, tenant: '' }, 'n2', 1, 0, 0)
  await store.takeFactCursor({ relay: EVENT, tenant: 'acme' }, 'n2', 0, 0, 20_000)
  commit('f1')
  const relay = start()
  await timers.advance(19_000)
  expect(published).toEqual([])
  await timers.advance(3_000)
  expect(published).toEqual(['f1'])
  await relay.close()
  await feed.close()
})

test('so many are on their way and no more, and it closes when those have ended', async () => {
  const { store, timers, state, start, commit, feed } = setup()
  const waiting: (() => void)[] = []
  state.publish = () => new Promise((resolve) => void waiting.push(resolve))
  const relay = start()
  await timers.advance(0)
  for (let n = 0; n < 400; n++) commit(`f${n}`)
  await timers.advance(5_000)
  expect(waiting).toHaveLength(256)
  let isClosed = false
  const closing = relay.close().then(() => {
    isClosed = true
  })
  await timers.advance(0)
  expect(isClosed).toBe(false)
  for (const done of waiting) done()
  await closing
  await feed.close()
  expect(store.tables.cursors.find(({ tenant }) => tenant === 'acme')).toMatchObject({ position: 256, heldUntil: 0 })
  await timers.advance(60_000)
  expect(timers.pending()).toEqual([])
})
