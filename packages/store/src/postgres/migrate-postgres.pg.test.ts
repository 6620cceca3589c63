import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, expect, inject, it } from 'vitest'
import { makeDatabase, query } from '../../fixtures/make-database.ts'
import { inspectPostgres } from './inspect-postgres.ts'
import { migratePostgres, POSTGRES_MIGRATIONS } from './migrate-postgres.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

/** The migrations of this release and some more. */
function withMore(files: Readonly<Record<string, string>>): URL {
  const folder = mkdtempSync(join(tmpdir(), 'waymark-migrations-'))
  folders.push(folder)
  cpSync(POSTGRES_MIGRATIONS, folder, { recursive: true })
  for (const [name, sql] of Object.entries(files)) writeFileSync(join(folder, name), sql)
  return pathToFileURL(`${folder}/`)
}

const nextNumber = async (url: string) => {
  const { pending } = await inspectPostgres(url)
  return String(pending.length + 1).padStart(4, '0')
}

it('is applied once, however many processes start at the same time', async () => {
  const url = await makeDatabase(inject('postgres'))
  const before = await inspectPostgres(url)
  const applied = await Promise.all([1, 2, 3, 4].map(() => migratePostgres(url)))
  expect(applied.flat()).toEqual(before.pending)
  expect(await migratePostgres(url)).toEqual([])
  expect((await inspectPostgres(url)).pending).toEqual([])
})

it('leaves the database as it was when a file fails, the files before it included', async () => {
  const url = await makeDatabase(inject('postgres'))
  const folder = withMore({ [`${await nextNumber(url)}_broken.sql`]: 'create table waymark.half (id integer); select 1 / 0;' })
  await expect(migratePostgres(url, folder)).rejects.toMatchObject({
    code: 'STORE_MIGRATION_FAILED',
    message: expect.stringContaining('_broken.sql failed and was rolled back: division by zero'),
  })
  expect(await query(url, `select to_regnamespace('waymark') as schema`)).toEqual([{ schema: null }])
})

it('refuses a database of a newer release, and one that was made with other files', async () => {
  const url = await makeDatabase(inject('postgres'))
  const later = `${await nextNumber(url)}_later.sql`
  await migratePostgres(url, withMore({ [later]: 'select 1' }))
  await expect(migratePostgres(url)).rejects.toMatchObject({
    code: 'STORE_SCHEMA_NEWER',
    message: expect.stringContaining(later),
  })
  await expect(migratePostgres(url, withMore({ [later]: 'select 2' }))).rejects.toMatchObject({ code: 'STORE_MIGRATION_CHANGED' })
  await expect(inspectPostgres(url)).rejects.toMatchObject({ code: 'STORE_SCHEMA_NEWER' })
})

it('tells a login that may not change the schema who has to', async () => {
  const url = await makeDatabase(inject('postgres'))
  await query(url, 'do $$ begin create role clerk login; exception when duplicate_object then null; end $$')
  await expect(migratePostgres(url.replace('//waymark@', '//clerk@'))).rejects.toMatchObject({
    code: 'STORE_SCHEMA_OLDER',
    message: expect.stringContaining('waymark migrate'),
  })
})

it('says what is wrong with a database that cannot be used', async () => {
  const server = inject('postgres')
  await expect(migratePostgres(server.replace('/postgres?', '/nowhere?'))).rejects.toMatchObject({
    code: 'STORE_UNUSABLE',
    message: expect.stringContaining('database name'),
  })
  await expect(migratePostgres('postgres://waymark@127.0.0.1:1/db')).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' })
  await query(server, `create database latin encoding 'LATIN1' locale 'C' template template0`).catch(() => {})
  await expect(migratePostgres(server.replace('/postgres?', '/latin?'))).rejects.toMatchObject({
    code: 'STORE_UNUSABLE',
    message: expect.stringContaining('LATIN1'),
  })
})
