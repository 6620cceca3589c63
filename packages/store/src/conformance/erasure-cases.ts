import type { SubjectKey } from '@waymark/learning-journey/ports'
import { expect, it } from 'vitest'
import type { Harness } from './harness.ts'
import { ada, bob, checkpoint, derived, entry, fact, factsWhenThere, record, rejected, stateWrite } from './rows.ts'

const other: SubjectKey = { tenant: 'other', subject: ada.subject }
const account: SubjectKey = { tenant: 'acme', subject: 'a:north' }

export function erasureCases({ open, reopen }: Harness): void {
  it('removes everything of a subject, and nothing of others', async () => {
    const store = await open()
    const subjects = [ada, bob, other]
    const memberships = subjects.map(({ tenant, subject }) => ({
      tenant,
      learner: subject.slice(2),
      account: 'north',
      since: 1,
      until: null,
    }))
    await record(
      store,
      subjects.map((key) => entry({ ...key, account: 'north' })),
      [],
      () => ({
        states: subjects.map((key) => stateWrite(key, 0, 1)),
        facts: subjects.map((key) => fact({ ...key })),
        checkpoints: subjects.map((key) => checkpoint(5, key)),
        timers: subjects.map((key) => ({ ...key, at: 10 })),
        memberships,
      }),
    )
    await store.erase([ada], [])
    const since = { track: 'first-win', behaviour: 1, before: 9 }
    for (const key of subjects) {
      const left = key === ada ? 0 : 1
      expect(await store.readEntries(key)).toHaveLength(left)
      expect(await store.readFactsOf(key)).toHaveLength(left)
      expect((await store.readState(key))?.length ?? 0).toBe(left)
      expect((await store.readHistory({ ...key, names: [], since })).checkpoint?.length ?? 0).toBe(left)
    }
    expect(await store.readEntries(account)).toMatchObject([bob])
    expect((await store.claimTimers(99, 100, 9)).map(({ tenant, subject }) => `${tenant} ${subject}`).sort()).toEqual([
      'acme l:bob',
      'other l:ada',
    ])
    expect(await store.readMemberships(memberships)).toEqual(expect.arrayContaining(memberships.slice(1)))
    expect(await store.readMemberships([{ tenant: 'acme', learner: 'ada' }])).toEqual([])
    const [state] = (await record(store, [entry({ bodyHash: 'other' })], [ada])).states
    expect(state).toEqual({ version: 0, state: null, hasHistory: false, mergedInto: null })
  })

  it('hands on nothing of who was erased', async () => {
    const store = await open()
    const row = { kind: 'entry', source: 'crm', eventId: 'e1', event: 'deal.created@1' } as const
    await record(store, [], [], () => ({
      outgoing: [
        { ...ada, ...row },
        { ...bob, ...row },
        { ...other, ...row },
      ],
    }))
    await store.erase([ada], [])
    expect(
      (await store.claimOutgoing(['deal.created@1'], 1, 2, 9)).map(({ tenant, subject }) => `${tenant} ${subject}`).sort(),
    ).toEqual(['acme l:bob', 'other l:ada'])
  })

  it('forgets what was handled of somebody, by the hash with which the ids of those events begin', async () => {
    const store = await open()
    const { unitOfWork } = store
    const handled = (eventId: string) => ({ handler: 'crm/deal.created@1', source: '/tenants/acme', eventId })
    const ids = ['h-1.e1', 'h-1.x.e2', 'h-1', 'h-10.e1', 'h-1/e1', 'h-1-.e1', 'H-1.e1']
    for (const tenant of ['acme', 'other'])
      for (const id of ids) await unitOfWork.run(tenant, ({ inbox }) => inbox.add(handled(id), 10, 20))
    await store.erase([ada], [{ tenant: 'acme', idHash: 'h-1', erasedAt: 1 }])
    const left = (tenant: string) =>
      unitOfWork.run(tenant, async ({ inbox }) => {
        const known: string[] = []
        for (const id of ids) if (await inbox.has(handled(id), 10)) known.push(id)
        return known
      })
    expect(await left('acme')).toEqual(ids.slice(2))
    expect(await left('other')).toEqual(ids)
  })

  it('removes an account: its own entries and who was in it, not what people did', async () => {
    const store = await open()
    await record(store, [entry({ ...account }), entry({ account: 'north' })], [], () => ({
      memberships: [
        { tenant: 'acme', learner: 'ada', account: 'north', since: 1, until: null },
        { tenant: 'acme', learner: 'north', account: 'south', since: 1, until: null },
      ],
    }))
    await store.erase([account], [])
    expect(await store.readEntries(account)).toEqual([entry({ account: 'north' })])
    const learners = ['ada', 'north'].map((learner) => ({ tenant: 'acme', learner }))
    expect((await store.readMemberships(learners)).map(({ account }) => account)).toEqual(['south'])
  })

  it('keeps what somebody did for an account, and forgets who it was', async () => {
    const store = await open()
    const done = [ada, bob].map(({ subject }) => entry({ ...account, eventId: subject, actor: subject }))
    await record(store, [...done, entry({ ...other, subject: account.subject, actor: ada.subject })])
    await store.erase([ada], [])
    expect((await store.readEntries(account)).map(({ eventId, actor }) => [eventId, actor])).toEqual([
      [ada.subject, null],
      [bob.subject, bob.subject],
    ])
    expect(await store.readEntries({ ...account, tenant: 'other' })).toMatchObject([{ actor: ada.subject }])
  })

  it('removes the aliases of a subject too, and that there was a merge', async () => {
    const store = await open()
    const anon: SubjectKey = { tenant: 'acme', subject: 'l:anon' }
    await record(store, [entry({ ...anon })], [], () => ({ facts: [fact({ ...anon })] }))
    await store.merge({ tenant: 'acme', from: anon.subject, into: ada.subject, mergedAt: 1 })
    await store.erase([ada], [])
    expect(await store.readEntries(ada)).toEqual([])
    expect(await store.readFactsOf(anon)).toEqual([])
    expect(await store.readMerged(anon)).toBeNull()
    expect(await store.merge({ tenant: 'acme', from: anon.subject, into: bob.subject, mergedAt: 2 })).toBe('merged')
    await store.erase([anon], [])
    expect(await store.readMerged(anon)).toBeNull()
    expect(await store.readAliases(bob)).toEqual([])
  })

  it('removes the rejected events that name a learner, also where they were cut short', async () => {
    const store = await open()
    const body = (learnerId: string) => JSON.stringify({ eventName: 'x', learnerId, eventPayload: { text: 'zoë "1"' } })
    const bodies = [
      body('zoë "1"'),
      JSON.stringify({ truncated: body('zoë "1"') }),
      body('zoë'),
      body('zoë "1" and more'),
      JSON.stringify('zoë "1"'),
    ]
    await record(store, [], [], () => ({
      rejected: [
        ...bodies.map((text, n) => rejected({ id: `r${n}`, body: text })),
        rejected({ tenant: 'other', body: bodies[0] as string }),
      ],
    }))
    await store.erase([{ tenant: 'acme', subject: 'l:zoë "1"' }], [])
    const left = await store.readRejected({ tenant: 'acme', limit: 9 })
    expect(left.map(({ id }) => id).sort()).toEqual(['r2', 'r3', 'r4'])
    expect(await store.readRejected({ tenant: 'other', limit: 9 })).toHaveLength(1)
  })

  it('keeps the tombstones of all tenants, the newest of each hash', async () => {
    const store = await open()
    const stone = (tenant: string, idHash: string, erasedAt: number) => ({ tenant, idHash, erasedAt })
    await store.erase([ada, other], [stone('acme', 'h1', 5), stone('other', 'h1', 6), stone('acme', 'h2', 7)])
    await store.erase([], [stone('acme', 'h1', 9), stone('acme', 'h2', 3)])
    expect(await store.readTombstones()).toEqual([stone('acme', 'h1', 9), stone('acme', 'h2', 7), stone('other', 'h1', 6)])
  })

  it('adds jobs in the same transaction, each once', async () => {
    const store = await open()
    const row = { id: 'j1', kind: 'erase', status: 'running', spec: '{}', progress: '{}', createdAt: 1, updatedAt: 1 } as const
    await store.erase([ada], [], [row])
    await store.erase([], [], [{ ...row, spec: '{"other":true}' }])
    expect(await store.readJobs()).toEqual([row])
  })

  it('tells every round after it by another revision', async () => {
    const store = await open()
    const before = await store.readRevision()
    expect((await record(store, [])).revision).toBe(before)
    await store.erase([ada], [])
    const after = await store.readRevision()
    expect(after).toBeGreaterThan(before)
    expect((await record(store, [entry()], [ada])).revision).toBe(after)
    expect((await record(store, [entry({ ...other })], [other, ada])).revision).toBe(after)
  })

  it('waits for the rounds that are open, and leaves nothing of them', async () => {
    const store = await open()
    const round = await store.append([entry(), entry({ ...bob })], [ada, bob])
    const erasing = store.erase([ada], [])
    const reading = await store.readEntries(ada)
    expect(reading).toEqual([])
    await round.commit(derived({ states: [stateWrite(ada, 0, 1)], facts: [fact()], timers: [{ ...ada, at: 1 }] }))
    await erasing
    expect(await store.readEntries(ada)).toEqual([])
    expect(await store.readState(ada)).toBeNull()
    expect(await store.readFactsOf(ada)).toEqual([])
    expect(await store.nextTimer()).toBeNull()
    expect(await store.readEntries(bob)).toHaveLength(1)
  })

  it('gives no position again that an erased fact had', async ({ skip }) => {
    const store = await open()
    await record(store, [], [], () => ({ facts: [fact(), fact({ factId: 'f2' })] }))
    const [, last] = await factsWhenThere(store, 'acme', 2)
    await store.erase([ada], [])
    await record(store, [], [], () => ({ facts: [fact({ ...bob })] }))
    const [next] = await factsWhenThere(store, 'acme', 1)
    expect(next?.position).toBeGreaterThan(last?.position as number)
    if (reopen === undefined) return skip('the store forgets everything')
    await store.erase([bob], [])
    await store.close()
    const again = await reopen(store)
    await record(again, [], [], () => ({ facts: [fact()] }))
    const [newest] = await factsWhenThere(again, 'acme', 1)
    expect(newest?.position).toBeGreaterThan(next?.position as number)
  })
}
