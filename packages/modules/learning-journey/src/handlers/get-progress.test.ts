import { describe, expect, test } from 'vitest'
import { START, track } from '../../test-support/entries.ts'
import { createFakeStore } from '../../test-support/fake-store.ts'
import { ADA, startJourney } from '../../test-support/journey-process.ts'
import { at, CHOSEN, FIRST_WIN, PIPELINE } from '../../test-support/reading-tracks.ts'
import { EnrollContract, GetProgressContract, RecordOnboardingEventContract } from '../contracts/onboarding.ts'

/** What a step has that says nothing of times, ways and links. */
const PLAIN = { required: true, skippable: false, opensAt: null, dueAt: null, branch: null, action: null, help: null }

describe('getProgress', () => {
  test('shows what is completed, open and locked, with the sums of the facts', async () => {
    const { ok } = await startJourney([FIRST_WIN, CHOSEN])
    await ok(RecordOnboardingEventContract, { ...PIPELINE, eventId: 'e' })
    expect(await ok(GetProgressContract, { learnerId: 'ada' })).toEqual({
      learnerId: 'ada',
      xp: 20,
      level: null,
      badges: ['starter'],
      account: null,
      tracks: [
        {
          trackId: 'first-win',
          version: '1.0.0',
          title: 'First win',
          subject: 'learner',
          status: 'active',
          run: 0,
          startedAt: at(0),
          completedAt: null,
          endedAt: null,
          dismissed: false,
          snoozedUntil: null,
          percent: 33,
          streak: null,
          steps: [
            {
              stepId: 'pipeline',
              title: 'A pipeline',
              description: null,
              ...PLAIN,
              status: 'completed',
              completedAt: at(0),
              standing: false,
              contradictedBy: null,
              xp: 20,
            },
            {
              stepId: 'deal',
              title: 'deal',
              description: 'Any deal',
              ...PLAIN,
              status: 'open',
              completedAt: null,
              standing: false,
              contradictedBy: null,
              xp: 5,
            },
            {
              stepId: 'quiz',
              title: 'quiz',
              description: null,
              ...PLAIN,
              status: 'locked',
              completedAt: null,
              standing: false,
              contradictedBy: null,
              xp: 0,
            },
          ],
        },
      ],
    })
  })

  test('shows tracks without a run only when one is named, all of it locked', async () => {
    const { ok } = await startJourney([FIRST_WIN, CHOSEN])
    expect(await ok(GetProgressContract, { learnerId: 'bob' })).toEqual({
      learnerId: 'bob',
      xp: 0,
      level: null,
      badges: [],
      account: null,
      tracks: [],
    })
    const { tracks } = await ok(GetProgressContract, { learnerId: 'bob', trackId: 'first-win' })
    expect(tracks).toMatchObject([
      {
        status: 'not_enrolled',
        startedAt: null,
        percent: 0,
        steps: [{ status: 'locked' }, { status: 'locked' }, { status: 'locked' }],
      },
    ])
  })

  test('shows a finished track as it ended', async () => {
    const { ok, clock } = await startJourney([FIRST_WIN, CHOSEN])
    await ok(EnrollContract, { learnerId: 'ada', trackId: 'chosen' })
    clock.now += 5_000
    await ok(RecordOnboardingEventContract, { learnerId: 'ada', eventName: 'page.read', eventPayload: { page: 'p' } })
    expect((await ok(GetProgressContract, { learnerId: 'ada' })).tracks).toMatchObject([
      { trackId: 'chosen', status: 'completed', startedAt: at(0), completedAt: at(5), percent: 100 },
    ])
  })

  test('comes in the locale, its language, English, or the first there is', async () => {
    const { ok } = await startJourney([FIRST_WIN])
    const titles = async (locale?: string) => {
      const [first] = (await ok(GetProgressContract, { learnerId: 'ada', trackId: 'first-win', ...(locale && { locale }) }))
        .tracks
      return [first?.title, first?.steps[0]?.title]
    }
    expect(await titles()).toEqual(['First win', 'A pipeline'])
    expect(await titles('pt-BR')).toEqual(['Primeira vitória', 'A pipeline'])
    expect(await titles('de-AT')).toEqual(['First win', 'Eine Pipeline'])
  })

  test('marks what stands: announced, and contradicted by a late event', async () => {
    const exclusive = { event: 'pipeline.created', consume: 'exclusive' }
    const ordered = track(
      [
        { key: 'first', complete: { sequence: [{ event: 'page.read' }, exclusive] } },
        { key: 'second', complete: exclusive, reward: { xp: 7 } },
      ],
      { key: 'ordered' },
    )
    const { ok } = await startJourney([ordered])
    await ok(RecordOnboardingEventContract, { ...PIPELINE, eventId: 'p', occurredAt: at(-10) })
    const late = {
      learnerId: 'ada',
      eventName: 'page.read',
      eventPayload: { page: 'p' },
      eventId: 'late',
      sourceModule: 'web',
      occurredAt: at(-20),
    }
    await ok(RecordOnboardingEventContract, late)
    const { xp, tracks } = await ok(GetProgressContract, { learnerId: 'ada' })
    expect(xp).toBe(7)
    expect(tracks[0]).toMatchObject({
      status: 'active',
      percent: 100,
      steps: [
        { stepId: 'first', status: 'completed', standing: false, contradictedBy: null },
        {
          stepId: 'second',
          status: 'completed',
          standing: true,
          completedAt: at(-10),
          contradictedBy: { eventId: 'late', sourceModule: 'web' },
        },
      ],
    })
  })

  test('sums facts beyond one page of them', async () => {
    const store = createFakeStore()
    const { ok } = await startJourney([FIRST_WIN], { store })
    const fact = {
      tenant: 'acme',
      subject: 'l:ada',
      name: 'learning.onboarding.xp.granted',
      track: 't',
      run: 0,
      step: 's',
      causeSource: '',
      causeId: 'c',
      occurredAt: START,
      runStartedAt: START,
      backfilled: false,
      heldOut: false,
    }
    for (let n = 1; n <= 2_001; n++) store.facts.push({ ...fact, factId: `f${n}`, position: n * 3, data: '{"xp":1}' })
    expect((await ok(GetProgressContract, { learnerId: 'ada' })).xp).toBe(2_001)
  })

  test('refuses an unknown track, and another learner', async () => {
    const { problem } = await startJourney([FIRST_WIN])
    expect(await problem(GetProgressContract, { learnerId: 'ada', trackId: 'first-wim' })).toMatchObject({
      code: 'TRACK_NOT_FOUND',
      data: { trackId: 'first-wim', nearest: ['first-win'] },
    })
    expect(await problem(GetProgressContract, { learnerId: 'bob' }, { principal: ADA })).toMatchObject({ code: 'FORBIDDEN' })
  })

  test('writes nothing', async () => {
    const { ok, store } = await startJourney([FIRST_WIN])
    await ok(GetProgressContract, { learnerId: 'ada', trackId: 'first-win' })
    expect(store.appends).toEqual([])
  })
})
