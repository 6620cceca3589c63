import { describe, expect, test } from 'vitest'
import { START, track } from '../../test-support/entries.ts'
import { createFakeStore } from '../../test-support/fake-store.ts'
import { ADA, OPERATOR, SERVICE, startJourney } from '../../test-support/journey-process.ts'
import { RecordOnboardingEventContract } from '../contracts/onboarding.ts'

const TRACKS = [
  track(
    [
      { key: 'pipeline', complete: { event: 'pipeline.created' }, reward: { xp: 20 } },
      {
        key: 'deals',
        after: { all: ['pipeline'] },
        complete: { event: 'deal.created', where: { '/amount': { gte: 1_000 } }, atLeast: 2 },
        reward: { xp: 30 },
      },
    ],
    { key: 'first-win', completion: { xp: 50 } },
  ),
  track([{ key: 'read', complete: { event: 'page.read', trust: 'client' }, reward: { xp: 1 } }], { key: 'reading' }),
  track([{ key: 'quiz', complete: { event: 'quiz.passed', where: { '/mastery': { gte: 0.8 } } } }], { key: 'mastery' }),
]
const PIPELINE = { learnerId: 'ada', eventName: 'pipeline.created', eventId: 'p1' }
const DEAL = { learnerId: 'ada', eventName: 'deal.created', eventPayload: { dealId: 'd', amount: 1_000 } }
const PAGE = { learnerId: 'ada', eventName: 'page.read', eventPayload: { page: 'p' } }

const start = () => startJourney(TRACKS)
const verdicts = ({ outcomes }: { outcomes: { stepId: string; verdict: string; reason: string | null }[] }) =>
  outcomes.map(({ stepId, verdict, reason }) => `${stepId} ${verdict} ${reason}`)

describe('an answer', () => {
  test('says what the event did to each step that listens, with its experience points and the condition tree', async () => {
    const { ok, clock } = await start()
    const first = await ok(RecordOnboardingEventContract, { ...DEAL, eventId: 'd1' })
    expect(first).toMatchObject({ success: true, eventId: 'd1', duplicate: false, xpEarned: 0 })
    expect(first.outcomes).toEqual([
      {
        trackId: 'first-win',
        stepId: 'deals',
        verdict: 'progressed',
        reason: 'count_short',
        detail: {
          node: 'all',
          met: false,
          correlate: null,
          group: null,
          parts: [
            { node: 'after', met: false, any: false, steps: [{ stepId: 'pipeline', met: false }] },
            {
              node: 'event',
              event: 'deal.created',
              met: false,
              expected: 2,
              actual: 1,
              distinctBy: null,
              sumOf: null,
              until: null,
              sliding: null,
              checks: [
                { check: 'where', met: true, operator: 'gte', expected: 1_000, actual: 1_000, from: '/eventPayload/amount' },
              ],
            },
          ],
        },
      },
    ])
    clock.now += 1_000
    expect(verdicts(await ok(RecordOnboardingEventContract, { ...DEAL, eventId: 'd2' }))).toEqual([
      'deals progressed prerequisite',
    ])
    clock.now += 1_000
    const last = await ok(RecordOnboardingEventContract, PIPELINE)
    expect(last.xpEarned).toBe(100)
    expect(verdicts(last)).toEqual(['pipeline completed null', 'deals completed null'])
  })

  test('of an event that changes nothing is a 200 with its reason', async () => {
    const { ok, store } = await start()
    const answer = await ok(RecordOnboardingEventContract, { ...DEAL, eventPayload: { dealId: 'd', amount: 5 } })
    expect(verdicts(answer)).toEqual(['deals unchanged condition_false'])
    expect(answer).toMatchObject({ xpEarned: 0, duplicate: false })
    expect(store.entries).toHaveLength(1)
    expect(await store.readState({ tenant: 'acme', subject: 'l:ada' })).toBeNull()
  })

  test('comes with a new id where the event has none, or with the idempotency key', async () => {
    const { ok } = await start()
    expect((await ok(RecordOnboardingEventContract, DEAL)).eventId).toMatch(/^id-\d+$/)
    const keyed = () => ok(RecordOnboardingEventContract, DEAL, { idempotencyKey: 'key' })
    expect([await keyed(), await keyed()]).toMatchObject([
      { eventId: 'key', duplicate: false },
      { eventId: 'key', duplicate: true },
    ])
  })

  test('an idempotency key that cannot be an id is hashed to one', async () => {
    const { ok } = await start()
    for (const idempotencyKey of ['x'.repeat(300), 'a\0b']) {
      const { eventId } = await ok(RecordOnboardingEventContract, DEAL, { idempotencyKey })
      expect(eventId).toMatch(/^[0-9a-f]{64}$/)
      expect(await ok(RecordOnboardingEventContract, DEAL, { idempotencyKey })).toMatchObject({ eventId, duplicate: true })
    }
  })
})

describe('a duplicate', () => {
  test('changes nothing and earns nothing; its reasons are those of today', async () => {
    const { ok, store } = await start()
    await ok(RecordOnboardingEventContract, PIPELINE)
    const state = await store.readState({ tenant: 'acme', subject: 'l:ada' })
    const facts = store.facts.length
    const again = await ok(RecordOnboardingEventContract, PIPELINE)
    expect(again).toMatchObject({ eventId: 'p1', duplicate: true, xpEarned: 0 })
    expect(verdicts(again)).toEqual(['pipeline unchanged already_done'])
    expect(await store.readState({ tenant: 'acme', subject: 'l:ada' })).toEqual(state)
    expect([store.entries.length, store.facts.length]).toEqual([1, facts])
  })

  test('with another body is a conflict, and the first stands', async () => {
    const { ok, problem, store } = await start()
    await ok(RecordOnboardingEventContract, { ...DEAL, eventId: 'd1' })
    const refused = await problem(RecordOnboardingEventContract, {
      ...DEAL,
      eventId: 'd1',
      eventPayload: { dealId: 'd', amount: 9_999 },
    })
    expect(refused).toMatchObject({
      code: 'CONFLICT',
      status: 409,
      detail: expect.stringContaining('The event d1 was recorded before'),
    })
    expect(store.entries.map(({ payload }) => payload)).toEqual([JSON.stringify(DEAL.eventPayload)])
  })

  test('is one within its source and its learner only', async () => {
    const { ok } = await start()
    for (const rest of [{}, { sourceModule: 'crm' }, { learnerId: 'bob' }])
      expect(await ok(RecordOnboardingEventContract, { ...PIPELINE, ...rest })).toMatchObject({ duplicate: false })
  })

  test('in one round with the first is told so', async () => {
    const { ok, store } = await start()
    const answers = await Promise.all([1, 2, 3].map(() => ok(RecordOnboardingEventContract, PIPELINE)))
    expect(answers.map(({ duplicate, xpEarned }) => [duplicate, xpEarned])).toEqual([
      [false, 20],
      [true, 0],
      [true, 0],
    ])
    expect(store.appends).toHaveLength(1)
  })
})

describe('an error stores nothing', () => {
  const LISTENED = { learnerId: 'ada', eventName: 'quiz.passed', eventPayload: { mastery: 'x' } }
  type Row = readonly [string, object, object, object]
  const rows: readonly Row[] = [
    ['UNAUTHENTICATED', PIPELINE, { principal: { kind: 'anonymous', tenant: 'acme' } }, { status: 401 }],
    ['VALIDATION_FAILED', { ...PIPELINE, learnerId: '' }, {}, { status: 422, errors: [{ pointer: '/learnerId' }] }],
    ['VALIDATION_FAILED', { ...PIPELINE, occurredAt: 'now' }, {}, { status: 422, errors: [{ pointer: '/occurredAt' }] }],
    [
      'VALIDATION_FAILED',
      { ...PIPELINE, occurredAt: '1969-12-31T23:59:59Z' },
      {},
      { status: 422, errors: [{ pointer: '/occurredAt' }] },
    ],
    ['FORBIDDEN', { ...PAGE, learnerId: 'bob' }, { principal: ADA }, { status: 403 }],
    ['FORBIDDEN', PIPELINE, { principal: { ...SERVICE, scopes: ['other.*'] } }, { status: 403 }],
    [
      'FORBIDDEN',
      { ...PIPELINE, trackId: 'nope' },
      { principal: ADA },
      { status: 403, detail: expect.stringContaining('reported by servers only') },
    ],
    ['FORBIDDEN', { ...PIPELINE, eventName: 'waymark.enrolled', trackId: 'nope' }, {}, { status: 403 }],
    [
      'TRACK_NOT_FOUND',
      { ...PIPELINE, trackId: 'frist-win' },
      {},
      { status: 404, data: { trackId: 'frist-win', nearest: ['first-win'] } },
    ],
    ['TRACK_NOT_FOUND', { ...PIPELINE, eventName: 'nobody.declares', trackId: 'nope' }, {}, { status: 404 }],
    [
      'STEP_NOT_FOUND',
      { ...PIPELINE, eventName: 'pipeline.craeted' },
      {},
      { status: 404, data: { eventName: 'pipeline.craeted', nearest: ['pipeline.created'] } },
    ],
    [
      'STEP_NOT_FOUND',
      { ...PIPELINE, trackId: 'reading' },
      {},
      { status: 404, detail: 'No step of reading listens to pipeline.created.' },
    ],
    [
      'STEP_NOT_FOUND',
      { ...PIPELINE, eventName: 'anything.happened', eventPayload: { x: 'y'.repeat(40_000) } },
      {},
      { status: 404 },
    ],
    ['STEP_NOT_FOUND', { ...PIPELINE, eventName: 'measured', eventPayload: { value: 1 } }, {}, { status: 404 }],
    ['STEP_NOT_FOUND', { ...PIPELINE, eventName: 'measured', eventVersion: '9' }, {}, { status: 404 }],
    ['VALIDATION_FAILED', { ...PIPELINE, eventVersion: '9' }, {}, { status: 422, errors: [{ pointer: '/eventVersion' }] }],
    [
      'VALIDATION_FAILED',
      LISTENED,
      {},
      {
        status: 422,
        errors: [{ pointer: '/eventPayload/mastery', expected: 'number', received: 'string' }, { pointer: '/eventPayload/quiz' }],
      },
    ],
    [
      'VALIDATION_FAILED',
      { ...LISTENED, eventPayload: { mastery: Number.NaN, quiz: 'q' } },
      {},
      { status: 422, errors: [{ pointer: '/eventPayload/mastery', received: 'NaN' }] },
    ],
    [
      'VALIDATION_FAILED',
      { ...PAGE, eventPayload: { page: 'a\0' } },
      {},
      { status: 422, errors: [{ pointer: '/eventPayload/page' }] },
    ],
    ['PAYLOAD_TOO_LARGE', { ...PAGE, eventPayload: { page: 'y'.repeat(40_000) } }, {}, { status: 413 }],
  ]

  test.each(rows)('%s for %o', async (code, input, envelope, expected) => {
    const { problem, store, failures } = await start()
    expect(await problem(RecordOnboardingEventContract, input as typeof PIPELINE, envelope)).toMatchObject({ code, ...expected })
    expect([store.appends, store.rejected, failures]).toEqual([[], [], []])
  })

  test('INTERNAL when the store is lost, with nothing of why', async () => {
    const { problem, store, failures } = await start()
    store.beforeAppend = () => {
      throw new Error('password=secret')
    }
    const answer = await problem(RecordOnboardingEventContract, PIPELINE)
    expect(answer).toMatchObject({ code: 'INTERNAL', status: 500 })
    expect(JSON.stringify(answer)).not.toContain('secret')
    expect(failures).toHaveLength(1)
  })

  test('and the same id is recorded, not a duplicate, once a step listens (A48)', async () => {
    const store = createFakeStore()
    const before = await startJourney([TRACKS[1] as (typeof TRACKS)[1]], { store })
    expect((await before.problem(RecordOnboardingEventContract, PIPELINE)).code).toBe('STEP_NOT_FOUND')
    const after = await startJourney(TRACKS, { store })
    expect(await after.ok(RecordOnboardingEventContract, PIPELINE)).toMatchObject({ duplicate: false, xpEarned: 20 })
  })
})

describe('a learner', () => {
  test('reports for themselves, as a client, at the time of receipt', async () => {
    const { ok, store } = await start()
    const occurredAt = '2026-02-27T00:00:00Z'
    expect(await ok(RecordOnboardingEventContract, { ...PAGE, occurredAt }, { principal: ADA })).toMatchObject({ xpEarned: 1 })
    expect(store.entries).toMatchObject([
      { channel: 'client', occurredAt: START, claimedAt: Date.parse(occurredAt), keyId: null },
    ])
  })

  test('is not trusted by steps that want the server', async () => {
    const { ok } = await startJourney([track([{ key: 'read', complete: { event: 'page.read' } }])])
    expect(verdicts(await ok(RecordOnboardingEventContract, PAGE, { principal: ADA }))).toEqual([
      'read unchanged source_untrusted',
    ])
  })

  test('is not asked who they are when a service or an operator reports', async () => {
    const { ok, store } = await start()
    await ok(RecordOnboardingEventContract, PIPELINE, { principal: OPERATOR, channel: 'cli' })
    expect(store.entries).toMatchObject([{ channel: 'cli', keyId: 'olga', tenant: 'acme', subject: 'l:ada' }])
  })
})

test('a named track gets the event alone (A49)', async () => {
  const copy = (key: string) => track([{ key: 'pipeline', complete: { event: 'pipeline.created' } }], { key })
  const { ok } = await startJourney([copy('one'), copy('two')])
  expect(
    (await ok(RecordOnboardingEventContract, { ...PIPELINE, trackId: 'two' })).outcomes.map(({ trackId }) => trackId),
  ).toEqual(['two'])
})
