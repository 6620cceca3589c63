import { describe, expect, test } from 'vitest'
import { track } from '../../test-support/entries.ts'
import { startJourney } from '../../test-support/journey-process.ts'
import { at, CHOSEN, FIRST_WIN, PIPELINE } from '../../test-support/reading-tracks.ts'
import { ExplainContract } from '../contracts/explain.ts'
import { IngestContract, RecordOnboardingEventContract } from '../contracts/onboarding.ts'

describe('explain', () => {
  const DEAL = { learnerId: 'ada', eventName: 'deal.created', eventPayload: { dealId: 'd', amount: 1 } }

  test('of an event says what it was and what it did, at its place in the order', async () => {
    const { ok, clock } = await startJourney([FIRST_WIN, CHOSEN])
    await ok(RecordOnboardingEventContract, { ...DEAL, eventId: 'd2', occurredAt: at(-5) })
    clock.now += 1_000
    await ok(RecordOnboardingEventContract, { ...DEAL, eventId: 'd1', occurredAt: '2030-01-01T00:00:00Z', sourceModule: 'crm' })
    const first = await ok(ExplainContract, { learnerId: 'ada', eventId: 'd2' })
    expect(first.event).toEqual({
      eventId: 'd2',
      sourceModule: null,
      eventName: 'deal.created',
      eventVersion: '1.2.0',
      occurredAt: at(-5),
      receivedAt: at(0),
      claimedAt: null,
      channel: 'rest',
    })
    expect(first.outcomes).toMatchObject([{ trackId: 'first-win', stepId: 'deal', verdict: 'completed', reason: null }])
    const second = await ok(ExplainContract, { learnerId: 'ada', eventId: 'd1', sourceModule: 'crm' })
    expect(second.event).toMatchObject({ sourceModule: 'crm', occurredAt: at(1), claimedAt: '2030-01-01T00:00:00.000Z' })
    expect(second.outcomes).toMatchObject([{ verdict: 'unchanged', reason: 'already_done' }])
    expect(second.steps).toEqual([])
  })

  test('of an event that is too late says so', async () => {
    const { ok } = await startJourney([FIRST_WIN])
    const old = { ...DEAL, eventId: 'old', occurredAt: at(-8 * 86_400) }
    expect((await ok(RecordOnboardingEventContract, old)).outcomes).toMatchObject([{ reason: 'too_late' }])
    expect((await ok(ExplainContract, { learnerId: 'ada', eventId: 'old' })).outcomes).toMatchObject([
      { verdict: 'unchanged', reason: 'too_late' },
    ])
  })

  test('of an event that no track listens to is empty, and of one track about that track', async () => {
    const { ok } = await startJourney([
      FIRST_WIN,
      track([{ key: 'deal', complete: { event: 'deal.created' } }], { key: 'deals' }),
    ])
    await ok(IngestContract, {
      events: [
        { learnerId: 'ada', eventName: 'anything.happened', eventId: 'a' },
        { ...DEAL, eventId: 'd' },
      ],
    })
    expect((await ok(ExplainContract, { learnerId: 'ada', eventId: 'a' })).outcomes).toEqual([])
    expect((await ok(ExplainContract, { learnerId: 'ada', eventId: 'd' })).outcomes.map(({ trackId }) => trackId)).toEqual([
      'deals',
      'first-win',
    ])
    expect((await ok(ExplainContract, { learnerId: 'ada', eventId: 'd', trackId: 'deals' })).outcomes).toHaveLength(1)
  })

  test('without an event says how each step of every run stands now', async () => {
    const { ok } = await startJourney([FIRST_WIN, CHOSEN])
    await ok(RecordOnboardingEventContract, { ...PIPELINE, eventId: 'p' })
    const { event, outcomes, steps } = await ok(ExplainContract, { learnerId: 'ada' })
    expect([event, outcomes]).toEqual([null, []])
    expect(steps.map(({ stepId, status, standing, detail }) => ({ stepId, status, standing, met: detail.met }))).toEqual([
      { stepId: 'pipeline', status: 'completed', standing: false, met: true },
      { stepId: 'deal', status: 'open', standing: false, met: false },
      { stepId: 'quiz', status: 'locked', standing: false, met: false },
    ])
    expect((await ok(ExplainContract, { learnerId: 'ada', trackId: 'chosen' })).steps).toMatchObject([
      { trackId: 'chosen', status: 'locked' },
    ])
  })

  test('refuses an unknown track and an unknown event', async () => {
    const { ok, problem } = await startJourney([FIRST_WIN])
    await ok(RecordOnboardingEventContract, { ...PIPELINE, eventId: 'p', sourceModule: 'crm' })
    expect(await problem(ExplainContract, { learnerId: 'ada', trackId: 'x' })).toMatchObject({
      code: 'TRACK_NOT_FOUND',
      status: 404,
    })
    const unknown = { code: 'EVENT_NOT_FOUND', status: 404, detail: 'ada has no recorded event nope.' }
    expect(await problem(ExplainContract, { learnerId: 'ada', eventId: 'nope' })).toMatchObject(unknown)
    expect(await problem(ExplainContract, { learnerId: 'bob', eventId: 'p' })).toMatchObject({ code: 'EVENT_NOT_FOUND' })
    expect(await problem(ExplainContract, { learnerId: 'ada', eventId: 'p', sourceModule: 'web' })).toMatchObject({
      code: 'EVENT_NOT_FOUND',
    })
  })
})
