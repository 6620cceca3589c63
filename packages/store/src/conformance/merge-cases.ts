import type { JournalStore, SubjectKey } from '@waymark/learning-journey/ports'
import { expect, it } from 'vitest'
import type { Harness } from './harness.ts'
import { ada, bob, checkpoint, derived, entry, fact, numbers, record, stateWrite } from './rows.ts'

const anon: SubjectKey = { tenant: 'acme', subject: 'l:anon:1' }
const merge = (from: SubjectKey, into: SubjectKey, mergedAt = 1) => ({
  tenant: from.tenant,
  from: from.subject,
  into: into.subject,
  mergedAt,
})

/** What a round finds of a subject. */
async function look(store: JournalStore, key: SubjectKey) {
  return (await record(store, [], [key])).states[0]
}

export function mergeCases({ open }: Harness): void {
  it('makes the entries of one subject those of the other, with their maker and their account', async () => {
    const store = await open()
    const own = entry({ occurredAt: 1, eventId: 'own' })
    const moved = [
      entry({ ...anon, occurredAt: 2, eventId: 'plain' }),
      entry({ ...anon, occurredAt: 3, eventId: 'made', account: 'north', actor: 'l:eve' }),
    ]
    await record(store, [own, ...moved, entry({ ...anon, tenant: 'other' })])
    expect(await store.merge(merge(anon, ada))).toBe('merged')
    const [plain, made] = moved
    expect(await store.readEntries(ada)).toEqual([
      own,
      { ...plain, ...ada, actor: anon.subject },
      { ...made, ...ada, actor: 'l:eve' },
    ])
    expect(await store.readEntries(anon)).toEqual([])
    expect(await store.readEntries({ tenant: 'acme', subject: 'a:north' })).toMatchObject([{ ...ada, eventId: 'made' }])
    expect(await store.readEntries({ ...anon, tenant: 'other' })).toHaveLength(1)
  })

  it('drops an entry that the other one has already, whatever is in it', async () => {
    const store = await open()
    const kept = entry({ bodyHash: 'first' })
    await record(store, [kept, entry({ ...anon, bodyHash: 'second', payload: '2' }), entry({ ...anon, source: 'web' })])
    await store.merge(merge(anon, ada))
    const entries = await store.readEntries(ada)
    expect(entries).toEqual([kept, { ...entry({ source: 'web' }), actor: anon.subject }])
    expect((await record(store, [entry({ source: 'web' })])).outcomes).toEqual(['duplicate'])
  })

  it('drops what was derived for the first one, and keeps its facts, what belongs to others, and an alarm for whoever follows the merge', async () => {
    const store = await open()
    await record(store, [], [], () => ({
      states: [stateWrite(ada, 0, 1), stateWrite(anon, 0, 2)],
      facts: [fact({ ...anon })],
      checkpoints: [checkpoint(5), checkpoint(5, anon)],
      timers: [
        { ...ada, at: 10 },
        { ...anon, at: 20 },
      ],
      memberships: [
        { tenant: 'acme', learner: 'ada', account: 'north', since: 1, until: null },
        { tenant: 'acme', learner: 'anon:1', account: 'north', since: 1, until: null },
      ],
    }))
    await store.merge(merge(anon, ada))
    expect(await store.readState(anon)).toBeNull()
    expect(await store.readFactsOf(anon)).toEqual([fact({ ...anon })])
    const since = { track: 'first-win', behaviour: 1, before: 9 }
    const checkpoints = [ada, anon].map((key) => store.readHistory({ ...key, names: [], since }))
    expect((await Promise.all(checkpoints)).map((history) => history.checkpoint)).toEqual([Uint8Array.of(5), null])
    expect(await store.claimTimers(1, 5, 9)).toEqual([anon])
    expect(await store.claimTimers(99, 100, 9)).toEqual([anon, ada])
    const memberships = await store.readMemberships(['ada', 'anon:1'].map((learner) => ({ tenant: 'acme', learner })))
    expect(memberships.map(({ learner }) => learner)).toEqual(['ada'])
  })

  it('tells a round who has the entries of a merged subject', async () => {
    const store = await open()
    const strange: SubjectKey = { tenant: 'acme', subject: 'l:m, p 👩‍🚀' }
    await record(store, [entry({ ...anon })])
    await store.merge(merge(anon, strange))
    expect(await look(store, anon)).toEqual({ version: 0, state: null, hasHistory: false, mergedInto: strange.subject })
    expect(await look(store, strange)).toMatchObject({ hasHistory: true, mergedInto: null })
    expect(await look(store, { ...anon, tenant: 'other' })).toMatchObject({ mergedInto: null })
    expect(await store.readMerged(anon)).toBe(strange.subject)
    expect(await store.readMerged(strange)).toBeNull()
  })

  it('keeps the state of the other one, under the next version', async () => {
    const store = await open()
    await record(store, [], [], () => ({ states: [stateWrite(ada, 0, 7)] }))
    await store.merge(merge(anon, ada))
    expect(await look(store, ada)).toMatchObject({ version: 2, state: Uint8Array.of(7) })
    const stale = await store.append([], [])
    expect(await stale.commit(derived({ states: [stateWrite(ada, 1, 9)] }))).toBe('stale')
  })

  it('merges a subject once: again is a duplicate, into another one a conflict', async () => {
    const store = await open()
    expect(await store.merge(merge(anon, ada))).toBe('merged')
    expect(await store.merge(merge(anon, ada))).toBe('duplicate')
    expect(await store.merge(merge(anon, bob))).toBe('conflict')
    expect(await store.merge(merge(ada, anon))).toBe('duplicate')
    expect(await store.merge(merge(ada, ada))).toBe('duplicate')
    expect(await store.readMerged(anon)).toBe(ada.subject)
    expect(await store.readMerged(ada)).toBeNull()
  })

  it('lets the aliases of a subject follow it, also into one that was merged itself', async () => {
    const store = await open()
    await record(store, [entry({ ...anon })])
    await store.merge(merge(anon, ada))
    expect(await store.merge(merge(ada, bob))).toBe('merged')
    const second: SubjectKey = { tenant: 'acme', subject: 'l:anon:0' }
    expect(await store.merge(merge(second, ada))).toBe('merged')
    expect(await store.readMerged(anon)).toBe(bob.subject)
    expect(await store.readMerged(second)).toBe(bob.subject)
    expect(await store.readAliases(bob)).toEqual([ada.subject, second.subject, anon.subject])
    expect(await store.readAliases(ada)).toEqual([])
    expect(await store.readEntries(bob)).toMatchObject([{ actor: anon.subject }])
  })

  it('merges once when many ask at the same time, and loses no entry of the rounds meanwhile', async () => {
    const store = await open()
    const rounds = numbers(30).map(async (n) => {
      for (;;) {
        const round = await store.append([entry({ ...anon, eventId: `e${n}` })], [anon])
        if (round.states[0]?.mergedInto == null) return round.commit(derived())
        await round.rollback()
        await record(store, [entry({ ...ada, eventId: `e${n}` })], [ada])
        return
      }
    })
    const merges = numbers(5).map((n) => store.merge(merge(anon, n === 0 ? ada : bob)))
    const outcomes = await Promise.all(merges)
    await Promise.all(rounds)
    expect(outcomes.filter((outcome) => outcome === 'merged')).toHaveLength(1)
    const winner = { tenant: 'acme', subject: (await store.readMerged(anon)) as string }
    expect(await store.readEntries(anon)).toEqual([])
    const ids = [...(await store.readEntries(winner)), ...(winner.subject === ada.subject ? [] : await store.readEntries(ada))]
    expect(ids.map(({ eventId }) => eventId).sort()).toEqual(
      numbers(30)
        .map((n) => `e${n}`)
        .sort(),
    )
  })
}
