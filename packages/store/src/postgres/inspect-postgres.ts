import pg from 'pg'
import { pendingMigrations, readMigrations } from '../migrations.ts'
import { POSTGRES_MIGRATIONS } from './migrate-postgres.ts'
import { readApplied } from './migration-table.ts'
import { toStoreError } from './to-store-error.ts'

/** What a look at a database tells; it changes nothing. */
export interface PostgresReport {
  /** Of the server, e.g. `15.18`. */
  readonly version: string
  /** Migrations of this release that were not applied yet. */
  readonly pending: readonly string[]
  /** Settings of the server under which an acknowledged event can be lost, as `name = value`. */
  readonly unsafe: readonly string[]
}

/**
 * Looks at a database.
 * @throws StoreError `STORE_UNREACHABLE`, `STORE_UNUSABLE`, `STORE_SCHEMA_NEWER`, `STORE_MIGRATION_CHANGED`.
 */
export async function inspectPostgres(url: string): Promise<PostgresReport> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000, application_name: 'waymark doctor' })
  client.on('error', () => {})
  try {
    await client.connect()
    const { rows } = await client.query<{ name: string; setting: string }>(
      `select name, setting from pg_settings where name in ('server_version', 'fsync', 'synchronous_commit', 'full_page_writes')`,
    )
    const settings = new Map(rows.map(({ name, setting }) => [name, setting]))
    await client.query('begin read only')
    const applied = await readApplied(client)
    const pending = pendingMigrations(readMigrations(POSTGRES_MIGRATIONS), applied, 'The database', POSTGRES_MIGRATIONS)
    return {
      version: settings.get('server_version')?.split(' ')[0] ?? 'unknown',
      pending: pending.map(({ name }) => name),
      unsafe: ['fsync', 'full_page_writes', 'synchronous_commit'].flatMap((name) =>
        settings.get(name) === 'off' ? [`${name} = off`] : [],
      ),
    }
  } catch (error) {
    throw toStoreError(error)
  } finally {
    await client.end().catch(() => {})
  }
}
