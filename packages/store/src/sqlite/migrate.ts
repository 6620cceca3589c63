import type { DatabaseSync } from 'node:sqlite'
import { StoreError } from '../errors.ts'
import { type Migration, pendingMigrations, readMigrations } from '../migrations.ts'

/** `src` and `dist` have the same depth, so this finds the files from both. */
export const MIGRATIONS = new URL('../../sql/sqlite/', import.meta.url)

/**
 * Applies the numbered SQL files of a folder that the database has not seen, all in one transaction, and answers their names.
 * @throws StoreError `STORE_SCHEMA_NEWER`, `STORE_MIGRATION_CHANGED`, `STORE_MIGRATION_FAILED`, `STORE_UNUSABLE`.
 */
export function migrate(db: DatabaseSync, file: string, folder: URL, now: number): readonly string[] {
  const migrations = readMigrations(folder)
  refuseForeignTables(db, file)
  db.exec('begin immediate')
  try {
    db.exec(
      'create table if not exists migration (number integer primary key, name text not null, hash text not null, applied_at integer not null) strict',
    )
    const pending = pendingMigrations(migrations, readApplied(db), file, folder)
    for (const migration of pending) apply(db, file, migration, now)
    db.exec('commit')
    return pending.map(({ name }) => name)
  } catch (error) {
    if (db.isTransaction) db.exec('rollback')
    throw error
  }
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
  try {
    db.exec(sql)
    db.prepare('insert into migration (number, name, hash, applied_at) values (?, ?, ?, ?)').run(number, name, hash, now)
  } catch (error) {
    throw new StoreError(
      'STORE_MIGRATION_FAILED',
      `Migration ${name} of ${file} failed and was rolled back: ${(error as Error).message}. The database is as it was before; start the earlier release, or correct the cause and start again.`,
      { cause: error },
    )
  }
}
