import type { JournalStore, SubjectKey } from '@waymark/learning-journey/ports'
import { afterEach, expect, inject, it } from 'vitest'
import { makeDatabase, query } from '../../fixtures/make-database.ts'
import { ada, bob, derived, entry, fact, record } from '../conformance/rows.ts'
import { createPostgresStore } from './postgres-store.ts'

const stores: JournalStore[] = []
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close()
})

/** Two processes on one database. */
async function openTwo() {
  const url = await makeDatabase(inject('postgres'))
  const [one, two] = await Promise.all([createPostgresStore({ url }), createPostgresStore({ url })])
  stores.push(one, two)
  const waiting = (count: number) =>
    expect
      .poll(() => query(url, `select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`))
      .toHaveLength(count)
  return { one, two, waiting }
}

it('holds an erasure up until the rounds of other processes have ended, also for a subject without a state', async () => {
  const { one, two, waiting } = await openTwo()
  const round = await one.append([entry()], [ada])
  const erasing = two.erase([ada], [])
  await waiting(1)
  expect(await round.commit(derived({ facts: [fact()], timers: [{ ...ada, at: 1 }] }))).toBe('committed')
  await erasing
  expect(await one.readEntries(ada)).toEqual([])
  expect(await one.readFactsOf(ada)).toEqual([])
  expect(await one.nextTimer()).toBeNull()
})

it('lets other rounds go on while one that does not end holds up an erasure', async () => {
  const { one, two, waiting } = await openTwo()
  const stalled = await one.append([entry()], [ada])
  const erasing = two.erase([ada], [])
  await waiting(1)
  const passing = await two.append([entry({ ...bob })], [bob])
  expect(await passing.commit(derived())).toBe('committed')
  await stalled.rollback()
  await erasing
  expect(await one.readRevision()).toBe(1)
})

it('lets a round that comes during a merge or an erasure see what it did', async () => {
  const { one, two, waiting } = await openTwo()
  const anon: SubjectKey = { tenant: 'acme', subject: 'l:anon' }
  const holding = await one.append([entry({ ...anon })], [anon])
  const merging = two.merge({ tenant: 'acme', from: anon.subject, into: ada.subject, mergedAt: 1 })
  await waiting(1)
  const later = one.append([entry({ ...anon, eventId: 'later' })], [anon])
  await waiting(2)
  await holding.commit(derived())
  expect(await merging).toBe('merged')
  const round = await later
  expect(round.states).toMatchObject([{ mergedInto: ada.subject, hasHistory: false }])
  const erasing = two.erase([ada], [])
  await waiting(1)
  const last = one.append([entry({ ...bob })], [bob])
  await waiting(2)
  await round.rollback()
  await erasing
  expect((await last).revision).toBe(await two.readRevision())
  await (await last).rollback()
})

it('holds up nobody of another tenant, and nobody for a merge that is known', async () => {
  const { one, two } = await openTwo()
  const merge = { tenant: 'acme', from: 'l:anon', into: ada.subject, mergedAt: 1 }
  await two.merge(merge)
  const round = await one.append([entry()], [ada])
  expect(await two.merge(merge)).toBe('duplicate')
  await two.erase([{ tenant: 'other', subject: 'l:ada' }], [])
  await record(two, [entry({ tenant: 'other' })])
  await round.rollback()
})

it('takes two erasures of the same tenants in any order at once', async () => {
  const { one, two } = await openTwo()
  const keys = ['acme', 'other', 'third'].map((tenant) => ({ tenant, subject: 'l:ada' }))
  for (let count = 0; count < 10; count++) {
    await Promise.all([one.erase(keys, []), two.erase(keys.toReversed(), [])])
  }
  expect(await one.readRevision()).toBe(20)
})
