/** What operators ask. The statements are put together from the filters that are given, and kept by their text. */
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import type {
  EnrolmentQuery,
  EnrolmentRow,
  EventQuery,
  FactListQuery,
  RollupQuery,
  RollupRow,
  SubjectQuery,
  SubjectRow,
} from '@waymark/learning-journey/ports'
import { compareText } from '../compare-text.ts'
import { CONTROL_PREFIX, latestStartFirst, newestFirst } from '../list-order.ts'
import { fromBucket, toDay } from '../rollup.ts'
import type { Calls } from './calls.ts'
import { ENTRY_COLUMNS, FACT_COLUMNS, isAccount, toKnownFormat } from './journal-reader.ts'
import { type EntryValues, type StoredFactValues, toEntry, toStoredFact } from './row-values.ts'

const ENROLMENT_COLUMNS =
  'tenant, subject, track, run, version, status, started_at as startedAt, completed_at as completedAt, ended_at as endedAt, percent, open_step as openStep, held_out as heldOut, changed_at as changedAt'

const STATUSES: readonly EnrolmentRow['status'][] = ['active', 'completed', 'missed', 'exited', 'reset']

export function createOperatorReader(db: DatabaseSync) {
  const prepare = createStatements(db)
  const nextName = db.prepare('select name from event where tenant = ? and name > ? order by name limit 1')
  const nextTrack = db.prepare('select track from enrolment where tenant = ? and track > ? order by track limit 1')
  const nextTrackOfFacts = db.prepare(
    'select track from fact indexed by fact_by_name where tenant = ? and track > ? order by track limit 1',
  )
  const nextNameOfFacts = db.prepare(
    'select name from fact indexed by fact_by_name where tenant = ? and track = ? and name > ? order by name limit 1',
  )
  const nextSubject = db.prepare(
    'select subject from event where tenant = ? and subject >= ? and subject > ? order by subject limit 1',
  )
  const nextAccount = db.prepare(
    `select 'a:' || account as subject from event indexed by event_by_account
     where tenant = ? and account >= substr(?, 3) and account > substr(?, 3) and account is not null order by account limit 1`,
  )
  const enrolmentsOf = db.prepare(
    `select ${ENROLMENT_COLUMNS} from enrolment where tenant = ? and subject = ? order by track, run`,
  )

  function readEvents(query: EventQuery, from: string, conditions: readonly string[], values: readonly SQLInputValue[]) {
    const { source, kind, after, limit } = query
    const filters = createFilters([...conditions], [...values])
    filters.given('source = ?', source)
    filters.given('kind = ?', kind)
    filters.given('received_at >= ?', query.from)
    filters.given('received_at < ?', query.to)
    if (after !== undefined) {
      const cursor = [after.receivedAt, after.subject, after.source, after.eventId]
      filters.given('(received_at, subject, source, event_id) < (?, ?, ?, ?)', ...cursor)
    }
    const rows = prepare(
      `select ${ENTRY_COLUMNS} from event ${from} where ${filters.where.join(' and ')}
       order by received_at desc, subject desc, source desc, event_id desc limit ?`,
      true,
    ).all(...filters.values, limit)
    return rows.map((row) => toKnownFormat(row as never))
  }

  function readEnrolments(query: EnrolmentQuery, index: string): readonly EnrolmentRow[] {
    const { tenant, track, status, openStep, subject, startedFrom, startedTo, after, limit } = query
    const filters = createFilters(['tenant = ?'], [tenant])
    filters.given('subject = ?', subject)
    filters.given('track = ?', track)
    filters.given('status = ?', status)
    filters.given('open_step = ?', openStep)
    filters.given('started_at >= ?', startedFrom)
    filters.given('started_at < ?', startedTo)
    if (after !== undefined) {
      filters.given('(started_at, track, subject, run) < (?, ?, ?, ?)', after.startedAt, after.track, after.subject, after.run)
    }
    const statement = prepare(
      `select ${ENROLMENT_COLUMNS} from enrolment ${index} where ${filters.where.join(' and ')}
       order by started_at desc, track desc, subject desc, run desc limit ?`,
    )
    return statement.all(...filters.values, limit).map(toEnrolment)
  }

  /**
   * The events of a tenant are read name by name: no other index finds those of one name, and one more would slow every insert down. Those
   * of another source are passed over within the index.
   */
  function readPieces(query: EventQuery): readonly (readonly EntryValues[])[] {
    const { tenant, subject, name, kind } = query
    if (subject !== undefined) {
      const named = name === undefined ? [] : [name]
      const filter = name === undefined ? [] : ['name = ?']
      const own = readEvents(
        query,
        'indexed by event_by_name',
        ['tenant = ?', 'subject = ?', ...filter],
        [tenant, subject, ...named],
      )
      if (!isAccount(subject)) return [own]
      const conditions = ['tenant = ?', 'account = ?', 'subject <> ?', ...filter]
      return [own, readEvents(query, 'indexed by event_by_account', conditions, [tenant, subject.slice(2), subject, ...named])]
    }
    const names = name === undefined ? walk((last) => nextName.get(tenant, last)?.name, '') : [name]
    const isOfKind = (text: string) => kind === undefined || text.startsWith(CONTROL_PREFIX) === (kind === 'control')
    return names
      .filter(isOfKind)
      .map((name) => readEvents(query, 'indexed by event_by_arrival', ['tenant = ?', 'name = ?'], [tenant, name]))
  }

  return {
    listEvents(query: EventQuery): readonly EntryValues[] {
      const found = readPieces(query)
      if (found.length === 1) return found[0] ?? []
      const rows = found.flat().map((values) => ({ values, entry: toEntry(values) }))
      return rows
        .sort((a, b) => newestFirst(a.entry, b.entry))
        .slice(0, query.limit)
        .map(({ values }) => values)
    },
    /** All facts are read by position, those with a filter track by track and name by name: an index finds them however rare they are. */
    listFacts({ tenant, subject, track, name, first = 'oldest', after, limit }: FactListQuery): readonly StoredFactValues[] {
      const read = (index: string, track?: string, name?: string) => {
        const filters = createFilters(['tenant = ?'], [tenant])
        filters.given('subject = ?', subject)
        filters.given('track = ?', track)
        filters.given('name = ?', name)
        filters.given(`position ${first === 'oldest' ? '>' : '<'} ?`, after)
        const statement = prepare(
          `select ${FACT_COLUMNS} from fact ${index} where ${filters.where.join(' and ')}
           order by position ${first === 'oldest' ? 'asc' : 'desc'} limit ?`,
          true,
        )
        return statement.all(...filters.values, limit) as unknown as readonly StoredFactValues[]
      }
      if (subject !== undefined) return read('indexed by fact_by_subject', track, name)
      if (track === undefined && name === undefined) return read('')
      // The empty one has the facts that are about no track.
      const tracks = track === undefined ? ['', ...walk((last) => nextTrackOfFacts.get(tenant, last)?.track, '')] : [track]
      const namesOf = (track: string) =>
        name === undefined ? walk((last) => nextNameOfFacts.get(tenant, track, last)?.name, '') : [name]
      const pieces = tracks.flatMap((track) => namesOf(track).map((name) => read('indexed by fact_by_name', track, name)))
      if (pieces.length === 1) return pieces[0] ?? []
      const sign = first === 'oldest' ? 1 : -1
      return pieces
        .flat()
        .sort((a, b) => sign * (toStoredFact(a).position - toStoredFact(b).position))
        .slice(0, limit)
    },
    /** Those with a filter are read track by track, and status by status or by their open step: an index finds them however rare they are. */
    listEnrolments(query: EnrolmentQuery): readonly EnrolmentRow[] {
      const { tenant, subject, track, status, openStep, limit } = query
      if (subject !== undefined) return readEnrolments(query, '')
      if (track === undefined && status === undefined && openStep === undefined)
        return readEnrolments(query, 'indexed by enrolment_newest')
      const tracks = track === undefined ? walk((last) => nextTrack.get(tenant, last)?.track, '') : [track]
      const piecesOf = (track: string) => {
        if (openStep !== undefined) return [readEnrolments({ ...query, track }, 'indexed by enrolment_by_step')]
        const statuses = status === undefined ? STATUSES : [status]
        return statuses.map((status) => readEnrolments({ ...query, track, status }, 'indexed by enrolment_by_status'))
      }
      return tracks.flatMap(piecesOf).flat().sort(latestStartFirst).slice(0, limit)
    },
    listSubjects({ tenant, kind, prefix = '', after = '', limit }: SubjectQuery): readonly SubjectRow[] {
      const start = `${kind === 'learner' ? 'l' : 'a'}:${prefix}`
      const next = (statement: StatementSync) => (last: string) => {
        const subject = statement.get(tenant, start, last)?.subject as string | undefined
        return subject?.startsWith(start) ? subject : undefined
      }
      const found = new Set(walk(next(nextSubject), after, limit))
      if (kind === 'account') for (const subject of walk(next(nextAccount), after, limit)) found.add(subject)
      const page = [...found].sort(compareText).slice(0, limit)
      return page.map((subject) => ({ tenant, subject, enrolments: enrolmentsOf.all(tenant, subject).map(toEnrolment) }))
    },
    readRollup({ tenant, track, from, to }: RollupQuery): readonly RollupRow[] {
      const filters = createFilters(['tenant = ?', 'track = ?'], [tenant, track])
      filters.given('day >= ?', from === undefined ? undefined : toDay(from))
      filters.given('day <= ?', to === undefined ? undefined : toDay(to))
      const rows = prepare(
        `select held_out, step, name, bucket, sum(count) as count from rollup where ${filters.where.join(' and ')}
         group by held_out, step, name, bucket order by held_out, step, name, bucket`,
      ).all(...filters.values)
      return rows.map(({ held_out, step, name, bucket, count }) => ({
        heldOut: held_out === 1,
        step: step === '' ? null : (step as string),
        name: name as string,
        after: fromBucket(bucket as number),
        count: count as number,
      }))
    },
  } satisfies Partial<Calls>
}

function toEnrolment(row: unknown): EnrolmentRow {
  const { heldOut, ...values } = row as Omit<EnrolmentRow, 'heldOut'> & { readonly heldOut: number }
  return { ...values, heldOut: heldOut === 1 }
}

function createFilters(where: string[], values: SQLInputValue[]) {
  return {
    where,
    values,
    /** Adds a condition, unless its value is missing. */
    given(condition: string, ...parameters: readonly (SQLInputValue | undefined)[]): void {
      if (parameters.includes(undefined)) return
      where.push(condition)
      values.push(...(parameters as readonly SQLInputValue[]))
    },
  }
}

function createStatements(db: DatabaseSync) {
  const kept = new Map<string, StatementSync>()
  return (text: string, asArrays = false): StatementSync => {
    const known = kept.get(text)
    if (known !== undefined) return known
    const statement = db.prepare(text)
    if (asArrays) statement.setReturnArrays(true)
    kept.set(text, statement)
    return statement
  }
}

/** Steps from one text to the next down an index, however many rows each has. */
function walk(next: (last: string) => unknown, from: string, count = Number.POSITIVE_INFINITY): string[] {
  const found: string[] = []
  for (let last = from; found.length < count; ) {
    const text = next(last)
    if (typeof text !== 'string') break
    found.push(text)
    last = text
  }
  return found
}
