import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { MIGRATIONS, migrate } from './migrate.ts'

let folder: string
let db: DatabaseSync
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waymark-migrate-'))
  db = new DatabaseSync(':memory:')
})
afterEach(() => {
  db.close()
  rmSync(folder, { recursive: true, force: true })
})

function put(name: string, sql: string): void {
  writeFileSync(join(folder, name), sql)
}

function run(now = 1): readonly string[] {
  return migrate(db, 'my.db', pathToFileURL(`${folder}/`), now)
}

function tables(): unknown[] {
  return db
    .prepare("select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' order by name")
    .all()
    .map(({ name }) => name)
}

it('makes the tables of the design in a fresh database, once', () => {
  const names = migrate(db, 'my.db', MIGRATIONS, 1)
  expect(names).toContain('0001_journal.sql')
  const journal = [
    'checkpoint',
    'emitted',
    'event',
    'fact',
    'fact_cursor',
    'idempotency',
    'inbox',
    'migration',
    'outgoing',
    'rejected',
    'subject_state',
    'track_version',
  ]
  const journeys = ['enrolment', 'erased_position', 'job', 'membership', 'merged', 'revision', 'rollup', 'timer', 'tombstone']
  expect(tables()).toEqual([...journal, ...journeys, 'track_status', 'unknown_event'].sort())
  expect(migrate(db, 'my.db', MIGRATIONS, 2)).toEqual([])
})

it('applies what is new in the order of the numbers, and notes when', () => {
  put('0001_first.sql', 'create table first (id integer)')
  run(1)
  put('0002_second.sql', 'insert into first values (2)')
  put('0003_third.sql', 'insert into first select max(id) + 1 from first')
  expect(run(2)).toEqual(['0002_second.sql', '0003_third.sql'])
  expect(
    db
      .prepare('select id from first order by id')
      .all()
      .map(({ id }) => id),
  ).toEqual([2, 3])
  const rows = db.prepare('select number, name, applied_at as at from migration').all()
  expect(rows.map((row) => ({ ...row }))).toEqual([
    { number: 1, name: '0001_first.sql', at: 1 },
    { number: 2, name: '0002_second.sql', at: 2 },
    { number: 3, name: '0003_third.sql', at: 2 },
  ])
})

it('refuses a database that a newer release has migrated', () => {
  put('0001_first.sql', 'create table first (id integer)')
  put('0002_second.sql', 'create table second (id integer)')
  run()
  rmSync(join(folder, '0002_second.sql'))
  expect(() => run()).toThrow(
    expect.objectContaining({
      code: 'STORE_SCHEMA_NEWER',
      message: expect.stringContaining('my.db holds migration 0002_second.sql'),
    }),
  )
})

it('refuses a migration that was edited after it was applied', () => {
  put('0001_first.sql', 'create table first (id integer)')
  run()
  put('0001_first.sql', 'create table first (id integer, more text)')
  put('0002_second.sql', 'create table second (id integer)')
  expect(() => run()).toThrow(
    expect.objectContaining({ code: 'STORE_MIGRATION_CHANGED', message: expect.stringContaining('0001_first.sql differs') }),
  )
  expect(tables()).toEqual(['first', 'migration'])
})

it('rolls a migration back that fails half way, with those that came with it', () => {
  put('0001_first.sql', 'create table first (id integer)')
  run()
  put('0002_second.sql', 'create table second (id integer)')
  put('0003_third.sql', 'create table third (id integer); insert into first values (1); insert into nowhere values (1);')
  expect(() => run()).toThrow(
    expect.objectContaining({ code: 'STORE_MIGRATION_FAILED', message: expect.stringContaining('0003_third.sql') }),
  )
  expect(tables()).toEqual(['first', 'migration'])
  expect(db.prepare('select * from first').all()).toEqual([])
  put('0003_third.sql', 'create table third (id integer)')
  expect(run()).toEqual(['0002_second.sql', '0003_third.sql'])
})

it('refuses files that are not numbered without gaps', () => {
  put('0001_first.sql', 'create table first (id integer)')
  put('0003_third.sql', 'create table third (id integer)')
  expect(() => run()).toThrow(
    expect.objectContaining({ code: 'STORE_MIGRATION_FAILED', message: expect.stringContaining('0002_') }),
  )
  expect(tables()).toEqual([])
})

it('refuses a database of another program', () => {
  db.exec('create table invoices (id integer)')
  expect(() => run()).toThrow(expect.objectContaining({ code: 'STORE_UNUSABLE', message: expect.stringContaining('invoices') }))
})
