import { describe, expect, test } from 'vitest'
import { START, track } from '../../test-support/entries.ts'
import type { FakeStore } from '../../test-support/fake-store.ts'
import { ADA, startJourney } from '../../test-support/journey-process.ts'
import { FIRST_WIN, PIPELINE } from '../../test-support/reading-tracks.ts'
import {
  GetProgressContract,
  IngestContract,
  RecordOnboardingEventContract,
  RedriveRejectedContract,
} from '../contracts/onboarding.ts'

const DAY = 24 * 60 * 60 * 1_000
/** Rejected as long as the track is not served. */
const EARLY = { ...PIPELINE, trackId: 'first-win' }
const READING = track(
  [
    { key: 'by-server', complete: { event: 'page.read' } },
    { key: 'by-client', complete: { event: 'page.read', trust: 'client' } },
  ],
  { key: 'reading' },
)
const statuses = ({ results }: { readonly results: readonly { readonly status: string }[] }) =>
  results.map(({ status }) => status)
const idsOf = ({ rejected }: FakeStore) => rejected.map(({ id }) => id)

/** Events that came before the track did, and the process that serves it 30 days later. */
async function mended(events: readonly object[], envelope: { readonly idempotencyKey?: string } = {}) {
  const before = await startJourney([])
  const answer = await before.ok(IngestContract, { events: [...events] }, envelope)
  expect(new Set(statuses(answer))).toEqual(new Set(['invalid']))
  const after = await startJourney([FIRST_WIN], { store: before.store })
  after.clock.now = START + 30 * DAY
  const redrive = (ids = idsOf(before.store)) => after.ok(RedriveRejectedContract, { ids: [...ids] })
  return { ...after, redrive }
}

describe('a rejected event whose cause was mended', () => {
  test('is recorded with the time, door and key of its first arrival, and is no longer rejected', async () => {
    const { store, redrive, ok } = await mended([{ ...EARLY, eventId: 'e1' }])
    const [id] = idsOf(store)
    expect(await redrive()).toEqual({ success: true, results: [{ id, eventId: 'e1', status: 'recorded' }] })
    expect(store.rejected).toEqual([])
    expect(store.entries).toMatchObject([
      { eventId: 'e1', receivedAt: START, occurredAt: START, channel: 'rest', keyId: 'key-1' },
    ])
    // Judged by the time of the redrive it would be too late.
    const { tracks } = await ok(GetProgressContract, { learnerId: 'ada' })
    expect(tracks[0]?.steps[0]).toMatchObject({ stepId: 'pipeline', status: 'completed' })
  })

  test('counts once, however often it is redriven, and when its batch is sent again', async () => {
    const batch = [EARLY, { ...EARLY, learnerId: 'bob' }]
    const { store, redrive, ok } = await mended(batch, { idempotencyKey: 'batch-1' })
    const ids = idsOf(store)
    expect(statuses(await redrive([...ids, ...ids]))).toEqual(['recorded', 'recorded', 'duplicate', 'duplicate'])
    expect(statuses(await redrive(ids))).toEqual(['not_found', 'not_found'])
    const again = await ok(IngestContract, { events: batch }, { idempotencyKey: 'batch-1' })
    expect(statuses(again)).toEqual(['duplicate', 'duplicate'])
    expect(store.entries).toHaveLength(2)
  })

  test('is still rejected when the round that stores it fails, and counts once after that', async () => {
    const { store, redrive } = await mended([{ ...EARLY, eventId: 'e1' }])
    const ids = idsOf(store)
    store.beforeCommit = () => {
      throw new Error('the disk went away')
    }
    await expect(redrive()).rejects.toThrow('INTERNAL')
    expect(idsOf(store)).toEqual(ids)
    expect(store.entries).toEqual([])
    store.beforeCommit = () => undefined
    expect(statuses(await redrive(ids))).toEqual(['recorded'])
    expect(store.facts.filter(({ name }) => name.endsWith('xp.granted'))).toHaveLength(1)
  })

  test('is no longer rejected when it was recorded meanwhile, or is stored for a later track', async () => {
    const events = [
      { ...EARLY, eventId: 'same' },
      { ...EARLY, eventName: 'page.read', eventPayload: { page: '/' }, eventId: 'unmatched' },
    ]
    const { store, redrive, ok } = await mended(events)
    await ok(IngestContract, { events: [events[0]] })
    expect(statuses(await redrive())).toEqual(['duplicate', 'unmatched'])
    expect(store.rejected).toEqual([])
  })
})

describe('a rejected event that is still refused', () => {
  test('stays, with the problem that it has now', async () => {
    const { store, redrive, ok } = await mended([
      { ...EARLY, eventId: 'taken' },
      { ...EARLY, eventName: 'deal.created', eventId: 'empty' },
      { ...EARLY, eventName: 'nobody.declares', eventId: 'unknown' },
    ])
    await ok(IngestContract, { events: [{ ...PIPELINE, eventId: 'taken', accountId: 'other' }] })
    const { results } = await redrive()
    expect(results.map(({ eventId, status, problem }) => `${status} ${eventId} ${problem?.code}`)).toEqual([
      'conflict taken CONFLICT',
      'invalid empty VALIDATION_FAILED',
      'unknown unknown EVENT_UNKNOWN',
    ])
    expect(store.rejected.map(({ eventId, problem }) => `${eventId} ${JSON.parse(problem).code}`)).toEqual([
      'taken CONFLICT',
      'empty VALIDATION_FAILED',
      'unknown EVENT_UNKNOWN',
    ])
  })

  test('stays alone when the database refuses it: its neighbours are stored and no longer rejected', async () => {
    const batch = ['a', 'b', 'poison', 'c', 'd'].map((eventId) => ({ ...EARLY, eventId }))
    const { store, redrive } = await mended([...batch, { ...EARLY, eventName: 'deal.created', eventId: 'empty' }])
    store.beforeAppend = (rows) => {
      if (rows.some(({ eventId }) => eventId === 'poison')) throw new Error('invalid byte sequence')
    }
    const ids = idsOf(store)
    expect(statuses(await redrive())).toEqual(['recorded', 'recorded', 'invalid', 'recorded', 'recorded', 'invalid'])
    expect(store.rejected.map(({ id, problem }) => [id, JSON.parse(problem).code])).toEqual([
      [ids[2], 'INTERNAL'],
      [ids[5], 'VALIDATION_FAILED'],
    ])
    store.beforeAppend = () => {}
    expect(statuses(await redrive())).toEqual(['recorded', 'invalid'])
    expect(idsOf(store)).toEqual([ids[5]])
  })

  test('stays as it is when it was too long to be kept whole', async () => {
    const { ok, store } = await startJourney([FIRST_WIN])
    await ok(IngestContract, { events: [{ ...PIPELINE, eventId: 'long', eventPayload: { text: 'x'.repeat(70_000) } }] })
    const before = [...store.rejected]
    const { results } = await ok(RedriveRejectedContract, { ids: idsOf(store) })
    expect(results).toMatchObject([{ eventId: 'long', status: 'too_large', problem: { code: 'PAYLOAD_TOO_LARGE' } }])
    expect(store.rejected).toEqual(before)
  })

  test('can be as large as an event may be', async () => {
    const { ok, store } = await startJourney([FIRST_WIN])
    const event = { ...PIPELINE, trackId: 'later', learnerId: '\u0001'.repeat(256), eventPayload: { text: 'x'.repeat(32_700) } }
    await ok(IngestContract, { events: [event] })
    const { results } = await ok(RedriveRejectedContract, { ids: idsOf(store) })
    expect(results).toMatchObject([{ status: 'invalid', problem: { code: 'TRACK_NOT_FOUND' } }])
  })
})

test('what a learner reported stays untrusted: its time is that of its receipt, and it has no key', async () => {
  const { call, clock, ok, store } = await startJourney([READING])
  const claimed = START - 2 * DAY
  const event = {
    learnerId: 'ada',
    eventName: 'page.read',
    accountId: 'acme',
    eventPayload: { page: '/' },
    occurredAt: new Date(claimed).toISOString(),
  }
  store.beforeAppend = (rows) => {
    if (rows.length > 0) throw new Error('not now')
  }
  const learner = { ...ADA, accounts: ['acme'] } as const
  expect(await call(RecordOnboardingEventContract, event, { principal: learner })).toMatchObject({ ok: false })
  expect(store.rejected).toMatchObject([{ channel: 'client', keyId: null }])
  store.beforeAppend = () => {}
  clock.now += DAY
  expect(statuses(await ok(RedriveRejectedContract, { ids: idsOf(store) }))).toEqual(['recorded'])
  expect(store.rejected).toEqual([])
  expect(store.entries).toMatchObject([
    { channel: 'client', keyId: null, account: 'acme', receivedAt: START, occurredAt: START, claimedAt: claimed },
  ])
  const { tracks } = await ok(GetProgressContract, { learnerId: 'ada', trackId: 'reading' })
  expect(tracks[0]?.steps.map(({ status }) => status)).toEqual(['open', 'completed'])
})

test('rejected events of another tenant are not there, and learners may not ask', async () => {
  const { ok, problem, store } = await startJourney([FIRST_WIN])
  await ok(IngestContract, { events: [null] })
  const foreign = { kind: 'service', tenant: 'other', id: 'k', scopes: ['*'] } as const
  expect(statuses(await ok(RedriveRejectedContract, { ids: idsOf(store) }, { principal: foreign }))).toEqual(['not_found'])
  expect(await problem(RedriveRejectedContract, { ids: idsOf(store) }, { principal: ADA })).toMatchObject({ code: 'FORBIDDEN' })
})
