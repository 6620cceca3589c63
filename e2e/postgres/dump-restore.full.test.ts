import { execFileSync } from 'node:child_process'
import { globSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { StoredFact } from '@waymark/learning-journey/ports'
import { createPostgresStore } from '@waymark/store/postgres'
import { afterAll, expect, it } from 'vitest'
import { type CrmEvent, createCrmEvents, startCrmJourney } from '../../bench/fixtures/crm.ts'
import { query } from '../../packages/store/fixtures/make-database.ts'
import { startPostgres } from './start-postgres.ts'

/** The commands of the system, which dump its own version. */
const BIN = globSync('/usr/lib/postgresql/*/bin/pg_dump').map(dirname).sort()[0]
const ends: (() => Promise<void>)[] = []
afterAll(async () => {
  for (const end of ends.reverse()) await end()
})

it('A53: is dumped and restored into a new cluster; readers go on where they were, and no fact is lost or comes again', async ({
  skip,
}) => {
  if (BIN === undefined) return skip('there is no pg_dump (scripts/install-components.sh installs it)')
  const { store, server } = await openStore(BIN)
  const next = createCrmEvents()
  const first = Array.from({ length: 400 }, next).map((event, index) => ({ ...event, learnerId: `l-${index % 40}` }))
  await (await startCrmJourney(store)).ingest(first)
  await store.sequence()
  const page = await store.readFacts({ tenant: 'default', limit: 50 })
  const cursor = page.at(-1)?.position as number
  // More facts, the last of them without a position when the dump is taken.
  const second = Array.from({ length: 200 }, next).map((event, index) => ({ ...event, learnerId: `l-${100 + (index % 40)}` }))
  await (await startCrmJourney(store)).ingest(second)
  await store.close()

  const dump = join(tmpdir(), `waymark-dump-${process.pid}`)
  ends.push(async () => rmSync(dump, { force: true }))
  // Forced row-level security holds for the owner too: a dump is made by a superuser, or by a role with BYPASSRLS.
  execFileSync(join(BIN, 'pg_dump'), ['-h', server.folder, '-U', 'waymark', '-Fc', '-f', dump, 'postgres'])
  const roles = execFileSync(join(BIN, 'pg_dumpall'), [
    '-h',
    server.folder,
    '-U',
    'waymark',
    '--roles-only',
    '--no-role-passwords',
  ]).toString()
  await server.remove()

  const restored = await startPostgres({ bin: BIN })
  ends.push(() => restored.remove())
  for (const line of roles.split('\n').filter((line) => /waymark_(app|worker)/.test(line))) await query(restored.url, line)
  execFileSync(join(BIN, 'pg_restore'), ['-h', restored.folder, '-U', 'waymark', '-d', 'postgres', '--exit-on-error', dump])
  const again = await createPostgresStore({ url: restored.url })
  ends.push(() => again.close())
  const journey = await startCrmJourney(again)
  await expect(journey.ingest(first as CrmEvent[])).rejects.toThrow('duplicate')
  const third = Array.from({ length: 100 }, next).map((event, index) => ({ ...event, learnerId: `l-${200 + (index % 20)}` }))
  await journey.ingest(third)
  await again.sequence()
  const rest = await again.readFacts({ tenant: 'default', after: cursor, limit: 10_000 })
  const all = [...page, ...rest]
  expect(rest.every(({ position }, index) => position > (rest[index - 1]?.position ?? cursor))).toBe(true)
  expect(new Set(all.map(keyOf)).size).toBe(all.length)
  const stored = await query<{ key: string }>(
    restored.url,
    `select concat_ws(' ', tenant, subject, fact_id) as key from waymark.fact order by 1`,
  )
  expect(all.map(keyOf).sort()).toEqual(stored.map(({ key }) => key).sort())
  expect(rest.some(({ subject }) => subject === 'l:l-100')).toBe(true)
  expect(rest.some(({ subject }) => subject === 'l:l-200')).toBe(true)
})

async function openStore(bin: string) {
  const server = await startPostgres({ bin })
  ends.push(() => server.remove())
  return { server, store: await createPostgresStore({ url: server.url }) }
}

function keyOf({ tenant, subject, factId }: StoredFact): string {
  return `${tenant} ${subject} ${factId}`
}
