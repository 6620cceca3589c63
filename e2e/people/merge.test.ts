import {
  EnrollContract,
  GetProgressContract,
  GroupContract,
  IngestContract,
  MergeContract,
  RecordOnboardingEventContract,
  SkipStepContract,
} from '@waymark/learning-journey'
import type { JournalStore } from '@waymark/learning-journey/ports'
import { createMemoryStore } from '@waymark/store/memory'
import { describe, expect, test } from 'vitest'
import { ADA, at, startPeople, track } from './start-people.ts'

const FIRST_WIN = track('first-win', [
  { key: 'one', complete: { event: 'pipeline.created' }, reward: { xp: 1 } },
  { key: 'two', complete: { event: 'deal.created' }, reward: { xp: 10, badge: 'dealer' } },
  { key: 'three', complete: { event: 'deal.won', atLeast: 2 }, reward: { xp: 100 } },
])
const CHOSEN = track('chosen', [{ key: 'read', complete: { event: 'page.read' }, skippable: true }], {
  enrol: { mode: 'explicit' },
})
const TEAM = track('team', [{ key: 'deals', complete: { event: 'deal.created', atLeast: 2 } }], { subject: 'account' })
const TRACKS = [FIRST_WIN, CHOSEN, TEAM]
const NOW = { learnerId: 'ada', anonymousId: 'anon:1' }
const event = (learnerId: string, eventName: string, eventId: string, rest: object = {}) => ({
  learnerId,
  eventName,
  eventId,
  ...rest,
})

/** Somebody did the first two steps, and the user who turns out to be the same person the second one and half of the third. */
async function halfway(store: JournalStore = createMemoryStore()) {
  const people = await startPeople(TRACKS, { store })
  const { ok, clock } = people
  await ok(RecordOnboardingEventContract, event('anon:1', 'pipeline.created', 'p'))
  await ok(RecordOnboardingEventContract, event('anon:1', 'deal.created', 'd'))
  await ok(RecordOnboardingEventContract, event('anon:1', 'deal.won', 'w'))
  clock.now += 1_000
  await ok(RecordOnboardingEventContract, event('ada', 'deal.created', 'own'))
  await ok(RecordOnboardingEventContract, event('ada', 'deal.won', 'won'))
  clock.now += 1_000
  return people
}

type People = Awaited<ReturnType<typeof startPeople>>
const shown = async ({ ok }: People, learnerId = 'ada') => {
  const { xp, badges, tracks } = await ok(GetProgressContract, { learnerId })
  return { xp, badges, steps: tracks.map(({ steps }) => steps.map(({ status }) => status)) }
}
const UNION = { xp: 111, badges: ['dealer'], steps: [['completed', 'completed', 'completed']] }
const ledger = async ({ store }: People) => {
  const facts = (await Promise.all(['l:ada', 'l:anon:1'].map((subject) => store.readFactsOf({ tenant: 'acme', subject })))).flat()
  const sum = (name: string) =>
    facts.filter((fact) => fact.name.endsWith(name)).reduce((xp, { data }) => xp + (JSON.parse(data).xp as number), 0)
  return sum('xp.granted') - sum('xp.revoked')
}

describe('merging (A38)', () => {
  test('gives the learner the union, each reward once, and a fact', async () => {
    const people = await halfway()
    const { ok, facts, entries, failures } = people
    expect(await ok(MergeContract, NOW)).toEqual({ success: true, merged: true })
    expect(await shown(people)).toEqual(UNION)
    // What the merged one held is taken back, so that the sum of all facts is what is shown.
    expect(await ledger(people)).toBe(111)
    expect(await facts('l:ada')).toContain('merged')
    expect(await entries('l:anon:1')).toEqual([])
    expect(await entries('l:ada', ['waymark.merged'])).toMatchObject([{ payload: '{"learnerId":"anon:1"}', keyId: 'key-1' }])
    expect(failures).toEqual([])
  })

  test('is news of somebody who was not known before', async () => {
    const { ok, store } = await halfway()
    await ok(MergeContract, { learnerId: 'new', anonymousId: 'anon:1' })
    const facts = await store.readFactsOf({ tenant: 'acme', subject: 'l:new' })
    expect(facts.length).toBeGreaterThan(5)
    expect(facts.filter(({ backfilled }) => backfilled)).toEqual([])
  })

  test('again changes nothing', async () => {
    const people = await halfway()
    await people.ok(MergeContract, NOW)
    const then = [await people.entries('l:ada'), await people.facts('l:ada'), await people.facts('l:anon:1')]
    people.clock.now += 60_000
    expect(await people.ok(MergeContract, NOW)).toEqual({ success: true, merged: false })
    expect(await people.ok(MergeContract, { learnerId: 'anon:1', anonymousId: 'ada' })).toEqual({ success: true, merged: false })
    expect(await people.ok(MergeContract, { learnerId: 'ada', anonymousId: 'ada' })).toEqual({ success: true, merged: false })
    expect([await people.entries('l:ada'), await people.facts('l:ada'), await people.facts('l:anon:1')]).toEqual(then)
  })

  test('is for the first one who asks: a second gets CONFLICT, and no points move (A52)', async () => {
    const people = await halfway()
    await people.ok(MergeContract, NOW)
    expect(await people.problem(MergeContract, { learnerId: 'bob', anonymousId: 'anon:1' })).toMatchObject({
      code: 'CONFLICT',
      status: 409,
      detail: expect.stringContaining('anon:1'),
    })
    expect(await shown(people)).toEqual(UNION)
    expect(await shown(people, 'bob')).toEqual({ xp: 0, badges: [], steps: [] })
  })

  test('lets what comes later under the old id reach the person, and questions about it too', async () => {
    const people = await halfway()
    const { ok, entries } = people
    await ok(MergeContract, NOW)
    await ok(EnrollContract, { learnerId: 'anon:1', trackId: 'chosen' })
    await ok(SkipStepContract, { learnerId: 'anon:1', trackId: 'chosen', stepId: 'read' })
    expect(await entries('l:ada', ['waymark.skipped'])).toHaveLength(1)
    expect(await shown(people, 'anon:1')).toEqual(await shown(people))
    expect((await ok(GetProgressContract, { learnerId: 'anon:1' })).tracks.map(({ trackId }) => trackId)).toContain('chosen')
  })

  test('counts an id that both used once, and keeps the first', async () => {
    const { ok, entries } = await startPeople(TRACKS)
    for (const learnerId of ['anon:1', 'ada']) await ok(RecordOnboardingEventContract, event(learnerId, 'deal.won', 'same'))
    await ok(MergeContract, NOW)
    expect(await entries('l:ada', ['deal.won'])).toHaveLength(1)
    expect((await ok(GetProgressContract, NOW)).tracks).toMatchObject([{ steps: [{}, {}, { status: 'open' }] }])
  })

  test('keeps memberships, and brings the accounts up to date', async () => {
    const people = await startPeople(TRACKS)
    const { ok, store } = people
    await ok(GroupContract, { learnerId: 'anon:1', accountId: 'north', at: at(-60) })
    for (const learnerId of ['anon:1', 'ada'])
      await ok(
        RecordOnboardingEventContract,
        event(learnerId, 'deal.created', 'same', { accountId: 'north', occurredAt: at(-30) }),
      )
    await ok(MergeContract, NOW)
    expect(await store.readMemberships([{ tenant: 'acme', learner: 'ada' }])).toMatchObject([{ account: 'north', until: null }])
    const progress = await ok(GetProgressContract, { learnerId: 'ada', trackId: 'team' })
    // Both events are one now, which the completion that was announced stands against.
    expect(progress.tracks).toMatchObject([{ steps: [{ status: 'completed', standing: true }] }])
    await ok(RecordOnboardingEventContract, event('anon:1', 'deal.created', 'more'))
    expect((await ok(GetProgressContract, { learnerId: 'ada', trackId: 'team' })).tracks).toMatchObject([
      { steps: [{ standing: false }] },
    ])
  })
})

describe('who may merge', () => {
  test('a learner whose token names the other id', async () => {
    const { ok, problem } = await halfway()
    const principal = { ...ADA, anonymousId: 'anon:1' }
    expect(await problem(MergeContract, NOW, { principal: ADA })).toMatchObject({ code: 'FORBIDDEN' })
    expect(await problem(MergeContract, { ...NOW, anonymousId: 'bob' }, { principal })).toMatchObject({ code: 'FORBIDDEN' })
    expect(await problem(MergeContract, { ...NOW, learnerId: 'bob' }, { principal })).toMatchObject({ code: 'FORBIDDEN' })
    expect(await ok(MergeContract, NOW, { principal })).toMatchObject({ merged: true })
  })
})

describe('ingest', () => {
  const statuses = async ({ ok }: People, events: object[]) =>
    (await ok(IngestContract, { events })).results.map(({ status }) => status)

  test('merges with alias, before it records what comes in the same batch', async () => {
    const people = await halfway()
    const alias = { type: 'alias', learnerId: 'ada', previousId: 'nobody', anonymousId: 'anon:1' }
    expect(await statuses(people, [event('anon:1', 'page.read', 'r'), alias])).toEqual(['recorded', 'recorded'])
    expect(await shown(people)).toEqual(UNION)
    expect(await statuses(people, [alias])).toEqual(['duplicate'])
    expect((await people.ok(IngestContract, { events: [{ ...alias, learnerId: 'bob', eventId: 'x' }] })).results).toMatchObject([
      { eventId: 'x', status: 'conflict', problem: { code: 'CONFLICT' } },
    ])
  })

  test("merges with the anonymous id of identify; traits are recorded even where the id is another one's", async () => {
    const people = await halfway()
    const identify = { type: 'identify', learnerId: 'ada', anonymousId: 'anon:1', traits: { plan: 'pro' } }
    expect(await statuses(people, [identify])).toEqual(['recorded'])
    expect(await shown(people)).toEqual(UNION)
    const { results } = await people.ok(IngestContract, { events: [{ ...identify, learnerId: 'bob' }] })
    expect(results).toMatchObject([{ status: 'recorded', problem: { code: 'CONFLICT' } }])
    expect(await people.entries('l:bob', ['waymark.identified'])).toHaveLength(1)
    expect(await shown(people, 'bob')).toMatchObject({ xp: 0 })
  })
})

describe('a process that dies between the merge and what follows from it', () => {
  /** A store that is lost as soon as somebody was merged. */
  function dying(store: JournalStore): JournalStore {
    let isDead = false
    return {
      ...store,
      async merge(merge) {
        const outcome = await store.merge(merge)
        isDead = true
        return outcome
      },
      append: (entries, wanted) => (isDead ? Promise.reject(new Error('The process died.')) : store.append(entries, wanted)),
    }
  }

  async function died() {
    const store = createMemoryStore()
    const first = await halfway(dying(store))
    expect(await first.call(MergeContract, NOW)).toMatchObject({ ok: false })
    await first.journey.close()
    const next = await startPeople(TRACKS, { store })
    next.clock.now = first.clock.now + 1_000
    return next
  }

  test('another one finishes it by itself', async () => {
    const next = await died()
    await next.journey.wake()
    expect(await shown(next)).toEqual(UNION)
    expect(await ledger(next)).toBe(111)
    expect(await next.store.nextTimer()).toBeNull()
    expect(next.failures).toEqual([])
  })

  test('whoever says it again finishes it', async () => {
    const next = await died()
    expect(await next.ok(MergeContract, NOW)).toEqual({ success: true, merged: false })
    expect(await shown(next)).toEqual(UNION)
    expect(await next.store.nextTimer()).toBeNull()
  })

  test('events that come in between change nothing of what comes out', async () => {
    const sent = event('anon:1', 'deal.won', 'between')
    const between = await died()
    await between.ok(RecordOnboardingEventContract, sent)
    await between.journey.wake()
    const after = await died()
    await after.journey.wake()
    await after.ok(RecordOnboardingEventContract, sent)
    expect(await shown(between)).toEqual(UNION)
    expect(await shown(between)).toEqual(await shown(after))
    expect(await ledger(between)).toBe(await ledger(after))
  })
})
