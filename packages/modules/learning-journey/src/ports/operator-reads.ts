import type { EnrolmentRow, EntryRow, StoredFact } from './journal-store.ts'

/**
 * What operators ask: lists in pages, and counts. A page is at most `limit` long and goes on after the last row of the one before, which
 * need not be there any more. Their cost grows with the page, not with what is stored, except where a filter passes over many rows.
 */
export interface OperatorReads {
  /** Entries by (receivedAt, subject, source, eventId), newest first; of an account those that people made with it, too. */
  listEvents(query: EventQuery): Promise<readonly EntryRow[]>
  /** Facts by position; one without a position is not there yet. */
  listFacts(query: FactListQuery): Promise<readonly StoredFact[]>
  /** Enrolments by (startedAt, track, subject, run), newest first. */
  listEnrolments(query: EnrolmentQuery): Promise<readonly EnrolmentRow[]>
  /** Subjects that have entries, by name. */
  listSubjects(query: SubjectQuery): Promise<readonly SubjectRow[]>
  /**
   * How many facts each step of a track has, by name: those that say where a run begins and ends, and what became of its steps. A fact is
   * counted once, when it gets its position; it stays counted when it is erased. Ordered by all fields.
   */
  readRollup(query: RollupQuery): Promise<readonly RollupRow[]>
}

export interface EventQuery {
  readonly tenant: string
  readonly subject?: string
  readonly name?: string
  readonly source?: string
  readonly kind?: EntryRow['kind']
  /** Received at this time or later. */
  readonly from?: number
  /** Received before this time. */
  readonly to?: number
  readonly after?: Pick<EntryRow, 'receivedAt' | 'subject' | 'source' | 'eventId'>
  readonly limit: number
}

export interface FactListQuery {
  readonly tenant: string
  readonly subject?: string
  readonly track?: string
  readonly name?: string
  /** `oldest` first when absent. */
  readonly first?: 'oldest' | 'newest'
  /** The position of the last fact of the page before. */
  readonly after?: number
  readonly limit: number
}

export interface EnrolmentQuery {
  readonly tenant: string
  readonly track?: string
  readonly status?: EnrolmentRow['status']
  readonly openStep?: string
  readonly subject?: string
  /** Started at this time or later. */
  readonly startedFrom?: number
  /** Started before this time. */
  readonly startedTo?: number
  readonly after?: Pick<EnrolmentRow, 'startedAt' | 'track' | 'subject' | 'run'>
  readonly limit: number
}

export interface SubjectQuery {
  readonly tenant: string
  readonly kind: 'learner' | 'account'
  /** What its id starts with. */
  readonly prefix?: string
  /** The last subject of the page before. */
  readonly after?: string
  readonly limit: number
}

export interface SubjectRow {
  readonly tenant: string
  readonly subject: string
  /** By track and run. */
  readonly enrolments: readonly EnrolmentRow[]
}

export interface RollupQuery {
  readonly tenant: string
  readonly track: string
  /** Only runs that started on the UTC day of this time or later. */
  readonly from?: number
  /** Only runs that started on the UTC day of this time or earlier. */
  readonly to?: number
}

export interface RollupRow {
  readonly heldOut: boolean
  /** Null for facts about the whole run. */
  readonly step: string | null
  readonly name: string
  /**
   * How long after the start of the run it happened, in milliseconds and at most 4.5 % off (a time below a second counts as one); null
   * except for completions of a step or of the track.
   */
  readonly after: number | null
  readonly count: number
}
