import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Owner, startOwner } from '../../fixtures/start-owner.ts'
import { createSqliteStore } from './sqlite-store.ts'

let folder: string
let file: string
let owner: Owner | undefined
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waymark-lock-'))
  file = join(folder, 'waymark.db')
})
afterEach(async () => {
  await owner?.kill()
  owner = undefined
  rmSync(folder, { recursive: true, force: true })
})

it('refuses a file that another process owns, and names that process', async () => {
  owner = startOwner(file)
  await owner.printed(1)
  await expect(createSqliteStore({ file })).rejects.toMatchObject({
    code: 'STORE_LOCKED',
    message: `${file} is in use by process ${owner.process.pid}; a database file has one owner at a time. Stop that process, or choose another file.`,
  })
})

it('is refused from another process while this one owns the file', async () => {
  const store = await createSqliteStore({ file })
  owner = startOwner(file)
  await owner.printed(1)
  const refusal = JSON.parse(owner.lines[0] ?? '{}')
  expect(refusal).toMatchObject({ code: 'STORE_LOCKED' })
  expect(refusal.message).toContain(`process ${process.pid};`)
  await store.close()
})

it('refuses a second store of the same process, by another path too', async () => {
  const store = await createSqliteStore({ file })
  symlinkSync(folder, join(folder, 'folder'))
  symlinkSync(file, join(folder, 'file.db'))
  for (const path of [file, join(folder, 'folder', 'waymark.db'), join(folder, 'file.db')]) {
    await expect(createSqliteStore({ file: path })).rejects.toMatchObject({
      code: 'STORE_LOCKED',
      message: expect.stringContaining(`another store of this process (pid ${process.pid})`),
    })
  }
  await store.close()
})

it('frees the file at once when its owner is killed, and tells of it', async () => {
  owner = startOwner(file)
  await owner.printed(1)
  const pid = owner.process.pid
  await owner.kill()
  const notices: string[] = []
  const store = await createSqliteStore({ file, onNotice: (notice) => notices.push(notice) })
  expect(notices).toEqual([`${file}: process ${pid} ended without closing the database; all it had committed is there.`])
  expect(readFileSync(`${file}.pid`, 'utf8')).toBe(`${process.pid}\n`)
  await store.close()
})

it('is not misled by the pid file of nobody', async () => {
  writeFileSync(`${file}.pid`, '1\n')
  const store = await createSqliteStore({ file })
  await store.close()
})

it('leaves no pid file and no log behind when it is closed, and can be opened again', async () => {
  for (const _ of [1, 2]) {
    const store = await createSqliteStore({ file })
    expect(existsSync(`${file}.pid`)).toBe(true)
    await store.close()
    expect(existsSync(`${file}.pid`)).toBe(false)
    expect(existsSync(`${file}-wal`)).toBe(false)
  }
})
