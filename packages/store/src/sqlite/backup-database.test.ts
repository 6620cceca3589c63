import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { ada, entry, numbers, record, stateWrite } from '../conformance/rows.ts'
import { createSqliteStore } from './sqlite-store.ts'

async function openStore() {
  const folder = mkdtempSync(join(tmpdir(), 'waymark-backup-'))
  const store = await createSqliteStore({ file: join(folder, 'waymark.db') })
  onTestFinished(async () => {
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  })
  return { folder, store }
}

it('copies what is committed while writes go on, and the copy opens as a store', async () => {
  const { folder, store } = await openStore()
  const write = (n: number) =>
    record(store, [entry({ eventId: `e${n}`, payload: `"${'x'.repeat(1_000)}"` })], [ada], ({ states: [state] }) => ({
      states: [stateWrite(ada, state?.version ?? 0, n & 0xff)],
    }))
  for (const n of numbers(500)) await write(n)
  let isDone = false
  let written = 500
  const writing = (async () => {
    while (!isDone) await write(written++)
  })()
  const to = join(folder, 'copy.db')
  const copy = await store.backup(to)
  isDone = true
  await writing
  expect(await store.readEntries(ada)).toHaveLength(written)
  expect(readdirSync(folder).filter((name) => name.startsWith('copy'))).toEqual(['copy.db'])
  const bytes = readFileSync(to)
  expect(copy).toEqual({ bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') })

  const restored = await createSqliteStore({ file: to })
  onTestFinished(() => restored.close())
  const entries = await restored.readEntries(ada)
  expect(entries.length).toBeGreaterThanOrEqual(500)
  expect(new Set(entries.map(({ eventId }) => eventId))).toEqual(new Set(numbers(entries.length).map((n) => `e${n}`)))
  // Of one moment: the state in it is that of its last entry.
  expect(await restored.readState(ada)).toEqual(Uint8Array.of((entries.length - 1) & 0xff))
  await record(restored, [entry({ eventId: 'new' })])
})

it('leaves nothing behind when it fails, and never replaces a file', async () => {
  const { folder, store } = await openStore()
  await record(store, [entry()])
  await expect(store.backup(join(folder, 'nowhere/copy.db'))).rejects.toMatchObject({ name: 'StoreError' })
  writeFileSync(join(folder, 'taken.db'), 'mine')
  await expect(store.backup(join(folder, 'taken.db'))).rejects.toThrow('is there already')
  expect(readFileSync(join(folder, 'taken.db'), 'utf8')).toBe('mine')
  expect(readdirSync(folder).filter((name) => name.includes('partial'))).toEqual([])
  expect(await store.readEntries(ada)).toHaveLength(1)
})

it('takes over from a backup that was killed', async () => {
  const { folder, store } = await openStore()
  await record(store, [entry()])
  writeFileSync(join(folder, 'copy.db.partial'), 'half of a')
  await store.backup(join(folder, 'copy.db'))
  expect(readdirSync(folder).filter((name) => name.includes('copy'))).toEqual(['copy.db'])
})
