/**
 * Durable ingest into PostgreSQL, beside pgbench running the store's own statements over the rows that the store has just written, and
 * beside COPY of these rows. All of them write into one server, turn by turn; it syncs every commit.
 */
import { fileURLToPath } from 'node:url'
import { createPostgresStore } from '@waymark/store/postgres'
import { type PostgresServer, startPostgres } from '../../e2e/postgres/start-postgres.ts'
import { query } from '../../packages/store/fixtures/make-database.ts'
import { cpuShares, type Part } from '../cpu-shares.ts'
import { startBenchServer } from '../fixtures/bench-server.ts'
import { type CapturedRound, captureRounds } from '../fixtures/capture-rounds.ts'
import { type CrmEvent, type CrmJourney, createCrmEvents, startCrmJourney } from '../fixtures/crm.ts'
import { quantile, ratioOf, type Scale, single, summarize } from '../measure.ts'
import { openRawPostgres, type RawPostgres } from '../opponents/pgbench.ts'
import { postgresCpu } from '../postgres-cpu.ts'
import { atLeast, atMost, type Row } from '../report.ts'

const MODULES = fileURLToPath(new URL('../fixtures/streams-module.ts', import.meta.url))
const CONNECTIONS = 16
const TURN = { quick: 16_000, full: 40_000 }
const TURNS = { quick: 4, full: 10 }
const SINGLES = { quick: 4_000, full: 20_000 }
const SEEDED = 40_000

const SETTINGS = { fsync: 'on', shared_buffers: '1GB', max_wal_size: '8GB', checkpoint_timeout: '30min' }

export async function postgres(scale: Scale): Promise<readonly Row[]> {
  const mode = scale.quick ? 'quick' : 'full'
  const server = await startPostgres({ settings: SETTINGS })
  const rounds: CapturedRound[] = []
  const store = await createPostgresStore({ url: server.url })
  const raw = await openRawPostgres(server)
  try {
    const keep = (round: CapturedRound) => {
      if (bench.isCapturing) rounds.push(round)
    }
    const journey = await startCrmJourney(captureRounds(store, keep))
    const bench: Bench = { server, journey, next: createCrmEvents(), rounds, isCapturing: false, raw }
    await turn(bench, SEEDED)
    const turns: Turn[] = []
    for (let count = 0; count < TURNS[mode]; count++) turns.push(await turn(bench, TURN[mode]))
    await assertSameEvents(bench, [SEEDED, ...turns.map(({ waymark }) => waymark.events)])
    const rows = [...toRows(turns), ...(await singles(bench, SINGLES[mode])), ...(await shares(bench, TURN[mode]))]
    await journey.close()
    return rows
  } finally {
    await store.close()
    await raw.close()
    await server.remove()
  }
}

interface Bench {
  readonly server: PostgresServer
  readonly journey: CrmJourney
  readonly next: () => CrmEvent
  /** Filled by the store as it commits, while `isCapturing`. */
  readonly rounds: CapturedRound[]
  isCapturing: boolean
  readonly raw: RawPostgres
}

/** What the store did in one turn. */
interface Work {
  readonly events: number
  readonly milliseconds: number
  readonly latencies: readonly number[]
  /** Microseconds. */
  readonly nodeCpu: number
  readonly postgresCpu: number
  /** Bytes of write-ahead log. */
  readonly wal: number
}

interface Turn {
  readonly waymark: Work
  readonly pgbench: number | null
  readonly copy: number
  /** CPU of the server in the turn of pgbench, microseconds. */
  readonly pgbenchCpu: number
  readonly batch: number
}

async function turn(bench: Bench, events: number): Promise<Turn> {
  const { server, rounds, raw } = bench
  const waymark = await ingest(bench, 100, events)
  // Rows that are kept for others are garbage that nobody collects meanwhile, so the rows come from a run that is not measured.
  bench.isCapturing = true
  await ingest(bench, 100, events)
  bench.isCapturing = false
  const captured = rounds.splice(0)
  await raw.load(captured)
  const before = postgresCpu(server.folder)
  const pgbench = raw.pgbench === null ? null : await raw.pgbench()
  const pgbenchCpu = postgresCpu(server.folder) - before
  const copy = await raw.copy()
  return { waymark, pgbench, copy, pgbenchCpu, batch: events / captured.length }
}

/** A closed loop: each connection sends its next request when the one before is answered. */
async function ingest(
  { server, journey, next }: Pick<Bench, 'server' | 'journey' | 'next'>,
  size: number,
  events: number,
): Promise<Work> {
  const requests = Array.from({ length: events / size }, () => Array.from({ length: size }, next))
  const latencies: number[] = []
  const wal = await walOf(server)
  const cpu = process.cpuUsage()
  const served = postgresCpu(server.folder)
  const start = performance.now()
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      for (let request = requests.shift(); request !== undefined; request = requests.shift()) {
        const sent = performance.now()
        await journey.ingest(request)
        latencies.push(performance.now() - sent)
      }
    }),
  )
  const milliseconds = performance.now() - start
  const used = process.cpuUsage(cpu)
  return {
    events,
    milliseconds,
    latencies,
    nodeCpu: used.user + used.system,
    postgresCpu: postgresCpu(server.folder) - served,
    wal: (await walOf(server)) - wal,
  }
}

/** What pgbench wrote is what the store wrote, or one of them was fast by doing less. */
async function assertSameEvents({ server, raw }: Bench, written: readonly number[]): Promise<void> {
  const events = written.reduce((sum, count) => sum + count, 0)
  const [row] = await query<{ n: string }>(server.url, 'select count(*) as n from waymark.event')
  // The store wrote each turn twice, once unmeasured for the others.
  const counts = [Number(row?.n) / 2, ...(raw.pgbench === null ? [] : [await raw.count()])]
  if (counts.some((count) => count !== events))
    throw new Error(`${events} events were sent; the databases hold ${counts.join(' and ')}.`)
}

async function walOf(server: PostgresServer): Promise<number> {
  const [row] = await query<{ bytes: string }>(server.url, `select pg_current_wal_lsn() - '0/0' as bytes`)
  return Number(row?.bytes)
}

function toRows(turns: readonly Turn[]): Row[] {
  const works = turns.map(({ waymark }) => waymark)
  const speeds = works.map(({ events, milliseconds }) => events / (milliseconds / 1_000))
  const perEvent = (cost: (work: Work) => number) => summarize(works.map((work) => cost(work) / work.events))
  const beside = (what: string, times: readonly number[], figure: boolean): Row => {
    const raw = times.map((milliseconds, index) => (works[index] as Work).events / (milliseconds / 1_000))
    const ratio = ratioOf(speeds, raw)
    return {
      what,
      unit: 'events/s',
      value: summarize(raw),
      ratio: { of: 'Waymark to it', ...ratio },
      ...(figure ? { figures: [atLeast(0.5, '', ratio.median)] } : {}),
    }
  }
  const pgbench = turns.flatMap((turn) => (turn.pgbench === null ? [] : [turn.pgbench]))
  const node = perEvent(({ nodeCpu }) => nodeCpu)
  const latencies = works.flatMap((work) => work.latencies)
  return [
    { what: 'requests of 100: Waymark', unit: 'events/s', value: summarize(speeds) },
    ...(pgbench.length === turns.length
      ? [
          beside('requests of 100: pgbench, 2 clients, same statements and rows', pgbench, true),
          {
            what: 'CPU of PostgreSQL under pgbench',
            unit: 'µs/event',
            value: summarize(turns.map((turn) => turn.pgbenchCpu / turn.waymark.events)),
          },
        ]
      : [{ what: 'pgbench: left out, this machine has none (Debian: postgresql-contrib)', unit: '', value: single(Number.NaN) }]),
    beside(
      'requests of 100: COPY of the same rows',
      turns.map(({ copy }) => copy),
      false,
    ),
    { what: 'events in a transaction', unit: '', value: summarize(turns.map(({ batch }) => batch)) },
    { what: `requests of 100: p50, ${CONNECTIONS} connections`, unit: 'ms', value: single(quantile(latencies, 0.5)) },
    { what: `requests of 100: p99, ${CONNECTIONS} connections`, unit: 'ms', value: single(quantile(latencies, 0.99)) },
    { what: 'CPU of Node', unit: 'µs/event', value: node, figures: [atMost(10, 'µs', node.median)] },
    { what: 'CPU of PostgreSQL', unit: 'µs/event', value: perEvent(({ postgresCpu }) => postgresCpu) },
    { what: 'write-ahead log', unit: 'bytes/event', value: perEvent(({ wal }) => wal) },
  ]
}

/** One event in each request: calls within this process, and requests to a server in a process of its own on the same database. */
async function singles(bench: Bench, events: number): Promise<Row[]> {
  const own = await ingest(bench, 1, events)
  const server = await startBenchServer(MODULES, bench.server.url)
  try {
    const journey: CrmJourney = { ingest: (requested) => server.ingest(requested) }
    await ingest({ ...bench, journey }, 1, Math.min(events, 2_000))
    const http = await ingest({ ...bench, journey }, 1, events)
    return [
      ...latenciesOf('one event a call, in process', own, false),
      ...latenciesOf('one event a request, over HTTP', http, true),
    ]
  } finally {
    await server.stop()
  }
}

function latenciesOf(what: string, { events, milliseconds, latencies }: Work, isPromised: boolean): Row[] {
  const at = (share: number, limit: number): Row => {
    const value = quantile(latencies, share)
    const figures = isPromised ? { figures: [atMost(limit, 'ms', value)] } : {}
    return { what: `${what}: p${share * 100}, ${CONNECTIONS} connections`, unit: 'ms', value: single(value), ...figures }
  }
  return [{ what, unit: 'events/s', value: single(events / (milliseconds / 1_000)) }, at(0.5, 2), at(0.99, 8)]
}

const PARTS: readonly Part[] = [
  { name: 'body hash', files: /contract\/src\/canonical-json|fixtures\/crm/ },
  { name: 'validation', files: /contract\/src\/(validation|payload-check)/ },
  { name: 'fold', files: /learning-journey\/src\/engine\// },
  { name: 'assess', files: /learning-journey\/src\/record\/assess/ },
  { name: 'record', files: /learning-journey\/src\/record\// },
  { name: 'handler', files: /learning-journey\/src\/handlers\// },
  { name: 'statements', files: /store\/src\// },
  { name: 'driver', files: /node_modules\/pg/ },
  { name: 'pipeline', files: /contract\/src\// },
]

/** A turn of its own under the profiler, which slows it down: good for shares only. */
async function shares(bench: Bench, events: number): Promise<Row[]> {
  const found = await cpuShares(PARTS, async () => void (await ingest(bench, 100, events)))
  return [...found]
    .sort(([, a], [, b]) => b - a)
    .map(([name, share]) => ({ what: `main thread: ${name}`, unit: '% of its CPU', value: single(share * 100) }))
}
