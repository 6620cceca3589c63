import { ExplainContract, RecordOnboardingEventContract } from '@waymark/learning-journey'
import { describe, expect, it } from 'vitest'
import { ADA, at, DAY, HOUR, parsed, START, startJourney } from './journey.ts'

const FIRST_WIN = parsed({
  key: 'first-win',
  steps: [
    { key: 'pipeline', complete: { event: 'pipeline.created' } },
    {
      key: 'deals',
      after: { all: ['pipeline'] },
      due: { after: 'PT72H' },
      complete: { event: 'deal.created', where: { '/amount': { gte: 1000 } }, distinctBy: '/pipelineId', atLeast: 3 },
    },
    { key: 'won', opens: { after: 'PT24H' }, complete: { event: 'deal.won' } },
  ],
})

type Journey = Awaited<ReturnType<typeof startJourney>>

/** Records an event that happens now. */
function record({ ok }: Journey, eventName: string, eventId: string, eventPayload: object = {}, more: object = {}) {
  const event = { learnerId: 'ada', eventName, eventId, eventPayload: { ...eventPayload }, ...more }
  return ok(RecordOnboardingEventContract, event)
}

const deal = (amount: number, pipelineId: string) => ({ amount, pipelineId })

describe('a step that is not done', () => {
  it('says what is missing, and the events that almost counted, newest first', async () => {
    const journey = await startJourney([FIRST_WIN])
    const { clock, ok } = journey
    await record(journey, 'deal.created', 'd1', deal(1200, 'p1'))
    clock.now += HOUR
    await record(journey, 'deal.created', 'd2', deal(400, 'p2'))
    await record(journey, 'deal.created', 'd3', deal(400, 'p2'), { sourceModule: 'crm' })
    clock.now += HOUR
    await record(journey, 'deal.created', 'd4', deal(5000, 'p1'))
    await record(journey, 'deal.created', 'd5', { pipelineId: 'p3' })
    await record(journey, 'deal.created', 'd6', {})
    await record(journey, 'deal.created', 'd7', deal(1000, 'p2'))
    const { steps, tracks } = await ok(ExplainContract, { learnerId: 'ada', trackId: 'first-win', stepId: 'deals' })
    expect(steps).toHaveLength(1)
    expect(steps[0]).toMatchObject({ trackId: 'first-win', stepId: 'deals', status: 'locked', standing: false })
    expect(steps[0]?.missing).toEqual([
      { kind: 'steps', stepIds: ['pipeline'], any: false },
      { kind: 'event', event: 'deal.created', more: 1, distinctBy: '/pipelineId', sumOf: null, until: null, sliding: null },
    ])
    // d6 lacks two things, d1 and d7 counted.
    expect(steps[0]?.nearMisses.map(({ eventId, reason, check }) => [eventId, reason, check])).toEqual([
      [
        'd5',
        'condition_false',
        { check: 'where', met: false, operator: 'gte', expected: 1000, actual: null, from: '/eventPayload/amount' },
      ],
      [
        'd4',
        'count_short',
        { check: 'distinctBy', met: false, operator: 'unseen', expected: true, actual: 'p1', from: '/eventPayload/pipelineId' },
      ],
      ['d3', 'condition_false', expect.objectContaining({ operator: 'gte', actual: 400 })],
      ['d2', 'condition_false', expect.objectContaining({ operator: 'gte', actual: 400 })],
    ])
    expect(steps[0]?.nearMisses[2]).toMatchObject({ sourceModule: 'crm', eventName: 'deal.created', occurredAt: at(HOUR) })
    expect(tracks).toEqual([
      {
        trackId: 'first-win',
        version: '1.0.0',
        subject: 'learner',
        status: 'active',
        enrolment: 'onFirstMatch',
        startedAt: at(0),
        endedAt: null,
        paused: false,
        heldOut: false,
        audience: [],
        after: null,
      },
    ])
  })

  it('tells at most five misses', async () => {
    const journey = await startJourney([FIRST_WIN])
    for (let n = 0; n < 8; n++) await record(journey, 'deal.created', `d${n}`, deal(n, 'p'))
    const { steps } = await journey.ok(ExplainContract, { learnerId: 'ada', stepId: 'deals' })
    expect(steps[0]?.nearMisses.map(({ eventId }) => eventId)).toEqual(['d7', 'd6', 'd5', 'd4', 'd3'])
  })

  it('says when it opens, and which events came before that', async () => {
    const journey = await startJourney([
      parsed({
        key: 'later',
        steps: [
          { key: 'now', complete: { event: 'a' } },
          { key: 'then', opens: { after: 'PT24H' }, complete: { event: 'b', lookback: 'afterUnlock' } },
        ],
      }),
    ])
    await record(journey, 'a', 'a1')
    journey.clock.now += HOUR
    await record(journey, 'b', 'b1')
    const { steps } = await journey.ok(ExplainContract, { learnerId: 'ada', stepId: 'then' })
    expect(steps[0]).toMatchObject({
      missing: [
        { kind: 'opens', at: at(DAY) },
        { kind: 'event', event: 'b', more: 1 },
      ],
      nearMisses: [{ eventId: 'b1', reason: 'not_open_yet', check: null }],
    })
  })

  it('says that its time is over', async () => {
    const journey = await startJourney([FIRST_WIN])
    await record(journey, 'pipeline.created', 'p1')
    journey.clock.now += 4 * DAY
    await journey.journey.wake()
    await record(journey, 'deal.created', 'd1', deal(2000, 'p'))
    const { steps } = await journey.ok(ExplainContract, { learnerId: 'ada', stepId: 'deals' })
    expect(steps[0]).toMatchObject({
      status: 'missed',
      missing: [{ kind: 'due', at: at(3 * DAY) }],
      nearMisses: [{ eventId: 'd1', reason: 'missed' }],
    })
  })

  it('offers the ways of which one is enough, and names the branch that was not taken', async () => {
    const journey = await startJourney([
      parsed({
        key: 'ways',
        steps: [
          {
            key: 'fork',
            complete: { any: [{ event: 'a', atLeast: 2 }, { all: [{ event: 'b' }, { event: 'c' }] }] },
            branches: [{ key: 'left', when: { event: 'd' } }, { key: 'right' }],
            default: 'right',
          },
          { key: 'left', after: { branch: 'fork.left' }, complete: { event: 'task.done' } },
          { key: 'right', after: { branch: 'fork.right' }, complete: { event: 'task.done' } },
        ],
      }),
    ])
    await record(journey, 'a', 'a1')
    const before = await journey.ok(ExplainContract, { learnerId: 'ada' })
    expect(before.steps[0]?.missing).toMatchObject([
      {
        kind: 'oneOf',
        options: [
          [{ kind: 'event', event: 'a', more: 1 }],
          [
            { kind: 'event', event: 'b' },
            { kind: 'event', event: 'c' },
          ],
        ],
      },
    ])
    expect(before.steps[1]?.missing[0]).toEqual({ kind: 'branch', stepId: 'fork', expected: 'left', actual: null })
    await record(journey, 'a', 'a2')
    const after = await journey.ok(ExplainContract, { learnerId: 'ada' })
    expect(after.steps.map(({ status, missing }) => [status, missing.length])).toEqual([
      ['completed', 0],
      ['closed', 1],
      ['open', 1],
    ])
    expect(after.steps[1]?.missing).toEqual([{ kind: 'branch', stepId: 'fork', expected: 'left', actual: 'right' }])
  })

  it('says why no run is open: not enrolled, not of the audience, another track first, exited', async () => {
    const journey = await startJourney([
      parsed({ key: 'asked', enrol: { mode: 'explicit' }, steps: [{ key: 's', complete: { event: 'a' } }] }),
      parsed({ key: 'pro', audience: { '/plan': { in: ['pro'] } }, steps: [{ key: 's', complete: { event: 'a' } }] }),
      parsed({ key: 'second', after: { all: ['asked'] }, steps: [{ key: 's', complete: { event: 'a' } }] }),
      parsed({ key: 'left', steps: [{ key: 's', complete: { event: 'b', atLeast: 2 } }] }),
    ])
    await journey.control('identified', { traits: { plan: 'free' } }, START - 1)
    await record(journey, 'b', 'b1')
    await journey.control('exited', { trackId: 'left' }, START)
    await record(journey, 'a', 'a1')
    await record(journey, 'b', 'b0', {}, { occurredAt: at(-HOUR) })
    const { steps, tracks } = await journey.ok(ExplainContract, { learnerId: 'ada', stepId: 's' })
    expect(steps.map(({ trackId, missing }) => [trackId, missing[0]])).toEqual([
      ['asked', { kind: 'run', reason: 'not_enrolled' }],
      ['left', { kind: 'run', reason: 'exited' }],
      ['pro', { kind: 'run', reason: 'audience' }],
      ['second', { kind: 'run', reason: 'prerequisite' }],
    ])
    expect(steps.map(({ nearMisses }) => nearMisses.map(({ reason }) => reason))).toEqual([
      ['not_enrolled'],
      ['exited'],
      ['audience'],
      ['prerequisite'],
    ])
    expect(tracks[2]?.audience).toEqual([
      { check: 'trait', met: false, operator: 'in', expected: ['pro'], actual: 'free', from: '/traits/plan' },
    ])
    expect(tracks[3]?.after).toEqual({ any: false, tracks: [{ trackId: 'asked', met: false }] })
  })

  it('shows the traits that a learner has now, and those of the moment of an event', async () => {
    const journey = await startJourney([
      parsed({ key: 't', steps: [{ key: 's', complete: { all: [{ event: 'a' }, { trait: '/plan', is: { in: ['pro'] } }] } }] }),
    ])
    await journey.control('identified', { traits: { plan: 'free' } }, START - 1)
    await record(journey, 'a', 'a1')
    journey.clock.now += HOUR
    await journey.control('identified', { traits: { plan: 'trial' } }, START + HOUR)
    const now = await journey.ok(ExplainContract, { learnerId: 'ada' })
    expect(now.steps[0]?.missing).toEqual([{ kind: 'trait', trait: '/plan', operator: 'in', expected: ['pro'], actual: 'trial' }])
    const then = await journey.ok(ExplainContract, { learnerId: 'ada', eventId: 'a1' })
    expect(JSON.stringify(then.outcomes[0]?.detail)).toContain('"actual":"free"')
  })

  it('is nobody else’s to know of: unknown tracks and steps, accounts that a token does not name', async () => {
    const journey = await startJourney([FIRST_WIN])
    expect(await journey.problem(ExplainContract, { learnerId: 'ada', stepId: 'dels' })).toMatchObject({
      code: 'STEP_NOT_FOUND',
      detail: 'There is no step dels.',
      data: { sought: 'dels', nearest: ['deals'] },
    })
    expect(await journey.problem(ExplainContract, { learnerId: 'ada', accountId: 'south' }, ADA)).toMatchObject({
      code: 'FORBIDDEN',
    })
    expect(await journey.problem(ExplainContract, { learnerId: 'bob' }, ADA)).toMatchObject({ code: 'FORBIDDEN' })
    const both = { learnerId: 'ada', eventId: 'x', event: { eventName: 'a' } }
    expect(await journey.problem(ExplainContract, both)).toMatchObject({
      code: 'VALIDATION_FAILED',
      errors: [{ pointer: '/event' }],
    })
  })
})

describe('an event that did not happen', () => {
  it('gets the verdicts that it would get, and nothing is stored', async () => {
    const journey = await startJourney([FIRST_WIN])
    await record(journey, 'pipeline.created', 'p1')
    await record(journey, 'deal.created', 'd1', deal(1000, 'a'))
    await record(journey, 'deal.created', 'd2', deal(1000, 'b'))
    journey.clock.now += HOUR
    const entries = await journey.store.readEntries({ tenant: 'acme', subject: 'l:ada' })
    const state = await journey.store.readState({ tenant: 'acme', subject: 'l:ada' })
    const suppose = (event: object) =>
      journey.ok(ExplainContract, { learnerId: 'ada', event: { eventName: 'deal.created', ...event } })
    const refused = await suppose({ eventPayload: deal(400, 'c') })
    expect(refused.event).toEqual({
      eventId: null,
      sourceModule: null,
      eventName: 'deal.created',
      eventVersion: '1.0.0',
      occurredAt: at(HOUR),
      receivedAt: at(HOUR),
      claimedAt: null,
      channel: 'rest',
    })
    expect(refused.outcomes).toMatchObject([{ stepId: 'deals', verdict: 'unchanged', reason: 'condition_false' }])
    expect((await suppose({ eventPayload: deal(1000, 'c') })).outcomes).toMatchObject([{ verdict: 'completed', reason: null }])
    expect((await suppose({ occurredAt: at(-8 * DAY) })).outcomes).toMatchObject([{ reason: 'too_late' }])
    expect(await journey.store.readEntries({ tenant: 'acme', subject: 'l:ada' })).toEqual(entries)
    expect(await journey.store.readState({ tenant: 'acme', subject: 'l:ada' })).toEqual(state)
  })

  it('is checked as recordEvent checks', async () => {
    const { problem } = await startJourney([FIRST_WIN])
    const suppose = (
      event: { eventName: string; eventPayload?: Record<string, unknown> },
      principal = undefined as typeof ADA | undefined,
    ) => problem(ExplainContract, { learnerId: 'ada', event }, principal)
    expect(await suppose({ eventName: 'deal.creatd' })).toMatchObject({
      code: 'STEP_NOT_FOUND',
      data: { sought: 'deal.creatd', nearest: ['deal.created'] },
    })
    expect(await suppose({ eventName: 'a' })).toMatchObject({ code: 'STEP_NOT_FOUND' })
    expect(await suppose({ eventName: 'deal.created', eventPayload: { amount: 'x' } })).toMatchObject({
      code: 'VALIDATION_FAILED',
      errors: [{ pointer: '/event/eventPayload/amount' }],
    })
    expect(await suppose({ eventName: 'server.only' }, ADA)).toMatchObject({ code: 'FORBIDDEN' })
  })
})

describe('a track that is paused', () => {
  it('tells what counted before, what waits, and that nothing counts now', async () => {
    const before = await startJourney([FIRST_WIN])
    await record(before, 'deal.created', 'd1', deal(1000, 'a'))
    const status = {
      key: 'first-win',
      status: 'paused',
      version: '1.0.0',
      policy: 'carry',
      generation: 0,
      changedAt: START,
    } as const
    await before.store.putTrackStatus(status)
    const paused = await startJourney([FIRST_WIN], before.store)
    paused.clock.now += HOUR
    await record(paused, 'deal.created', 'd2', deal(1000, 'b'))
    const outcomesOf = async (eventId: string) => (await paused.ok(ExplainContract, { learnerId: 'ada', eventId })).outcomes
    expect(await outcomesOf('d1')).toMatchObject([{ stepId: 'deals', verdict: 'progressed', reason: 'count_short' }])
    expect(await outcomesOf('d2')).toMatchObject([{ stepId: 'deals', verdict: 'unchanged', reason: 'paused' }])
    const event = { eventName: 'deal.created', eventPayload: deal(1000, 'c') }
    const supposed = await paused.ok(ExplainContract, { learnerId: 'ada', event })
    expect(supposed.outcomes).toMatchObject([{ stepId: 'deals', reason: 'paused' }])
    const { steps, tracks } = await paused.ok(ExplainContract, { learnerId: 'ada', stepId: 'deals' })
    expect(tracks).toMatchObject([{ trackId: 'first-win', status: 'active', paused: true }])
    expect(steps).toMatchObject([
      {
        missing: [{ kind: 'run', reason: 'paused' }, { kind: 'steps' }, { kind: 'event', more: 2 }],
        nearMisses: [{ eventId: 'd2', reason: 'paused' }],
      },
    ])
  })
})

describe('a track from which somebody is held out', () => {
  it('is explained to others, and not to them', async () => {
    const journey = await startJourney([parsed({ key: 'tried', holdout: 50, steps: [{ key: 's', complete: { event: 'a' } }] })])
    const learners = Array.from({ length: 12 }, (_, n) => `learner-${n}`)
    for (const learnerId of learners) await record(journey, 'a', `a-${learnerId}`, {}, { learnerId })
    const told = await Promise.all(learners.map((learnerId) => journey.ok(ExplainContract, { learnerId, trackId: 'tried' })))
    const index = told.findIndex(({ tracks }) => tracks[0]?.heldOut === true)
    const learnerId = learners[index] ?? ''
    expect(told[index]?.steps).toMatchObject([{ status: 'completed' }])
    const own = await journey.ok(
      ExplainContract,
      { learnerId, trackId: 'tried' },
      { kind: 'learner', tenant: 'acme', id: learnerId },
    )
    expect(own).toMatchObject({ steps: [], tracks: [] })
  })
})

describe('an account', () => {
  const ROLLOUT = parsed({
    key: 'rollout',
    subject: 'account',
    steps: [{ key: 'tasks', complete: { event: 'task.done', where: { '/amount': { gte: 1 } }, atLeast: 3 } }],
  })

  it('is explained by an event that was made in it, and by its name', async () => {
    const journey = await startJourney([ROLLOUT])
    await record(journey, 'task.done', 't1', { amount: 1 }, { accountId: 'north' })
    await record(journey, 'task.done', 't2', { amount: 0 }, { accountId: 'north', learnerId: 'bob' })
    const recorded = await journey.ok(ExplainContract, { learnerId: 'bob', eventId: 't2' })
    expect(recorded.outcomes).toMatchObject([{ trackId: 'rollout', stepId: 'tasks', reason: 'condition_false' }])
    const input = { learnerId: 'ada', accountId: 'north', stepId: 'tasks' }
    const { steps } = await journey.ok(ExplainContract, input)
    expect(steps).toMatchObject([{ missing: [{ kind: 'event', more: 2 }], nearMisses: [{ eventId: 't2' }] }])
    // What others did is not hers to read.
    expect((await journey.ok(ExplainContract, input, ADA)).steps).toMatchObject([{ nearMisses: [] }])
    const event = { eventName: 'task.done', eventPayload: { amount: 1 } }
    const supposed = await journey.ok(ExplainContract, { learnerId: 'bob', accountId: 'north', event })
    expect(supposed.outcomes).toMatchObject([{ trackId: 'rollout', verdict: 'progressed', detail: { actual: 2 } }])
    expect((await journey.ok(ExplainContract, { learnerId: 'ada', stepId: 'tasks' })).steps).toEqual([])
  })

  it('shows a learner nothing of an account that is not theirs, though a service recorded what they did in it', async () => {
    const journey = await startJourney([ROLLOUT])
    for (const accountId of ['north', 'south']) await record(journey, 'task.done', accountId, { amount: 1 }, { accountId })
    const tracksOf = async (eventId: string, principal?: typeof ADA) =>
      (await journey.ok(ExplainContract, { learnerId: 'ada', eventId }, principal)).tracks.map(({ trackId }) => trackId)
    expect([await tracksOf('north', ADA), await tracksOf('south', ADA), await tracksOf('south')]).toEqual([
      ['rollout'],
      [],
      ['rollout'],
    ])
  })
})
