import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { StoreError } from '../errors.ts'

/** `src` and `dist` have the same depth, so this finds the files from both. */
export const MIGRATIONS = new URL('../../sql/sqlite/', import.meta.url)

interface Migration {
  readonly number: number
  readonly name: string
  readonly sql: string
  readonly hash: string
}

/**
 * Applies the numbered SQL files of a folder that the database has not seen, each in one transaction, and answers their names.
 * @throws StoreError `STORE_SCHEMA_NEWER`, `STORE_MIGRATION_CHANGED`, `STORE_MIGRATION_FAILED`, `STORE_UNUSABLE`.
 */
export function migrate(db: DatabaseSync, file: string, folder: URL, now: number): readonly string[] {
  const migrations = readMigrations(folder)
  refuseForeignTables(db, file)
  db.exec(
    'create table if not exists migration (number integer primary key, name text not null, hash text not null, applied_at integer not null) strict',
  )
  const applied = new Map(readApplied(db).map((row) => [row.number, row]))
  for (const { number, name } of applied.values()) {
    if (migrations.some((migration) => migration.number === number)) continue
    throw new StoreError(
      'STORE_SCHEMA_NEWER',
      `${file} holds migration ${name}, which this release does not know: a newer release wrote it. Start that release or a later one.`,
    )
  }
  const pending = migrations.filter((migration) => {
    const row = applied.get(migration.number)
    if (row === undefined) return true
    if (row.hash === migration.hash && row.name === migration.name) return false
    throw new StoreError(
      'STORE_MIGRATION_CHANGED',
      `${new URL(migration.name, folder).pathname} differs from the migration ${row.name} that ${file} was made with. ` +
        'Restore that file as it was released, and put the change into a new migration with the next number.',
    )
  })
  for (const migration of pending) apply(db, file, migration, now)
  return pending.map(({ name }) => name)
}

function readMigrations(folder: URL): readonly Migration[] {
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

function refuseForeignTables(db: DatabaseSync, file: string): void {
  const names = db
    .prepare("select name from sqlite_schema where type = 'table'")
    .all()
    .map(({ name }) => name)
  if (names.length === 0 || names.includes('migration')) return
  throw new StoreError(
    'STORE_UNUSABLE',
    `${file} is a database of another program: it has a table ${names[0]} and no table migration. Choose another file.`,
  )
}

function readApplied(db: DatabaseSync): readonly Omit<Migration, 'sql'>[] {
  return db.prepare('select number, name, hash from migration order by number').all() as never
}

function apply(db: DatabaseSync, file: string, { number, name, sql, hash }: Migration, now: number): void {
  db.exec('begin immediate')
  try {
    db.exec(sql)
    db.prepare('insert into migration (number, name, hash, applied_at) values (?, ?, ?, ?)').run(number, name, hash, now)
    db.exec('commit')
  } catch (error) {
    if (db.isTransaction) db.exec('rollback')
    throw new StoreError(
      'STORE_MIGRATION_FAILED',
      `Migration ${name} of ${file} failed and was rolled back: ${(error as Error).message}. The database is as it was before; start the earlier release, or correct the cause and start again.`,
      { cause: error },
    )
  }
}
