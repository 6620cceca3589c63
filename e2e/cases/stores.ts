import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMemoryStore } from '@waymark/store/memory'
import { createSqliteStore } from '@waymark/store/sqlite'
import type { StoreUnderTest } from './run-vector.ts'

const memory: StoreUnderTest = {
  name: 'memory',
  open: async () => {
    const store = createMemoryStore()
    // What a memory store holds lives as long as the store: a new process on it is a new journey on the same store.
    return { store, reopen: async () => store, remove: async () => {} }
  },
}

const sqlite: StoreUnderTest = {
  name: 'sqlite',
  open: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'waymark-case-'))
    const file = join(folder, 'waymark.db')
    const store = await createSqliteStore({ file })
    const reopen = async () => {
      await store.close()
      return createSqliteStore({ file })
    }
    return { store, reopen, remove: () => rm(folder, { recursive: true, force: true }) }
  },
}

/** Every store that the vectors run on. */
export const STORES: readonly StoreUnderTest[] = [memory, sqlite]
