import {
  DismissContract,
  EnrollContract,
  ExitContract,
  GetProgressContract,
  RecordOnboardingEventContract,
  ResetContract,
  RevokeContract,
  SkipStepContract,
  SnoozeContract,
  WaiveStepContract,
} from '@waymark/learning-journey'
import { describe, expect, test } from 'vitest'
import { ADA, at, SERVICE, START, startPeople, track } from './start-people.ts'

const FIRST_WIN = track('first-win', [
  { key: 'pipeline', complete: { event: 'pipeline.created' }, reward: { xp: 20, badge: 'plumber' } },
  { key: 'tour', complete: { event: 'page.read', trust: 'client' }, skippable: true, reward: { xp: 5 } },
  { key: 'deal', complete: { event: 'deal.created' }, after: { all: ['tour'] } },
])
const TEAM = track('team', [{ key: 'deals', complete: { event: 'deal.won', atLeast: 2 }, skippable: true }], {
  subject: 'account',
  enrol: { mode: 'explicit' },
})
const OPERATOR = { kind: 'operator', tenant: 'acme', id: 'olga', scopes: ['*'] } as const
const MEMBER = { ...ADA, accounts: ['north'] } as const
const TOUR = { learnerId: 'ada', trackId: 'first-win', stepId: 'tour' }
const PIPELINE = { ...TOUR, stepId: 'pipeline' }
const RUN = { learnerId: 'ada', trackId: 'first-win' }

/** Ada has started the track. */
async function started() {
  const people = await startPeople([FIRST_WIN, TEAM])
  await people.ok(RecordOnboardingEventContract, { learnerId: 'ada', eventName: 'pipeline.created', eventId: 'p' })
  people.clock.now += 1_000
  return people
}

describe('skipping a step', () => {
  test('settles it, opens what comes after it, and brings no reward', async () => {
    const { ok, facts, entries } = await started()
    expect(await ok(SkipStepContract, TOUR, { principal: ADA })).toEqual({
      success: true,
      changed: true,
      stepStatus: 'skipped',
      trackStatus: 'active',
      run: 0,
      percent: 66,
      xpEarned: 0,
    })
    expect((await facts('l:ada')).at(-1)).toBe('step.skipped:tour')
    expect(await entries('l:ada', ['waymark.skipped'])).toMatchObject([
      {
        kind: 'control',
        source: 'waymark',
        track: 'first-win',
        channel: 'client',
        payload: '{"trackId":"first-win","stepId":"tour"}',
      },
    ])
    const { tracks, xp } = await ok(GetProgressContract, { learnerId: 'ada' })
    expect(tracks[0]?.steps.map(({ status }) => status)).toEqual(['completed', 'skipped', 'open'])
    expect(xp).toBe(20)
  })

  test('again changes nothing and writes nothing, also when the run is over', async () => {
    const { ok, entries } = await started()
    await ok(SkipStepContract, TOUR)
    expect(await ok(SkipStepContract, TOUR)).toMatchObject({ changed: false, stepStatus: 'skipped', trackStatus: 'active' })
    await ok(RecordOnboardingEventContract, { learnerId: 'ada', eventName: 'deal.created', eventId: 'd' })
    expect(await ok(SkipStepContract, TOUR)).toMatchObject({ changed: false, stepStatus: 'skipped', trackStatus: 'completed' })
    expect(await entries('l:ada', ['waymark.skipped'])).toHaveLength(1)
  })

  test('is refused where the definition does not allow it, whoever asks', async () => {
    const { problem, entries } = await started()
    for (const principal of [ADA, SERVICE, OPERATOR])
      expect(await problem(SkipStepContract, { ...TOUR, stepId: 'deal' }, { principal })).toMatchObject({
        code: 'STEP_NOT_SKIPPABLE',
        status: 409,
        data: { trackId: 'first-win', stepId: 'deal' },
        detail: expect.stringContaining('waive'),
      })
    expect(await entries('l:ada')).toHaveLength(1)
  })

  test('an unknown step or track answers 404 with names that look alike, a track without a run 409', async () => {
    const { problem } = await started()
    expect(await problem(SkipStepContract, { ...TOUR, stepId: 'tuor' })).toMatchObject({
      code: 'STEP_NOT_FOUND',
      status: 404,
      data: { trackId: 'first-win', stepId: 'tuor', nearest: ['tour'] },
    })
    expect(await problem(SkipStepContract, { ...TOUR, trackId: 'first-wing' })).toMatchObject({
      code: 'TRACK_NOT_FOUND',
      status: 404,
      data: { nearest: ['first-win'] },
    })
    expect(await problem(SkipStepContract, { ...TOUR, learnerId: 'bob' })).toMatchObject({
      code: 'NOT_ENROLLED',
      status: 409,
      detail: 'The learner bob has no run of first-win.',
      data: { trackId: 'first-win', trackStatus: 'not_enrolled' },
    })
  })

  test('is for the learner alone among learners', async () => {
    const { problem } = await started()
    expect(await problem(SkipStepContract, { ...TOUR, learnerId: 'bob' }, { principal: ADA })).toMatchObject({
      code: 'FORBIDDEN',
    })
  })

  test('an idempotency key that said something else is a conflict', async () => {
    const { ok, problem, clock } = await started()
    await ok(ExitContract, RUN, { idempotencyKey: 'k' })
    clock.now += 1_000
    await ok(ResetContract, RUN)
    expect(await problem(SkipStepContract, TOUR, { idempotencyKey: 'k' })).toMatchObject({ code: 'CONFLICT', status: 409 })
  })
})

describe('waiving a step', () => {
  test('settles any step, with its reason in the fact', async () => {
    const { ok, store } = await started()
    const input = { ...TOUR, stepId: 'deal', reason: 'Came with the migration.' }
    expect(await ok(WaiveStepContract, input, { principal: OPERATOR })).toMatchObject({
      changed: true,
      stepStatus: 'waived',
      percent: 66,
    })
    const fact = (await store.readFactsOf({ tenant: 'acme', subject: 'l:ada' })).at(-1)
    expect(fact?.name).toBe('learning.onboarding.step.waived')
    expect(JSON.parse(fact?.data ?? '')).toMatchObject({ stepId: 'deal', reason: 'Came with the migration.' })
    expect(await ok(WaiveStepContract, input)).toMatchObject({ changed: false, stepStatus: 'waived' })
  })

  test('needs a reason, and is not for learners', async () => {
    const { problem } = await started()
    expect(await problem(WaiveStepContract, { ...TOUR, reason: '' })).toMatchObject({
      code: 'VALIDATION_FAILED',
      errors: [{ pointer: '/reason' }],
    })
    expect(await problem(WaiveStepContract, { ...TOUR, reason: 'x' }, { principal: ADA })).toMatchObject({ code: 'FORBIDDEN' })
  })
})

describe('revoking a completion', () => {
  test('takes it back with its rewards, and lets it be earned again', async () => {
    const { ok, facts, clock } = await started()
    const input = { ...PIPELINE, reason: 'A test account.' }
    expect(await ok(RevokeContract, input)).toMatchObject({ changed: true, stepStatus: 'open', percent: 0 })
    expect(await ok(GetProgressContract, { learnerId: 'ada' })).toMatchObject({ xp: 0, badges: [] })
    expect((await facts('l:ada')).slice(-3)).toEqual(['step.corrected:pipeline', 'xp.revoked:pipeline', 'badge.revoked:pipeline'])
    expect(await ok(RevokeContract, input)).toMatchObject({ changed: false, stepStatus: 'open' })
    clock.now += 1_000
    await ok(RecordOnboardingEventContract, { learnerId: 'ada', eventName: 'pipeline.created', eventId: 'again' })
    expect(await ok(GetProgressContract, { learnerId: 'ada' })).toMatchObject({ xp: 20, badges: ['plumber'] })
  })

  test('of a track that nobody started is refused', async () => {
    const { problem } = await started()
    expect(await problem(RevokeContract, { ...PIPELINE, learnerId: 'bob', reason: 'x' })).toMatchObject({ code: 'NOT_ENROLLED' })
  })
})

describe('exit and reset', () => {
  test('exit ends the run; again changes nothing; without a run it is refused', async () => {
    const { ok, problem, store } = await started()
    expect(await ok(ExitContract, { ...RUN, reason: 'Left.' }, { principal: ADA })).toMatchObject({
      changed: true,
      trackStatus: 'exited',
      run: 0,
    })
    const fact = (await store.readFactsOf({ tenant: 'acme', subject: 'l:ada' })).at(-1)
    expect(JSON.parse(fact?.data ?? '')).toMatchObject({ reason: 'Left.' })
    expect(await ok(ExitContract, RUN)).toMatchObject({ changed: false, trackStatus: 'exited' })
    expect(await problem(ExitContract, { ...RUN, learnerId: 'bob' })).toMatchObject({ code: 'NOT_ENROLLED' })
    expect(await problem(SkipStepContract, TOUR)).toMatchObject({
      code: 'NOT_ENROLLED',
      detail: 'The learner ada has no open run of first-win; the newest one is exited.',
    })
  })

  test('reset begins another run, whatever the re-entry says, and under one idempotency key only one', async () => {
    const { ok, problem, facts } = await started()
    expect(await ok(ResetContract, RUN, { idempotencyKey: 'k' })).toMatchObject({
      changed: true,
      trackStatus: 'active',
      run: 1,
      percent: 0,
    })
    expect(await ok(ResetContract, RUN, { idempotencyKey: 'k' })).toMatchObject({ changed: false, run: 1 })
    expect((await facts('l:ada')).filter((name) => name === 'enrolled')).toHaveLength(2)
    expect(await problem(ResetContract, { ...RUN, learnerId: 'bob' })).toMatchObject({ code: 'NOT_ENROLLED' })
    expect(await problem(ResetContract, RUN, { principal: ADA })).toMatchObject({ code: 'FORBIDDEN' })
  })
})

describe('dismiss and snooze', () => {
  test('dismiss hides a track, which goes on; undo shows it', async () => {
    const { ok, clock } = await started()
    const shown = { success: true, changed: true, dismissed: false, snoozedUntil: null }
    expect(await ok(DismissContract, RUN, { principal: ADA })).toEqual({ ...shown, dismissed: true })
    expect(await ok(DismissContract, RUN)).toEqual({ ...shown, changed: false, dismissed: true })
    clock.now += 1_000
    await ok(SkipStepContract, TOUR)
    expect((await ok(GetProgressContract, { learnerId: 'ada' })).tracks).toEqual([])
    for (const input of [{ hidden: true }, { trackId: 'first-win' }])
      expect((await ok(GetProgressContract, { learnerId: 'ada', ...input })).tracks).toMatchObject([
        { dismissed: true, percent: 66 },
      ])
    clock.now += 1_000
    expect(await ok(DismissContract, { ...RUN, undo: true })).toEqual(shown)
    expect((await ok(GetProgressContract, { learnerId: 'ada' })).tracks).toMatchObject([{ dismissed: false }])
  })

  test('snooze hides it until its moment, and reading changes nothing', async () => {
    const { ok, clock, entries } = await started()
    expect(await ok(SnoozeContract, { ...RUN, until: at(60) })).toMatchObject({ changed: true, snoozedUntil: at(60) })
    expect((await ok(GetProgressContract, { learnerId: 'ada' })).tracks).toEqual([])
    clock.now = START + 60_000
    expect((await ok(GetProgressContract, { learnerId: 'ada' })).tracks).toMatchObject([{ snoozedUntil: at(60) }])
    expect(await entries('l:ada')).toHaveLength(2)
    expect(await ok(SnoozeContract, { ...RUN, until: at(90) })).toMatchObject({ changed: true })
    clock.now += 1_000
    expect(await ok(SnoozeContract, { ...RUN, until: at(1) })).toMatchObject({ changed: true, snoozedUntil: null })
    expect((await ok(GetProgressContract, { learnerId: 'ada' })).tracks).toHaveLength(1)
    expect(await ok(SnoozeContract, { ...RUN, until: null })).toMatchObject({ changed: false })
  })

  test('an unknown track is 404, another person 403', async () => {
    const { problem } = await started()
    expect(await problem(DismissContract, { ...RUN, trackId: 'x' })).toMatchObject({ code: 'TRACK_NOT_FOUND' })
    expect(await problem(SnoozeContract, { ...RUN, learnerId: 'bob', until: null }, { principal: ADA })).toMatchObject({
      code: 'FORBIDDEN',
    })
  })
})

describe('a track about accounts', () => {
  test('is changed by its account; who acted is kept', async () => {
    const { ok, store, entries } = await started()
    const run = { accountId: 'north', trackId: 'team' }
    await ok(EnrollContract, run)
    expect(await ok(SkipStepContract, { ...run, learnerId: 'ada', stepId: 'deals' }, { principal: MEMBER })).toMatchObject({
      changed: true,
      stepStatus: 'skipped',
      trackStatus: 'completed',
    })
    expect(await entries('a:north', ['waymark.skipped'])).toMatchObject([{ subject: 'a:north', actor: 'l:ada' }])
    expect((await store.readFactsOf({ tenant: 'acme', subject: 'a:north' })).map(({ name }) => name)).toContain(
      'learning.onboarding.step.skipped',
    )
  })

  test('is nothing for a learner whose token does not name the account', async () => {
    const { problem } = await started()
    const input = { learnerId: 'ada', accountId: 'south', trackId: 'team', stepId: 'deals' }
    expect(await problem(SkipStepContract, input, { principal: MEMBER })).toMatchObject({
      code: 'FORBIDDEN',
      detail: expect.stringContaining('south'),
    })
  })

  test.each([
    ['a track about accounts wants the account', { learnerId: 'ada', trackId: 'team' }, '/accountId'],
    ['a track about learners wants the learner', { trackId: 'first-win' }, '/learnerId'],
    ['and no account', { learnerId: 'ada', accountId: 'north', trackId: 'first-win' }, '/accountId'],
  ])('%s', async (_, input, pointer) => {
    const { problem } = await started()
    expect(await problem(ExitContract, input)).toMatchObject({ code: 'VALIDATION_FAILED', status: 422, errors: [{ pointer }] })
  })
})
