import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { entry, record } from '../conformance/rows.ts'
import { createSqliteStore } from './sqlite-store.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waymark-open-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

it('makes the folder and a database with the designed page size and log', async () => {
  const file = join(folder, 'new', 'deep', 'waymark.db')
  const notices: string[] = []
  const store = await createSqliteStore({ file, onNotice: (notice) => notices.push(notice) })
  expect(notices).toEqual(
    [
      '0001_journal.sql',
      '0002_disorder.sql',
      '0003_journeys.sql',
      '0004_bus.sql',
      '0005_unknown-events.sql',
      '0006_lists.sql',
      '0007_emitted.sql',
    ].map((name) => `${file}: applied migration ${name}.`),
  )
  const db = new DatabaseSync(file, { readOnly: true })
  expect(db.prepare('pragma page_size').get()).toMatchObject({ page_size: 2048 })
  expect(db.prepare('pragma journal_mode').get()).toMatchObject({ journal_mode: 'wal' })
  db.close()
  await store.close()
})

it('copies the log into the file when it has been idle for a moment', async () => {
  const file = join(folder, 'waymark.db')
  const store = await createSqliteStore({ file })
  await record(store, [entry({ payload: JSON.stringify('x'.repeat(100_000)) })])
  expect(statSync(file).size).toBeLessThan(100_000)
  await vi.waitFor(() => expect(statSync(file).size).toBeGreaterThan(100_000), { timeout: 5_000 })
  expect(existsSync(`${file}-wal`)).toBe(true)
  await store.close()
})

it.each([
  [
    'a text file',
    'plain.db',
    () => writeFileSync(join(folder, 'plain.db'), 'This is not a database, and long enough to tell.\n'.repeat(99)),
  ],
  ['a folder', 'folder.db', () => mkdirSync(join(folder, 'folder.db'))],
  ['a path below a file', 'plain/waymark.db', () => writeFileSync(join(folder, 'plain'), '')],
  ['a database of another program', 'other.db', () => makeForeign(join(folder, 'other.db'))],
])('refuses %s, naming it', async (_, name, make) => {
  make()
  const file = join(folder, name)
  const error = await createSqliteStore({ file }).catch((error) => error)
  expect(error).toMatchObject({ name: 'StoreError', code: 'STORE_UNUSABLE', message: expect.stringContaining(file) })
  expect(error.message).toContain('Choose another file')
  expect(existsSync(`${file}.pid`)).toBe(false)
})

function makeForeign(file: string): void {
  const db = new DatabaseSync(file)
  db.exec('create table invoices (id integer)')
  db.close()
}
