import type { EntryRef } from './entry.ts'
import type { LeafCode } from './offer.ts'
import type { TrackState } from './state.ts'

/** Something that one entry, or the clock, derived. */
export interface Derived {
  readonly kind: DerivedKind
  readonly run: number
  /** When that run started. */
  readonly startedAt: number
  /** −1: about the whole track. */
  readonly step: number
  readonly at: number
  readonly cause: EntryRef
  /** How often the step had been revoked, over all runs and in this one. */
  readonly ordinal: number
  readonly again: number
  /** The chosen branch, why a run was exited, or the operator's reason of a waiver or revocation. */
  readonly text: string
  /** Of a streak: the local date in days since 1970-01-01, and the length then. */
  readonly day: number
  readonly length: number
}

export type DerivedKind =
  | 'enrolled'
  | 'opened'
  | 'completed'
  | 'skipped'
  | 'waived'
  | 'missed'
  | 'branch'
  | 'exited'
  | 'ended'
  | 'revoked'
  | 'advanced'
  | 'frozen'
  | 'lost'

/** Receives what the fold of entries derives. */
export interface Derivation {
  readonly derived: Derived[]
  /** By leaf index, what the entry did to it; only filled when it is there. */
  readonly leafCodes?: Map<number, LeafCode>
}

export function derive(
  out: Derivation,
  state: TrackState,
  kind: DerivedKind,
  step: number,
  at: number,
  cause: EntryRef,
  text = '',
  ordinal = 0,
  again = 0,
  day = 0,
  length = 0,
): void {
  const { run, startedAt } = state
  out.derived.push({ kind, run, startedAt, step, at, cause, ordinal, again, text, day, length })
}
