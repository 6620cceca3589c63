/** The reading statements of the journal, and their rows as the port has them. */
import type {
  EntryRow,
  FactQuery,
  FactRow,
  History,
  HistoryRequest,
  RejectedQuery,
  RejectedRow,
  StoredFact,
  SubjectKey,
} from '@waymark/learning-journey/ports'
import { StoreError } from '../errors.ts'
import { fromFlags } from '../fact-flags.ts'
import { textArray } from './binary-array.ts'
import type { Answer, Row } from './connections.ts'
import { type Asked, statement, unkept } from './statement.ts'

const PAYLOAD_HAS_EXPIRED = '0'
const PAYLOAD_IS_JSON_TEXT = '1'

export const ENTRY_COLUMNS =
  'tenant, subject, source, event_id, kind, name, version, occurred_at, received_at, claimed_at, account, actor, track, channel, key_id, body_hash, payload, payload_format'
export const FACT_COLUMNS =
  'tenant, subject, fact_id, name, track, run, step, cause_source, cause_id, occurred_at, data, flags, run_started_at, position'
const REJECTED_COLUMNS = 'tenant, id, received_at, channel, key_id, event_id, name, problem, body'

const OWN = `select ${ENTRY_COLUMNS} from waymark.event where tenant = $1 and subject = $2`
/** The entries of `a:acme` are its own and, in the journals of people, those that were stored with account `acme`. */
const OF_ACCOUNT = `select ${ENTRY_COLUMNS} from waymark.event where tenant = $1 and account = substr($2, 3) and subject <> $2`
const NAMED = 'and name = any($3::text[])'
// Row-level security lets nothing bound an index that might leak a row, and counts `coalesce` among that: so it stands in the query.
const SINCE = 'and occurred_at >= (select coalesce(max(at), -9223372036854775808) from c) and occurred_at <= $7::bigint'
const IN_TIME = 'order by occurred_at, source, event_id'

const ENTRIES = {
  own: statement(`${OWN} ${IN_TIME}`),
  ownNamed: statement(`${OWN} ${NAMED} ${IN_TIME}`),
  account: statement(`${OWN} union all ${OF_ACCOUNT} ${IN_TIME}`),
  accountNamed: statement(`${OWN} ${NAMED} union all ${OF_ACCOUNT} ${NAMED} ${IN_TIME}`),
}

/** All entries of a subject, or those with these names. */
export function readEntries({ tenant, subject }: SubjectKey, names?: readonly string[]): Asked {
  const isAccount = subject.startsWith('a:')
  if (names === undefined) return [isAccount ? ENTRIES.account : ENTRIES.own, [tenant, subject]]
  return [isAccount ? ENTRIES.accountNamed : ENTRIES.ownNamed, [tenant, subject, textArray(names, (name) => name)]]
}

const ENTRY_OF_SOURCE = statement(`${OWN} and source = $3 and event_id = $4`)
/** Steps from one source to the next down the index of keys: a subject has few of them. */
const ENTRY = statement(`with recursive known (source) as (
      (select min(source) from waymark.event where tenant = $1 and subject = $2)
      union all
      select (select min(e.source) from waymark.event e where e.tenant = $1 and e.subject = $2 and e.source > known.source)
      from known where known.source is not null)
    select e.* from known
    cross join lateral (${OWN} and source = known.source and event_id = $3) e order by e.occurred_at, e.source limit 1`)

export function readEntry({ tenant, subject }: SubjectKey, eventId: string, source?: string): Asked {
  if (source === undefined) return [ENTRY, [tenant, subject, eventId]]
  return [ENTRY_OF_SOURCE, [tenant, subject, source, eventId]]
}

const NEWEST_FIRST = 'order by occurred_at desc, source desc, event_id desc limit $4'
const NEWEST = {
  own: statement(newest(`(${OWN} and name = n.name ${NEWEST_FIRST})`)),
  account: statement(
    newest(`(${OWN} and name = n.name ${NEWEST_FIRST}) union all (${OF_ACCOUNT} and name = n.name ${NEWEST_FIRST})`),
  ),
}

/** By name, so that each is read down its index and no further than need be. */
function newest(entries: string): string {
  return `select e.* from (select distinct name from unnest($3::text[]) as u (name)) n cross join lateral (${entries}) e
    order by e.occurred_at desc, e.source desc, e.event_id desc limit $4`
}

/** The newest entries of a subject with some names. */
export function readNewestEntries({ tenant, subject }: SubjectKey, names: readonly string[], count: number): Asked {
  const asked = subject.startsWith('a:') ? NEWEST.account : NEWEST.own
  return [asked, [tenant, subject, textArray(names, (name) => name), count]]
}

const DOWN_ITS_INDEX = `and name = n.name ${SINCE} order by occurred_at`
const HISTORY = {
  own: statement(history(`(${OWN} ${DOWN_ITS_INDEX})`)),
  account: statement(history(`(${OWN} ${DOWN_ITS_INDEX}) union all (${OF_ACCOUNT} ${DOWN_ITS_INDEX})`)),
}

/**
 * One statement, so that the checkpoint and the entries are of one moment. The first row has the checkpoint, and no entry where there is
 * none. Its moment is asked for apart: joined, it would be a filter over all entries with these names, and no bound of the index. Names
 * come one by one, each in the order of its index: of a table without statistics the planner would read everything of the subject.
 */
function history(entries: string): string {
  return `with c as materialized (
      select at, state from waymark.checkpoint
      where tenant = $1 and subject = $2 and track = $4 and behaviour = $5 and at < $6 order by at desc limit 1)
    select case when row_number() over () = 1 then (select encode(state, 'hex') from c) end, e.*
    from (select 1) one left join (
      select f.* from (select distinct name from unnest($3::text[]) as u (name)) n cross join lateral (${entries}) f) e on true`
}

export function readHistory({ names, since, ...key }: HistoryRequest): Asked {
  if (since === undefined) return readEntries(key, names)
  const { tenant, subject } = key
  return [
    subject.startsWith('a:') ? HISTORY.account : HISTORY.own,
    [
      tenant,
      subject,
      textArray(names, (name) => name),
      since.track,
      since.behaviour,
      since.before,
      since.until ?? Number.MAX_SAFE_INTEGER,
    ],
  ]
}

export function toHistory({ since }: HistoryRequest, { rows }: Answer): History {
  if (since === undefined) return { checkpoint: null, entries: rows.map(toEntry) }
  const state = rows[0]?.[0] ?? null
  const entries = rows.map((row) => row.slice(1)).filter(([tenant]) => tenant !== null)
  return { checkpoint: state === null ? null : toBytes(state), entries: entries.map(toEntry) }
}

/** Looks at the oldest events only: all that have expired can be more than one statement may read. */
const EXPIRING = unkept(`select distinct tenant, subject from (
      select tenant, subject from waymark.event
      where name = $1 and occurred_at < $2 and payload_format > 0 and kind = 'event' order by occurred_at limit 20 * $3::integer) e
    limit $3::integer`)

/** Subjects with events of a name that happened before a moment and still have their payload. */
export function readExpiring(name: string, before: number, count: number): Asked {
  return [EXPIRING, [name, before, count]]
}

const REMOVE_EXPIRED = unkept(`delete from waymark.event where (tenant, subject, source, event_id) in (
    select tenant, subject, source, event_id from waymark.event where payload_format = 0 and received_at < $1 limit $2)`)

export function removeExpired(receivedBefore: number, count: number): Asked {
  return [REMOVE_EXPIRED, [receivedBefore, count]]
}

const READ_STATE = statement(`select encode(state, 'hex') from waymark.subject_state where tenant = $1 and subject = $2`)

export function readState({ tenant, subject }: SubjectKey): Asked {
  return [READ_STATE, [tenant, subject]]
}

const FACTS = statement(`select ${FACT_COLUMNS} from waymark.fact where tenant = $1 and position > $2 order by position limit $3`)
const FACTS_OF_SUBJECT = statement(
  // Sorted within the subject: left alone, the planner may walk all facts of the tenant to save the sort.
  `select * from (select ${FACT_COLUMNS} from waymark.fact where tenant = $1 and subject = $4 and position > $2 offset 0) f
    order by position limit $3`,
)

export function readFacts({ tenant, subject, after = 0, limit }: FactQuery): Asked {
  return subject === undefined ? [FACTS, [tenant, after, limit]] : [FACTS_OF_SUBJECT, [tenant, after, limit, subject]]
}

const ALL_FACTS_OF_SUBJECT = statement(
  `select ${FACT_COLUMNS} from waymark.fact where tenant = $1 and subject = $2 order by arrival`,
)

export function readFactsOf({ tenant, subject }: SubjectKey): Asked {
  return [ALL_FACTS_OF_SUBJECT, [tenant, subject]]
}

const LAST_POSITION = statement('select coalesce(max(position), 0) from waymark.fact where tenant = $1 and position is not null')

export function readLastPosition(tenant: string): Asked {
  return [LAST_POSITION, [tenant]]
}

const REJECTED_NEWEST = statement(
  `select ${REJECTED_COLUMNS} from waymark.rejected where tenant = $1 order by received_at desc, id desc limit $2`,
)
const REJECTED_BEFORE = statement(
  `select ${REJECTED_COLUMNS} from waymark.rejected
    where tenant = $1 and (received_at, id) < ($3, $4) order by received_at desc, id desc limit $2`,
)

export function readRejected({ tenant, before, limit }: RejectedQuery): Asked {
  if (before === undefined) return [REJECTED_NEWEST, [tenant, limit]]
  return [REJECTED_BEFORE, [tenant, limit, before.receivedAt, before.id]]
}

const REJECTED_BY_ID = statement(`select ${REJECTED_COLUMNS} from waymark.rejected where tenant = $1 and id = any($2::text[])`)

export function readRejectedById(tenant: string, ids: readonly string[]): Asked {
  return [REJECTED_BY_ID, [tenant, textArray(ids, (id) => id)]]
}

const PRUNE_REJECTED = unkept(`delete from waymark.rejected where ctid in (
    select ctid from waymark.rejected where received_at < $1 order by received_at limit 1000)`)

export function pruneRejected(receivedBefore: number): Asked {
  return [PRUNE_REJECTED, [receivedBefore]]
}

export function toEntry(row: Row): EntryRow {
  const [tenant, subject, source, eventId, kind, name, version, occurredAt, receivedAt, claimedAt, ...rest] =
    row as readonly string[]
  const [account, actor, track, channel, keyId, bodyHash, payload, format] = rest
  if (format !== PAYLOAD_IS_JSON_TEXT && format !== PAYLOAD_HAS_EXPIRED) {
    throw new StoreError(
      'STORE_SCHEMA_NEWER',
      `Event ${eventId} of ${subject} has payload format ${format}; this release knows ${PAYLOAD_IS_JSON_TEXT}. Start the release that wrote it, or a later one.`,
    )
  }
  return {
    tenant,
    subject,
    source,
    eventId,
    kind,
    name,
    version,
    occurredAt: Number(occurredAt),
    receivedAt: Number(receivedAt),
    claimedAt: claimedAt === null ? null : Number(claimedAt),
    account,
    actor,
    track,
    channel,
    keyId,
    bodyHash,
    payload: format === PAYLOAD_HAS_EXPIRED ? null : payload,
  } as EntryRow
}

export function toStoredFact(row: Row): StoredFact {
  return { ...toFact(row), position: Number(row.at(-1)) }
}

export function toFact(row: Row): FactRow {
  const [tenant, subject, factId, name, track, run, step, causeSource, causeId, occurredAt, data, flags, runStartedAt] = row
  return {
    tenant,
    subject,
    factId,
    name,
    track,
    run: Number(run),
    step,
    causeSource,
    causeId,
    occurredAt: Number(occurredAt),
    runStartedAt: Number(runStartedAt),
    data,
    ...fromFlags(Number(flags)),
  } as FactRow
}

export function toRejected(row: Row): RejectedRow {
  const [tenant, id, receivedAt, channel, keyId, eventId, name, problem, body] = row
  return { tenant, id, receivedAt: Number(receivedAt), channel, keyId, eventId, name, problem, body } as RejectedRow
}

/** Bytes that a statement encoded: how a server writes a `bytea` by itself is a setting of its own. */
export function toBytes(hex: string): Uint8Array {
  const { buffer, byteOffset, length } = Buffer.from(hex, 'hex')
  return new Uint8Array(buffer, byteOffset, length)
}
