import type { UnitOfWork } from '@waymark/contract'
import type { OperatorReads } from './operator-reads.ts'
import type { OutgoingRow, RelayStore } from './relay-store.ts'
import type { UnknownEventCounts } from './unknown-events.ts'

/**
 * What the journey module needs from a database. A store adapter implements `JournalStore`; the conformance suite of
 * `@waymark/store` says what it has to keep. All times are epoch milliseconds. `tenant` and `subject` start every key.
 */

/**
 * A person or account that has state of its own: `l:<learner>` or `a:<account>`. The entries of an account are its own and those that
 * people made with that account.
 */
export interface SubjectKey {
  readonly tenant: string
  readonly subject: string
}

/** One entry of the journal, as it is stored. Its key is (tenant, subject, source, eventId). */
export interface EntryRow extends SubjectKey {
  /** Producer of the event, `''` when it named none. Part of the key. */
  readonly source: string
  readonly eventId: string
  /** `event` is a product event; `control` is written by a command of ours. */
  readonly kind: 'event' | 'control'
  readonly name: string
  /** Semantic version of the event contract; `''` on control entries. */
  readonly version: string
  /** The effective time: fixed when the entry is first committed. */
  readonly occurredAt: number
  readonly receivedAt: number
  /** The time the producer claimed, where it was not taken over. */
  readonly claimedAt: number | null
  readonly account: string | null
  /** Who acted, as a subject, when that is not the subject itself. */
  readonly actor: string | null
  /** The one track the entry is meant for; null for all. */
  readonly track: string | null
  readonly channel: string
  /** Id of the credential that brought it, never the credential. */
  readonly keyId: string | null
  /** Hash of everything the producer sent; tells a duplicate from a conflict. */
  readonly bodyHash: string
  /** The payload as JSON text, exactly as it was sent; null once it has expired. */
  readonly payload: string | null
}

/** `recorded` was new; `duplicate` was there with the same body; `conflict` was there with another. */
export type AppendOutcome = 'recorded' | 'duplicate' | 'conflict'

/** The packed state of one subject. */
export interface SubjectState {
  /** 0 when there is no row yet. */
  readonly version: number
  readonly state: Uint8Array | null
  /** True when the subject had a state, or entries in the journal, before this round. */
  readonly hasHistory: boolean
  /** The subject that has its entries since a merge; null when it has them itself. */
  readonly mergedInto: string | null
}

export interface StateWrite extends SubjectKey {
  /** The version that was read: the write applies only to it. */
  readonly expected: number
  readonly state: Uint8Array
}

/** One derived fact. Its key is (tenant, subject, factId): appending it again changes nothing. */
export interface FactRow extends SubjectKey {
  readonly factId: string
  readonly name: string
  readonly track: string
  /** Which run of the track, from 0. */
  readonly run: number
  /** Null on facts about the whole run. */
  readonly step: string | null
  /** The entry that caused it, as `source` and `eventId`. */
  readonly causeSource: string
  readonly causeId: string
  readonly occurredAt: number
  /** When its run started, as known at that time; `occurredAt` where it is about no run. */
  readonly runStartedAt: number
  /** JSON text. */
  readonly data: string
  /** True when something that was imported brought it about. */
  readonly backfilled: boolean
  /** True when its run is held out. */
  readonly heldOut: boolean
}

/** A fact with the place the store gave it. */
export interface StoredFact extends FactRow {
  /** Ascending in commit order within a tenant; gaps are normal. */
  readonly position: number
}

/**
 * One run of a track by a subject, as operators list it. Its key is (tenant, track, subject, run): a later row replaces an earlier one.
 */
export interface EnrolmentRow extends SubjectKey {
  readonly track: string
  readonly run: number
  /** Semantic version of the track that computed it. */
  readonly version: string
  readonly status: 'active' | 'completed' | 'missed' | 'exited' | 'reset'
  readonly startedAt: number
  readonly completedAt: number | null
  readonly endedAt: number | null
  /** Whole per cent of the required steps. */
  readonly percent: number
  /** Key of the first open step, in definition order; null when none is. */
  readonly openStep: string | null
  readonly heldOut: boolean
  /** When an entry or a deadline last changed it. */
  readonly changedAt: number
}

/** When a subject is to be looked at again because time has passed; null: never. Its key is (tenant, subject). */
export interface TimerRow extends SubjectKey {
  readonly at: number | null
}

/** From when a learner is in an account, and until when. Its key is (tenant, learner, account, since). */
export interface MembershipRow {
  readonly tenant: string
  readonly learner: string
  readonly account: string
  readonly since: number
  /** Null: still. */
  readonly until: number | null
}

/** Says that a person was forgotten. It names them only by a keyed hash. */
export interface TombstoneRow {
  readonly tenant: string
  readonly idHash: string
  readonly erasedAt: number
}

/** A subject whose entries become those of another one. */
export interface Merge {
  readonly tenant: string
  readonly from: string
  readonly into: string
  readonly mergedAt: number
}

/** Whether a track is served, and how subjects of earlier versions come to the present one. Its key is the track. */
export interface TrackStatusRow {
  readonly key: string
  readonly status: 'active' | 'paused' | 'archived'
  /** The version that is served. */
  readonly version: string
  readonly policy: 'carry' | 'pin' | 'restart' | 'exit'
  /** Changes whenever everything computed so far has to be computed again. */
  readonly generation: number
  readonly changedAt: number
}

/** A long piece of work that survives the process. */
export interface JobRow {
  readonly id: string
  readonly kind: string
  readonly status: 'running' | 'done' | 'cancelled'
  /** What it is to do, how far it is and what came of it, as JSON texts. */
  readonly spec: string
  readonly progress: string
  readonly createdAt: number
  readonly updatedAt: number
}

/** An event that could not be recorded, kept with the reason. */
export interface RejectedRow {
  readonly tenant: string
  readonly id: string
  readonly receivedAt: number
  readonly channel: string
  readonly keyId: string | null
  readonly eventId: string | null
  readonly name: string | null
  /** The problem as JSON text. */
  readonly problem: string
  /** The event as it came, JSON text. */
  readonly body: string
}

/** What became of a rejected event that was tried again. */
export interface RedrivenRow {
  readonly tenant: string
  readonly id: string
  /** Null: its event is in the journal now, and the rejected one is removed. Else the problem that keeps it, as JSON text. */
  readonly problem: string | null
}

/**
 * One transaction of the record path, in two round trips: `append` opened it; `commit` writes what was derived and ends it.
 * Exactly one of `commit` and `rollback` ends it; a `rollback` after that changes nothing.
 */
export interface Round {
  /** One outcome for each entry, in the order given. An id that comes twice in one round is recorded once. */
  readonly outcomes: readonly AppendOutcome[]
  /** One state for each wanted subject, in the order given, locked until the round ends. */
  readonly states: readonly SubjectState[]
  /** Like `readRevision`, as of this round. */
  readonly revision: number
  /** The journals of some subjects, this round's entries included. */
  history(wanted: readonly HistoryRequest[]): Promise<readonly History[]>
  /** `stale` when a state changed since it was read: everything was rolled back, and the round is to be done again. */
  commit(derived: Derived): Promise<'committed' | 'stale'>
  rollback(): Promise<void>
}

/** Asks for the entries of a subject with these names. */
export interface HistoryRequest extends SubjectKey {
  readonly names: readonly string[]
  /**
   * Only from the newest checkpoint of a track before a moment on, where the same behaviour wrote it; and only what happened at `until` or
   * before.
   */
  readonly since?: { readonly track: string; readonly behaviour: number; readonly before: number; readonly until?: number }
}

export interface History {
  /** The state of the newest checkpoint that was asked for; null when there is none, and then the entries are all of them. */
  readonly checkpoint: Uint8Array | null
  /** In no particular order; with a checkpoint, those that happened at its moment or later. */
  readonly entries: readonly EntryRow[]
}

/** The packed state of one track after its entries up to a moment. Its key is (tenant, subject, track, at). */
export interface CheckpointRow extends SubjectKey {
  readonly track: string
  readonly at: number
  /** Which definition of the track wrote it. */
  readonly behaviour: number
  readonly state: Uint8Array
}

/** Checkpoints of a track that no longer hold: `from` ≤ at < `before`; all later ones when `before` is null. */
export interface CheckpointRange extends SubjectKey {
  readonly track: string
  readonly from: number
  readonly before: number | null
}

/** Product events with a name that happened before a moment. */
export interface RetentionLimit {
  readonly name: string
  readonly before: number
}

/** Those of one subject. */
export interface ExpiredEvents extends SubjectKey, RetentionLimit {}

/** What one round derived. It is written in the order of the fields. */
export interface Derived {
  readonly states: readonly StateWrite[]
  readonly facts: readonly FactRow[]
  readonly rejected: readonly RejectedRow[]
  /** Sorted by tenant and id. An id that is not there (any more) changes nothing. */
  readonly redriven: readonly RedrivenRow[]
  /** Removed before `checkpoints` are written. */
  readonly outdated: readonly CheckpointRange[]
  /** Each replaces the one with its key; no two here have the same. */
  readonly checkpoints: readonly CheckpointRow[]
  /** Events that lose their payload. */
  readonly expired: readonly ExpiredEvents[]
  /** Each replaces the one with its key; sorted by tenant and subject. */
  readonly timers: readonly TimerRow[]
  /** Each replaces the one with its key; sorted by tenant, track, subject and run. */
  readonly enrolments: readonly EnrolmentRow[]
  /** Each replaces the one with its key. */
  readonly memberships: readonly MembershipRow[]
  /** Entries of this round, or of before, that are to be handed on. */
  readonly outgoing: readonly OutgoingRow[]
}

/** A track version as it was published. `tenant` is `*` when it is for all tenants. */
export interface TrackVersionRow {
  readonly tenant: string
  readonly key: string
  readonly version: string
  /** Hash of the canonical definition. */
  readonly contentHash: string
  /** The definition as JSON text. */
  readonly definition: string
  readonly publishedAt: number
}

export interface FactQuery {
  readonly tenant: string
  readonly subject?: string
  /** Only facts after this position. */
  readonly after?: number
  readonly limit: number
}

/**
 * What the errors of a store say of what comes next. `retry`: the connection was lost or another transaction was in the way, and the
 * same again may succeed; whether a commit took place is then not known. `refused`: the database does not take these rows. `elsewhere`:
 * a process of another release can do it. `closed`: nothing will succeed.
 */
export interface StoreFailure {
  readonly outlook: 'retry' | 'refused' | 'elsewhere' | 'closed'
}

export interface RejectedQuery {
  readonly tenant: string
  /** Only what comes after this one, which need not be there any more. */
  readonly before?: Pick<RejectedRow, 'receivedAt' | 'id'>
  readonly limit: number
}

/** A database of the journey module. */
export interface JournalStore extends OperatorReads, UnknownEventCounts, RelayStore {
  /** How many rounds may be open at once; more only wait. */
  readonly maxRounds: number
  readonly unitOfWork: UnitOfWork
  /**
   * Opens a round: inserts the entries and locks the states of the wanted subjects. Rows are locked in the order given, so that callers
   * which all sort by key never wait for each other in a circle.
   */
  append(entries: readonly EntryRow[], wanted: readonly SubjectKey[]): Promise<Round>
  /** The packed state of a subject outside any round, null when there is none. */
  readState(key: SubjectKey): Promise<Uint8Array | null>
  /** Journal entries of a subject, all of them or those with these names, ordered by (occurredAt, source, eventId). */
  readEntries(key: SubjectKey, names?: readonly string[]): Promise<readonly EntryRow[]>
  /** The subject's own entry with an id; of several sources the first one by (occurredAt, source), or the one of `source`. Null: none. */
  readEntry(key: SubjectKey, eventId: string, source?: string): Promise<EntryRow | null>
  /** Like `readEntries` with names, but newest first, and at most so many. The cost grows with their number, not with the journal. */
  readNewestEntries(key: SubjectKey, names: readonly string[], count: number): Promise<readonly EntryRow[]>
  /** Like `history` of a round, but only what is committed. */
  readHistory(wanted: HistoryRequest): Promise<History>
  /**
   * Finds subjects that have product events with a payload of these names, before the moment of each; at most so many of them, one for
   * each subject and name.
   */
  readExpiring(limits: readonly RetentionLimit[], count: number): Promise<readonly ExpiredEvents[]>
  /** Removes events without a payload that were received before a time, at most so many. Returns how many. */
  removeExpired(receivedBefore: number, count: number): Promise<number>
  /**
   * Gives a position to every committed fact that has none yet, in commit order, and answers how many that were. A store that gives
   * positions with the commit answers 0. Any number of processes may call it at once.
   */
  sequence(): Promise<number>
  /**
   * True when facts get their positions by `sequence`, after the commit, and other processes may commit facts too. Otherwise a fact
   * has its position with the commit, and this process commits them all.
   */
  readonly sequenced: boolean
  /**
   * Facts by position; one without a position is not there yet. Positions are seen in their order: once one is found, none below it is
   * still to come.
   */
  readFacts(query: FactQuery): Promise<readonly StoredFact[]>
  /** All facts of a subject as soon as they are committed, with a position or without, oldest first. */
  readFactsOf(key: SubjectKey): Promise<readonly FactRow[]>
  /** The highest position of a tenant's facts, 0 when there is none. */
  lastPosition(tenant: string): Promise<number>
  /** Rejected events by (receivedAt, id), newest first. */
  readRejected(query: RejectedQuery): Promise<readonly RejectedRow[]>
  /** The rejected events of a tenant that have one of these ids, in no particular order. */
  readRejectedById(tenant: string, ids: readonly string[]): Promise<readonly RejectedRow[]>
  /** Removes rejected events received before a time, or as many of them as one statement can. Returns how many; 0 when none is left. */
  pruneRejected(receivedBefore: number): Promise<number>
  /**
   * Up to so many subjects whose alarm is at or before a time, oldest first, of all tenants. Their alarms move to `until`, so that no
   * other process finds them before; the round that looks at them writes the next one.
   */
  claimTimers(due: number, until: number, count: number): Promise<readonly SubjectKey[]>
  /** The earliest alarm; null when there is none. */
  nextTimer(): Promise<number | null>
  /** All memberships of these learners, in no particular order. */
  readMemberships(learners: readonly { readonly tenant: string; readonly learner: string }[]): Promise<readonly MembershipRow[]>
  /** The subject that has the entries of a merged one; null when it was not merged. */
  readMerged(key: SubjectKey): Promise<string | null>
  /** The subjects whose entries one has since they were merged, in the order of their names. Their facts are still theirs. */
  readAliases(key: SubjectKey): Promise<readonly string[]>
  /**
   * Makes the entries of one subject those of another, in one transaction: those whose (source, eventId) the other has already are
   * dropped, a moved one keeps its account, and its maker (as a subject) as `actor`. What was derived for the first one is dropped, but
   * not its facts; aliases of it point to the other one. The other one keeps its state, under the next version, and its checkpoints:
   * the caller has it computed again. Where the other one was merged itself, who has its entries takes its place. `conflict`: the first
   * was merged into another subject before; `duplicate`: both are one already.
   */
  merge(merge: Merge): Promise<'merged' | 'duplicate' | 'conflict'>
  /**
   * Removes everything of subjects and of their aliases in one transaction: entries, states, checkpoints, facts, alarms, enrolments,
   * memberships, merges from and into them, what of them is to be handed on or was emitted, and rejected events whose body names a learner of them as `learnerId`; the own entries of
   * accounts forget that one of them was the actor. A round that is open meanwhile ends before, or sees nothing of them. Counts that name
   * nobody stay. Keeps the tombstones, each the newest of its hash, forgets what was handled of events whose id begins with such a hash and
   * a dot, and adds jobs as `addJob` does.
   */
  erase(subjects: readonly SubjectKey[], tombstones: readonly TombstoneRow[], jobs?: readonly JobRow[]): Promise<void>
  /** All tombstones. */
  readTombstones(): Promise<readonly TombstoneRow[]>
  /** A number that grows with every `erase`, `putTrackVersion` and `putTrackStatus`, by whatever process. */
  readRevision(): Promise<number>
  /** Subjects that have entries, of all tenants, by (tenant, subject), after one of them; accounts for entries made in them. */
  readSubjects(after: SubjectKey | null, count: number): Promise<readonly SubjectKey[]>
  readTrackStatus(): Promise<readonly TrackStatusRow[]>
  putTrackStatus(row: TrackStatusRow): Promise<void>
  /** Jobs, newest first. */
  readJobs(): Promise<readonly JobRow[]>
  /** Adds a job. */
  addJob(job: JobRow): Promise<void>
  /**
   * Takes a running job that nobody holds, or whose holder said nothing until `now`, and holds it until a time; null when there is none.
   */
  claimJob(kind: string, now: number, until: number): Promise<JobRow | null>
  /** Writes how far a job is and holds it until a time. False when it is not running any more. */
  putJob(job: Pick<JobRow, 'id' | 'status' | 'progress' | 'updatedAt'>, until: number): Promise<boolean>
  /** All published track versions, oldest first. */
  readTrackVersions(): Promise<readonly TrackVersionRow[]>
  /** Stores versions, all of them or none. Every content of one is kept; the one that was published last is the one that counts. */
  putTrackVersion(...rows: readonly TrackVersionRow[]): Promise<void>
  /** Ends open rounds and releases the database. */
  close(): Promise<void>
}
