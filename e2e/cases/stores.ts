import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMemoryStore } from '@waymark/store/memory'
import { createPostgresStore } from '@waymark/store/postgres'
import { createSqliteStore } from '@waymark/store/sqlite'
import { makeDatabase, query } from '../../packages/store/fixtures/make-database.ts'
import { type PostgresServer, startPostgres } from '../postgres/start-postgres.ts'
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

const FILLED = [
  'event',
  'subject_state',
  'checkpoint',
  'fact',
  'rollup',
  'rejected',
  'track_version',
  'track_status',
  'job',
].concat(['timer', 'enrolment', 'membership', 'merged', 'tombstone'])
const EMPTY = `truncate ${FILLED.map((table) => `waymark.${table}`).join(', ')}`

/** Databases in one PostgreSQL, which is started for the first of them. */
function postgres(): StoreUnderTest & { end(): Promise<void> } {
  let starting: Promise<PostgresServer> | undefined
  // Emptied and used again: to make a database takes many times longer than most vectors.
  const free: string[] = []
  return {
    name: 'postgres',
    open: async () => {
      starting ??= startPostgres()
      const url = free.pop() ?? (await makeDatabase((await starting).url))
      const store = await createPostgresStore({ url })
      const reopen = async () => {
        await store.close()
        return createPostgresStore({ url })
      }
      const remove = async () => {
        await query(url, EMPTY)
        free.push(url)
      }
      return { store, reopen, remove }
    },
    end: async () => (await starting)?.remove(),
  }
}

/** Every store that the vectors run on; `end` lets go of what they share. */
export function openStores(): { readonly stores: readonly StoreUnderTest[]; end(): Promise<void> } {
  const server = postgres()
  return { stores: [memory, sqlite, server], end: () => server.end() }
}
