import { composeRegistry } from '@waymark/contract'
import { expect, test } from 'vitest'
import { createFakeStore } from '../../test-support/fake-store.ts'
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
      published.push(...batch.map(({ id }) => id))
    },
  }
  const shared = { store, now: timers.now, after: timers.after, onFailure: (error: unknown) => failures.push(error) }
  const feed = createFactFeed(shared)
  const start = () => createFactRelay({ ...shared, feed, registry, publish: (batch) => state.publish(batch) })
  const commit = (factId: string, values: Partial<StoredFact> = {}) => {
    store.facts.push({ ...FACT, factId, ...values, position: store.facts.length + 1 })
    feed.kick()
  }
  const positions = () => store.tables.cursors.filter(({ tenant }) => tenant !== '').map(({ position }) => position)
  return { store, timers, published, events, failures, state, feed, start, commit, positions }
}

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
  expect(events.find(({ id }) => id === 'f2')).toEqual({
    tenant: 'acme',
    id: 'f2',
    source: '/tenants/acme',
    key: 'learning.onboarding.step.completed',
    version: '1.0.0',
    occurredAt: 7,
    channel: 'fact',
    learnerId: 'ada',
    payload: { trackId: 'first-win', run: 0, stepId: 's1' },
  })
  expect(events.find(({ id }) => id === 'f3')).toMatchObject({ tenant: 'other', accountId: 'north' })
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
    if (batch[0]?.id === 'f1')
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

test('a fact is published again until that succeeds', async () => {
  const { timers, published, failures, state, start, commit, feed } = setup()
  const { publish } = state
  state.publish = async () => {
    throw new Error('the broker is away')
  }
  const relay = start()
  await timers.advance(0)
  commit('f1')
  await timers.advance(10_000)
  expect([published, failures.length > 2]).toEqual([[], true])
  state.publish = publish
  await timers.advance(10_000)
  expect(published).toEqual(['f1'])
  await relay.close()
  await feed.close()
})

test('a tenant whose cursor another process holds is left to it, until it holds it no more', async () => {
  const { store, timers, published, start, commit, feed } = setup(createFakeStore(1, { sequenced: true }))
  await store.takeFactCursor({ relay: 'bus', tenant: '' }, 1, 0, 0)
  await store.takeFactCursor({ relay: 'bus', tenant: 'acme' }, 0, 0, 20_000)
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
