import { expect, it } from 'vitest'
import { query } from '../../packages/store/fixtures/make-database.ts'
import { startPostgres } from '../postgres/start-postgres.ts'
import { ServerProcess } from '../server/server-process.ts'
import { checkRun } from './check-run.ts'
import { ClientLog, type Sent } from './client-log.ts'
import { openPostgresDatabase } from './fault-database.ts'
import { createRandom, shuffle, takeSeed } from './random.ts'
import { postTo, send } from './send.ts'

const LEARNERS = 20
const EVENTS_OF_EACH = 6
const WAVES = 15
const BATCH = 15

/** Acceptance case A47, and the same with ten nodes. */
const HANDLER_FAILED = /What the handler calls is away|These handlers failed/

it.each([2, 10])(
  '%i nodes write the same new learners, with duplicates in opposite order, and none of them meets a deadlock',
  async (nodes) => {
    const random = createRandom(takeSeed(`${nodes} nodes`))
    const postgres = await startPostgres()
    const modules = new URL('./faults-module.ts', import.meta.url).pathname
    const servers: ServerProcess[] = []
    try {
      const database = await openPostgresDatabase(postgres)
      for (let node = 0; node < nodes; node++) {
        // The server of the tests takes a hundred connections.
        servers.push(await ServerProcess.create({ modules, env: { DATABASE_URL: database.url, DATABASE_CONNECTIONS: '5' } }))
      }
      // All at once on an empty database: one of them makes the tables.
      await Promise.all(servers.map((server) => server.start()))
      const log = new ClientLog()
      for (let wave = 0; wave < WAVES; wave++) {
        const events = eventsOf(wave)
        const orders = servers.map((_, node) => (node < 2 ? events : shuffle(random, [...events])))
        orders[1]?.reverse()
        // Every node gets everything, in batches that arrive together; nobody tries again.
        await Promise.all(
          servers.flatMap((server, node) => toBatches(orders[node] as Sent[]).map((batch) => send(postTo(server), log, batch))),
        )
      }
      for (const server of servers) expect(await server.end('SIGTERM')).toBe(0)
      const rows = await database.read()
      expect(checkRun(log, rows)).toEqual([])
      expect(rows.events.length).toBe(WAVES * LEARNERS * EVENTS_OF_EACH)
      expect(new Set(rows.states.map(({ subject }) => subject)).size).toBe(WAVES * LEARNERS)
      const recorded = log.answers.filter(({ status }) => status === 'recorded').length
      expect(recorded).toBe(rows.events.length)
      // Handlers of events fail now and then on purpose, and say so.
      for (const server of servers)
        expect(server.errors.split('\n').filter((line) => line !== '' && !HANDLER_FAILED.test(line))).toEqual([])
      const [stats] = await query<{ deadlocks: string; xact_rollback: string }>(
        database.url,
        'select deadlocks, xact_rollback from pg_stat_database where datname = current_database()',
      )
      expect(Number(stats?.deadlocks)).toBe(0)
      console.log(
        `${nodes} nodes: ${rows.events.length} events sent by each, ${log.answers.length - recorded} duplicates, ${stats?.xact_rollback} rounds done again, 0 deadlocks`,
      )
    } finally {
      await Promise.all(servers.map((server) => server.remove()))
      await postgres.remove()
    }
  },
)

function toBatches(events: readonly Sent[]): [Sent, ...Sent[]][] {
  return Array.from({ length: events.length / BATCH }, (_, index) => events.slice(index * BATCH, (index + 1) * BATCH) as [Sent])
}

function eventsOf(wave: number): Sent[] {
  return Array.from({ length: LEARNERS * EVENTS_OF_EACH }, (_, index): Sent => {
    const learnerId = `wave-${wave}-${index % LEARNERS}`
    const number = Math.floor(index / LEARNERS)
    const common = { operation: 'ingest', learnerId, key: `event-${number}`, occurredAt: MOMENT, fate: 'stored' } as const
    if (number === 0) return { ...common, name: 'lesson.opened', payload: { lessonId: 'one' } }
    if (number < 3) return { ...common, name: 'lesson.passed', payload: { lessonId: 'one', score: 80 } }
    return { ...common, name: 'task.done', payload: { taskId: `task-${number}` } }
  })
}

/** One body for all nodes. */
const MOMENT = new Date(Date.now() - 60_000).toISOString()
