import { describe, expect, test } from 'vitest'
import { START, track } from '../../test-support/entries.ts'
import { createFakeStore } from '../../test-support/fake-store.ts'
import { ADA, startJourney } from '../../test-support/journey-process.ts'
import { EnrollContract, GetProgressContract, IngestContract, RecordOnboardingEventContract } from '../contracts/onboarding.ts'

const EXPLICIT = { enrol: { mode: 'explicit' } }
const TRACKS = [
  track([{ key: 'pipeline', complete: { event: 'pipeline.created', lookback: 'ever' }, reward: { xp: 20 } }], {
    key: 'chosen',
    ...EXPLICIT,
  }),
  track([{ key: 'deals', complete: { event: 'deal.created' } }], { key: 'another', ...EXPLICIT }),
  track([{ key: 'pipeline', complete: { event: 'pipeline.created' } }], { key: 'automatic' }),
]
const start = () => startJourney(TRACKS)
const ENROLL = { learnerId: 'ada', trackId: 'chosen' }
const at = (second: number) => new Date(START + second * 1_000).toISOString()

describe('enrolling', () => {
  test('starts a run now, as a control entry for the track', async () => {
    const { ok, store } = await start()
    expect(await ok(EnrollContract, ENROLL)).toEqual({
      success: true,
      enrolled: true,
      startedAt: at(0),
      run: 0,
      reason: null,
      xpEarned: 0,
    })
    expect(store.entries).toMatchObject([
      { kind: 'control', name: 'waymark.enrolled', source: 'waymark', track: 'chosen', payload: '{"trackId":"chosen"}' },
    ])
    expect(store.facts.map(({ name }) => name)).toEqual(['learning.onboarding.enrolled'])
  })

  test('again changes nothing, and says when the run started', async () => {
    const { ok, clock, store } = await start()
    await ok(EnrollContract, ENROLL)
    clock.now += 60_000
    expect(await ok(EnrollContract, ENROLL)).toEqual({
      success: true,
      enrolled: false,
      startedAt: at(0),
      run: 0,
      reason: 'already_enrolled',
      xpEarned: 0,
    })
    expect(store.facts).toHaveLength(1)
  })

  test('with an idempotency key writes one entry, however often it is repeated', async () => {
    const { ok, clock, store } = await start()
    expect(await ok(EnrollContract, ENROLL, { idempotencyKey: 'k' })).toMatchObject({ enrolled: true, startedAt: at(0) })
    clock.now += 60_000
    expect(await ok(EnrollContract, ENROLL, { idempotencyKey: 'k' })).toMatchObject({ enrolled: false, startedAt: at(0) })
    expect(store.entries).toHaveLength(1)
  })

  test('earlier moves the start of a run', async () => {
    const { ok } = await start()
    await ok(EnrollContract, ENROLL)
    expect(await ok(EnrollContract, { ...ENROLL, at: at(-3_600) })).toMatchObject({ enrolled: false, startedAt: at(-3_600) })
    const { tracks } = await ok(GetProgressContract, { learnerId: 'ada' })
    expect(tracks).toMatchObject([{ trackId: 'chosen', startedAt: at(-3_600) }])
  })

  test('brings the points of what happened before, where that counts', async () => {
    const { ok, clock } = await start()
    await ok(RecordOnboardingEventContract, { learnerId: 'ada', eventName: 'pipeline.created', eventId: 'e' })
    clock.now += 1_000
    expect(await ok(EnrollContract, ENROLL)).toMatchObject({ enrolled: true, xpEarned: 20, startedAt: at(1) })
  })

  test('is something that learners do for themselves, now', async () => {
    const { ok, problem, store } = await start()
    expect(await ok(EnrollContract, ENROLL, { principal: ADA })).toMatchObject({ enrolled: true })
    expect(store.entries).toMatchObject([{ channel: 'client', keyId: null }])
    expect(await problem(EnrollContract, { ...ENROLL, at: at(-1) }, { principal: ADA })).toMatchObject({ code: 'FORBIDDEN' })
    expect(await problem(EnrollContract, { ...ENROLL, learnerId: 'bob' }, { principal: ADA })).toMatchObject({
      code: 'FORBIDDEN',
    })
  })
})

describe('an error stores nothing', () => {
  test.each([
    ['TRACK_NOT_FOUND', { ...ENROLL, trackId: 'choosen' }, { status: 404, data: { trackId: 'choosen', nearest: ['chosen'] } }],
    [
      'ENROLMENT_NOT_EXPLICIT',
      { ...ENROLL, trackId: 'automatic' },
      { status: 409, detail: 'automatic enrols onFirstMatch; enrolling has no effect on it.' },
    ],
    [
      'VALIDATION_FAILED',
      { ...ENROLL, at: at(1) },
      { status: 422, errors: [{ pointer: '/at', message: 'A run cannot start in the future' }] },
    ],
    ['VALIDATION_FAILED', { ...ENROLL, at: '1960-01-01T00:00:00Z' }, { status: 422, errors: [{ pointer: '/at' }] }],
  ])('%s', async (code, input, expected) => {
    const { problem, store } = await start()
    expect(await problem(EnrollContract, input)).toMatchObject({ code, ...expected })
    expect(store.appends).toEqual([])
  })

  test('an idempotency key that enrolled in another track is a conflict, and enrols nobody', async () => {
    const { ok, problem, store } = await start()
    await ok(EnrollContract, ENROLL, { idempotencyKey: 'k' })
    expect(await problem(EnrollContract, { ...ENROLL, trackId: 'another' }, { idempotencyKey: 'k' })).toMatchObject({
      code: 'CONFLICT',
      status: 409,
      detail: expect.stringContaining('Idempotency-Key'),
    })
    expect(store.entries).toHaveLength(1)
  })

  test('a full queue answers RATE_LIMITED, in every operation that writes', async () => {
    const store = createFakeStore()
    const { call, journey } = await startJourney(TRACKS, { store })
    const release = Promise.withResolvers<never>()
    store.append = () => release.promise
    const events = Array.from({ length: 500 }, () => ({ learnerId: 'ada', eventName: 'pipeline.created' }))
    const submit = (count: number) => Array.from({ length: count }, () => call(IngestContract, { events }))
    const submitted = () => new Promise((resolve) => setImmediate(resolve))
    const batches = submit(1)
    await submitted()
    // The first batch is on its way; a hundred wait.
    batches.push(...submit(100))
    await submitted()
    const refused = { ok: false, problem: { code: 'RATE_LIMITED', status: 429, retryAfter: 1 } }
    expect(await call(EnrollContract, ENROLL)).toMatchObject(refused)
    expect(await call(RecordOnboardingEventContract, { learnerId: 'ada', eventName: 'pipeline.created' })).toMatchObject(refused)
    expect(await call(IngestContract, { events })).toMatchObject(refused)
    release.reject(new Error('lost'))
    await Promise.all(batches)
    await journey.close()
  })
})
