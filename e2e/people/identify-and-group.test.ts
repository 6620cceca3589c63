import {
  defineLevels,
  defineTraits,
  EnrollContract,
  GetProgressContract,
  GroupContract,
  IdentifyContract,
  IngestContract,
  RecordOnboardingEventContract,
} from '@waymark/learning-journey'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { ADA, at, START, startPeople, track } from './start-people.ts'

const DEAL = [{ key: 'deal', complete: { event: 'deal.created' }, reward: { xp: 10 } }]
const PRO = track('pro', DEAL, { enrol: { mode: 'explicit' }, audience: { '/plan': 'pro' } })
const TEAM = track('team', [{ key: 'deals', complete: { event: 'deal.created', atLeast: 2 }, reward: { xp: 30 } }], {
  subject: 'account',
})
const OWN = track('own', DEAL)
const traits = defineTraits({
  learner: z.object({
    plan: z.enum(['free', 'pro']),
    seats: z.int(),
    home: z.object({ city: z.string() }),
    timezone: z.string(),
  }),
  account: z.object({ size: z.int() }),
})
const start = () => startPeople([PRO, TEAM, OWN], { traits, levels: defineLevels([20, 40]) })
const deal = (learnerId: string, eventId: string, rest: object = {}) => ({
  learnerId,
  eventName: 'deal.created',
  eventId,
  ...rest,
})

describe('identify', () => {
  test('writes traits into the journal, where audiences read them', async () => {
    const { ok, clock, entries } = await start()
    expect(
      await ok(IdentifyContract, { learnerId: 'ada', traits: { plan: 'pro' }, at: at(-60) }, { idempotencyKey: 'k' }),
    ).toEqual({
      success: true,
      eventId: 'k',
      duplicate: false,
    })
    expect(await entries('l:ada')).toMatchObject([
      { kind: 'control', name: 'waymark.identified', payload: '{"traits":{"plan":"pro"}}', occurredAt: START - 60_000 },
    ])
    expect(await ok(EnrollContract, { learnerId: 'ada', trackId: 'pro' })).toMatchObject({ enrolled: true })
    clock.now += 1_000
    expect(
      await ok(IdentifyContract, { learnerId: 'ada', traits: { plan: 'pro' }, at: at(-60) }, { idempotencyKey: 'k' }),
    ).toMatchObject({
      duplicate: true,
    })
  })

  test.each([
    [{ plan: 'gold' }, '/traits/plan'],
    [{ seats: 'two' }, '/traits/seats'],
    [{ home: {} }, '/traits/home/city'],
    [{ timezone: '+02:00' }, '/traits/timezone'],
    [{ timezone: 'Mars/Olympus' }, '/traits/timezone'],
  ])('refuses traits that are not what they are declared to be: %j', async (wrong, pointer) => {
    const { ok, problem, entries } = await start()
    expect(await problem(IdentifyContract, { learnerId: 'ada', traits: wrong })).toMatchObject({
      code: 'VALIDATION_FAILED',
      status: 422,
      errors: [{ pointer }],
    })
    const events = [{ type: 'identify', learnerId: 'ada', eventId: 'i', traits: wrong }, deal('ada', 'd')]
    const { results } = await ok(IngestContract, { events })
    expect(results).toMatchObject([{ status: 'invalid', problem: { errors: [{ pointer }] } }, { status: 'recorded' }])
    expect(await entries('l:ada')).toHaveLength(1)
  })

  test('takes traits that nobody declared, and any part of those that are', async () => {
    const { ok } = await start()
    await ok(IdentifyContract, { learnerId: 'ada', traits: { seats: 2, shoe: 'left', timezone: 'Asia/Tokyo' } })
    const undeclared = await startPeople([PRO])
    await undeclared.ok(IdentifyContract, { learnerId: 'ada', traits: { seats: 'two' } })
    expect(await undeclared.problem(IdentifyContract, { learnerId: 'ada', traits: { timezone: 7 } })).toMatchObject({
      errors: [{ pointer: '/traits/timezone' }],
    })
  })

  test('is not for learners, not for the future, and not for another story under one key', async () => {
    const { ok, problem } = await start()
    const input = { learnerId: 'ada', traits: {} }
    expect(await problem(IdentifyContract, input, { principal: ADA })).toMatchObject({ code: 'FORBIDDEN', status: 403 })
    expect(await problem(GroupContract, { learnerId: 'ada', accountId: 'north' }, { principal: ADA })).toMatchObject({
      code: 'FORBIDDEN',
    })
    expect(await problem(IdentifyContract, { ...input, at: at(1) })).toMatchObject({ errors: [{ pointer: '/at' }] })
    await ok(IdentifyContract, input, { idempotencyKey: 'k' })
    expect(await problem(IdentifyContract, { ...input, traits: { seats: 1 } }, { idempotencyKey: 'k' })).toMatchObject({
      code: 'CONFLICT',
    })
  })
})

describe('group', () => {
  test('keeps the membership, and writes the traits of the account into its own journal', async () => {
    const { ok, entries, store } = await start()
    await ok(GroupContract, { learnerId: 'ada', accountId: 'north', traits: { size: 3 } })
    expect(await entries('l:ada')).toMatchObject([{ name: 'waymark.grouped', payload: '{"accountId":"north"}' }])
    expect(await entries('a:north', ['waymark.identified'])).toMatchObject([
      { name: 'waymark.identified', actor: 'l:ada', payload: '{"traits":{"size":3}}' },
    ])
    expect(await store.readMemberships([{ tenant: 'acme', learner: 'ada' }])).toEqual([
      { tenant: 'acme', learner: 'ada', account: 'north', since: START, until: null },
    ])
  })

  test('of nobody writes the traits of the account alone, once, and nobody becomes a member', async () => {
    const { ok, entries, store } = await start()
    const said = { type: 'group', accountId: 'north', traits: { size: 3 }, eventId: 'g1' }
    const statuses = async (events: readonly unknown[]) =>
      (await ok(IngestContract, { events: [...events] })).results.map(({ status }) => status)
    expect(await statuses([said, { ...said, learnerId: 'ada' }])).toEqual(['recorded', 'recorded'])
    expect(await statuses([said, { ...said, traits: { size: 4 } }, { ...said, traits: { size: 'big' }, eventId: 'g2' }])).toEqual(
      ['duplicate', 'conflict', 'invalid'],
    )
    expect((await entries('a:north')).map(({ actor, payload }) => [actor, payload])).toEqual(
      expect.arrayContaining([
        [null, '{"traits":{"size":3}}'],
        ['l:ada', '{"traits":{"size":3}}'],
      ]),
    )
    const members = await store.readMemberships(['ada', ''].map((learner) => ({ tenant: 'acme', learner })))
    expect(members.map(({ learner, account }) => [learner, account])).toEqual([['ada', 'north']])
  })

  test('checks the traits of the account', async () => {
    const { problem } = await start()
    expect(await problem(GroupContract, { learnerId: 'ada', accountId: 'north', traits: { size: 'big' } })).toMatchObject({
      errors: [{ pointer: '/traits/size' }],
    })
  })

  test('memberships are the same in whatever order it is told who came and left', async () => {
    const told = [
      { accountId: 'north', at: at(-50) },
      { accountId: 'north', at: at(-40), leave: true },
      { accountId: 'north', at: at(-30) },
      { accountId: 'south', at: at(-20) },
      { accountId: 'south', at: at(-10), leave: true },
    ]
    for (const order of [told, told.toReversed(), [3, 0, 4, 2, 1].map((index) => told[index] as (typeof told)[number])]) {
      const { ok, store } = await start()
      for (const input of order) await ok(GroupContract, { learnerId: 'ada', ...input })
      const rows = await store.readMemberships([{ tenant: 'acme', learner: 'ada' }])
      const spans = rows.map(({ account, since, until }) => [account, (since - START) / 1_000, until && (until - START) / 1_000])
      expect(spans.sort()).toEqual([
        ['north', -30, null],
        ['north', -50, -40],
        ['south', -20, -10],
      ])
    }
  })
})

describe('the account of an event', () => {
  test('is the only one in which its learner was as it happened, and stays with it (A51)', async () => {
    const { ok, entries, clock } = await start()
    const team = async () =>
      (await ok(GetProgressContract, { learnerId: 'bob' })).tracks.find(({ trackId }) => trackId === 'team')
    for (const learnerId of ['ada', 'bob']) await ok(GroupContract, { learnerId, accountId: 'north', at: at(-100) })
    await ok(RecordOnboardingEventContract, deal('ada', 'd1', { occurredAt: at(-60) }))
    expect(await team()).toMatchObject({ status: 'active', subject: 'account' })
    await ok(GroupContract, { learnerId: 'ada', accountId: 'north', leave: true, at: at(-30) })
    await ok(RecordOnboardingEventContract, deal('ada', 'after', { occurredAt: at(-20) }))
    expect(await team()).toMatchObject({ status: 'active' })
    clock.now += 1_000
    await ok(RecordOnboardingEventContract, deal('ada', 'late', { occurredAt: at(-40) }))
    expect(await team()).toMatchObject({ status: 'completed' })
    const deals = await entries('l:ada', ['deal.created'])
    expect(deals.map(({ eventId, account }) => [eventId, account])).toEqual([
      ['d1', 'north'],
      ['late', 'north'],
      ['after', null],
    ])
  })

  test('is what the same batch says, none where there are two, and the named one always', async () => {
    const { ok, entries } = await start()
    const group = { type: 'group', learnerId: 'ada', accountId: 'north' }
    await ok(IngestContract, { events: [deal('ada', 'd1'), group, deal('bob', 'd2')] })
    await ok(GroupContract, { learnerId: 'ada', accountId: 'south' })
    await ok(IngestContract, { events: [deal('ada', 'd3'), deal('ada', 'd4', { accountId: 'west' })] })
    const all = [...(await entries('l:ada', ['deal.created'])), ...(await entries('l:bob', ['deal.created']))]
    expect(all.map(({ eventId, account }) => [eventId, account]).sort()).toEqual([
      ['d1', 'north'],
      ['d2', null],
      ['d3', null],
      ['d4', 'west'],
    ])
  })

  test('is none of an account that was left, though the same batch is the first to say who joined it', async () => {
    const { ok, entries } = await start()
    const group = { type: 'group', learnerId: 'ada', accountId: 'north', occurredAt: at(-50) }
    await ok(GroupContract, { learnerId: 'ada', accountId: 'north', leave: true, at: at(-30) })
    const events = [group, deal('ada', 'in', { occurredAt: at(-40) }), deal('ada', 'after', { occurredAt: at(-20) })]
    await ok(IngestContract, { events })
    expect((await entries('l:ada', ['deal.created'])).map(({ eventId, account }) => [eventId, account])).toEqual([
      ['in', 'north'],
      ['after', null],
    ])
  })

  test('costs one read for a batch, and none where no track is about accounts', async () => {
    for (const [tracks, expected] of [
      [[TEAM], 1],
      [[OWN], 0],
    ] as const) {
      const { ok, store } = await startPeople(tracks)
      let reads = 0
      const { readMemberships } = store
      store.readMemberships = (learners) => {
        reads += 1
        return readMemberships(learners)
      }
      const events = Array.from({ length: 50 }, (_, index) => deal(`l${index}`, 'd'))
      await ok(IngestContract, { events })
      expect(reads).toBe(expected)
    }
  })
})

describe('a track about accounts (A39)', () => {
  test('one of three members acts, all three see it with the points of the account, and who acted is kept', async () => {
    const { ok, entries, clock } = await start()
    for (const learnerId of ['ada', 'bob', 'cleo']) await ok(GroupContract, { learnerId, accountId: 'north' })
    clock.now += 1_000
    for (const eventId of ['d1', 'd2']) await ok(RecordOnboardingEventContract, deal('bob', eventId))
    for (const learnerId of ['ada', 'bob', 'cleo']) {
      const { account, tracks, xp, level } = await ok(GetProgressContract, { learnerId })
      expect(account).toEqual({ accountId: 'north', xp: 30, level: { number: 2, xp: 20, nextAt: 40 }, badges: [] })
      expect(tracks.find(({ trackId }) => trackId === 'team')).toMatchObject({ status: 'completed' })
      expect(xp).toBe(learnerId === 'bob' ? 10 : 0)
      expect(level).toEqual({ number: 1, xp: 0, nextAt: 20 })
    }
    expect(await entries('a:north', ['deal.created'])).toMatchObject([{ subject: 'l:bob' }, { subject: 'l:bob' }])
  })

  test('is shown of the account that is named, to learners only where their token names it', async () => {
    const { ok, problem } = await start()
    for (const accountId of ['north', 'south']) await ok(GroupContract, { learnerId: 'ada', accountId })
    await ok(RecordOnboardingEventContract, deal('ada', 'd1', { accountId: 'south' }))
    expect(await ok(GetProgressContract, { learnerId: 'ada' })).toMatchObject({ account: null, tracks: [{ trackId: 'own' }] })
    const input = { learnerId: 'ada', accountId: 'south' }
    expect(await ok(GetProgressContract, input)).toMatchObject({
      account: { accountId: 'south', xp: 0 },
      tracks: [{}, { trackId: 'team' }],
    })
    expect(await ok(GetProgressContract, input, { principal: { ...ADA, accounts: ['south'] } })).toMatchObject({ account: {} })
    expect(await problem(GetProgressContract, input, { principal: ADA })).toMatchObject({ code: 'FORBIDDEN', status: 403 })
  })
})
