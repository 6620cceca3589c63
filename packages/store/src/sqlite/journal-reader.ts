/** The queries of the journal. Prepared for one connection: that of the writer sees its open round, another only what is committed. */
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import type {
  ExpiredEvents,
  HistoryRequest,
  RejectedQuery,
  RejectedRow,
  SubjectKey,
  TrackVersionRow,
} from '@waymark/learning-journey/ports'
import { compareText } from '../compare-text.ts'
import { StoreError } from '../errors.ts'
import type { Calls, HistoryValues } from './calls.ts'
import type { EntryValues, StoredFactValues } from './row-values.ts'

const PAYLOAD_HAS_EXPIRED = 0
const PAYLOAD_IS_JSON_TEXT = 1

export const ENTRY_COLUMNS =
  'tenant, subject, source, event_id, kind, name, version, occurred_at, received_at, claimed_at, account, actor, track, channel, key_id, body_hash, payload, payload_format'
export const FACT_COLUMNS =
  'tenant, subject, fact_id, name, track, run, step, cause_source, cause_id, occurred_at, data, flags, run_started_at, position'
const REJECTED_COLUMNS =
  'tenant, id, received_at as receivedAt, channel, key_id as keyId, event_id as eventId, name, problem, body'

export type JournalReader = ReturnType<typeof createJournalReader>

export function createJournalReader(db: DatabaseSync) {
  const readState = db.prepare('select state from subject_state where tenant = ? and subject = ?')
  const entries = createEntryQueries(db)
  const checkpointBefore = db.prepare(
    `select at, state from checkpoint where tenant = ? and subject = ? and track = ? and behaviour = ? and at < ?
     order by at desc limit 1`,
  )
  const expiring = db.prepare(
    `select distinct tenant, subject from event indexed by event_by_age
     where name = ? and occurred_at < ? and payload_format > 0 and kind = 'event' limit ?`,
  )
  const factsAfter = prepareArrays(
    db,
    `select ${FACT_COLUMNS} from fact where tenant = ? and position > ? order by position limit ?`,
  )
  const factsOfSubject = prepareArrays(
    db,
    // Left alone, the planner walks all facts of the tenant to save a sort.
    `select ${FACT_COLUMNS} from fact indexed by fact_by_subject where tenant = ? and subject = ? and position > ? order by position limit ?`,
  )
  const factsOf = prepareArrays(
    db,
    `select ${FACT_COLUMNS} from fact indexed by fact_by_subject where tenant = ? and subject = ? order by position`,
  )
  const lastPosition = db.prepare('select coalesce(max(position), 0) as position from fact where tenant = ?')
  const rejectedNewest = db.prepare(
    `select ${REJECTED_COLUMNS} from rejected where tenant = ? order by received_at desc, id desc limit ?`,
  )
  const rejectedBefore = db.prepare(
    `select ${REJECTED_COLUMNS} from rejected
     where tenant = ? and (received_at, id) < (?, ?) order by received_at desc, id desc limit ?`,
  )
  const rejectedById = db.prepare(
    `select ${REJECTED_COLUMNS} from rejected where tenant = ? and id in (select value from json_each(?))`,
  )
  const trackVersions = db.prepare(
    `select tenant, key, version, content_hash as contentHash, definition, published_at as publishedAt from track_version
     order by published_at, tenant, key, version`,
  )

  function readHistory({ names, since, ...key }: HistoryRequest): HistoryValues {
    const { tenant, subject } = key
    const found =
      since === undefined
        ? undefined
        : (checkpointBefore.get(tenant, subject, since.track, since.behaviour, since.before) as
            | { readonly at: number; readonly state: Uint8Array }
            | undefined)
    return { checkpoint: found?.state ?? null, entries: entries.named(key, names, found?.at, since?.until) }
  }

  return {
    readState({ tenant, subject }: SubjectKey): Uint8Array | null {
      return (readState.get(tenant, subject)?.state as Uint8Array | undefined) ?? null
    },
    history: (wanted: readonly HistoryRequest[]): readonly HistoryValues[] => wanted.map(readHistory),
    readHistory,
    readExpiring({ limits, count }: Parameters<Calls['readExpiring']>[0]): readonly ExpiredEvents[] {
      const found: ExpiredEvents[] = []
      for (const limit of limits) {
        const rows = expiring.all(limit.name, limit.before, count - found.length) as unknown as SubjectKey[]
        found.push(...rows.map(({ tenant, subject }) => ({ tenant, subject, ...limit })))
      }
      return found
    },
    readEntries({ key, names }: Parameters<Calls['readEntries']>[0]): readonly EntryValues[] {
      return names === undefined ? entries.all(key) : entries.named(key, names)
    },
    readEntry({ key, eventId, source }: Parameters<Calls['readEntry']>[0]): EntryValues | null {
      return entries.withId(key, eventId, source)
    },
    readNewestEntries({ key, names, count }: Parameters<Calls['readNewestEntries']>[0]): readonly EntryValues[] {
      return entries.newest(key, names, count)
    },
    readFacts({ tenant, subject, after = 0, limit }: Parameters<Calls['readFacts']>[0]): readonly StoredFactValues[] {
      const rows =
        subject === undefined ? factsAfter.all(tenant, after, limit) : factsOfSubject.all(tenant, subject, after, limit)
      return rows as never
    },
    readFactsOf({ tenant, subject }: SubjectKey): readonly StoredFactValues[] {
      return factsOf.all(tenant, subject) as never
    },
    lastPosition(tenant: string): number {
      return lastPosition.get(tenant)?.position as number
    },
    readRejected({ tenant, before, limit }: RejectedQuery): readonly RejectedRow[] {
      const rows =
        before === undefined ? rejectedNewest.all(tenant, limit) : rejectedBefore.all(tenant, before.receivedAt, before.id, limit)
      return rows as never
    },
    readRejectedById({ tenant, ids }: Parameters<Calls['readRejectedById']>[0]): readonly RejectedRow[] {
      return rejectedById.all(tenant, JSON.stringify(ids)) as never
    },
    readTrackVersions(): readonly TrackVersionRow[] {
      return trackVersions.all() as never
    },
  }
}

/** The entries of `a:acme` are its own and, in the journals of people, those that were stored with account `acme`. */
function createEntryQueries(db: DatabaseSync) {
  const order = 'order by occurred_at, source, event_id'
  const isNamed = 'name in (select value from json_each(?3)) and occurred_at between ?4 and ?5'
  const own = `select ${ENTRY_COLUMNS} from event where tenant = ?1 and subject = ?2`
  const ofAccount = `select ${ENTRY_COLUMNS} from event where tenant = ?1 and account = substr(?2, 3) and subject <> ?2`

  const ownAll = prepareArrays(db, `${own} ${order}`)
  const ownNamed = prepareArrays(db, `${own} and ${isNamed} ${order}`)
  const accountAll = prepareArrays(db, `${own} union all ${ofAccount} ${order}`)
  const accountNamed = prepareArrays(db, `${own} and ${isNamed} union all ${ofAccount} and ${isNamed} ${order}`)
  const ofSource = prepareArrays(db, `${own} and source = ?3 and event_id = ?4`)
  // Steps from one source to the next down the index of keys: a subject has few of them.
  const nextSource = db.prepare('select min(source) as source from event where tenant = ? and subject = ? and source > ?')
  const newestFirst = 'order by occurred_at desc, source desc, event_id desc limit ?4'
  const ownNewest = prepareArrays(db, `${own} and name = ?3 ${newestFirst}`)
  const accountNewest = prepareArrays(db, `${ofAccount} and name = ?3 ${newestFirst}`)

  return {
    all: ({ tenant, subject }: SubjectKey) => read(isAccount(subject) ? accountAll : ownAll, tenant, subject),
    named: (
      { tenant, subject }: SubjectKey,
      names: readonly string[],
      from: number = Number.MIN_SAFE_INTEGER,
      until: number = Number.MAX_SAFE_INTEGER,
    ) => read(isAccount(subject) ? accountNamed : ownNamed, tenant, subject, JSON.stringify(names), from, until),
    withId({ tenant, subject }: SubjectKey, eventId: string, source?: string): EntryValues | null {
      const sources = source === undefined ? ['', ...sourcesOf(tenant, subject)] : [source]
      const found = sources.flatMap((one) => read(ofSource, tenant, subject, one, eventId))
      return found.sort((a, b) => a[OCCURRED_AT] - b[OCCURRED_AT])[0] ?? null
    },
    newest({ tenant, subject }: SubjectKey, names: readonly string[], count: number): readonly EntryValues[] {
      const found = [...new Set(names)].flatMap((name) => [
        ...read(ownNewest, tenant, subject, name, count),
        ...(isAccount(subject) ? read(accountNewest, tenant, subject, name, count) : []),
      ])
      return found.sort(byNewest).slice(0, count)
    },
  }

  function sourcesOf(tenant: string, subject: string): string[] {
    const found: string[] = []
    for (let last = ''; ; ) {
      const next = nextSource.get(tenant, subject, last)?.source as string | null
      if (next === null) return found
      found.push(next)
      last = next
    }
  }

  function read(statement: StatementSync, ...parameters: readonly SQLInputValue[]): readonly EntryValues[] {
    return statement.all(...parameters).map((row) => toKnownFormat(row as never))
  }
}

const SOURCE = 2
const EVENT_ID = 3
const OCCURRED_AT = 7

function byNewest(a: EntryValues, b: EntryValues): number {
  return b[OCCURRED_AT] - a[OCCURRED_AT] || compareText(b[SOURCE], a[SOURCE]) || compareText(b[EVENT_ID], a[EVENT_ID])
}

export function isAccount(subject: string): boolean {
  return subject.startsWith('a:')
}

export function toKnownFormat(row: readonly unknown[]): EntryValues {
  const format = row.at(-1)
  if (format === PAYLOAD_HAS_EXPIRED) return [...row.slice(0, -2), null] as never
  if (format !== PAYLOAD_IS_JSON_TEXT) {
    throw new StoreError(
      'STORE_SCHEMA_NEWER',
      `Event ${row[3]} of ${row[1]} has payload format ${format}; this release knows ${PAYLOAD_IS_JSON_TEXT}. Start the release that wrote it, or a later one.`,
    )
  }
  return row.slice(0, -1) as never
}

/** For tables with many rows: arrays cross the thread without their column names. */
function prepareArrays(db: DatabaseSync, sql: string): StatementSync {
  const statement = db.prepare(sql)
  statement.setReturnArrays(true)
  return statement
}
