/** What operators ask. The statements are put together from the filters that are given, and planned anew each time. */
import type {
  EnrolmentQuery,
  EnrolmentRow,
  EventQuery,
  FactListQuery,
  OperatorReads,
  RollupQuery,
  RollupRow,
  SubjectQuery,
  SubjectRow,
} from '@waymark/learning-journey/ports'
import { CONTROL_PREFIX } from '../list-order.ts'
import { fromBucket, toDay } from '../rollup.ts'
import type { Connections, Row } from './connections.ts'
import { createFilters } from './filters.ts'
import { ENTRY_COLUMNS, FACT_COLUMNS, toEntry, toStoredFact } from './journal-queries.ts'
import { type Asked, unkept } from './statement.ts'

export function createOperatorReads(connections: Connections): OperatorReads {
  const rows = async (tenant: string, asked: Asked) => (await connections.run('waymark_app', tenant, asked))[0]?.rows ?? []
  return {
    listEvents: async (query) => (await rows(query.tenant, listEvents(query))).map(toEntry),
    listFacts: async (query) => (await rows(query.tenant, listFacts(query))).map(toStoredFact),
    listEnrolments: async (query) =>
      (await rows(query.tenant, listEnrolments(query))).map((row) => toEnrolment(query.tenant, row)),
    listSubjects: async (query) => toSubjects(query.tenant, await rows(query.tenant, listSubjects(query))),
    readRollup: async (query) => (await rows(query.tenant, readRollup(query))).map(toRollupRow),
  }
}

const NEWEST_EVENTS = 'order by received_at desc, subject desc, source desc, event_id desc'

/**
 * The events of a tenant are read name by name, from the newest of each: no other index finds those of one name, and one more would slow
 * every insert down. Those of another source are passed over within the index.
 */
export function listEvents({ tenant, subject, name, source, kind, from, to, after, limit }: EventQuery): Asked {
  const { values, where, add } = createFilters(tenant)
  if (name !== undefined) where.push(`name = ${add(name)}`)
  if (source !== undefined) where.push(`source = ${add(source)}`)
  if (kind !== undefined) where.push(`kind = ${add(kind)}`)
  if (from !== undefined) where.push(`received_at >= ${add(from)}`)
  if (to !== undefined) where.push(`received_at < ${add(to)}`)
  if (after !== undefined) {
    const cursor = [after.receivedAt, after.subject, after.source, after.eventId].map(add)
    where.push(`(received_at, subject, source, event_id) < (${cursor.join(', ')})`)
  }
  const all = `select ${ENTRY_COLUMNS} from waymark.event where ${where.join(' and ')}`
  const page = `${NEWEST_EVENTS} limit ${add(limit)}::integer`
  if (subject !== undefined) {
    const own = add(subject)
    // Sorted within the subject: left alone, the planner may walk the events of the tenant to save the sort.
    const ofAccount = `union all ${all} and account = substr(${own}, 3) and subject <> ${own}`
    const journal = `${all} and subject = ${own} ${subject.startsWith('a:') ? ofAccount : ''}`
    return [unkept(`select * from (${journal} offset 0) e ${page}`), values]
  }
  if (name !== undefined) return [unkept(`${all} ${page}`), values]
  const isOfKind =
    kind === undefined ? '' : `where ${kind === 'control' ? '' : 'not '}starts_with(known.name, '${CONTROL_PREFIX}')`
  return [
    unkept(`with recursive ${walk('known', 'event', 'name')}
      select e.* from known cross join lateral (${all} and name = known.name ${page}) e ${isOfKind} ${page}`),
    values,
  ]
}

/** All facts are read by position, those with a filter track by track and name by name: an index finds them however rare they are. */
export function listFacts({ tenant, subject, track, name, first = 'oldest', after, limit }: FactListQuery): Asked {
  const { values, where, add } = createFilters(tenant)
  where.push('position is not null')
  if (subject !== undefined) where.push(`subject = ${add(subject)}`)
  const ofTrack = track === undefined ? undefined : `track = ${add(track)}`
  const withName = name === undefined ? undefined : `name = ${add(name)}`
  if (ofTrack !== undefined) where.push(ofTrack)
  if (withName !== undefined) where.push(withName)
  if (after !== undefined) where.push(`position ${first === 'oldest' ? '>' : '<'} ${add(after)}`)
  const all = `select ${FACT_COLUMNS} from waymark.fact where ${where.join(' and ')}`
  const page = `order by position ${first === 'oldest' ? 'asc' : 'desc'} limit ${add(limit)}::integer`
  if (subject !== undefined) return [unkept(`select * from (${all} offset 0) f ${page}`), values]
  if ((ofTrack === undefined) === (withName === undefined)) return [unkept(`${all} ${page}`), values]
  const [column, known] =
    ofTrack === undefined ? ['track', 'position is not null'] : ['name', `position is not null and ${ofTrack}`]
  return [
    unkept(`with recursive ${walk('known', 'fact', column, known)}
      select f.* from known cross join lateral (${all} and ${column} = known.${column} ${page}) f ${page}`),
    values,
  ]
}

/** Steps from one text to the next down an index, however many rows each has. */
function walk(name: string, table: string, column: string, where = 'true'): string {
  const next = (above: string) =>
    `(select ${column} from waymark.${table} where tenant = $1 and ${where} ${above} order by ${column} limit 1)`
  return `${name} as (${next('')} union all
    select next.${column} from ${name} cross join lateral ${next(`and ${column} > ${name}.${column}`)} next)`
}

const ENROLMENT_COLUMNS =
  'subject, track, run, version, status, started_at, completed_at, ended_at, percent, open_step, held_out, changed_at'
const STATUSES: readonly EnrolmentRow['status'][] = ['active', 'completed', 'missed', 'exited', 'reset']

/** Those with a filter are read track by track, and status by status or by their open step: an index finds them however rare they are. */
export function listEnrolments(query: EnrolmentQuery): Asked {
  const { tenant, track, status, openStep, subject, startedFrom, startedTo, after, limit } = query
  const { values, where, add } = createFilters(tenant)
  if (status !== undefined) where.push(`status = ${add(status)}`)
  if (openStep !== undefined) where.push(`open_step = ${add(openStep)}`)
  if (subject !== undefined) where.push(`subject = ${add(subject)}`)
  if (startedFrom !== undefined) where.push(`started_at >= ${add(startedFrom)}`)
  if (startedTo !== undefined) where.push(`started_at < ${add(startedTo)}`)
  if (after !== undefined) {
    const cursor = [after.startedAt, after.track, after.subject, after.run].map(add)
    where.push(`(started_at, track, subject, run) < (${cursor.join(', ')})`)
  }
  const ofTrack = track === undefined ? undefined : add(track)
  const page = `order by started_at desc, track desc, subject desc, run desc limit ${add(limit)}::integer`
  const all = (also = '') => `select ${ENROLMENT_COLUMNS} from waymark.enrolment where ${where.join(' and ')} ${also} ${page}`
  const isPlain = ofTrack === undefined && status === undefined && openStep === undefined
  if (subject !== undefined || isPlain) return [unkept(all(ofTrack === undefined ? '' : `and track = ${ofTrack}`)), values]
  const tracks = ofTrack === undefined ? walk('known', 'enrolment', 'track') : `known (track) as (values (${ofTrack}))`
  const isByStatus = openStep === undefined && status === undefined
  const statuses = isByStatus ? `cross join (values ${STATUSES.map((text) => `('${text}')`).join(', ')}) each (status)` : ''
  const piece = all(`and track = known.track ${isByStatus ? 'and status = each.status' : ''}`)
  return [unkept(`with recursive ${tracks} select e.* from known ${statuses} cross join lateral (${piece}) e ${page}`), values]
}

function toEnrolment(tenant: string, row: Row): EnrolmentRow {
  const [subject, track, run, version, status, startedAt, completedAt, endedAt, percent, openStep, heldOut, changedAt] = row
  return {
    tenant,
    subject,
    track,
    run: Number(run),
    version,
    status,
    startedAt: Number(startedAt),
    completedAt: toNumber(completedAt),
    endedAt: toNumber(endedAt),
    percent: Number(percent),
    openStep,
    heldOut: heldOut === 't',
    changedAt: Number(changedAt),
  } as EnrolmentRow
}

function toNumber(text: string | null | undefined): number | null {
  return text == null ? null : Number(text)
}

/** Steps from one subject to the next down the indexes, but no further than a page, and brings the enrolments of each. */
export function listSubjects({ tenant, kind, prefix = '', after = '', limit }: SubjectQuery): Asked {
  const start = `${kind === 'learner' ? 'l' : 'a'}:${prefix}`
  const walkPage = (column: string, name: string, from: string, last: string, among: string) => `${name} as (
      (select ${column}, 1 as n from waymark.event
        where tenant = $1 and ${column} >= ${from} and ${column} > ${last} ${among} order by ${column} limit 1)
      union all
      select next.${column}, n + 1 from ${name}
      cross join lateral (
        select ${column} from waymark.event where tenant = $1 and ${column} > ${name}.${column} ${among} order by ${column} limit 1) next
      where n < $4::integer and starts_with(next.${column}, ${from}))`
  const own = walkPage('subject', 'own', '$2', '$3', '')
  const account = walkPage('account', 'account', 'substr($2, 3)', 'substr($3, 3)', 'and account is not null')
  const isAccount = kind === 'account'
  return [
    unkept(`with recursive ${own} ${isAccount ? `, ${account}` : ''}
      select s.subject, ${ENROLMENT_COLUMNS.replaceAll(/\w+/g, 'e.$&')}
      from (
        select subject from (select subject from own ${isAccount ? `union select 'a:' || account from account` : ''}) found
        where starts_with(subject, $2) order by subject limit $4::integer) s
      left join lateral (
        select ${ENROLMENT_COLUMNS} from waymark.enrolment where tenant = $1 and subject = s.subject offset 0) e on true
      order by s.subject, e.track, e.run`),
    [tenant, start, after, limit],
  ]
}

function toSubjects(tenant: string, rows: readonly Row[]): readonly SubjectRow[] {
  const found = new Map<string, EnrolmentRow[]>()
  for (const [subject, ...enrolment] of rows as readonly (readonly [string, ...Row])[]) {
    const enrolments = found.get(subject) ?? []
    found.set(subject, enrolments)
    if (enrolment[0] !== null) enrolments.push(toEnrolment(tenant, enrolment))
  }
  return Array.from(found, ([subject, enrolments]) => ({ tenant, subject, enrolments }))
}

export function readRollup({ tenant, track, from, to }: RollupQuery): Asked {
  const { values, where, add } = createFilters(tenant)
  where.push(`track = ${add(track)}`)
  if (from !== undefined) where.push(`day >= ${add(toDay(from))}`)
  if (to !== undefined) where.push(`day <= ${add(toDay(to))}`)
  return [
    unkept(`select held_out, step, name, bucket, sum(count) from waymark.rollup where ${where.join(' and ')}
      group by held_out, step, name, bucket order by held_out, step, name, bucket`),
    values,
  ]
}

function toRollupRow([heldOut, step, name, bucket, count]: Row): RollupRow {
  return {
    heldOut: heldOut === 't',
    step: step === '' ? null : step,
    name,
    after: fromBucket(Number(bucket)),
    count: Number(count),
  } as RollupRow
}
