import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { StoreError } from './errors.ts'

/** A numbered SQL file. */
export interface Migration {
  readonly number: number
  readonly name: string
  readonly sql: string
  readonly hash: string
}

/** The files of a folder in their order. @throws StoreError `STORE_MIGRATION_FAILED` when their numbers have a gap. */
export function readMigrations(folder: URL): readonly Migration[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.sql'))
  return names.sort().map((name, index) => {
    const number = Number(/^(\d{4})_[a-z0-9-]+\.sql$/.exec(name)?.[1])
    if (number !== index + 1) {
      throw new StoreError(
        'STORE_MIGRATION_FAILED',
        `${new URL(name, folder).pathname} should start with ${String(index + 1).padStart(4, '0')}_: migrations are numbered from 0001 without gaps, as in 0002_timers.sql. Rename it.`,
      )
    }
    const sql = readFileSync(new URL(name, folder), 'utf8')
    return { number, name, sql, hash: createHash('sha256').update(sql).digest('hex') }
  })
}

/**
 * Those of the migrations that were not applied yet.
 * @param database how messages call it.
 * @throws StoreError `STORE_SCHEMA_NEWER` when one was applied that is not known here, `STORE_MIGRATION_CHANGED` when one differs.
 */
export function pendingMigrations(
  migrations: readonly Migration[],
  applied: readonly Omit<Migration, 'sql'>[],
  database: string,
  folder: URL,
): readonly Migration[] {
  for (const { number, name } of applied) {
    if (migrations.some((migration) => migration.number === number)) continue
    throw new StoreError(
      'STORE_SCHEMA_NEWER',
      `${database} holds migration ${name}, which this release does not know: a newer release wrote it. Start that release or a later one.`,
    )
  }
  return migrations.filter((migration) => {
    const row = applied.find(({ number }) => number === migration.number)
    if (row === undefined) return true
    if (row.hash === migration.hash && row.name === migration.name) return false
    throw new StoreError(
      'STORE_MIGRATION_CHANGED',
      `${new URL(migration.name, folder).pathname} differs from the migration ${row.name} that ${database.replace(/^The/, 'the')} was made with. ` +
        'Restore that file as it was released, and put the change into a new migration with the next number.',
    )
  })
}
