import { afterEach, expect, inject, it, vi } from 'vitest'
import { makeDatabase, query } from '../../fixtures/make-database.ts'
import { derived, entry, fact, record, stateWrite } from '../conformance/rows.ts'
import { createPostgresStore } from './postgres-store.ts'

const closes: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closes.splice(0)) await close()
})

async function open(url: string, onNotice?: (notice: string) => void) {
  const store = await createPostgresStore({ url, rounds: 2, ...(onNotice === undefined ? {} : { onNotice }) })
  closes.push(() => store.close())
  return store
}

/** Ends every connection of a database but the one that asks, as a restart of the server does. */
const cut = (url: string) =>
  query(
    url,
    'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
  )

it('says that a round whose connection was lost may be done again, and goes on with new connections', async () => {
  const url = await makeDatabase(inject('postgres'))
  const notices: string[] = []
  const store = await open(url, (notice) => notices.push(notice))
  const round = await store.append([entry()], [])
  await cut(url)
  await expect(round.commit(derived())).rejects.toMatchObject({
    code: 'STORE_UNREACHABLE',
    outlook: 'retry',
  })
  await vi.waitFor(async () => expect(await record(store, [entry()])).toMatchObject({ outcomes: ['recorded'] }), {
    timeout: 20_000,
  })
  expect(notices.filter((notice) => !notice.includes('migration'))).toEqual([
    expect.stringContaining('PostgreSQL: '),
    'PostgreSQL answers again.',
  ])
})

it('reads through a cut: a query is asked again', async () => {
  const url = await makeDatabase(inject('postgres'))
  const store = await open(url)
  await record(store, [entry()])
  for (let times = 0; times < 50; times++) {
    const [entries] = await Promise.all([store.readEntries(entry()), cut(url)])
    expect(entries).toEqual([entry()])
  }
})

it('takes the same new learner from two processes, with the same events in opposite order: one row, no deadlock', async () => {
  const url = await makeDatabase(inject('postgres'))
  const nodes = await Promise.all(Array.from({ length: 4 }, () => open(url)))
  for (let learner = 0; learner < 20; learner++) {
    const key = { tenant: 'acme', subject: `l:${learner}` }
    const other = { tenant: 'globex', subject: `l:${learner}` }
    const entries = [key, other].flatMap((owner) => Array.from({ length: 10 }, (_, n) => entry({ ...owner, eventId: `e${n}` })))
    await Promise.all(
      nodes.map((store) =>
        record(store, entries, [key, other], ({ states, outcomes }) => ({
          // What a fold does: only what was new changes the state.
          states: outcomes.includes('recorded')
            ? [key, other].map((owner, place) => stateWrite(owner, states[place]?.version ?? 0, 10))
            : [],
          facts: [fact({ ...key }), fact({ ...other })],
        })),
      ),
    )
    expect(await nodes[0]?.readEntries(key)).toHaveLength(10)
    expect((await record(nodes[0] as never, [], [key])).states).toMatchObject([{ version: 1 }])
  }
  const [row] = await query<{ deadlocks: string }>(
    url,
    'select deadlocks from pg_stat_database where datname = current_database()',
  )
  expect(row).toEqual({ deadlocks: '0' })
})

it('keeps what one transaction wrote for one tenant out of the sight of another', async () => {
  const url = await makeDatabase(inject('postgres'))
  const store = await open(url)
  const keys = ['acme', 'globex', 'initech'].map((tenant) => ({ tenant, subject: 'l:ada' }))
  const outcome = await record(
    store,
    keys.flatMap((key) => [entry({ ...key }), entry({ ...key, eventId: `of ${key.tenant}` })]),
    keys,
    () => ({ states: keys.map((key) => stateWrite(key, 0, 1)), facts: keys.map((key) => fact({ ...key })) }),
  )
  expect(outcome.outcomes).toEqual(Array.from({ length: 6 }, () => 'recorded'))
  for (const key of keys) {
    expect((await store.readEntries(key)).map(({ tenant, eventId }) => `${tenant} ${eventId}`).sort()).toEqual(
      [`${key.tenant} ${entry().eventId}`, `${key.tenant} of ${key.tenant}`].sort(),
    )
    expect(await store.readFactsOf(key)).toEqual([fact({ ...key })])
  }
})

it('reads states right whatever the settings of the database are', async () => {
  const url = await makeDatabase(inject('postgres'))
  await query(url, `do $$ begin execute format('alter database %I set bytea_output = escape', current_database()); end $$`)
  const store = await open(url)
  const key = { tenant: 'acme', subject: 'l:ada' }
  await record(store, [], [key], () => ({ states: [stateWrite(key, 0, 0, 92, 255)] }))
  expect(await store.readState(key)).toEqual(Uint8Array.of(0, 92, 255))
  expect((await record(store, [], [key])).states).toMatchObject([{ state: Uint8Array.of(0, 92, 255) }])
})

it('answers a twin of a call that another process still runs with CONFLICT', async () => {
  const url = await makeDatabase(inject('postgres'))
  const [one, other] = await Promise.all([open(url), open(url)])
  const holding = Promise.withResolvers<void>()
  const held = Promise.withResolvers<void>()
  const first = one.unitOfWork.run('acme', async (tx) => {
    await tx.idempotency.find('scope', 1)
    held.resolve()
    await holding.promise
    await tx.idempotency.keep('scope', { inputHash: 'h', answer: '1' }, 20)
  })
  await held.promise
  await expect(other.unitOfWork.run('acme', (tx) => tx.idempotency.find('scope', 1))).rejects.toMatchObject({ code: 'CONFLICT' })
  holding.resolve()
  await first
  expect(await other.unitOfWork.run('acme', (tx) => tx.idempotency.find('scope', 10))).toEqual({ inputHash: 'h', answer: '1' })
})
