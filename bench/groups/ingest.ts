/**
 * Durable ingest into the embedded store, beside `node:sqlite` alone writing the same rows. Both write turn by turn into a database of
 * their own on the same disk, so both have the same history, the same pages to touch and the same checkpoints to pay.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSqliteStore } from '@waymark/store/sqlite'
import { cpuShares, type Part } from '../cpu-shares.ts'
import { type CapturedRound, captureRounds } from '../fixtures/capture-rounds.ts'
import { type CrmEvent, type CrmJourney, createCrmEvents, startCrmJourney } from '../fixtures/crm.ts'
import { quantile, ratioOf, type Scale, single, summarize } from '../measure.ts'
import { countRows, openRawSqlite, type RawSqlite } from '../opponents/raw-sqlite.ts'
import { atLeast, atMost, type Row } from '../report.ts'

const IN_FLIGHT = 2
const SIZES = [500, 100]
/** Events of one turn. Long enough that its first request, which overlaps with none, weighs little. */
const TURN = { quick: 5_000, full: 20_000 }
const TURNS = { quick: 5, full: 12 }
/** Events before the first turn: each learner has a past. */
const SEEDED = { quick: 20_000, full: 40_000 }

export async function ingest(scale: Scale): Promise<readonly Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'waymark-bench-'))
  const file = join(folder, 'waymark.db')
  const store = await createSqliteStore({ file })
  const rounds: CapturedRound[] = []
  const writers = [
    { name: 'node:sqlite, writes', raw: openRawSqlite(join(folder, 'writes.db'), { reads: false }) },
    { name: 'node:sqlite, reads and writes', raw: openRawSqlite(join(folder, 'reads.db'), { reads: true }) },
  ]
  try {
    const journey = await startCrmJourney(captureRounds(store, (round) => rounds.push(round)))
    const next = createCrmEvents()
    // The raw thread blocks this one; a read now and then keeps the store from taking the pause for idleness and checkpointing in it.
    const keepBusy = () => store.readState({ tenant: 'default', subject: 'l:nobody' })
    const bench: Bench = { journey, next, rounds, writers, keepBusy }
    const mode = scale.quick ? 'quick' : 'full'
    await turn(bench, 500, SEEDED[mode], writers)
    const rows: Row[] = []
    for (const size of SIZES) {
      const turns: Turn[] = []
      for (let count = 0; count < TURNS[mode]; count++)
        turns.push(await turn(bench, size, TURN[mode], count % 2 === 0 ? writers : writers.toReversed()))
      rows.push(...toRows(size, turns))
    }
    rows.push(...(await shares(bench, TURN[mode])))
    await journey.close()
    await store.close()
    assertSameRows([countRows(file), ...writers.map(({ raw }) => raw.count())])
    return rows
  } finally {
    for (const { raw } of writers) raw.close()
    await store.close()
    await rm(folder, { recursive: true })
  }
}

interface Bench {
  readonly journey: CrmJourney
  readonly next: () => CrmEvent
  /** Filled by the store as it commits. */
  readonly rounds: CapturedRound[]
  readonly writers: readonly { readonly name: string; readonly raw: RawSqlite }[]
  readonly keepBusy: () => Promise<unknown>
}

/** What one side did in one turn. */
interface Work {
  readonly events: number
  readonly milliseconds: number
  /** Of each request or transaction. */
  readonly latencies: readonly number[]
  readonly cpuMicroseconds: number
  readonly mainThreadMicroseconds: number
}

interface Turn {
  readonly waymark: Work
  readonly raw: ReadonlyMap<string, Work>
  readonly rounds: readonly CapturedRound[]
}

/** The raw writers need the rows of the store, so it goes first; they change places. */
async function turn(bench: Bench, size: number, events: number, writers: Bench['writers']): Promise<Turn> {
  const { rounds, keepBusy } = bench
  const waymark = await runWaymark(bench, size, events)
  const captured = rounds.splice(0)
  const raw = new Map<string, Work>()
  for (const { name, raw: database } of writers) raw.set(name, await runRaw(database, captured, keepBusy))
  return { waymark, raw, rounds: captured }
}

/** A closed loop: each of the callers sends its next request when the one before is answered. */
async function runWaymark({ journey, next }: Pick<Bench, 'journey' | 'next'>, size: number, events: number): Promise<Work> {
  const requests = Array.from({ length: events / size }, () => Array.from({ length: size }, next))
  const latencies: number[] = []
  const call = async () => {
    for (let request = requests.shift(); request !== undefined; request = requests.shift()) {
      const start = performance.now()
      await journey.ingest(request)
      latencies.push(performance.now() - start)
    }
  }
  const work = await measureWork(events, () => Promise.all(Array.from({ length: IN_FLIGHT }, call)))
  return { ...work, latencies }
}

async function runRaw(raw: RawSqlite, rounds: readonly CapturedRound[], between: () => Promise<unknown>): Promise<Work> {
  const parts: Work[] = []
  for (const round of rounds) {
    const part = await measureWork(round.entries.length, async () => raw.write(round))
    parts.push({ ...part, latencies: [part.milliseconds] })
    await between()
  }
  const sum = (field: 'events' | 'milliseconds' | 'cpuMicroseconds' | 'mainThreadMicroseconds') =>
    parts.reduce((total, part) => total + part[field], 0)
  return {
    events: sum('events'),
    milliseconds: sum('milliseconds'),
    latencies: parts.flatMap(({ latencies }) => latencies),
    cpuMicroseconds: sum('cpuMicroseconds'),
    mainThreadMicroseconds: sum('mainThreadMicroseconds'),
  }
}

async function measureWork(events: number, work: () => Promise<unknown>): Promise<Omit<Work, 'latencies'>> {
  const cpu = process.cpuUsage()
  const thread = process.threadCpuUsage()
  const start = performance.now()
  await work()
  const milliseconds = performance.now() - start
  const used = process.cpuUsage(cpu)
  const own = process.threadCpuUsage(thread)
  return { events, milliseconds, cpuMicroseconds: used.user + used.system, mainThreadMicroseconds: own.user + own.system }
}

function toRows(size: number, turns: readonly Turn[]): Row[] {
  const prefix = `requests of ${size}`
  const speeds = turns.map(({ waymark }) => speed(waymark))
  const names = [...(turns[0] as Turn).raw.keys()]
  const rows: Row[] = names.map((name, index) => {
    const raw = turns.map((turn) => speed(turn.raw.get(name) as Work))
    const ratio = ratioOf(speeds, raw)
    const figures = size === 500 && index === 0 ? { figures: [atLeast(0.7, '', ratio.median)] } : {}
    return {
      what: `${prefix}: ${name}`,
      unit: 'events/s',
      value: summarize(raw),
      ratio: { of: 'Waymark to it', ...ratio },
      ...figures,
    }
  })
  const latencies = turns.flatMap(({ waymark }) => waymark.latencies)
  const [writes] = names as [string]
  const rawLatencies = turns.flatMap(({ raw }) => (raw.get(writes) as Work).latencies)
  return [
    { what: `${prefix}: Waymark`, unit: 'events/s', value: summarize(speeds) },
    ...rows,
    latency(`${prefix}: p50 of a request, ${IN_FLIGHT} in flight`, latencies, rawLatencies, 0.5),
    latency(`${prefix}: p99 of a request, ${IN_FLIGHT} in flight`, latencies, rawLatencies, 0.99, size === 100 ? 10 : undefined),
    perEvent(`${prefix}: CPU, all threads`, turns, ({ cpuMicroseconds }) => cpuMicroseconds, writes),
    perEvent(`${prefix}: CPU, main thread`, turns, ({ mainThreadMicroseconds }) => mainThreadMicroseconds, writes),
    ...(size === 500 ? rowShape(turns) : []),
  ]
}

function speed({ events, milliseconds }: Work): number {
  return events / (milliseconds / 1_000)
}

function latency(what: string, own: readonly number[], raw: readonly number[], share: number, limit?: number): Row {
  const value = quantile(own, share)
  const ratio = value / quantile(raw, share)
  return {
    what,
    unit: 'ms',
    value: single(value),
    ratio: { of: 'to a raw transaction', ...single(ratio) },
    ...(limit === undefined ? {} : { figures: [atMost(limit, 'ms', value)] }),
  }
}

function perEvent(what: string, turns: readonly Turn[], cost: (work: Work) => number, base: string): Row {
  const own = turns.map(({ waymark }) => cost(waymark) / waymark.events)
  const raw = turns.map((turn) => turn.raw.get(base) as Work).map((work) => cost(work) / work.events)
  return { what, unit: 'µs/event', value: summarize(own), ratio: { of: `to ${base}`, ...ratioOf(own, raw) } }
}

/** What an event costs the database, so that a reader can tell what was written. */
function rowShape(turns: readonly Turn[]): Row[] {
  const rounds = turns.flatMap((turn) => turn.rounds)
  const events = rounds.reduce((sum, { entries }) => sum + entries.length, 0)
  const states = rounds.flatMap((round) => round.states)
  const facts = rounds.reduce((sum, round) => sum + round.facts.length, 0)
  return [
    { what: 'written: state row', unit: 'bytes', value: summarize(states.map(({ state }) => state.length)) },
    { what: 'written: state rows', unit: 'per event', value: single(states.length / events) },
    { what: 'written: facts', unit: 'per event', value: single(facts / events) },
  ]
}

const PARTS: readonly Part[] = [
  { name: 'body hash', files: /contract\/src\/canonical-json|fixtures\/crm/ },
  { name: 'validation', files: /contract\/src\/(validation|payload-check)/ },
  { name: 'fold', files: /learning-journey\/src\/engine\// },
  { name: 'assess', files: /learning-journey\/src\/record\/assess/ },
  { name: 'record', files: /learning-journey\/src\/record\// },
  { name: 'handler', files: /learning-journey\/src\/handlers\// },
  { name: 'store messages', files: /store\/src\// },
  { name: 'pipeline', files: /contract\/src\// },
]

/** A turn of its own under the profiler, which slows it down: good for shares only. */
async function shares(bench: Bench, events: number): Promise<Row[]> {
  const found = await cpuShares(PARTS, async () => void (await runWaymark(bench, 500, events)))
  for (const { raw } of bench.writers) for (const round of bench.rounds) raw.write(round)
  bench.rounds.length = 0
  return [...found]
    .sort(([, a], [, b]) => b - a)
    .map(([name, share]) => ({ what: `main thread: ${name}`, unit: '% of its CPU', value: single(share * 100) }))
}

function assertSameRows(counts: readonly (readonly number[])[]): void {
  const texts = counts.map((count) => count.join(' + '))
  if (new Set(texts).size !== 1) throw new Error(`The databases differ in their rows: ${texts.join(', ')}.`)
}
