import { describe, expect, test } from 'vitest'
import { registry } from '../../test-support/crm.ts'
import { START, track } from '../../test-support/entries.ts'
import { createFakeStore } from '../../test-support/fake-store.ts'
import { startJourney } from '../../test-support/journey-process.ts'
import { at } from '../../test-support/reading-tracks.ts'
import { createShell } from '../../test-support/record-shell.ts'
import { ExplainContract } from '../contracts/explain.ts'
import { EnrollContract, GetProgressContract, IngestContract, RecordOnboardingEventContract } from '../contracts/onboarding.ts'
import { sweep } from './sweep.ts'

const DAY = 86_400
const PLACES = track([{ key: 'places', complete: { event: 'visit.made', distinctBy: '/place', atLeast: 4 } }], { key: 'places' })
/** Looks at the order, so that an older event rebuilds it. */
const ROUTE = track(
  [{ key: 'route', complete: { sequence: [{ event: 'visit.made', atLeast: 3 }, { event: 'pipeline.created' }] } }],
  { key: 'route' },
)

function visit(place: string, day: number, learnerId = 'ada') {
  return { learnerId, eventName: 'visit.made', eventId: `${place}${day}`, eventPayload: { place }, occurredAt: at(day * DAY) }
}

/** A journey in which events arrive the day they happen, until a day. */
async function after(days: readonly (readonly [string, number])[], tracks = [PLACES, ROUTE], store = createFakeStore()) {
  const started = await startJourney(tracks, { store })
  for (const [place, day] of days) {
    started.clock.now = START + day * DAY * 1_000
    await started.ok(RecordOnboardingEventContract, visit(place, day))
  }
  return started
}

const payloads = (entries: readonly { readonly eventId: string; readonly payload: string | null }[]) =>
  entries.map(({ eventId, payload }) => `${eventId} ${payload === null ? 'gone' : 'kept'}`)

describe('a sweep', () => {
  test('takes the payloads whose time is over, and keeps what they brought', async () => {
    const { journey, clock, store, ok } = await after([
      ['a', 0],
      ['b', 5],
      ['c', 20],
    ])
    clock.now = START + 40 * DAY * 1_000
    expect(await journey.sweep()).toEqual({ expired: 1, removed: 0 })
    expect(payloads(store.entries)).toEqual(['a0 gone', 'b5 gone', 'c20 kept'])
    const { outcomes } = await ok(RecordOnboardingEventContract, visit('d', 38))
    expect(outcomes).toMatchObject([{ verdict: 'completed' }, { reason: 'count_short' }])
    const { tracks } = await ok(GetProgressContract, { learnerId: 'ada' })
    expect(tracks.map(({ startedAt }) => startedAt)).toEqual([at(0), at(0)])
  })

  test('writes nothing where nothing has expired', async () => {
    const { journey, store, clock } = await after([['a', 0]])
    const ends = store.ends.length
    clock.now = START + 30 * DAY * 1_000
    expect(await journey.sweep()).toEqual({ expired: 0, removed: 0 })
    expect(store.ends).toHaveLength(ends)
  })

  test('reads the journal only where the state holds more than what expires', async () => {
    const { journey, store, clock } = await after([['a', 0]])
    const histories = store.histories.length
    clock.now = START + 31 * DAY * 1_000
    await journey.sweep()
    expect(store.histories).toHaveLength(histories)
    expect(store.checkpoints.map((row) => `${row.track} ${row.at - START}`)).toEqual(['places 0', 'route 0'])
  })

  test('counts for a track that was published after the event, before it forgets it', async () => {
    const store = createFakeStore()
    await after(
      [
        ['a', 0],
        ['b', 1],
        ['c', 2],
      ],
      [ROUTE],
      store,
    )
    const { journey, clock, ok } = await after([], [PLACES, ROUTE], store)
    clock.now = START + 31.5 * DAY * 1_000
    await journey.sweep()
    expect(payloads(store.entries)).toEqual(['a0 gone', 'b1 gone', 'c2 kept'])
    const { steps } = await ok(ExplainContract, { learnerId: 'ada', trackId: 'places' })
    expect(steps).toMatchObject([{ detail: { actual: 3 } }])
    expect(store.facts.filter(({ track }) => track === 'places')).toMatchObject([{ name: 'learning.onboarding.enrolled' }])
  })

  test('carries a changed definition over before it forgets, and what changes later starts from what is left', async () => {
    const store = createFakeStore()
    await after(
      [
        ['a', 0],
        ['a', 1],
        ['b', 2],
      ],
      [PLACES],
      store,
    )
    const visits = { ...PLACES, version: '2.0.0', steps: [{ key: 'places', complete: { event: 'visit.made', atLeast: 9 } }] }
    const changed = await after([], [visits], store)
    changed.clock.now = START + 31.5 * DAY * 1_000
    await changed.journey.sweep()
    const [step] = (await changed.ok(ExplainContract, { learnerId: 'ada', trackId: 'places' })).steps
    expect(step?.detail).toMatchObject({ actual: 3 })
    const again = { ...visits, version: '3.0.0', steps: [{ key: 'places', complete: { event: 'visit.made', atLeast: 8 } }] }
    const { ok, clock } = await after([], [again], store)
    clock.now = START + 32 * DAY * 1_000
    await ok(RecordOnboardingEventContract, visit('z', 32))
    expect((await ok(ExplainContract, { learnerId: 'ada', trackId: 'places' })).steps).toMatchObject([{ detail: { actual: 2 } }])
  })

  test('keeps what the members of an account brought it', async () => {
    const team = { ...ROUTE, key: 'team', subject: 'account' } as const
    const { journey, clock, store, ok } = await startJourney([team, PLACES])
    const made = async (id: string, day: number, rest: object = {}) => {
      clock.now = START + day * DAY * 1_000
      return ok(RecordOnboardingEventContract, { ...visit(id, day, id), accountId: 'north', ...rest })
    }
    for (const [id, day] of [
      ['ada', 0],
      ['bob', 2],
      ['cem', 35],
    ] as const)
      await made(id, day)
    clock.now = START + 36 * DAY * 1_000
    expect(await journey.sweep()).toEqual({ expired: 2, removed: 0 })
    expect(store.checkpoints.map(({ subject, track }) => `${subject} ${track}`)).toEqual([
      'a:north team',
      'l:ada places',
      'l:bob places',
    ])
    const pipeline = { eventName: 'pipeline.created', eventPayload: {}, eventId: 'p' }
    // Older than the last visit, so that the account is computed again, from what is left.
    expect(await made('dan', 36, { ...pipeline, occurredAt: at(34 * DAY) })).toMatchObject({
      outcomes: [{ reason: 'prerequisite' }],
    })
    expect(await made('dan', 37, { ...pipeline, eventId: 'q', occurredAt: at(37 * DAY) })).toMatchObject({
      outcomes: [{ verdict: 'completed' }],
    })
  })

  test('sets the alarms of a track that was published after the event', async () => {
    const store = createFakeStore()
    await after([['a', 0]], [PLACES], store)
    const due = track([{ key: 's', complete: { event: 'visit.made', atLeast: 2 }, due: { after: 'P40D' } }], { key: 'due' })
    const alarms: number[] = []
    const shell = createShell([PLACES, due], { store })
    await shell.timers.advance(31 * DAY * 1_000)
    const onAlarm = (moment: number) => alarms.push(moment - START)
    await sweep({ ...shell, registry, isStopped: () => false, onAlarm })
    expect(alarms).toEqual([40 * DAY * 1_000 + 1])
    expect(shell.alarms()).toEqual([`l:ada ${9 * DAY + 0.001}`])
  })

  test('keeps a finished run in one checkpoint, and a later cut does not touch it again', async () => {
    const one = track([{ key: 'one', complete: { event: 'visit.made' } }], { key: 'one' })
    const { journey, store, clock, ok } = await after([['a', 0]], [one])
    await ok(RecordOnboardingEventContract, visit('b', 1))
    clock.now = START + 30.5 * DAY * 1_000
    await journey.sweep()
    const state = await store.readState({ tenant: 'acme', subject: 'l:ada' })
    const checkpoints = [...store.checkpoints]
    expect(checkpoints.map(({ at }) => at - START)).toEqual([0])
    clock.now = START + 40 * DAY * 1_000
    await journey.sweep()
    expect(payloads(store.entries)).toEqual(['a0 gone', 'b1 gone'])
    expect(await store.readState({ tenant: 'acme', subject: 'l:ada' })).toEqual(state)
    expect(store.checkpoints).toEqual(checkpoints)
    expect((await ok(GetProgressContract, { learnerId: 'ada' })).tracks).toMatchObject([{ completedAt: at(0) }])
  })

  test('is done again when a state changed meanwhile', async () => {
    const { journey, store, clock } = await after([['a', 0]])
    clock.now = START + 31 * DAY * 1_000
    let stale = 2
    store.beforeCommit = () => (stale-- > 0 ? 'stale' : undefined)
    expect(await journey.sweep()).toEqual({ expired: 1, removed: 0 })
    expect(payloads(store.entries)).toEqual(['a0 gone'])
  })

  test('passes over a subject that fails, says so, and sweeps all others', async () => {
    const store = createFakeStore()
    const { journey, clock, ok, failures } = await startJourney([PLACES], { store })
    for (let n = 0; n < 250; n++) await ok(IngestContract, { events: [visit('a', 0, `l${n}`)] })
    clock.now = START + 31 * DAY * 1_000
    const { append } = store
    store.append = async (entries, wanted) => {
      const round = await append(entries, wanted)
      const isBad = wanted.some(({ subject }) => subject === 'l:l120')
      return isBad ? { ...round, commit: () => Promise.reject(new Error('out of luck')) } : round
    }
    expect(await journey.sweep()).toEqual({ expired: 249, removed: 0 })
    expect(failures).toMatchObject([{ message: 'out of luck' }])
    expect(store.open()).toBe(0)
    store.append = append
    expect(await journey.sweep()).toEqual({ expired: 1, removed: 0 })
  })

  test('ends between two rounds when the journey closes', async () => {
    const store = createFakeStore()
    const { journey, clock, ok } = await startJourney([PLACES], { store })
    for (let n = 0; n < 250; n++) await ok(IngestContract, { events: [visit('a', 0, `l${n}`)] })
    clock.now = START + 31 * DAY * 1_000
    let closed: Promise<void> | undefined
    store.beforeCommit = () => {
      closed ??= journey.close()
      return undefined
    }
    expect(await journey.sweep()).toEqual({ expired: 100, removed: 0 })
    await closed
  })

  test('removes what has no payload after the dedupe window, and rejected events after 30 days', async () => {
    const { journey, store, clock, ok } = await after([['a', 0]])
    await ok(IngestContract, {
      events: [{ learnerId: 'ada', eventName: 'visit.made', eventId: 'bad', eventPayload: { place: 1 } }],
    })
    expect(store.rejected).toHaveLength(1)
    clock.now = START + 400 * DAY * 1_000
    expect(await journey.sweep()).toEqual({ expired: 1, removed: 0 })
    expect(store.rejected).toEqual([])
    clock.now += 1
    expect(await journey.sweep()).toEqual({ expired: 0, removed: 1 })
    expect(store.entries).toEqual([])
  })
})

describe('what happened before the cut', () => {
  test('is stored, changes nothing, and says why', async () => {
    const { journey, store, clock, ok } = await after([
      ['a', 0],
      ['b', 20],
    ])
    clock.now = START + 40 * DAY * 1_000
    await journey.sweep()
    const state = await store.readState({ tenant: 'acme', subject: 'l:ada' })
    await ok(IngestContract, { events: [visit('c', 3)], import: true })
    expect(await store.readState({ tenant: 'acme', subject: 'l:ada' })).toEqual(state)
    const explained = await ok(ExplainContract, { learnerId: 'ada', eventId: 'c3' })
    const expired = { verdict: 'unchanged', reason: 'evidence_expired' }
    expect(explained.outcomes).toMatchObject([expired, expired])
    expect((await ok(ExplainContract, { learnerId: 'ada', eventId: 'a0' })).outcomes).toMatchObject([
      { ...expired, detail: { checks: [] } },
      expired,
    ])
  })

  test('starts no run', async () => {
    const explicit = track([{ key: 'one', complete: { event: 'visit.made', lookback: 'ever', atLeast: 2 } }], {
      key: 'one',
      enrol: { mode: 'explicit' },
    })
    const { journey, clock, ok, problem } = await after([['a', 0]], [explicit])
    clock.now = START + 40 * DAY * 1_000
    await journey.sweep()
    const enrol = { learnerId: 'ada', trackId: 'one' }
    expect(await problem(EnrollContract, { ...enrol, at: at(5 * DAY) })).toMatchObject({
      code: 'VALIDATION_FAILED',
      errors: [{ pointer: '/at', expected: `a moment from ${at(10 * DAY)} on` }],
    })
    expect(await ok(EnrollContract, { ...enrol, at: at(10 * DAY) })).toMatchObject({ enrolled: true })
  })
})
