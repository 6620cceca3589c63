import type { JournalStore } from '@waymark/learning-journey/ports'
import { inject } from 'vitest'
import { makeDatabase } from '../../fixtures/make-database.ts'
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
