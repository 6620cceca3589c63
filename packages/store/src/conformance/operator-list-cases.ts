import type { EnrolmentQuery, EnrolmentRow, JournalStore } from '@waymark/learning-journey/ports'
import { expect, it } from 'vitest'
import type { Harness } from './harness.ts'
import { ada, bob, derived, enrolment, entry, fact, factsWhenThere, numbers, record } from './rows.ts'

async function enrolments(store: JournalStore, query: Partial<EnrolmentQuery> = {}): Promise<readonly EnrolmentRow[]> {
  return store.listEnrolments({ tenant: 'acme', limit: 100, ...query })
}

export function enrolmentCases({ open }: Harness): void {
  it('returns every field of an enrolment, and the last that was written of each', async () => {
    const store = await open()
    const first = enrolment()
    const other = enrolment({ tenant: 'other' })
    await record(store, [], [], () => ({ enrolments: [first, enrolment({ run: 1 }), other] }))
    const changes: Partial<EnrolmentRow>[] = [
      {},
      { status: 'completed', completedAt: 9, percent: 100, openStep: null, changedAt: 9, version: '2.0.0' },
      { status: 'exited', endedAt: 10, heldOut: true, startedAt: 900 },
      {},
    ]
    for (const values of changes) {
      await record(store, [], [], () => ({ enrolments: [enrolment(values)] }))
      expect(await enrolments(store)).toEqual(
        [enrolment({ run: 1 }), enrolment(values)].sort((a, b) => b.startedAt - a.startedAt || b.run - a.run),
      )
    }
    expect(await enrolments(store, { tenant: 'other' })).toEqual([other])
  })

  it('keeps no enrolment of a round that was stale', async () => {
    const store = await open()
    const round = await store.append([], [])
    const states = [{ ...ada, expected: 7, state: Uint8Array.of(1) }]
    expect(await round.commit(derived({ states, enrolments: [enrolment()] }))).toBe('stale')
    expect(await enrolments(store)).toEqual([])
  })

  it('lists enrolments in pages, latest start first, and those of one start by their key', async () => {
    const store = await open()
    const rows = numbers(30).map((n) =>
      enrolment({
        subject: `l:${n % 7}`,
        track: n % 2 === 0 ? 'first-win' : 'second',
        run: Math.floor(n / 14),
        startedAt: n % 4,
      }),
    )
    await record(store, [], [], () => ({ enrolments: rows }))
    const key = ({ startedAt, track, subject, run }: EnrolmentRow) => [startedAt, track, subject, run].join(' ')
    const expected = [...new Map(rows.map((row) => [[row.track, row.subject, row.run].join(), row])).values()]
      .map(key)
      .sort()
      .reverse()
    for (const limit of [1, 4, 100]) {
      const found: EnrolmentRow[] = []
      for (;;) {
        const after = found.at(-1)
        const page = await enrolments(store, { limit, ...(after === undefined ? {} : { after }) })
        found.push(...page)
        if (page.length < limit) break
      }
      expect(found.map(key)).toEqual(expected)
    }
  })

  it('lists only the enrolments that every filter lets through', async () => {
    const store = await open()
    const rows = [
      enrolment({ startedAt: 5 }),
      enrolment({ ...bob, startedAt: 6, status: 'missed', openStep: null }),
      enrolment({ subject: 'l:eve', startedAt: 7, openStep: 'import' }),
      enrolment({ track: 'second', startedAt: 8, status: 'completed', openStep: null }),
      enrolment({ track: 'second', ...bob, startedAt: 9, status: 'missed' }),
    ]
    await record(store, [], [], () => ({ enrolments: rows }))
    const places = async (query: Partial<EnrolmentQuery>) => (await enrolments(store, query)).map(({ startedAt }) => startedAt)
    expect(await places({ track: 'first-win' })).toEqual([7, 6, 5])
    expect(await places({ status: 'missed' })).toEqual([9, 6])
    expect(await places({ track: 'first-win', status: 'missed' })).toEqual([6])
    expect(await places({ track: 'second', status: 'completed' })).toEqual([8])
    expect(await places({ openStep: 'create-deals' })).toEqual([9, 5])
    expect(await places({ track: 'first-win', openStep: 'import' })).toEqual([7])
    expect(await places({ track: 'second', openStep: 'create-deals', status: 'missed' })).toEqual([9])
    expect(await places({ subject: bob.subject })).toEqual([9, 6])
    expect(await places({ subject: bob.subject, track: 'second', status: 'missed' })).toEqual([9])
    expect(await places({ startedFrom: 6, startedTo: 9 })).toEqual([8, 7, 6])
    expect(await places({ status: 'active', startedTo: 7 })).toEqual([5])
    expect(await places({ track: 'third' })).toEqual([])
    for (const filter of [{ track: 'first-win' }, { status: 'missed' }, { openStep: 'create-deals' }] as const) {
      const all = await enrolments(store, filter)
      const [first] = await enrolments(store, { ...filter, limit: 1 })
      expect(await enrolments(store, { ...filter, limit: 1, ...(first && { after: first }) })).toEqual(all.slice(1, 2))
    }
    expect(await places({ track: 'first-win', startedFrom: 6, limit: 1 })).toEqual([7])
  })

  it('goes with a subject that is merged or erased', async () => {
    const store = await open()
    await record(store, [], [], () => ({ enrolments: [enrolment(), enrolment(bob), enrolment({ subject: 'l:eve' })] }))
    await store.merge({ tenant: 'acme', from: bob.subject, into: ada.subject, mergedAt: 1 })
    expect((await enrolments(store)).map(({ subject }) => subject)).toEqual(['l:eve', ada.subject])
    await store.erase([ada], [])
    expect((await enrolments(store)).map(({ subject }) => subject)).toEqual(['l:eve'])
  })
}

export function subjectListCases({ open }: Harness): void {
  it('lists learners and accounts by name, in pages, with their enrolments', async () => {
    const store = await open()
    const names = ['ada', 'adam', 'bob', 'b\u00e9a', '😀']
    const entries = names.flatMap((name) => numbers(2).map((n) => entry({ subject: `l:${name}`, eventId: `e${n}` })))
    const made = [
      entry({ eventId: 'm1', account: 'north' }),
      entry({ eventId: 'm2', account: 'nordic' }),
      entry({ subject: 'a:own' }),
    ]
    const own = [enrolment({ run: 1 }), enrolment({ track: 'a-track' }), enrolment()]
    await record(store, [...entries, ...made, entry({ tenant: 'other', subject: 'l:zoe' })], [], () => ({
      enrolments: [...own, enrolment({ subject: 'a:own' }), enrolment({ tenant: 'other' })],
    }))
    const pages = async (kind: 'learner' | 'account', limit: number, prefix?: string) => {
      const found: string[] = []
      for (;;) {
        const after = found.at(-1)
        const query = { tenant: 'acme', kind, limit, ...(prefix === undefined ? {} : { prefix }) }
        const page = await store.listSubjects(after === undefined ? query : { ...query, after })
        found.push(...page.map(({ subject }) => subject))
        if (page.length < limit) return found
      }
    }
    for (const limit of [1, 2, 100]) {
      expect(await pages('learner', limit)).toEqual(['l:ada', 'l:adam', 'l:bob', 'l:b\u00e9a', 'l:😀'])
      expect(await pages('account', limit)).toEqual(['a:nordic', 'a:north', 'a:own'])
      expect(await pages('learner', limit, 'ada')).toEqual(['l:ada', 'l:adam'])
      expect(await pages('account', limit, 'no')).toEqual(['a:nordic', 'a:north'])
      expect(await pages('learner', limit, 'ab')).toEqual([])
    }
    const [first, second] = await store.listSubjects({ tenant: 'acme', kind: 'learner', limit: 2 })
    expect(first).toEqual({ ...ada, enrolments: [own[1], own[2], own[0]] })
    expect(second).toEqual({ tenant: 'acme', subject: 'l:adam', enrolments: [] })
    const [account] = await store.listSubjects({ tenant: 'acme', kind: 'account', after: 'a:north', limit: 2 })
    expect(account).toMatchObject({ subject: 'a:own', enrolments: [{ subject: 'a:own' }] })
  })
}

export function factListCases({ open }: Harness): void {
  it('lists facts by position, either way, and only what every filter lets through', async () => {
    const store = await open()
    const rows = numbers(12).map((n) =>
      fact({
        ...(n % 2 === 0 ? ada : bob),
        factId: `f${n}`,
        track: n % 3 === 0 ? 'second' : n === 8 ? '' : 'first-win',
        name: n % 4 === 0 ? 'learning.onboarding.badge.granted' : 'learning.onboarding.enrolled',
      }),
    )
    await record(store, [], [], () => ({ facts: [...rows, fact({ tenant: 'other' })] }))
    const all = await factsWhenThere(store, 'acme', 12)
    const list = (query: object) => store.listFacts({ tenant: 'acme', limit: 100, ...query })
    expect(await list({})).toEqual(all)
    expect(await list({ first: 'newest' })).toEqual(all.toReversed())
    expect(await list({ first: 'newest', after: all[6]?.position, limit: 3 })).toEqual([all[5], all[4], all[3]])
    expect(await list({ after: all[6]?.position, limit: 3 })).toEqual([all[7], all[8], all[9]])
    const badges = 'learning.onboarding.badge.granted'
    expect(await list({ name: badges })).toEqual([all[0], all[4], all[8]])
    expect(await list({ name: badges, first: 'newest', after: all[8]?.position, limit: 1 })).toEqual([all[4]])
    expect(await list({ name: badges, track: 'second' })).toEqual([all[0]])
    expect(await list({ track: 'second' })).toEqual([all[0], all[3], all[6], all[9]])
    expect(await list({ track: 'second', first: 'newest', after: all[9]?.position, limit: 2 })).toEqual([all[6], all[3]])
    expect(await list({ track: '' })).toEqual([all[8]])
    expect(await list({ track: 'third' })).toEqual([])
    expect(await list({ ...bob, track: 'second', first: 'newest' })).toEqual([all[9], all[3]])
    expect(await list({ ...ada, name: badges, after: all[0]?.position })).toEqual([all[4], all[8]])
  })

  it('lists no fact before it has a position', async () => {
    const store = await open()
    await record(store, [], [], () => ({ facts: [fact()] }))
    const hasPosition = !store.sequenced
    expect(await store.listFacts({ tenant: 'acme', limit: 5 })).toHaveLength(hasPosition ? 1 : 0)
    expect(await store.listFacts({ ...ada, limit: 5 })).toHaveLength(hasPosition ? 1 : 0)
  })
}
