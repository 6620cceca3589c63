import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeDatabase, query } from '../../packages/store/fixtures/make-database.ts'
import { type PostgresServer, startPostgres } from '../postgres/start-postgres.ts'
import type { StoreName } from './crash-points.ts'
import { readPostgresRows, readSqliteRows, type StoredRows } from './stored-rows.ts'

/** The database of servers that are about to die; it is there before the first of them and after the last. */
export interface FaultDatabase {
  readonly store: StoreName
  /** For `DATABASE_URL`. */
  readonly url: string
  read(): Promise<StoredRows>
  /** Makes it as empty as it was at first. No server may be running. */
  empty(): Promise<void>
  remove(): Promise<void>
}

export async function openSqliteDatabase(): Promise<FaultDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'waymark-faults-'))
  const data = join(folder, 'data')
  const file = join(data, 'waymark.db')
  return {
    store: 'sqlite',
    url: `sqlite:${file}`,
    read: async () => readSqliteRows(file),
    empty: () => rm(data, { recursive: true, force: true }),
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

/** In a server of its own, unless one is given. */
export async function openPostgresDatabase(given?: PostgresServer): Promise<FaultDatabase> {
  const server = given ?? (await startPostgres())
  const url = await makeDatabase(server.url)
  return {
    store: 'postgres',
    url,
    read: () => readPostgresRows(url),
    empty: async () => {
      await query(url, 'drop schema if exists waymark cascade')
    },
    remove: async () => {
      if (given === undefined) await server.remove()
    },
  }
}
