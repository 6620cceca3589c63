import { createHash } from 'node:crypto'
import {
  EnrollContract,
  EnrollManyContract,
  EraseLearnerContract,
  ExportLearnerContract,
  GetProgressContract,
  GroupContract,
  IdentifyContract,
  IngestContract,
  LearningJourneyModule,
  MergeContract,
  RecordOnboardingEventContract,
  SkipStepContract,
} from '@waymark/learning-journey'
import { createMemoryStore } from '@waymark/store/memory'
import { describe, expect, test } from 'vitest'
import { ADA, at, START, startPeople, track } from './start-people.ts'

const DEAL = [{ key: 'deal', complete: { event: 'deal.created' }, reward: { xp: 10 } }]
const TRACKS = [
  track('own', DEAL),
  track('chosen', DEAL, { enrol: { mode: 'explicit' } }),
  track(
    'team',
    [
      { key: 'one', complete: { event: 'deal.created' } },
      { key: 'many', complete: { event: 'deal.created', atLeast: 9 }, skippable: true },
    ],
    { subject: 'account' },
  ),
]
const deal = (learnerId: string, eventId: string, rest: object = {}) => ({
  learnerId,
  eventName: 'deal.created',
  eventId,
  ...rest,
})
const PARTS = ['entries', 'facts', 'enrolments', 'memberships', 'merges', 'rejected']
const ERASE = { learnerId: 'ada', reason: 'Asked for it.' }

/** Ada is in the journal under two ids, in an account with bob, and among the rejected events. */
async function known(store = createMemoryStore()) {
  const people = await startPeople(TRACKS, { store })
  const { ok, clock } = people
  await ok(RecordOnboardingEventContract, deal('anon:1', 'd0'))
  await ok(MergeContract, { learnerId: 'ada', anonymousId: 'anon:1' })
  await ok(IdentifyContract, { learnerId: 'ada', traits: { email: 'ada@example.com' } })
  for (const learnerId of ['ada', 'bob']) await ok(GroupContract, { learnerId, accountId: 'north', traits: { size: 2 } })
  clock.now += 1_000
  await ok(RecordOnboardingEventContract, deal('bob', 'd1'))
  await ok(RecordOnboardingEventContract, deal('ada', 'd2'))
  clock.now += 1
  await ok(SkipStepContract, { learnerId: 'ada', accountId: 'north', trackId: 'team', stepId: 'many' })
  await ok(IngestContract, { events: [{ learnerId: 'ada', eventName: '' }, deal('bob', 'x', { eventVersion: '9' })] })
  clock.now = START + 2_000
  return people
}

type People = Awaited<ReturnType<typeof known>>

async function exported({ ok }: People, input: { learnerId?: string; after?: string } = {}) {
  const items = []
  for await (const item of await ok(ExportLearnerContract, { learnerId: 'ada', ...input })) items.push(item)
  return items
}

describe('exportLearner', () => {
  test('gives every row of a person, part by part, and a manifest that counts and hashes them', async () => {
    const people = await known()
    for (const learnerId of ['ada', 'anon:1']) {
      const items = await exported(people, { learnerId })
      const manifest = items.at(-1)
      expect(manifest).toMatchObject({ part: 'manifest', data: { learnerId, generatedAt: at(2) } })
      const parts = manifest?.data.parts as Record<string, { count: number; sha256: string }>
      expect(Object.keys(parts)).toEqual(PARTS)
      for (const [part, { count, sha256 }] of Object.entries(parts)) {
        const rows = items.filter((item) => item.part === part).map(({ data }) => data)
        const lines = rows.map((row) => `${JSON.stringify(row)}\n`).join('')
        expect([part, rows.length > 0, count, sha256]).toEqual([
          part,
          true,
          rows.length,
          createHash('sha256').update(lines).digest('hex'),
        ])
      }
      const text = JSON.stringify(items)
      for (const present of ['ada@example.com', '"d0"', '"d2"', '"from":"l:anon:1"']) expect(text).toContain(present)
      expect(text).not.toContain('bob')
    }
  })

  test('goes on behind a cursor', async () => {
    const people = await known()
    const all = await exported(people)
    expect(await exported(people, { after: all[3]?.cursor ?? '' })).toEqual(all.slice(4))
    expect(await people.problem(ExportLearnerContract, { learnerId: 'ada', after: 'x' })).toMatchObject({
      errors: [{ pointer: '/after' }],
    })
    await people.ok(RecordOnboardingEventContract, deal('ada', 'another'))
    const changed = await people.problem(ExportLearnerContract, { learnerId: 'ada', after: all[3]?.cursor ?? '' })
    expect(changed).toMatchObject({ errors: [{ pointer: '/after', message: expect.stringContaining('begins again') }] })
  })

  test('is not for learners', async () => {
    const { problem } = await known()
    expect(await problem(ExportLearnerContract, { learnerId: 'ada' }, { principal: ADA })).toMatchObject({ code: 'FORBIDDEN' })
    expect(await problem(EraseLearnerContract, ERASE, { principal: ADA })).toMatchObject({ code: 'FORBIDDEN' })
  })
})

describe('eraseLearner', () => {
  test('leaves nothing, under none of the ids, and says how much there was (A40)', async () => {
    const people = await known()
    const { ok, store } = people
    const counts = Object.fromEntries(
      await Promise.all(PARTS.map(async (part) => [part, (await exported(people)).filter((item) => item.part === part).length])),
    )
    expect(await ok(EraseLearnerContract, { ...ERASE, learnerId: 'anon:1' })).toEqual({
      success: true,
      erasedAt: at(2),
      reason: 'Asked for it.',
      erased: counts,
    })
    for (const learnerId of ['ada', 'anon:1']) expect(await exported(people, { learnerId })).toHaveLength(1)
    const subjects = ['l:ada', 'l:anon:1', 'l:bob', 'a:north']
    const entries = (await Promise.all(subjects.map((subject) => people.entries(subject)))).flat()
    const facts = await store.readFacts({ tenant: 'acme', limit: 1_000 })
    const enrolments = await store.listEnrolments({ tenant: 'acme', limit: 100 })
    const rejected = await store.readRejected({ tenant: 'acme', limit: 100 })
    const states = await Promise.all(subjects.map((subject) => store.readState({ tenant: 'acme', subject })))
    const left = JSON.stringify([
      entries,
      facts,
      enrolments,
      rejected,
      states.map((bytes) => Buffer.from(bytes ?? []).toString('latin1')),
    ])
    for (const id of ['ada', 'anon:1']) expect(left).not.toContain(id)
    expect(left).toContain('bob')
    expect(rejected).toHaveLength(1)
    expect(await store.listSubjects({ tenant: 'acme', kind: 'learner', limit: 10 })).toMatchObject([{ subject: 'l:bob' }])
  })

  test('lets the account go on without what the person did for it', async () => {
    const { ok, entries } = await known()
    await ok(EraseLearnerContract, ERASE)
    const { tracks } = await ok(GetProgressContract, { learnerId: 'bob' })
    expect(tracks.find(({ trackId }) => trackId === 'team')).toMatchObject({
      steps: [{ status: 'completed' }, { status: 'skipped' }],
    })
    expect(await entries('a:north', ['waymark.skipped'])).toMatchObject([{ actor: null }])
  })

  test('refuses what happened before, through every door, and begins anew with what happens after (A54)', async () => {
    const { ok, problem, clock } = await known()
    await ok(EraseLearnerContract, ERASE)
    clock.now += 1_000
    const old = { occurredAt: at(1) }
    const events = [
      deal('ada', 'd2', old),
      deal('anon:1', 'd0', { occurredAt: at(0) }),
      { type: 'identify', learnerId: 'ada', traits: { a: 1 }, ...old },
      { type: 'group', learnerId: 'ada', accountId: 'north', ...old },
      { type: 'alias', learnerId: 'ada', previousId: 'cleo', ...old },
      { type: 'alias', learnerId: 'cleo', previousId: 'ada', ...old },
    ]
    expect((await ok(IngestContract, { events })).results.map(({ status }) => status)).toEqual(events.map(() => 'erased'))
    expect(await problem(RecordOnboardingEventContract, deal('ada', 'd9', old))).toMatchObject({ code: 'CONFLICT', status: 409 })
    expect(await problem(IdentifyContract, { learnerId: 'ada', traits: {}, at: at(1) })).toMatchObject({ code: 'CONFLICT' })
    expect(await problem(EnrollContract, { learnerId: 'ada', trackId: 'chosen', at: at(1) })).toMatchObject({ code: 'CONFLICT' })
    const many = { trackId: 'chosen', learnerIds: ['ada', 'cleo'], at: at(1) }
    expect((await ok(EnrollManyContract, many)).results.map(({ status }) => status)).toEqual(['erased', 'enrolled'])
    expect(await ok(GetProgressContract, { learnerId: 'ada' })).toMatchObject({ xp: 0, account: null, tracks: [] })

    expect(await ok(RecordOnboardingEventContract, deal('ada', 'd2'))).toMatchObject({ duplicate: false, xpEarned: 10 })
    expect(await ok(GetProgressContract, { learnerId: 'ada' })).toMatchObject({
      xp: 10,
      tracks: [{ trackId: 'own', startedAt: at(3) }],
    })
    expect((await ok(IngestContract, { events: events.slice(0, 1) })).results).toMatchObject([{ status: 'erased' }])
  })

  test('is known to every process', async () => {
    const store = createMemoryStore()
    const other = await startPeople(TRACKS, { store })
    const { ok } = await known(store)
    await ok(EraseLearnerContract, ERASE)
    other.clock.now = START + 9_000
    expect((await other.ok(IngestContract, { events: [deal('ada', 'd2', { occurredAt: at(1) })] })).results).toMatchObject([
      { status: 'erased' },
    ])
  })

  test('has the account computed by whoever comes next when the process dies after it', async () => {
    const store = createMemoryStore()
    const before = await startPeople(
      [track('team', [{ key: 'many', complete: { event: 'deal.created', atLeast: 3 } }], { subject: 'account' })],
      {
        store: {
          ...store,
          erase: async (...erased) => {
            await store.erase(...erased)
            throw new Error('The process died.')
          },
        },
      },
    )
    for (const learnerId of ['ada', 'bob']) {
      await before.ok(GroupContract, { learnerId, accountId: 'north' })
      await before.ok(RecordOnboardingEventContract, deal(learnerId, `d-${learnerId}`))
    }
    expect(await before.call(EraseLearnerContract, ERASE)).toMatchObject({ ok: false })
    const [job] = await store.readJobs()
    expect(job).toMatchObject({ kind: 'erase', status: 'running' })

    const after = await startPeople(before.journey.tracks, { store })
    await after.journey.runJobs()
    expect(await store.readJobs()).toMatchObject([{ status: 'done' }])
    await after.ok(RecordOnboardingEventContract, deal('bob', 'second'))
    const { tracks } = await after.ok(GetProgressContract, { learnerId: 'bob' })
    expect(tracks).toMatchObject([{ trackId: 'team', steps: [{ status: 'open' }] }])
  })

  test('again finds nothing', async () => {
    const { ok } = await known()
    await ok(EraseLearnerContract, ERASE)
    const { erased } = await ok(EraseLearnerContract, ERASE)
    expect(Object.values(erased)).toEqual(PARTS.map(() => 0))
  })

  test('needs no clearing of kept answers: no operation of the module keeps one', async () => {
    const { journey } = await known()
    const { bindings } = journey.implementation
    for (const contract of LearningJourneyModule.contracts) {
      if (contract.kind !== 'command') continue
      const { key, version } = contract.meta
      const { commit } = bindings.get(`${key}@${version}`) ?? {}
      expect([key, commit === 'group' || contract.policy.idempotent === true]).toEqual([key, true])
    }
  })
})
