import type { EmittedEvent } from '@waymark/contract'
import { afterEach, expect, test, vi } from 'vitest'
import { START, track } from '../../test-support/entries.ts'
import { sha256, startJourney } from '../../test-support/journey-process.ts'
import { GetProgressContract, ListRejectedContract, RedriveRejectedContract } from '../contracts/onboarding.ts'
import { MergeContract } from '../contracts/people.ts'
import { toIdHash } from '../record/tombstones.ts'

const TRACKS = [track([{ key: 'deals', complete: { event: 'deal.created', atLeast: 2 } }], { key: 'first-win' })]
const DEAL = { dealId: 'd1', amount: 3 }

const relays: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const relay of relays.splice(0)) await relay.close()
})

function emitted(eventId: string, values: Partial<EmittedEvent> = {}): EmittedEvent {
  const about = { source: 'sales', key: 'deal.created', major: 1, learnerId: 'ada' }
  return { eventId, ...about, emittedAt: START - 1_000, payload: DEAL, ...values }
}

async function setup(options = {}) {
  const started = await startJourney(TRACKS, options)
  const { store, journey } = started
  const relay = journey.recordEmitted()
  relays.push(relay)
  let number = 0
  const emit = async (...events: readonly EmittedEvent[]) => {
    for (const event of events) {
      number += 1
      const row = { number, event: `${event.key}@${event.major}`, body: JSON.stringify(event), tries: 0 }
      store.tables.emitted.push({ row: { ...row, tenant: 'acme', subject: `l:${event.learnerId}` }, heldUntil: 0 })
    }
    relay.kick()
    await vi.waitFor(() => expect(store.tables.emitted).toEqual([]))
  }
  return { ...started, emit }
}

test('an emitted event is in the journal as a server reports it, at the time at which it was emitted', async () => {
  const { emit, store, failures } = await setup()
  await emit(emitted('e1'), emitted('e2', { accountId: 'north', occurredAt: START - 5_000 }))
  const common = { tenant: 'acme', subject: 'l:ada', source: 'sales', kind: 'event', name: 'deal.created', version: '1.2.0' }
  const report = { channel: 'emit', keyId: 'emit', receivedAt: START - 1_000, payload: JSON.stringify(DEAL) }
  expect(store.entries.toSorted((a, b) => a.occurredAt - b.occurredAt)).toMatchObject([
    { ...common, ...report, eventId: 'e2', account: 'north', occurredAt: START - 5_000 },
    { ...common, ...report, eventId: 'e1', account: null, occurredAt: START - 1_000 },
  ])
  expect(failures).toEqual([])
})

test('it advances the steps that listen to it, once, however often it is recorded', async () => {
  const { emit, ok, store, failures } = await setup()
  await emit(emitted('e1'))
  await emit(emitted('e1'))
  expect(store.entries).toHaveLength(1)
  expect(await ok(GetProgressContract, { learnerId: 'ada' })).toMatchObject({ tracks: [{ status: 'active' }] })
  await emit(emitted('e2'))
  expect(await ok(GetProgressContract, { learnerId: 'ada' })).toMatchObject({ tracks: [{ status: 'completed' }] })
  expect(failures).toEqual([])
})

test('it goes to those who handle it', async () => {
  const { emit, store } = await setup({ relayed: new Set(['deal.created@1']) })
  await emit(emitted('e1'))
  expect(store.tables.outgoing).toMatchObject([{ row: { eventId: 'e1', source: 'sales', event: 'deal.created@1' } }])
})

test('one that is refused is kept as rejected, and can be tried again as it came', async () => {
  const { emit, ok, store, failures } = await setup()
  await emit(emitted('e1', { payload: { ...DEAL, amount: 'much' } }))
  const { items } = await ok(ListRejectedContract, {})
  expect(items).toMatchObject([{ eventId: 'e1', eventName: 'deal.created', channel: 'emit' }])
  expect(failures.map(String)).toEqual([
    'Error: The event deal.created e1, which sales emitted, was not recorded: invalid (VALIDATION_FAILED).',
  ])
  const [row] = store.rejected
  if (row !== undefined) store.rejected[0] = { ...row, body: row.body.replace('"much"', '3') }
  const { results } = await ok(RedriveRejectedContract, { ids: items.map(({ id }) => id) })
  expect(results).toMatchObject([{ eventId: 'e1', status: 'recorded' }])
  expect(store.entries).toMatchObject([{ channel: 'emit', keyId: 'emit', receivedAt: START - 1_000 }])
})

test('an id that was there with another content changes nothing, and somebody is told', async () => {
  const { emit, store, failures } = await setup()
  await emit(emitted('e1'), emitted('e1', { payload: { ...DEAL, amount: 4 } }))
  expect(store.entries).toMatchObject([{ payload: JSON.stringify(DEAL) }])
  expect(failures.map(String)).toEqual([expect.stringContaining('was not recorded: conflict (CONFLICT)')])
})

test('it follows merges, and nothing comes of somebody who was erased meanwhile', async () => {
  const { emit, ok, store, failures } = await setup()
  await emit(emitted('e1', { learnerId: 'anon' }))
  await ok(MergeContract, { learnerId: 'ada', anonymousId: 'anon' })
  await emit(emitted('e2', { learnerId: 'anon' }))
  expect(store.entries.filter(({ kind }) => kind === 'event').map(({ subject }) => subject)).toEqual(['l:ada', 'l:ada'])
  const before = store.entries.length
  await store.erase([], [{ tenant: 'acme', idHash: toIdHash(sha256, 'acme', 'ada'), erasedAt: START }])
  await emit(emitted('e3'))
  expect([store.entries.length - before, store.rejected, failures]).toEqual([0, [], []])
})
