/**
 * What operators ask of a track that many people went through, on PostgreSQL: the funnel and the times to value, and beside them the same
 * numbers counted from the facts by one statement; then pages of the lists, with filters that match much and that match next to nothing.
 */
import {
  FunnelContract,
  ListEnrolmentsContract,
  ListEventsContract,
  ListFactsContract,
  ListLearnersContract,
  TimeToValueContract,
} from '@waymark/learning-journey'
import { createPostgresStore } from '@waymark/store/postgres'
import pg from 'pg'
import { startPostgres } from '../../e2e/postgres/start-postgres.ts'
import { CRM_CONTRACTS, CRM_TRACK, type OwnCrmJourney, startCrmJourney } from '../fixtures/crm.ts'
import { quantile, ratioOf, type Scale, single, summarize } from '../measure.ts'
import { atMost, type Row } from '../report.ts'

const ENROLMENTS = { quick: 20_000, full: 1_000_000 }
const CALLS = { quick: 50, full: 200 }
const COUNTED_CALLS = { quick: 5, full: 9 }
const LONGEST_MS = 300
const DAYS = 365
const DAY_MS = 86_400_000
const TRACK = CRM_TRACK.key

export async function operators({ quick }: Scale): Promise<readonly Row[]> {
  const mode = quick ? 'quick' : 'full'
  const enrolments = ENROLMENTS[mode]
  const server = await startPostgres({ settings: { shared_buffers: '1GB', max_wal_size: '8GB' } })
  const store = await createPostgresStore({ url: server.url })
  const admin = new pg.Client(server.url)
  try {
    const journey = await startCrmJourney(store)
    await admin.connect()
    const start = performance.now()
    await fill(admin, enrolments)
    await store.sequence()
    await admin.query('analyze')
    const seconds = (performance.now() - start) / 1_000
    const { groups } = await journey.call(FunnelContract, { trackId: TRACK })
    if (groups[0]?.enrolled !== enrolments) throw new Error(`${groups[0]?.enrolled} of ${enrolments} enrolments were counted.`)
    const { rows } = await admin.query<{ facts: string }>('select count(*) as facts from waymark.fact')
    const facts = Number(rows[0]?.facts)
    const bench: Bench = { journey, admin, calls: CALLS[mode], counted: COUNTED_CALLS[mode] }
    const of = `${enrolments.toLocaleString('en')} enrolments, ${DAYS} days`
    const result = [
      await measure(bench, `funnel of ${of}`, () => journey.call(FunnelContract, { trackId: TRACK }), FUNNEL),
      await measure(bench, `time to value of ${of}`, () => journey.call(TimeToValueContract, { trackId: TRACK }), TIMES),
    ]
    for (const [what, ask] of listsOf(journey)) result.push(await page(CALLS[mode], what, ask))
    await journey.close()
    return [...result, { what: 'writing the facts and counting them', unit: 'facts/s', value: single(facts / seconds) }]
  } finally {
    await admin.end()
    await store.close()
    await server.remove()
  }
}

/** One in so many runs, events and facts is the kind that the filters of the lists look for, and those are the oldest. */
const RARE = 10_000

function listsOf({ call }: OwnCrmJourney): readonly (readonly [string, () => Promise<unknown>])[] {
  const trackId = TRACK
  const name = 'learning.onboarding.track.completed'
  return [
    ['events, newest', () => call(ListEventsContract, {})],
    ['events of one name', () => call(ListEventsContract, { eventName: 'deal.created' })],
    ['events of a rare source', () => call(ListEventsContract, { sourceModule: 'rare' })],
    ['facts, newest', () => call(ListFactsContract, {})],
    ['facts of one name', () => call(ListFactsContract, { name })],
    ['facts of a rare track', () => call(ListFactsContract, { trackId: 'rare' })],
    ['runs, newest', () => call(ListEnrolmentsContract, {})],
    ['runs of a track that are active', () => call(ListEnrolmentsContract, { trackId, status: 'active' })],
    ['runs of a track with a rare status', () => call(ListEnrolmentsContract, { trackId, status: 'exited' })],
    ['runs at a step', () => call(ListEnrolmentsContract, { openStep: 'reach-out' })],
    ['people, by the start of an id', () => call(ListLearnersContract, { prefix: 'user-99' })],
  ]
}

/** The time of one page of 50. */
async function page(calls: number, what: string, ask: () => Promise<unknown>): Promise<Row> {
  const asked: number[] = []
  for (let call = -5; call < calls; call++) {
    const took = await secondsOf(ask)
    if (call >= 0) asked.push(took * 1_000)
  }
  return { what: `a page of ${what}`, unit: `ms, p95 ${quantile(asked, 0.95).toFixed(1)}`, value: summarize(asked) }
}

interface Bench {
  readonly journey: OwnCrmJourney
  readonly admin: pg.Client
  readonly calls: number
  readonly counted: number
}

const FUNNEL = 'select step, name, count(*) from waymark.fact where tenant = $1 and track = $2 group by step, name'
const TIMES = `select step, percentile_disc(array[0.25, 0.5, 0.75, 0.9]) within group (order by occurred_at - run_started_at)
    from waymark.fact where tenant = $1 and track = $2 and name like '%completed' group by step`

async function measure({ admin, calls, counted }: Bench, what: string, ask: () => Promise<unknown>, sql: string): Promise<Row> {
  const [asked, summed]: [number[], number[]] = [[], []]
  for (let call = -5; call < calls; call++) {
    const took = await secondsOf(ask)
    if (call >= 0) asked.push(took * 1_000)
  }
  for (let call = 0; call < counted; call++) {
    const took = await secondsOf(() => admin.query(sql, ['default', TRACK]))
    summed.push(took * 1_000)
  }
  const p95 = quantile(asked, 0.95)
  return {
    what,
    unit: `ms, p95 ${p95.toFixed(1)}`,
    value: summarize(asked),
    ratio: { of: 'counting the facts', ...ratioOf(asked.slice(0, counted), summed) },
    figures: [atMost(LONGEST_MS, 'ms at p95', p95)],
  }
}

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return (performance.now() - start) / 1_000
}

/**
 * The facts of everybody who went through the track: each comes to a step less often than to the one before, after a while of its own.
 * They have no positions yet, so the store counts them as it counts those of the record path.
 */
async function fill(admin: pg.Client, enrolments: number): Promise<void> {
  const began = Date.now() - DAYS * DAY_MS
  const steps = CRM_TRACK.steps.map(({ key }) => key)
  const facts = [
    { name: 'enrolled', step: null, share: 1 },
    ...steps.map((step, index) => ({ name: 'step.completed', step, share: 0.9 ** (index + 1) })),
    { name: 'track.completed', step: null, share: 0.9 ** steps.length },
  ]
  for (const [index, { name, step, share }] of facts.entries()) {
    const isTimed = name.endsWith('completed')
    await admin.query(
      `insert into waymark.fact
         (tenant, subject, fact_id, name, track, run, step, cause_source, cause_id, occurred_at, data, run_started_at, bucket)
       select 'default', 'l:user-' || i, 'f' || $1::text, 'learning.onboarding.' || $2::text, $3, 0, $4, 'crm', 'e' || i,
         started + took, '{}', started, case when $5::boolean then floor(8 * ln(greatest(1, took / 1000.0)) / ln(2)) else -1 end
       from (
         select i, $6::int8 + (i * 7919::int8 % ${DAYS}) * ${DAY_MS} as started,
           (exp(random() * 14) * 1000)::int8 * $7::int8 as took
         from generate_series(1, $8::int8) i) learner
       where i <= $8 * $9::float8`,
      [`${index}`, name, TRACK, step, isTimed, began, isTimed ? 1 : 0, enrolments, share],
    )
  }
  // What operators list: an event and a run for each, and of both, as of the facts, a few that are rare, the oldest of all.
  const rare = Math.ceil(enrolments / RARE)
  const each = `from (select i, $1::int8 + i * ${DAYS * DAY_MS} / $2 as at, i <= $3 as is_rare from generate_series(1, $2::int8) i) learner`
  const values = [began, enrolments, rare]
  await admin.query(
    `insert into waymark.event
       (tenant, subject, source, event_id, kind, name, version, occurred_at, received_at, channel, body_hash, payload_format, payload)
     select 'default', 'l:user-' || i, case when is_rare then 'rare' else 'crm' end, 'e' || i, 'event', ($4::text[])[1 + i % 6], '1.0.0', at, at,
       'rest', 'h', 1, '{}' ${each}`,
    [...values, CRM_CONTRACTS.map(({ meta }) => meta.key)],
  )
  await admin.query(
    `insert into waymark.enrolment (tenant, subject, track, run, version, status, started_at, percent, open_step, held_out, changed_at)
     select 'default', 'l:user-' || i, $4, 0, '1.0.0', case when is_rare then 'exited' else 'active' end, at, 0,
       case when not is_rare then ($5::text[])[1 + i % 5] end, false, at ${each}`,
    [...values, TRACK, steps],
  )
  await admin.query(
    `insert into waymark.fact (tenant, subject, fact_id, name, track, run, cause_source, cause_id, occurred_at, data, run_started_at)
     select 'default', 'l:user-' || i, 'rare', 'learning.onboarding.enrolled', 'rare', 0, 'crm', 'e' || i, at, '{}', at ${each} where is_rare`,
    values,
  )
}
