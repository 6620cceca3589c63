import type { IdempotencyRecord, InboxKey } from '@waymark/contract'
import type {
  CheckpointRange,
  ClaimedRow,
  EmittedRow,
  EnrolmentQuery,
  EnrolmentRow,
  EventQuery,
  ExpiredEvents,
  FactCursorKey,
  FactListQuery,
  FactQuery,
  HistoryRequest,
  JobRow,
  MembershipRow,
  Merge,
  OutgoingRow,
  RedrivenRow,
  RejectedQuery,
  RejectedRow,
  RetentionLimit,
  RollupQuery,
  RollupRow,
  SubjectKey,
  SubjectQuery,
  SubjectRow,
  TimerRow,
  TombstoneRow,
  TrackStatusRow,
  TrackVersionRow,
  UnknownEventRow,
} from '@waymark/learning-journey/ports'
import type { StoreErrorCode } from '../errors.ts'
import type { NewEmitted } from '../new-emitted.ts'
import type { PackedBytes } from './packed-bytes.ts'
import type { EntryValues, StoredFactValues, Value } from './row-values.ts'

/** What the database thread can be asked: the argument and the answer of each call. */
export interface Calls {
  open(file: string): readonly string[]
  append(ask: AppendAsk): AppendAnswer
  history(wanted: readonly HistoryRequest[]): readonly HistoryValues[]
  commit(derived: DerivedValues): 'committed' | 'stale'
  begin(): void
  findIdempotency(ask: { readonly tenant: string; readonly scope: string; readonly now: number }): IdempotencyRecord | undefined
  keepIdempotency(ask: {
    readonly tenant: string
    readonly scope: string
    readonly record: IdempotencyRecord
    readonly expiresAt: number
  }): void
  hasInbox(ask: { readonly tenant: string; readonly key: InboxKey; readonly now: number }): boolean
  addInbox(ask: { readonly tenant: string; readonly key: InboxKey; readonly now: number; readonly expiresAt: number }): boolean
  addEmitted(ask: { readonly tenant: string; readonly rows: readonly NewEmitted[] }): void
  commitUnit(): void
  /** Ends a round or a unit of work. */
  rollback(): void
  readState(key: SubjectKey): Uint8Array | null
  readEntries(ask: { readonly key: SubjectKey; readonly names: readonly string[] | undefined }): readonly EntryValues[]
  readEntry(ask: { readonly key: SubjectKey; readonly eventId: string; readonly source: string | undefined }): EntryValues | null
  readNewestEntries(ask: {
    readonly key: SubjectKey
    readonly names: readonly string[]
    readonly count: number
  }): readonly EntryValues[]
  readHistory(wanted: HistoryRequest): HistoryValues
  readExpiring(ask: { readonly limits: readonly RetentionLimit[]; readonly count: number }): readonly ExpiredEvents[]
  removeExpired(ask: { readonly receivedBefore: number; readonly count: number }): number
  readFacts(query: FactQuery): readonly StoredFactValues[]
  claimOutgoing(ask: ClaimAsk): readonly ClaimedRow[]
  addOutgoing(ask: { readonly rows: readonly OutgoingRow[]; readonly until: number }): void
  holdOutgoing(ask: { readonly rows: readonly Pick<ClaimedRow, 'number' | 'tries'>[]; readonly until: number }): void
  removeOutgoing(rows: readonly Pick<ClaimedRow, 'number'>[]): void
  claimEmitted(ask: ClaimAsk): readonly EmittedRow[]
  holdEmitted(ask: { readonly rows: readonly Pick<EmittedRow, 'number' | 'tries'>[]; readonly until: number }): void
  removeEmitted(rows: readonly Pick<EmittedRow, 'number'>[]): void
  readFactTenants(): readonly string[]
  takeFactCursor(ask: {
    readonly key: FactCursorKey
    readonly holder: string
    readonly start: number
    readonly now: number
    readonly until: number
  }): number | null
  putFactCursor(ask: {
    readonly key: FactCursorKey
    readonly holder: string
    readonly position: number
    readonly until: number
  }): boolean
  readFactsOf(key: SubjectKey): readonly StoredFactValues[]
  lastPosition(tenant: string): number
  readRejected(query: RejectedQuery): readonly RejectedRow[]
  readRejectedById(ask: { readonly tenant: string; readonly ids: readonly string[] }): readonly RejectedRow[]
  pruneRejected(receivedBefore: number): number
  countUnknownEvents(ask: { readonly rows: readonly UnknownEventRow[]; readonly names: number }): void
  readUnknownEvents(tenant: string): readonly UnknownEventRow[]
  pruneUnknownEvents(lastBefore: number): void
  readTrackVersions(): readonly TrackVersionRow[]
  putTrackVersion(rows: readonly TrackVersionRow[]): void
  claimTimers(ask: { readonly due: number; readonly until: number; readonly count: number }): readonly SubjectKey[]
  nextTimer(): number | null
  readMemberships(learners: readonly LearnerKey[]): readonly MembershipRow[]
  readRevision(): number
  listEvents(query: EventQuery): readonly EntryValues[]
  listFacts(query: FactListQuery): readonly StoredFactValues[]
  listEnrolments(query: EnrolmentQuery): readonly EnrolmentRow[]
  listSubjects(query: SubjectQuery): readonly SubjectRow[]
  readRollup(query: RollupQuery): readonly RollupRow[]
  readTrackStatus(): readonly TrackStatusRow[]
  putTrackStatus(row: TrackStatusRow): void
  readJobs(): readonly JobRow[]
  addJob(job: JobRow): void
  claimJob(ask: { readonly kind: string; readonly now: number; readonly until: number }): JobRow | null
  putJob(ask: { readonly job: Pick<JobRow, 'id' | 'status' | 'progress' | 'updatedAt'>; readonly until: number }): boolean
  readMerged(key: SubjectKey): string | null
  readAliases(key: SubjectKey): readonly string[]
  merge(merge: Merge): 'merged' | 'duplicate' | 'conflict'
  erase(ask: {
    readonly subjects: readonly SubjectKey[]
    readonly tombstones: readonly TombstoneRow[]
    readonly jobs: readonly JobRow[]
  }): void
  readTombstones(): readonly TombstoneRow[]
  readSubjects(ask: { readonly after: SubjectKey | null; readonly count: number }): readonly SubjectKey[]
  close(): void
}

export interface ClaimAsk {
  readonly events: readonly string[]
  readonly now: number
  readonly until: number
  readonly count: number
}

export type LearnerKey = Pick<MembershipRow, 'tenant' | 'learner'>

export interface AppendAsk {
  readonly entries: readonly Value[]
  /** Of each subject: tenant, subject. */
  readonly wanted: readonly string[]
}

/** Code of an outcome on its way through the thread: its index here. */
export const OUTCOMES = ['recorded', 'duplicate', 'conflict'] as const

export interface AppendAnswer {
  readonly outcomes: Uint8Array
  readonly versions: readonly number[]
  readonly states: PackedBytes
  /** 1 where the subject had entries before. */
  readonly hasHistory: Uint8Array
  readonly mergedInto: readonly (string | null)[]
  readonly revision: number
}

export interface HistoryValues {
  readonly checkpoint: Uint8Array | null
  readonly entries: readonly EntryValues[]
}

export interface DerivedValues {
  /** Of each state: tenant, subject, expected version. */
  readonly states: readonly Value[]
  readonly bytes: PackedBytes
  readonly facts: readonly Value[]
  readonly rejected: readonly RejectedRow[]
  readonly redriven: readonly RedrivenRow[]
  readonly outdated: readonly CheckpointRange[]
  /** Of each checkpoint: tenant, subject, track, at, behaviour. */
  readonly checkpoints: readonly Value[]
  readonly checkpointBytes: PackedBytes
  readonly expired: readonly ExpiredEvents[]
  readonly timers: readonly TimerRow[]
  readonly enrolments: readonly EnrolmentRow[]
  readonly memberships: readonly MembershipRow[]
  readonly outgoing: readonly OutgoingRow[]
}

export interface CallMessage {
  readonly call: keyof Calls
  readonly ask: unknown
}

/** Calls are answered in order, one answer each; a notice answers nothing. */
export type ThreadMessage =
  | { readonly kind: 'answer'; readonly answer: unknown }
  | { readonly kind: 'failure'; readonly failure: Failure }
  | { readonly kind: 'notice'; readonly notice: string }

/** An error, as data. */
export interface Failure {
  readonly code: StoreErrorCode
  readonly message: string
  readonly errcode: number | string | undefined
}
