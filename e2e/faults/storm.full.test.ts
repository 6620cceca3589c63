import { createMemoryStore } from '@waymark/store/memory'
import { expect, it } from 'vitest'
import { query } from '../../packages/store/fixtures/make-database.ts'
import { startPostgres } from '../postgres/start-postgres.ts'
import { ServerProcess } from '../server/server-process.ts'
import { checkDerived, checkRun, digestOf } from './check-run.ts'
import { ClientLog, type Sent } from './client-log.ts'
import { countReads } from './count-reads.ts'
import { openPostgresDatabase } from './fault-database.ts'
import { openNode, readStoreRows } from './open-node.ts'
import { below, createRandom, pick, type Random, shuffle, takeSeed } from './random.ts'
import { RetryingClient } from './retrying.ts'
import { type Post, postTo, send } from './send.ts'
import type { StoredRows } from './stored-rows.ts'

/** Different events; `FAULT_STORM=1000000` is the whole of it. */
const EVENTS = Number(process.env.FAULT_STORM ?? 100_000)
/** More of it by the setting may take hours, in milliseconds. */
const LONGEST_RUN = 4 * 60 * 60_000
const EVENTS_OF_A_LEARNER = 50
const REPEATED = 0.3
const PRODUCERS = 4
const BATCH = 500
/** A little less than the lateness of the tracks, for the time that the test takes. */
const SPAN_MS = 6.9 * 86_400_000

it(`derives the same from ${EVENTS} events shuffled over seven days as from the same events in order`, {
  timeout: LONGEST_RUN,
}, async () => {
  const random = createRandom(takeSeed('a storm'))
  const events = makeEvents(random)
  const postgres = await startPostgres()
  const modules = new URL('./faults-module.ts', import.meta.url).pathname
  const servers: ServerProcess[] = []
  try {
    const database = await openPostgresDatabase(postgres)
    for (let node = 0; node < 2; node++) servers.push(await ServerProcess.start({ modules, env: { DATABASE_URL: database.url } }))
    const repeats = events.filter(() => random() < REPEATED)
    const batches = toBatches(shuffle(random, [...events, ...repeats]))
    const log = new ClientLog()
    const begin = performance.now()
    const clients = Array.from(
      { length: PRODUCERS },
      (_, index) => new RetryingClient(postTo(servers[index % 2] as ServerProcess)),
    )
    const reads: string[] = []
    let next = 0
    let before = { entries: 0, batches: 0 }
    const produce = async ({ post }: RetryingClient) => {
      for (let batch = batches[next++]; batch !== undefined; batch = batches[next++]) {
        await send(post, log, batch)
        if (next % Math.floor(batches.length / 5) !== 0) continue
        const after = { entries: await entriesRead(database.url), batches: next }
        reads.push(((after.entries - before.entries) / (after.batches - before.batches)).toFixed(0))
        before = after
      }
    }
    await Promise.all(clients.map(produce))
    const seconds = (performance.now() - begin) / 1_000
    for (const server of servers) expect(await server.end('SIGTERM')).toBe(0)
    console.log(
      `${events.length + repeats.length} events in ${batches.length} batches: ${seconds.toFixed(1)} s; clients: ${clients[0]}`,
    )
    console.log(`journal entries read for each batch, by fifths of the storm: ${reads.join(', ')}`)

    const rows = await database.read()
    expect(checkRun(log, rows)).toEqual([])
    const calm = await runInOrder(events)
    expect(checkDerived(calm)).toEqual([])
    const [digest, expected] = [digestOf(rows), digestOf(calm)]
    console.log(`digest of the storm ${digest.slice(0, 16)}, in order ${expected.slice(0, 16)}`)
    expect(digest).toBe(expected)
  } finally {
    await Promise.all(servers.map((server) => server.remove()))
    await postgres.remove()
  }
})

it('reads a journal once for each batch of late events, however many events the batch has', async () => {
  const random = createRandom(takeSeed('late batches'))
  const past = 2_000
  const late = 240
  const table: Record<string, number>[] = []
  for (const batches of [1, 2, 4, 8, 24]) {
    const { store, reads } = countReads(createMemoryStore())
    const { post } = await openNode(store)
    const log = new ClientLog()
    const events = makeEvents(random, past + late, past + late).sort(byTime)
    const chosen = new Set(
      shuffle(
        random,
        events.slice(0, past).map((_, index) => index),
      ).slice(0, late),
    )
    await sendInOrder(
      post,
      log,
      events.filter((_, index) => !chosen.has(index)),
    )
    const before = reads.entries
    const lateOnes = events.filter((_, index) => chosen.has(index))
    for (const batch of toBatches(lateOnes, late / batches)) await send(post, log, batch)
    const read = reads.entries - before
    table.push({ 'late events': late, batches, 'entries read': read, 'for each batch': Math.round(read / batches) })
    // Three tracks listen; each may read the whole journal of the one learner, once in a batch.
    expect(read / batches).toBeLessThanOrEqual(3 * (past + late))
  }
  console.table(table)
})

function makeEvents(random: Random, count = EVENTS, ofALearner = EVENTS_OF_A_LEARNER): Sent[] {
  const learners = Math.ceil(count / ofALearner)
  const start = Date.now() - SPAN_MS
  return Array.from({ length: count }, (_, index): Sent => {
    const [name, payload] = pick(random, [
      ['task.done', { taskId: `task-${index}` }],
      ['task.done', { taskId: `task-${index}` }],
      ['lesson.opened', { lessonId: `lesson-${below(random, 4)}` }],
      ['lesson.passed', { lessonId: `lesson-${below(random, 4)}`, score: below(random, 100) }],
    ])
    const occurredAt = new Date(start + below(random, SPAN_MS)).toISOString()
    return {
      operation: 'ingest',
      learnerId: `learner-${below(random, learners)}`,
      key: `event-${index}`,
      name,
      payload,
      occurredAt,
      fate: 'stored',
    }
  })
}

function toBatches(events: readonly Sent[], size = BATCH): [Sent, ...Sent[]][] {
  return Array.from(
    { length: Math.ceil(events.length / size) },
    (_, index) => events.slice(index * size, (index + 1) * size) as [Sent, ...Sent[]],
  )
}

async function runInOrder(events: readonly Sent[]): Promise<StoredRows> {
  const store = createMemoryStore()
  const { post } = await openNode(store)
  await sendInOrder(post, new ClientLog(), events.toSorted(byTime))
  return readStoreRows(
    store,
    events.map(({ learnerId }) => learnerId),
  )
}

async function sendInOrder(post: Post, log: ClientLog, events: readonly Sent[]): Promise<void> {
  for (const batch of toBatches(events)) await send(post, log, batch)
}

function byTime(a: Sent, b: Sent): number {
  return Date.parse(a.occurredAt as string) - Date.parse(b.occurredAt as string)
}

/** Rows of the journal that PostgreSQL has fetched for anybody so far; it counts with a delay of about a second. */
async function entriesRead(url: string): Promise<number> {
  const [row] = await query<{ fetched: string }>(
    url,
    `select coalesce(sum(idx_tup_fetch + seq_tup_read), 0) as fetched from pg_stat_user_tables where relname like 'event\\_%'`,
  )
  return Number(row?.fetched)
}
