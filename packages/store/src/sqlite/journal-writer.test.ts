import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { ada, entry, fact, stateWrite } from '../conformance/rows.ts'
import { createJournalWriter } from './journal-writer.ts'
import { MIGRATIONS, migrate } from './migrate.ts'
import { packBytes } from './packed-bytes.ts'
import { toEntryValues, toFactValues } from './row-values.ts'
import { toStoreError } from './to-store-error.ts'

let folder: string
let db: DatabaseSync
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waymark-writer-'))
  db = new DatabaseSync(join(folder, 'waymark.db'))
  db.exec('pragma journal_mode = wal')
  migrate(db, 'waymark.db', MIGRATIONS, 1)
})
afterEach(() => {
  db.close()
  rmSync(folder, { recursive: true, force: true })
})

const big = JSON.stringify('x'.repeat(200_000))

it('rolls a round back when the disk is full, and takes the next one', () => {
  const writer = createJournalWriter(db)
  const { page_count } = db.prepare('pragma page_count').get() as { page_count: number }
  db.exec(`pragma max_page_count = ${page_count + 4}`)
  const error = catchError(() =>
    writer.append({ entries: toEntryValues([entry(), entry({ eventId: 'e2', payload: big })]), wanted: [] }),
  )
  expect(toStoreError(error, 'waymark.db')).toMatchObject({ code: 'STORE_FULL', errcode: 13 })
  expect(db.isTransaction).toBe(false)

  writer.append({ entries: toEntryValues([entry()]), wanted: [] })
  const state = stateWrite(ada, 0, 1)
  const derived = {
    states: [ada.tenant, ada.subject, 0],
    bytes: packBytes([state.state]),
    facts: toFactValues([fact({ data: big })]),
    rejected: [],
    redriven: [],
    outdated: [],
    checkpoints: [],
    checkpointBytes: packBytes([]),
    expired: [],
    timers: [],
    enrolments: [],
    memberships: [],
    outgoing: [],
  }
  expect(
    toStoreError(
      catchError(() => writer.commitRound(derived)),
      'waymark.db',
    ),
  ).toMatchObject({ code: 'STORE_FULL' })
  expect(db.isTransaction).toBe(false)
  expect(db.prepare('select (select count(*) from event) + (select count(*) from subject_state) as n').get()).toMatchObject({
    n: 0,
  })

  db.exec('pragma max_page_count = 100000')
  const { outcomes } = writer.append({ entries: toEntryValues([entry()]), wanted: [ada.tenant, ada.subject] })
  expect([...outcomes]).toEqual([0])
  expect(writer.commitRound(derived)).toBe('committed')
})

it('finds entries of a subject, of an account and of a name by an index', () => {
  const queries = [
    "select 1 from event where tenant = 't' and subject = 's' limit 1",
    "select 1 from event where tenant = 't' and account = 'a' limit 1",
    "select * from event where tenant = 't' and subject = 's' and name in (select value from json_each('[]')) and occurred_at >= 7",
    "select tenant, subject from event where name = 'n' and occurred_at < 7 and payload_format > 0 and kind = 'event' limit 9",
    'select rowid from event where payload_format = 0 and received_at < 7 limit 9',
    "select at from checkpoint where tenant = 't' and subject = 's' and track = 'k' and behaviour = 1 and at < 7 order by at desc limit 1",
    "select * from event where tenant = 't' and account = 'a' and name in (select value from json_each('[]'))",
    "select * from rejected where tenant = 't' order by received_at desc, id desc limit 9",
    "select * from rejected where tenant = 't' and (received_at, id) < (1, 'r') order by received_at desc, id desc limit 9",
    "select * from rejected where tenant = 't' and id in (select value from json_each('[]'))",
    'delete from rejected where received_at < 1',
    "delete from rejected where tenant = 't' and id = 'r'",
    "select max(position) from fact where tenant = 't'",
  ]
  for (const query of queries) {
    const plan = db
      .prepare(`explain query plan ${query}`)
      .all()
      .map(({ detail }) => detail)
      .join('; ')
    expect(plan).toMatch(/SEARCH (event|rejected|fact|checkpoint)/)
    expect(plan).not.toMatch(/SCAN (event|rejected|fact)|TEMP B-TREE/)
  }
})

function catchError(work: () => unknown): unknown {
  try {
    work()
  } catch (error) {
    return error
  }
  throw new Error('expected an error')
}
