/**
 * Brings a database up to date: all pending files in one transaction, under a lock that the transaction holds, so that many processes
 * may start at once. A login that may not change the schema still learns whether it has to.
 */
import pg from 'pg'
import { StoreError } from '../errors.ts'
import { type Migration, pendingMigrations, readMigrations } from '../migrations.ts'
import { asWorker, readApplied } from './migration-table.ts'
import { sqlStateOf, toStoreError } from './to-store-error.ts'

/** `src` and `dist` have the same depth, so this finds the files from both. */
export const POSTGRES_MIGRATIONS = new URL('../../sql/postgres/', import.meta.url)

const OLDEST_VERSION = 150_000
/** Any number that no other program is likely to lock. */
const LOCK = 7_461_209_884

/**
 * Applies the migrations that a database has not seen and answers their names.
 * @throws StoreError `STORE_SCHEMA_NEWER`, `STORE_SCHEMA_OLDER` (this login may not apply them), `STORE_MIGRATION_CHANGED`,
 * `STORE_MIGRATION_FAILED`, `STORE_UNUSABLE`, `STORE_UNREACHABLE`.
 */
export async function migratePostgres(url: string, folder = POSTGRES_MIGRATIONS): Promise<readonly string[]> {
  const migrations = readMigrations(folder)
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000, application_name: 'waymark migrate' })
  client.on('error', () => {})
  try {
    await client.connect()
    await assertUsable(client)
    await client.query('begin')
    await client.query('select pg_advisory_xact_lock($1)', [LOCK])
    const applied = await applyPending(client, migrations, folder)
    await client.query('commit')
    return applied
  } catch (error) {
    throw toStoreError(error)
  } finally {
    // Ends the transaction too, where there is still one.
    await client.end().catch(() => {})
  }
}

async function assertUsable(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ version: string; encoding: string; recovering: boolean }>(
    `select current_setting('server_version_num') as version, getdatabaseencoding() as encoding, pg_is_in_recovery() as recovering`,
  )
  const [server] = rows
  const refuse = (what: string) => {
    throw new StoreError('STORE_UNUSABLE', `PostgreSQL: ${what}`)
  }
  if (Number(server?.version) < OLDEST_VERSION)
    refuse(`the server has version ${server?.version}. Waymark needs PostgreSQL 15 or newer.`)
  if (server?.encoding !== 'UTF8') {
    refuse(
      `the database has the encoding ${server?.encoding}. Make one with \`create database … encoding 'UTF8' template template0\`.`,
    )
  }
  if (server?.recovering) refuse('the server is a standby, which takes no writes. Set DATABASE_URL to the primary.')
}

async function applyPending(client: pg.Client, migrations: readonly Migration[], folder: URL): Promise<readonly string[]> {
  const pending = pendingMigrations(migrations, await readApplied(client), 'The database', folder)
  if (pending.length === 0) return []
  const names = pending.map(({ name }) => name)
  let current = names[0]
  try {
    await client.query('create schema if not exists waymark')
    await client.query(
      'create table if not exists waymark.migration (number integer primary key, name text not null, hash text not null, applied_at timestamptz not null default now())',
    )
    for (const { number, name, sql, hash } of pending) {
      current = name
      await client.query(sql)
      await asWorker(client, 'insert into waymark.migration (number, name, hash) values ($1, $2, $3)', [number, name, hash])
    }
    return names
  } catch (error) {
    // insufficient_privilege: the login does not own the schema, or may not make one.
    if (sqlStateOf(error) === '42501') {
      throw new StoreError(
        'STORE_SCHEMA_OLDER',
        `The database lacks the migrations ${names.join(', ')}, and this login may not apply them (${(error as Error).message}). Run \`waymark migrate\` with a DATABASE_URL whose user owns the database and may create roles, or is a member of waymark_app and waymark_worker.`,
        { cause: error },
      )
    }
    throw new StoreError(
      'STORE_MIGRATION_FAILED',
      `Migration ${current} failed and was rolled back: ${(error as Error).message}. The database is as it was before; start the earlier release, or correct the cause and start again.`,
      { cause: error },
    )
  }
}
