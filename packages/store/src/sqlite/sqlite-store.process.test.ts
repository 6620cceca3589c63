import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { JournalStore } from '@waymark/learning-journey/ports'
import { afterAll } from 'vitest'
import { storeConformance } from '../conformance/store-conformance.ts'
import { createSqliteStore } from './sqlite-store.ts'

const folder = mkdtempSync(join(tmpdir(), 'waymark-store-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const files = new WeakMap<JournalStore, string>()
let count = 0

async function openFile(file: string): Promise<JournalStore> {
  const store = await createSqliteStore({ file })
  files.set(store, file)
  return store
}

storeConformance({
  name: 'The SQLite store',
  open: () => {
    count += 1
    return openFile(join(folder, `${count}.db`))
  },
  reopen: (closed) => openFile(files.get(closed) as string),
})
