/**
 * What people who listen cost. A server in its own process takes events at half of what it can; by turns with nobody listening, and with
 * open streams: most of them idle, some of them of people who do something all the time. The events are the same in all turns.
 */
import { fileURLToPath } from 'node:url'
import { startPostgres } from '../../e2e/postgres/start-postgres.ts'
import { type BenchServer, startBenchServer } from '../fixtures/bench-server.ts'
import { type CrmEvent, createCrmEvents } from '../fixtures/crm.ts'
import { openListeners, type StreamListeners } from '../fixtures/stream-listeners.ts'
import { PAGES } from '../fixtures/streams-module.ts'
import { quantile, ratioOf, type Scale, single, summarize } from '../measure.ts'
import { atLeast, atMost, type Row } from '../report.ts'

const MODULES = fileURLToPath(new URL('../fixtures/streams-module.ts', import.meta.url))
const SIZE = 100
const IN_FLIGHT = 16
const IDLE = { quick: 200, full: 2_000 }
const ACTIVE = { quick: 20, full: 200 }
const SECONDS = { quick: 2, full: 8 }
const TURNS = { quick: 4, full: 6 }
const CEILING_SECONDS = { quick: 2, full: 6 }
/** Each active listener reads this many pages in a second: two facts for each. */
const PAGES_A_SECOND = 1
/** A fact that took longer is lost. */
const LONGEST_MS = 30_000

export async function streams(scale: Scale): Promise<readonly Row[]> {
  const ofSqlite = await measure('SQLite', scale, undefined)
  const server = await startPostgres({ settings: { fsync: 'on' } })
  try {
    return [...ofSqlite, ...(await measure('PostgreSQL', scale, server.url))]
  } finally {
    await server.remove()
  }
}

/** What happened in one turn. */
interface Turn {
  readonly events: number
  readonly milliseconds: number
  readonly latencies: readonly number[]
  /** Microseconds. */
  readonly serverCpu: number
  /** Of each fact: from the answer to its event until a listener had it. */
  readonly delays: readonly number[]
}

async function measure(name: string, { quick }: Scale, database: string | undefined): Promise<readonly Row[]> {
  const mode = quick ? 'quick' : 'full'
  const server = await startBenchServer(MODULES, database)
  try {
    const next = createCrmEvents()
    const ceiling = await findCeiling(server, next, CEILING_SECONDS[mode])
    const alone: Turn[] = []
    const listened: Turn[] = []
    for (let count = 0; count < TURNS[mode]; count++) {
      for (const isListened of count % 2 === 0 ? [false, true] : [true, false]) {
        const readers = Array.from({ length: ACTIVE[mode] }, (_, index) => `reader-${count}-${isListened}-${index}`)
        const idle = Array.from({ length: IDLE[mode] }, (_, index) => `idle-${index}`)
        const plan = { server, next, readers, rate: ceiling / 2, seconds: SECONDS[mode] }
        if (!isListened) alone.push(await runTurn(plan, undefined))
        else {
          const arrivals = new Map<string, number>()
          const listeners = await openListeners(server, [...idle, ...readers], (eventId) =>
            arrivals.set(eventId, performance.now()),
          )
          listened.push(await runTurn(plan, { listeners, arrivals }))
        }
      }
    }
    return toRows(`${name}, ${IDLE[mode]} idle + ${ACTIVE[mode]} active`, ceiling, alone, listened)
  } finally {
    await server.stop()
  }
}

/** Events in a second, when each caller sends its next request as soon as the one before is answered. */
async function findCeiling(server: BenchServer, next: () => CrmEvent, seconds: number): Promise<number> {
  let events = 0
  const start = performance.now()
  const call = async () => {
    while (performance.now() - start < seconds * 1_000) {
      await server.ingest(Array.from({ length: SIZE }, next))
      events += SIZE
    }
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, call))
  return events / ((performance.now() - start) / 1_000)
}

interface Plan {
  readonly server: BenchServer
  readonly next: () => CrmEvent
  readonly readers: readonly string[]
  /** Events in a second. */
  readonly rate: number
  readonly seconds: number
}

interface Listened {
  readonly listeners: StreamListeners
  /** When a listener had the completion that an event brought about. */
  readonly arrivals: ReadonlyMap<string, number>
}

/** An open loop: requests leave when their time has come, whatever became of those before. */
async function runTurn({ server, next, readers, rate, seconds }: Plan, listened: Listened | undefined): Promise<Turn> {
  const requests = Math.round((rate * seconds) / SIZE)
  const nextRead = createReads(readers)
  const readsEach = (readers.length * PAGES_A_SECOND * seconds) / requests
  const answers = new Map<string, number>()
  const latencies: number[] = []
  let reads = 0
  const send = async (number: number) => {
    const pages: CrmEvent[] = []
    for (; reads < (number + 1) * readsEach; reads++) pages.push(nextRead())
    const events = [...pages, ...Array.from({ length: SIZE - pages.length }, next)]
    const start = performance.now()
    await server.ingest(events)
    const end = performance.now()
    latencies.push(end - start)
    for (const { eventId } of pages) answers.set(eventId, end)
  }
  const cpu = server.cpu()
  const start = performance.now()
  const sent: Promise<void>[] = []
  for (let number = 0; number < requests; number++) {
    const due = start + (number / requests) * seconds * 1_000
    while (performance.now() < due) await pause(Math.max(0, due - performance.now()))
    sent.push(send(number))
  }
  await Promise.all(sent)
  const milliseconds = performance.now() - start
  const delays = listened === undefined ? [] : await delaysOf(answers, listened.arrivals)
  const serverCpu = server.cpu() - cpu
  await listened?.listeners.close()
  return { events: requests * SIZE, milliseconds, latencies, serverCpu, delays }
}

/** Each reader in turn reads the next page. */
function createReads(readers: readonly string[]): () => CrmEvent {
  let made = 0
  return () => {
    const number = made++
    const learnerId = readers[number % readers.length] as string
    const page = Math.floor(number / readers.length)
    if (page >= PAGES) throw new Error(`The book has ${PAGES} pages; page ${page} is not one of them.`)
    const eventId = `${learnerId}-${page}`
    return {
      learnerId,
      eventName: 'page.read',
      eventId,
      sourceModule: 'book',
      occurredAt: new Date().toISOString(),
      eventPayload: { page },
    }
  }
}

/** A fact may be there before the answer is; then it took no time. */
async function delaysOf(answers: ReadonlyMap<string, number>, arrivals: ReadonlyMap<string, number>): Promise<number[]> {
  const end = performance.now() + LONGEST_MS
  for (const eventId of answers.keys()) {
    while (!arrivals.has(eventId)) {
      if (performance.now() > end) throw new Error(`The fact of ${eventId} did not come to its listener.`)
      await pause(5)
    }
  }
  return [...answers].map(([eventId, answered]) => Math.max(0, (arrivals.get(eventId) as number) - answered))
}

function toRows(name: string, ceiling: number, alone: readonly Turn[], listened: readonly Turn[]): readonly Row[] {
  const of = 'to the same without listeners'
  const speeds = listened.map(speed)
  const speedRatio = ratioOf(speeds, alone.map(speed))
  const cost = ratioOf(listened.map(cpuPerEvent), alone.map(cpuPerEvent))
  const delays = listened.flatMap((turn) => turn.delays)
  const slowest = (turns: readonly Turn[]) => turns.map(({ latencies }) => quantile(latencies, 0.99))
  return [
    { what: `${name}: ceiling without listeners`, unit: 'events/s', value: single(ceiling) },
    {
      what: `${name}: ingest at half of it`,
      unit: 'events/s',
      value: summarize(speeds),
      ratio: { of, ...speedRatio },
      figures: [atLeast(0.9, '', speedRatio.median)],
    },
    ...(Number.isNaN(cost.median)
      ? []
      : [
          {
            what: `${name}: CPU of the server`,
            unit: 'µs/event',
            value: summarize(listened.map(cpuPerEvent)),
            ratio: { of, ...cost },
            figures: [atMost(1.1, '', cost.median)],
          },
        ]),
    {
      what: `${name}: p99 of a request`,
      unit: 'ms',
      value: summarize(slowest(listened)),
      ratio: { of, ...ratioOf(slowest(listened), slowest(alone)) },
    },
    { what: `${name}: p50 from the answer to the fact`, unit: 'ms', value: single(quantile(delays, 0.5)) },
    {
      what: `${name}: p99 from the answer to the fact`,
      unit: 'ms',
      value: single(quantile(delays, 0.99)),
      figures: [atMost(1_000, 'ms', quantile(delays, 0.99))],
    },
  ]
}

function speed({ events, milliseconds }: Turn): number {
  return events / (milliseconds / 1_000)
}

function cpuPerEvent({ serverCpu, events }: Turn): number {
  return serverCpu / events
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
