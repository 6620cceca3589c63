import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { ada, derived, entry, fact } from '../conformance/rows.ts'
import { createSqliteStore } from './sqlite-store.ts'

const folder = mkdtempSync(join(tmpdir(), 'waymark-round-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('undoes a round whose results cannot be written, and leaves the round behind it alone', async () => {
  const store = await createSqliteStore({ file: join(folder, 'waymark.db') })
  for (const bad of [Symbol('not copied'), undefined, {}]) {
    const round = await store.append([entry()], [ada])
    const next = store.append([entry({ eventId: `next ${String(bad)}` })], [])
    await expect(round.commit(derived({ facts: [fact({ data: bad as never })] }))).rejects.toThrow()
    await round.rollback()
    expect(await (await next).commit(derived())).toBe('committed')
  }
  expect((await store.readEntries(ada)).map(({ eventId }) => eventId).filter((id) => id === 'e1')).toEqual([])
  expect(await store.readEntries(ada)).toHaveLength(3)
  await store.close()
})

it('refuses entries that cannot be written, and opens the next round', async () => {
  const store = await createSqliteStore({ file: join(folder, 'entries.db') })
  await expect(store.append([entry(), entry({ eventId: 'e2', name: null as never })], [])).rejects.toMatchObject({
    code: 'STORE_FAILED',
    message: expect.stringContaining('NOT NULL constraint failed: event.name'),
    errcode: 1299,
  })
  const round = await store.append([entry()], [])
  expect(round.outcomes).toEqual(['recorded'])
  await round.commit(derived())
  await store.close()
})
