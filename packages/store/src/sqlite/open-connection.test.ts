import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openConnection } from './open-connection.ts'

it('opens a database as it was designed, the first time and later', () => {
  const folder = mkdtempSync(join(tmpdir(), 'waymark-connection-'))
  for (const _ of ['first', 'later']) {
    const db = openConnection(join(folder, 'waymark.db'))
    const pragma = (name: string) => Object.values(db.prepare(`pragma ${name}`).get() ?? {})[0]
    expect(pragma('page_size')).toBe(2048)
    expect(pragma('journal_mode')).toBe('wal')
    expect(pragma('synchronous'), 'FULL').toBe(2)
    expect(pragma('wal_autocheckpoint')).toBe(32_768)
    expect(pragma('cache_size')).toBe(-16_384)
    expect(pragma('busy_timeout')).toBe(0)
    db.exec('create table if not exists t (id integer)')
    db.close()
  }
  rmSync(folder, { recursive: true })
})
