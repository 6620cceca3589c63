import type { JournalStore } from '@waymark/learning-journey/ports'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { makeDatabase, query } from '../../fixtures/make-database.ts'
import { readEntries, readHistory } from './journal-queries.ts'
import { listEnrolments, listEvents, listFacts, listSubjects, readRollup } from './operator-reads.ts'
import { readSubjects } from './people.ts'
import { createPostgresStore } from './postgres-store.ts'
import type { Asked } from './statement.ts'
import { claimTimers } from './timers.ts'

const LEARNERS = 20_000
let url: string
let store: JournalStore

/** 100,000 events, 40,000 enrolments and 60,000 facts of 20,000 learners, and as many of another tenant. */
beforeAll(async () => {
  url = await makeDatabase(inject('postgres'))
  store = await createPostgresStore({ url })
  for (const tenant of ['acme', 'other']) {
    await query(
      url,
      `insert into waymark.event select '${tenant}', 'l:' || i % ${LEARNERS}, 'crm', 'e' || i, case when i % 9000 = 7 then 'control' else 'event' end, case when i % 9000 = 7 then 'waymark.skipped' else 'name' || i % 20 end, '1.0.0', i, i / 10,
         null, case when i % 10 = 0 then 'acc' || i % 500 end, null, null, 'rest', null, 'h', 1, '{}'
       from generate_series(1, ${LEARNERS * 5}) i`,
    )
    await query(
      url,
      `insert into waymark.enrolment select '${tenant}', 'l:' || i % ${LEARNERS}, 'track' || i / ${LEARNERS}, 0, '1.0.0',
         case when i % 1000 = 0 then 'missed' when i % 3 = 0 then 'completed' else 'active' end, i, null, null, 0,
         case when i % 3 > 0 then 'step' || i % 7 end, false, i
       from generate_series(0, ${LEARNERS * 2 - 1}) i`,
    )
    await query(
      url,
      `insert into waymark.fact (tenant, subject, fact_id, name, track, run, step, cause_source, cause_id, occurred_at, data, run_started_at, bucket)
       select '${tenant}', 'l:' || i % ${LEARNERS}, 'f' || i, 'learning.onboarding.step.completed', 'track0', 0, 'step' || i % 7, 'crm', 'e1', i, '{}',
         i * 60000::bigint, i % 200
       from generate_series(1, ${LEARNERS * 3}) i`,
    )
    await query(
      url,
      `insert into waymark.fact (tenant, subject, fact_id, name, track, run, step, cause_source, cause_id, occurred_at, data)
       select '${tenant}', 'l:' || i, 'g' || i, 'learning.onboarding.badge.granted', 'track' || i % 2, 0, null, 'crm', 'e1', i, '{}'
       from generate_series(1, 20) i`,
    )
    await query(
      url,
      `insert into waymark.subject_state select '${tenant}', 'l:' || i, 1, '\\x00' from generate_series(0, ${LEARNERS - 1}) i`,
    )
    await query(url, `insert into waymark.timer select '${tenant}', 'l:' || i, i from generate_series(0, ${LEARNERS - 1}) i`)
  }
  await query(
    url,
    `insert into waymark.checkpoint select 'acme', 'a:acc' || i / 9, 'track0', 99000 + i, 1, '\\x00' from generate_series(0, ${LEARNERS}) i`,
  )
  await store.sequence()
  await query(url, 'analyze')
})
afterAll(() => store.close())

interface Plan {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly 'Actual Rows': number
  readonly 'Actual Loops': number
  readonly 'Rows Removed by Filter'?: number
  readonly Plans?: readonly Plan[]
}

/** Every table that a statement reads: how, and how many rows of it. */
async function readsOf([{ text }, values]: Asked, role = 'waymark_app'): Promise<readonly { scan: string; rows: number }[]> {
  const asLiteral = (value: unknown) => {
    // An array of texts is sent as bytes; here there is one text in each.
    if (Buffer.isBuffer(value)) return `'{${value.subarray(24)}}'`
    return typeof value === 'string' ? `'${value}'` : `${value}`
  }
  const statement = text.replaceAll(/\$(\d+)/g, (_, n: string) => asLiteral(values[Number(n) - 1]))
  const [row] = await query<{ 'QUERY PLAN': readonly { Plan: Plan }[] }>(
    url,
    `set role ${role}; set app.tenant = 'acme'; explain (analyze, format json) ${statement}`,
  )
  const found: { scan: string; rows: number }[] = []
  const visit = (plan: Plan) => {
    const relation = plan['Relation Name']
    const rows = (plan['Actual Rows'] + (plan['Rows Removed by Filter'] ?? 0)) * plan['Actual Loops']
    if (relation !== undefined) found.push({ scan: `${plan['Node Type']} ${relation}`, rows })
    for (const child of plan.Plans ?? []) visit(child)
  }
  visit((row as { 'QUERY PLAN': readonly { Plan: Plan }[] })['QUERY PLAN'][0]?.Plan as Plan)
  return found
}

const tenant = 'acme'
const limit = 50
const account = { tenant, subject: 'a:acc10' }
const since = { track: 'track0', behaviour: 1, before: 100_000 }

it.each<[string, Asked, number]>([
  ['events', listEvents({ tenant, limit }), 4_000],
  [
    'events after one',
    listEvents({ tenant, limit, after: { receivedAt: 5_000, subject: 'l:5', source: '', eventId: '' } }),
    4_000,
  ],
  ['events of a time', listEvents({ tenant, limit, from: 100, to: 200 }), 4_000],
  ['events with a name', listEvents({ tenant, name: 'name7', limit }), 200],
  [
    'events with a name after one',
    listEvents({ tenant, name: 'name7', limit, after: { receivedAt: 50, subject: 'l:5', source: '', eventId: '' } }),
    200,
  ],
  ['what commands wrote', listEvents({ tenant, kind: 'control', limit }), 200],
  ['what products reported', listEvents({ tenant, kind: 'event', limit }), 4_000],
  ['events of a learner', listEvents({ tenant, subject: 'l:77', limit }), 20],
  ['events of an account', listEvents({ tenant, subject: 'a:acc10', limit }), 300],
  ['the journal of an account', readEntries(account), 300],
  ['the journal of an account by name', readHistory({ ...account, names: ['name10'] }), 300],
  ['what an account did since a checkpoint', readHistory({ ...account, names: ['name10'], since }), 10],
  ['facts', listFacts({ tenant, limit }), 60],
  ['the newest facts', listFacts({ tenant, first: 'newest', limit, after: 50_000 }), 60],
  ['facts of a learner', listFacts({ tenant, subject: 'l:77', limit }), 20],
  ['facts of a step', listFacts({ tenant, name: 'learning.onboarding.step.completed', track: 'track0', limit }), 60],
  ['facts of a track that has few', listFacts({ tenant, track: 'track1', first: 'newest', limit }), 60],
  ['facts with a name that few have', listFacts({ tenant, name: 'learning.onboarding.badge.granted', limit }), 60],
  ['facts with a name that few of a track have', listFacts({ tenant, track: 'track0', name: 'no', first: 'newest', limit }), 60],
  ['enrolments', listEnrolments({ tenant, limit }), 120],
  ['enrolments of a track', listEnrolments({ tenant, track: 'track1', limit }), 320],
  [
    'enrolments of a track after one',
    listEnrolments({ tenant, track: 'track0', limit, after: { startedAt: 900, track: 'track0', subject: 'l:5', run: 0 } }),
    320,
  ],
  ['enrolments with a rare status', listEnrolments({ tenant, track: 'track0', status: 'missed', limit }), 60],
  ['enrolments with a rare status in any track', listEnrolments({ tenant, status: 'missed', limit }), 120],
  ['enrolments with a status that none has', listEnrolments({ tenant, status: 'exited', limit }), 20],
  ['enrolments with a common status', listEnrolments({ tenant, track: 'track0', status: 'completed', limit }), 120],
  ['enrolments at a step', listEnrolments({ tenant, track: 'track0', openStep: 'step3', limit }), 120],
  ['enrolments at a step of any track', listEnrolments({ tenant, openStep: 'step3', limit }), 240],
  ['enrolments at a step that none has', listEnrolments({ tenant, openStep: 'step9', status: 'active', limit }), 20],
  ['enrolments of a time', listEnrolments({ tenant, startedFrom: 100, startedTo: 200, limit }), 120],
  ['enrolments of a learner', listEnrolments({ tenant, subject: 'l:77', limit }), 10],
  ['learners', listSubjects({ tenant, kind: 'learner', limit }), 1_200],
  ['learners with a prefix', listSubjects({ tenant, kind: 'learner', prefix: '19', after: 'l:19000', limit }), 1_200],
  ['accounts', listSubjects({ tenant, kind: 'account', limit }), 1_200],
])('reads %s by an index, and few rows', async (_, asked, most) => {
  const reads = await readsOf(asked)
  expect(reads.length).toBeGreaterThan(0)
  expect(reads.filter(({ scan }) => scan.startsWith('Seq Scan'))).toEqual([])
  expect(reads.reduce((sum, { rows }) => sum + rows, 0)).toBeLessThan(most)
})

it.each<[string, Asked, number]>([
  ['subjects of all tenants', readSubjects(null, limit), 1_400],
  ['subjects after one', readSubjects({ tenant, subject: 'a:acc30' }, limit), 1_400],
  ['subjects after the last account', readSubjects({ tenant, subject: 'l:7' }, limit), 1_400],
  ['alarms that are due', claimTimers(15_000, 99_999, limit), 250],
])('lets the worker read %s by an index, and few rows', async (_, asked, most) => {
  const reads = await readsOf(asked, 'waymark_worker')
  expect(reads.length).toBeGreaterThan(0)
  expect(reads.filter(({ scan }) => scan.startsWith('Seq Scan'))).toEqual([])
  expect(reads.reduce((sum, { rows }) => sum + rows, 0)).toBeLessThan(most)
})

it('reads the counts of a track by an index, and no fact', async () => {
  const reads = await readsOf(readRollup({ tenant, track: 'track0' }))
  expect(reads.map(({ scan }) => scan.split(' ').at(-1))).toEqual(['rollup'])
  expect(await store.readRollup({ tenant, track: 'track0' })).not.toEqual([])
})
