/**
 * What an explanation costs for one learner with a long past. Beside each stands the reading of the rows that it
 * needs, by turns: what is left is the computing.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ExplainContract, type TrackModel } from '@waymark/learning-journey'
import { compileTrack, namesOf } from '@waymark/learning-journey/engine'
import type { JournalStore } from '@waymark/learning-journey/ports'
import { createPostgresStore } from '@waymark/store/postgres'
import { createSqliteStore } from '@waymark/store/sqlite'
import { startPostgres } from '../../e2e/postgres/start-postgres.ts'
import { type CrmEvent, createCrmEvents, type OwnCrmJourney, startCrmJourney } from '../fixtures/crm.ts'
import { quantile, ratioOf, type Scale, single, summarize } from '../measure.ts'
import { atMost, type Row } from '../report.ts'

const EVENTS = { quick: 10_000, full: 100_000 }
const CALLS = { quick: 100, full: 400 }
const AT_ONCE = 500
const LONGEST_MS = 50
const LEARNER = 'user-of-years'
const KEY = { tenant: 'default', subject: `l:${LEARNER}` }

/** Nobody comes to its end, so every event is folded. */
const TRACK: TrackModel = {
  format: 'waymark.track/1',
  key: 'years',
  version: '1.0.0',
  steps: [
    {
      key: 'sell',
      complete: { event: 'deal.created', where: { '/amount': { gte: 1_000 } }, sum: { of: '/amount', atLeast: 1e12 } },
    },
    { key: 'move', complete: { event: 'deal.moved', where: { '/stage': 'won' }, sum: { of: '/amount', atLeast: 1e12 } } },
    {
      key: 'everywhere',
      complete: { event: 'deal.created', where: { '/amount': { lt: 100 } }, distinctBy: '/pipelineId', atLeast: 1_000 },
    },
  ],
}
const NAMES = ['deal.created', 'deal.moved']

export async function explain(scale: Scale): Promise<readonly Row[]> {
  return [...(await onSqlite(scale)), ...(await onPostgres(scale))]
}

async function onSqlite(scale: Scale): Promise<readonly Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'waymark-bench-'))
  const store = await createSqliteStore({ file: join(folder, 'waymark.db') })
  try {
    return await measureAll('SQLite', store, scale)
  } finally {
    await store.close()
    await rm(folder, { recursive: true })
  }
}

async function onPostgres(scale: Scale): Promise<readonly Row[]> {
  const server = await startPostgres()
  const store = await createPostgresStore({ url: server.url })
  try {
    return await measureAll('PostgreSQL', store, scale)
  } finally {
    await store.close()
    await server.remove()
  }
}

async function measureAll(name: string, store: JournalStore, { quick }: Scale): Promise<readonly Row[]> {
  const mode = quick ? 'quick' : 'full'
  const journey = await startCrmJourney(store, [TRACK])
  const events = await seed(journey, EVENTS[mode])
  const bench: Bench = { journey, store, events, calls: CALLS[mode] }
  const rows = [
    await measure(bench, `${name}: a recorded event, learner with ${EVENTS[mode].toLocaleString('en')} events`, recorded),
    await measure(bench, `${name}: an event that did not happen`, supposed),
    await measure(bench, `${name}: a step, with its nearest misses`, step),
  ]
  const start = performance.now()
  const read = await store.readEntries(KEY)
  if (read.length !== events.length) throw new Error(`${read.length} of ${events.length} events were read.`)
  const value = single(performance.now() - start)
  await journey.close()
  return [...rows, { what: `${name} for comparison: reading the whole journal`, unit: 'ms', value }]
}

interface Bench {
  readonly journey: OwnCrmJourney
  readonly store: JournalStore
  readonly events: readonly CrmEvent[]
  readonly calls: number
}

/** An explanation, and the reading of the same rows. */
interface Question {
  explain(): Promise<boolean>
  read(): Promise<unknown>
}

async function seed(journey: OwnCrmJourney, count: number): Promise<readonly CrmEvent[]> {
  const next = createCrmEvents()
  const events: CrmEvent[] = []
  while (events.length < count) {
    const event = { ...next(), learnerId: LEARNER }
    if (NAMES.includes(event.eventName)) events.push(event)
  }
  for (let from = 0; from < count; from += AT_ONCE) await journey.ingest(events.slice(from, from + AT_ONCE))
  return events
}

async function measure(bench: Bench, what: string, ask: (bench: Bench, call: number) => Question): Promise<Row> {
  const explained: number[] = []
  const read: number[] = []
  for (let call = -10; call < bench.calls; call++) {
    const question = ask(bench, Math.abs(call))
    for (const side of call % 2 === 0 ? ['explain', 'read'] : ['read', 'explain']) {
      const start = performance.now()
      if (side === 'read') await question.read()
      else if (!(await question.explain())) throw new Error(`${what}: the explanation is not what it has to be.`)
      if (call >= 0) (side === 'read' ? read : explained).push(performance.now() - start)
    }
  }
  const p95 = quantile(explained, 0.95)
  return {
    what,
    unit: `ms, p95 ${p95.toFixed(1)}`,
    value: summarize(explained),
    ratio: { of: 'reading the same rows', ...ratioOf(explained, read) },
    figures: [atMost(LONGEST_MS, 'ms at p95', p95)],
  }
}

/** Spread over the whole journal. */
function recorded({ journey, store, events, calls }: Bench, call: number): Question {
  const { eventId, occurredAt } = events[Math.floor(((call + 0.5) / (calls + 10)) * events.length)] as CrmEvent
  const before = Date.parse(occurredAt)
  return {
    async explain() {
      const { event, outcomes } = await journey.call(ExplainContract, { learnerId: LEARNER, eventId })
      return event?.eventId === eventId && outcomes.length > 0
    },
    async read() {
      await store.readEntry(KEY, eventId)
      await store.readState(KEY)
      const since = { track: TRACK.key, behaviour: COMPILED.behaviour, before, until: before }
      return store.readHistory({ ...KEY, names: namesOf(COMPILED), since })
    },
  }
}

const COMPILED = compileTrack(TRACK)

function supposed({ journey, store, events }: Bench, call: number): Question {
  const { eventName, eventPayload } = events[call] as CrmEvent
  return {
    explain: async () =>
      (await journey.call(ExplainContract, { learnerId: LEARNER, event: { eventName, eventPayload: { ...eventPayload } } }))
        .outcomes.length > 0,
    read: () => store.readState(KEY),
  }
}

function step({ journey, store }: Bench): Question {
  return {
    async explain() {
      const { steps } = await journey.call(ExplainContract, { learnerId: LEARNER, stepId: 'everywhere' })
      return steps[0]?.nearMisses.length === 5
    },
    read: () => Promise.all([store.readState(KEY), store.readNewestEntries(KEY, NAMES.slice(0, 1), 50)]),
  }
}
