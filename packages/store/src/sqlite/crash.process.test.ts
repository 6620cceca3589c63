import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ROUND_SIZE } from '../../fixtures/own-store.ts'
import { startOwner } from '../../fixtures/start-owner.ts'
import { record } from '../conformance/rows.ts'
import { createSqliteStore } from './sqlite-store.ts'

const KILLS = 12
const tenant = 'acme'

it('keeps every acknowledged round whole, and no half round, when its owner is killed while it commits', {
  timeout: 60_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'waymark-crash-'))
  const file = join(folder, 'waymark.db')
  const acknowledged: string[] = []
  for (let kill = 0; kill < KILLS; kill += 1) {
    const owner = startOwner(file, String(kill * 1_000_000))
    await owner.printed(2 + kill)
    await owner.kill()
    acknowledged.push(...owner.lines.filter((line) => line !== 'open'))
  }
  expect(acknowledged.length).toBeGreaterThanOrEqual(KILLS)

  const store = await createSqliteStore({ file })
  const subjects = Array.from({ length: ROUND_SIZE }, (_, i) => ({ tenant, subject: `l:${i}` }))
  const facts = await store.readFacts({ tenant, limit: 1_000_000 })
  const { states } = await record(store, [], subjects)
  const rounds = (await store.readEntries({ tenant, subject: 'l:0' })).map(({ eventId }) => eventId)
  expect(rounds).toEqual(expect.arrayContaining(acknowledged))
  // One round in flight at each kill may have been committed without its acknowledgement.
  expect(rounds.length).toBeLessThanOrEqual(acknowledged.length + KILLS)
  for (const [i, key] of subjects.entries()) {
    expect((await store.readEntries(key)).map(({ eventId }) => eventId)).toEqual(rounds)
    expect(facts.filter(({ subject }) => subject === key.subject).map(({ factId }) => factId)).toEqual(rounds)
    expect(states[i]?.version).toBe(rounds.length)
  }
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})
