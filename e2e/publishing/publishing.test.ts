import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMemoryStore } from '@waymark/store/memory'
import { createSqliteStore } from '@waymark/store/sqlite'
import { describe } from 'vitest'
import { publishingCases } from './publishing-cases.ts'

describe('in memory', () => publishingCases(async () => ({ store: createMemoryStore(), remove: async () => {} })))

describe('on SQLite', () =>
  publishingCases(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'waymark-publishing-'))
    const store = await createSqliteStore({ file: join(folder, 'waymark.db') })
    return { store, remove: () => rm(folder, { recursive: true, force: true }) }
  }))
