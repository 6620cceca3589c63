import type { JournalStore } from '@waymark/learning-journey/ports'
import { expect, inject, it } from 'vitest'
import { makeDatabase, query } from '../../fixtures/make-database.ts'
import { ada, bob, derived, entry, record, stateWrite } from '../conformance/rows.ts'
import { storeConformance } from '../conformance/store-conformance.ts'
import { createPostgresStore } from './postgres-store.ts'

const urls = new WeakMap<JournalStore, string>()

async function openDatabase(url: string): Promise<JournalStore> {
  const store = await createPostgresStore({ url, rounds: 4 })
  urls.set(store, url)
  return store
}

storeConformance({
  name: 'The PostgreSQL store',
  open: async () => openDatabase(await makeDatabase(inject('postgres'))),
  reopen: (closed) => openDatabase(urls.get(closed) as string),
})

it('waits in no circle when a state that a round found missing was made and locked by others meanwhile', async () => {
  const url = await makeDatabase(inject('postgres'))
  const store = await openDatabase(url)
  await record(store, [entry(bob)], [bob], () => ({ states: [stateWrite(bob, 0, 1)] }))
  // Holds the state of bob, and has seen that ada has none.
  const first = await store.append([entry({ ...bob, eventId: 'e2' })], [ada, bob])
  await record(store, [entry(ada)], [ada], () => ({ states: [stateWrite(ada, 0, 1)] }))
  // Holds the state of ada, and waits for that of bob.
  const opening = store.append([entry({ ...bob, eventId: 'e3' })], [ada, bob])
  await expect.poll(() => query(url, `select from pg_stat_activity where wait_event_type = 'Lock'`)).toHaveLength(1)
  expect(await first.commit(derived({ states: [stateWrite(ada, 0, 2), stateWrite(bob, 1, 2)] }))).toBe('stale')
  const second = await opening
  expect(second.states.map(({ version }) => version)).toEqual([1, 1])
  await second.rollback()
  await store.close()
})
