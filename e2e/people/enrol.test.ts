import { EnrollContract, EnrollManyContract, ExitContract, GetProgressContract, IngestContract } from '@waymark/learning-journey'
import { describe, expect, test } from 'vitest'
import { ADA, at, startPeople, track } from './start-people.ts'

const STEPS = [{ key: 'deal', complete: { event: 'deal.created' } }]
const EXPLICIT = { enrol: { mode: 'explicit' } }
const TRACKS = [
  track('chosen', STEPS, EXPLICIT),
  track('pro', STEPS, { ...EXPLICIT, audience: { '/plan': 'pro' } }),
  track('again', STEPS, { ...EXPLICIT, reentry: { mode: 'afterExit' } }),
  track('second', STEPS, { ...EXPLICIT, after: { all: ['chosen'] } }),
  track('team', STEPS, { ...EXPLICIT, subject: 'account' }),
  track('automatic', STEPS),
]
const start = () => startPeople(TRACKS)
const identify = (learnerId: string, traits: object) => ({ events: [{ type: 'identify', learnerId, traits }] })

describe('enrolling says why no run started', () => {
  test('the audience, which is asked at that moment', async () => {
    const { ok, clock } = await start()
    const input = { learnerId: 'ada', trackId: 'pro' }
    expect(await ok(EnrollContract, input)).toEqual({
      success: true,
      enrolled: false,
      reason: 'audience',
      startedAt: null,
      run: null,
      xpEarned: 0,
    })
    clock.now += 1_000
    await ok(IngestContract, identify('ada', { plan: 'pro' }))
    clock.now += 1_000
    expect(await ok(EnrollContract, input)).toMatchObject({ enrolled: true, reason: null, startedAt: at(2), run: 0 })
    expect(await ok(EnrollContract, input)).toMatchObject({ enrolled: false, reason: 'already_enrolled', startedAt: at(2) })
  })

  test('re-entry: another run where the track allows it, and none where it does not', async () => {
    const { ok, clock } = await start()
    for (const trackId of ['again', 'chosen']) {
      await ok(EnrollContract, { learnerId: 'ada', trackId })
      clock.now += 1_000
      await ok(ExitContract, { learnerId: 'ada', trackId })
      clock.now += 1_000
    }
    expect(await ok(EnrollContract, { learnerId: 'ada', trackId: 'again' })).toMatchObject({
      enrolled: true,
      run: 1,
      startedAt: at(4),
    })
    expect(await ok(EnrollContract, { learnerId: 'ada', trackId: 'chosen' })).toMatchObject({
      enrolled: false,
      reason: 'reentry',
      run: 0,
      startedAt: at(2),
    })
  })

  test('a track that comes first', async () => {
    const { ok } = await start()
    expect(await ok(EnrollContract, { learnerId: 'ada', trackId: 'second' })).toMatchObject({
      enrolled: false,
      reason: 'track_first',
    })
  })

  test('a paused track', async () => {
    const { ok, store } = await start()
    const status = { key: 'chosen', version: '1.0.0', policy: 'carry', generation: 0, changedAt: 0 } as const
    await store.putTrackStatus({ ...status, status: 'paused' })
    await ok(EnrollContract, { learnerId: 'bob', trackId: 'again' })
    expect(await ok(EnrollContract, { learnerId: 'ada', trackId: 'chosen' })).toMatchObject({ enrolled: false, reason: 'paused' })
  })
})

test('an account starts a track about accounts, by itself or by a member', async () => {
  const { ok, problem, entries } = await start()
  const principal = { ...ADA, accounts: ['north'] }
  expect(await ok(EnrollContract, { learnerId: 'ada', accountId: 'north', trackId: 'team' }, { principal })).toMatchObject({
    enrolled: true,
  })
  expect(await entries('a:north')).toMatchObject([{ subject: 'a:north', name: 'waymark.enrolled', actor: 'l:ada' }])
  expect(await ok(EnrollContract, { accountId: 'south', trackId: 'team' })).toMatchObject({ enrolled: true })
  expect(await problem(EnrollContract, { learnerId: 'ada', trackId: 'team' })).toMatchObject({
    errors: [{ pointer: '/accountId' }],
  })
  expect(await problem(EnrollContract, { learnerId: 'ada', accountId: 'south', trackId: 'team' }, { principal })).toMatchObject({
    code: 'FORBIDDEN',
  })
})

describe('enrolling many', () => {
  test('starts a run for each, and says for each what became of it', async () => {
    const { ok } = await start()
    await ok(EnrollContract, { learnerId: 'bob', trackId: 'chosen' })
    expect(await ok(EnrollManyContract, { trackId: 'chosen', learnerIds: ['ada', 'bob', 'cleo', 'ada'], at: at(-5) })).toEqual({
      success: true,
      enrolled: 2,
      results: [
        { learnerId: 'ada', status: 'enrolled', startedAt: at(-5) },
        { learnerId: 'bob', status: 'already_enrolled', startedAt: at(-5) },
        { learnerId: 'cleo', status: 'enrolled', startedAt: at(-5) },
      ],
    })
    expect((await ok(GetProgressContract, { learnerId: 'cleo' })).tracks).toMatchObject([{ trackId: 'chosen', status: 'active' }])
  })

  test('takes 500 at once, and the same again under one key writes nothing more', async () => {
    const { ok, store } = await start()
    const learnerIds = Array.from({ length: 500 }, (_, index) => `l${index}`)
    expect(await ok(EnrollManyContract, { trackId: 'chosen', learnerIds }, { idempotencyKey: 'k' })).toMatchObject({
      enrolled: 500,
    })
    expect(await ok(EnrollManyContract, { trackId: 'chosen', learnerIds }, { idempotencyKey: 'k' })).toMatchObject({
      enrolled: 0,
    })
    expect(await store.readEntries({ tenant: 'acme', subject: 'l:l499' })).toHaveLength(1)
  })

  test('is refused for what `enroll` refuses, for accounts, for learners, and above 500', async () => {
    const { ok, problem } = await start()
    const learnerIds = ['ada']
    expect(await problem(EnrollManyContract, { trackId: 'x', learnerIds })).toMatchObject({ code: 'TRACK_NOT_FOUND' })
    expect(await problem(EnrollManyContract, { trackId: 'automatic', learnerIds })).toMatchObject({
      code: 'ENROLMENT_NOT_EXPLICIT',
    })
    expect(await problem(EnrollManyContract, { trackId: 'team', learnerIds })).toMatchObject({
      errors: [{ pointer: '/trackId' }],
    })
    expect(await problem(EnrollManyContract, { trackId: 'chosen', learnerIds, at: at(9) })).toMatchObject({
      errors: [{ pointer: '/at' }],
    })
    expect(await problem(EnrollManyContract, { trackId: 'chosen', learnerIds }, { principal: ADA })).toMatchObject({
      code: 'FORBIDDEN',
    })
    const many = Array.from({ length: 501 }, (_, index) => `l${index}`)
    expect(await problem(EnrollManyContract, { trackId: 'chosen', learnerIds: many })).toMatchObject({
      code: 'VALIDATION_FAILED',
    })
    await ok(EnrollContract, { learnerId: 'ada', trackId: 'chosen' }, { idempotencyKey: 'k' })
    expect(await ok(EnrollManyContract, { trackId: 'again', learnerIds }, { idempotencyKey: 'k' })).toMatchObject({
      results: [{ status: 'conflict' }],
    })
  })
})
