import type { IdempotencyRecord } from '@waymark/contract'
import type {
  CheckpointRow,
  ClaimedRow,
  EmittedRow,
  EnrolmentRow,
  EntryRow,
  FactRow,
  History,
  HistoryRequest,
  JobRow,
  MembershipRow,
  Merge,
  OutgoingRow,
  RedrivenRow,
  RejectedRow,
  StoredFact,
  SubjectKey,
  TombstoneRow,
  TrackStatusRow,
  TrackVersionRow,
  UnknownEventRow,
} from '@waymark/learning-journey/ports'
import { compareText } from '../compare-text.ts'
import type { NewEmitted } from '../new-emitted.ts'
import { toBucket, toDay } from '../rollup.ts'

export interface VersionedState {
  readonly version: number
  readonly state: Uint8Array
}

export interface KeptRecord extends IdempotencyRecord {
  readonly expiresAt: number
}

/** What facts are counted by. */
export interface RollupKey extends Pick<FactRow, 'tenant' | 'track' | 'heldOut' | 'step' | 'name'> {
  readonly day: number
  readonly bucket: number
}

/** A job, and until when nobody else takes it. */
export interface HeldJob {
  readonly job: JobRow
  readonly heldUntil: number
}

/** What is to be handed on, and until when nobody else does. */
export interface HeldOutgoing {
  readonly row: ClaimedRow
  readonly heldUntil: number
}

export interface HeldEmitted {
  readonly row: EmittedRow
  readonly heldUntil: number
}

export interface HeldCursor {
  readonly position: number
  readonly holder: string
  readonly heldUntil: number
}

export interface HandledEvent {
  readonly tenant: string
  readonly eventId: string
  readonly expiresAt: number
}

/** Everything that is committed. Only a commit writes here, without a pause in between: readers never see half of one. */
export interface Tables {
  readonly events: Map<string, EntryRow>
  /** Entries of a subject, and of an account under its subject. */
  readonly eventsOf: Map<string, EntryRow[]>
  readonly states: Map<string, VersionedState>
  /** Per subject and track, by moment. */
  readonly checkpoints: Map<string, Map<number, CheckpointRow>>
  /** Per tenant, by position. */
  readonly facts: Map<string, StoredFact[]>
  /** Per tenant, the last position that was given. */
  readonly positions: Map<string, number>
  readonly factIds: Set<string>
  /** Per tenant, by id. */
  readonly rejected: Map<string, Map<string, RejectedRow>>
  /** Per tenant, by name. */
  readonly unknownEvents: Map<string, Map<string, UnknownEventRow>>
  readonly trackVersions: Map<string, TrackVersionRow>
  readonly idempotency: Map<string, KeptRecord>
  /** What was handled by whom, with when that is forgotten. */
  readonly inbox: Map<string, HandledEvent>
  readonly timers: Map<string, SubjectKey & { readonly at: number }>
  readonly enrolments: Map<string, EnrolmentRow>
  readonly memberships: Map<string, MembershipRow>
  /** In the order in which they came. */
  readonly outgoing: Map<string, HeldOutgoing>
  /** How many there were so far. */
  outgoingCount: number
  /** By number, in the order in which they came. */
  readonly emitted: Map<string, HeldEmitted>
  /** How many there were so far. */
  emittedCount: number
  readonly factCursors: Map<string, HeldCursor>
  /** Who has the entries of a merged subject. */
  readonly merged: Map<string, Merge>
  readonly rollup: Map<string, { readonly key: RollupKey; count: number }>
  readonly trackStatus: Map<string, TrackStatusRow>
  readonly jobs: Map<string, HeldJob>
  readonly tombstones: Map<string, TombstoneRow>
  revision: number
}

export function createTables(): Tables {
  return {
    events: new Map(),
    eventsOf: new Map(),
    states: new Map(),
    checkpoints: new Map(),
    facts: new Map(),
    positions: new Map(),
    factIds: new Set(),
    rejected: new Map(),
    unknownEvents: new Map(),
    trackVersions: new Map(),
    idempotency: new Map(),
    inbox: new Map(),
    timers: new Map(),
    enrolments: new Map(),
    memberships: new Map(),
    outgoing: new Map(),
    outgoingCount: 0,
    emitted: new Map(),
    emittedCount: 0,
    factCursors: new Map(),
    merged: new Map(),
    rollup: new Map(),
    trackStatus: new Map(),
    jobs: new Map(),
    tombstones: new Map(),
    revision: 0,
  }
}

/** A key of several texts; different parts never give the same key. */
export function toKey(...parts: readonly string[]): string {
  return parts.map((part) => `${part.length}:${part}`).join('')
}

export function toSubjectKey({ tenant, subject }: SubjectKey): string {
  return toKey(tenant, subject)
}

export function toEventKey({ tenant, subject, source, eventId }: EntryRow): string {
  return toKey(tenant, subject, source, eventId)
}

/** Under which subjects an entry is found: its own, and its account's. */
export function toSubjectKeysOf({ tenant, subject, account }: EntryRow): readonly string[] {
  const own = toKey(tenant, subject)
  return account === null || subject === `a:${account}` ? [own] : [own, toKey(tenant, `a:${account}`)]
}

export function insertEvent(tables: Tables, entry: EntryRow): void {
  tables.events.set(toEventKey(entry), entry)
  for (const key of toSubjectKeysOf(entry)) getOrAdd(tables.eventsOf, key, () => []).push(entry)
}

/** Puts another row in the place of an entry that is there. */
export function replaceEvent(tables: Tables, old: EntryRow, next: EntryRow | undefined): void {
  if (next === undefined) tables.events.delete(toEventKey(old))
  else tables.events.set(toEventKey(old), next)
  for (const key of toSubjectKeysOf(old)) {
    const entries = tables.eventsOf.get(key) ?? []
    entries.splice(entries.indexOf(old), 1, ...(next === undefined ? [] : [next]))
    if (entries.length === 0) tables.eventsOf.delete(key)
  }
}

export function insertFact(tables: Tables, fact: FactRow): void {
  const key = toKey(fact.tenant, fact.subject, fact.factId)
  if (tables.factIds.has(key)) return
  tables.factIds.add(key)
  const position = (tables.positions.get(fact.tenant) ?? 0) + 1
  tables.positions.set(fact.tenant, position)
  getOrAdd(tables.facts, fact.tenant, () => []).push(Object.freeze({ ...fact, position }))
  countFact(tables, fact)
}

function countFact(tables: Tables, fact: FactRow): void {
  const bucket = toBucket(fact)
  if (bucket === null) return
  const { tenant, track, heldOut, step, name, runStartedAt } = fact
  const key = { tenant, track, day: toDay(runStartedAt), heldOut, step, name, bucket }
  const id = toKey(tenant, track, `${key.day}`, `${heldOut}`, step ?? '', name, `${bucket}`)
  getOrAdd(tables.rollup, id, () => ({ key, count: 0 })).count += 1
}

/** The order in which counts are read. */
export function byRollupKey(a: RollupKey, b: RollupKey): number {
  return (
    Number(a.heldOut) - Number(b.heldOut) ||
    compareText(a.step ?? '', b.step ?? '') ||
    compareText(a.name, b.name) ||
    a.bucket - b.bucket
  )
}

export function insertRejected(tables: Tables, row: RejectedRow): void {
  const rows = getOrAdd(tables.rejected, row.tenant, () => new Map())
  if (!rows.has(row.id)) rows.set(row.id, Object.freeze({ ...row }))
}

export function updateRejected(tables: Tables, { tenant, id, problem }: RedrivenRow): void {
  const rows = tables.rejected.get(tenant)
  const row = rows?.get(id)
  if (row === undefined) return
  if (problem === null) rows?.delete(id)
  else rows?.set(id, Object.freeze({ ...row, problem }))
}

/** The history of a subject: its entries with some names, from the newest checkpoint on where one is asked for. */
export function historyOf(
  tables: Tables,
  { tenant, subject, names, since }: HistoryRequest,
  fresh: readonly EntryRow[],
): History {
  const rows = since === undefined ? [] : [...(tables.checkpoints.get(toKey(tenant, subject, since.track))?.values() ?? [])]
  const [checkpoint] = rows
    .filter(({ at, behaviour }) => since !== undefined && behaviour === since.behaviour && at < since.before)
    .sort((a, b) => b.at - a.at)
  const key = toSubjectKey({ tenant, subject })
  const own = fresh.filter((entry) => toSubjectKeysOf(entry).includes(key))
  const entries = [...(tables.eventsOf.get(key) ?? []), ...own].filter(
    ({ name, occurredAt }) =>
      names.includes(name) &&
      occurredAt >= (checkpoint?.at ?? Number.NEGATIVE_INFINITY) &&
      occurredAt <= (since?.until ?? Number.POSITIVE_INFINITY),
  )
  return { checkpoint: checkpoint?.state.slice() ?? null, entries }
}

export function byTime(a: EntryRow, b: EntryRow): number {
  return a.occurredAt - b.occurredAt || compareText(a.source, b.source) || compareText(a.eventId, b.eventId)
}

export function newestFirst(a: Pick<RejectedRow, 'receivedAt' | 'id'>, b: Pick<RejectedRow, 'receivedAt' | 'id'>): number {
  return b.receivedAt - a.receivedAt || compareText(b.id, a.id)
}

export function oldestFirst(a: TrackVersionRow, b: TrackVersionRow): number {
  return (
    a.publishedAt - b.publishedAt ||
    compareText(a.tenant, b.tenant) ||
    compareText(a.key, b.key) ||
    compareText(a.version, b.version)
  )
}

export function getOrAdd<V>(map: Map<string, V>, key: string, make: () => V): V {
  const found = map.get(key)
  if (found !== undefined) return found
  const made = make()
  map.set(key, made)
  return made
}

/** Adding it again changes nothing. */
export function addJob({ jobs }: Tables, job: JobRow): void {
  if (!jobs.has(job.id)) jobs.set(job.id, { job: Object.freeze({ ...job }), heldUntil: 0 })
}

/** Adds what is not there yet. */
export function addOutgoing(tables: Tables, rows: readonly OutgoingRow[], heldUntil: number): void {
  for (const { tenant, subject, kind, source, eventId, event } of rows) {
    const key = toKey(tenant, subject, kind, source, eventId)
    if (tables.outgoing.has(key)) continue
    tables.outgoingCount += 1
    const row = Object.freeze({ tenant, subject, kind, source, eventId, event, number: tables.outgoingCount, tries: 0 })
    tables.outgoing.set(key, { row, heldUntil })
  }
}

/** Adds what a transaction emitted. */
export function addEmitted(tables: Tables, tenant: string, rows: readonly NewEmitted[]): void {
  for (const row of rows) {
    tables.emittedCount += 1
    const number = tables.emittedCount
    tables.emitted.set(String(number), { row: Object.freeze({ ...row, tenant, number, tries: 0 }), heldUntil: 0 })
  }
}
