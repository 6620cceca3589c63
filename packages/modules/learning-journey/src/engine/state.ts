import type { CompiledTrack } from './compile.ts'
import type { Entry, EntryRef } from './entry.ts'
import { compareText } from './text-order.ts'

/**
 * The state of one (subject, track). Invariants:
 * - it is a function of the set of entries that matter to the track, whatever order they arrived in, apart from `standing` and `cutAt`;
 * - its size depends on the track, never on how many entries there were;
 * - once `completedAt` is set nothing else changes, `last…` included; the counts and `folded` are then forgotten when it is packed.
 */
export interface TrackState {
  /** The newest entry that was folded, as its place in the total order; `lastAt` is −1 before the first. */
  lastAt: number
  lastPlace: number
  lastSource: string
  lastId: string
  /** How many entries were folded. */
  folded: number
  /** Evidence before this moment has expired: what it brought is in here, and no other entry before it is taken. −1: all is there. */
  cutAt: number
  /** Start of the run in epoch milliseconds; −1 when there is none. */
  startedAt: number
  /** −1 until every step is completed. */
  completedAt: number
  /** Entries taken, by leaf. */
  counts: number[]
  /** With `distinctBy`: the values counted so far, sorted, by leaf; null before the first. */
  seen: (string[] | null)[]
  /** Completion times, by step; −1 while open. */
  doneAt: number[]
  /** The entry that met the condition of a step which still waits for its prerequisites or for the run, by step. */
  readyBy: (EntryRef | null)[]
  /** Completions that were announced and that the fold no longer gives. `step` −1 is the track itself. */
  standing: readonly Standing[]
}

export interface Standing {
  readonly step: number
  /** Epoch milliseconds of the announced completion. */
  readonly at: number
  /** The entry that contradicts it. */
  readonly by: EntryRef
}

/** The state before any entry. */
export function emptyState(track: CompiledTrack): TrackState {
  return {
    lastAt: -1,
    lastPlace: 0,
    lastSource: '',
    lastId: '',
    folded: 0,
    cutAt: -1,
    startedAt: -1,
    completedAt: -1,
    counts: track.blank.counts.slice(),
    seen: track.blank.seen.slice(),
    doneAt: track.blank.doneAt.slice(),
    readyBy: track.blank.readyBy.slice(),
    standing: [],
  }
}

/** Where an entry stands beside the newest folded one: below 0 when it sorts before it, 0 when it is that one. */
export function compareToLast(state: TrackState, entry: Entry, place: number): number {
  return (
    entry.occurredAt - state.lastAt ||
    place - state.lastPlace ||
    compareText(entry.source, state.lastSource) ||
    compareText(entry.eventId, state.lastId)
  )
}

/** The total order of a track's entries. */
export function compareEntries(a: Entry, placeA: number, b: Entry, placeB: number): number {
  return a.occurredAt - b.occurredAt || placeA - placeB || compareText(a.source, b.source) || compareText(a.eventId, b.eventId)
}

/** True when there is a run, or completions of one that a later definition no longer gives. */
export function isEnrolled(state: TrackState): boolean {
  return state.startedAt >= 0 || state.standing.length > 0
}

/** True when a step counts as completed for everyone outside: derived, or standing. */
export function isShown(state: TrackState, step: number): boolean {
  return (state.doneAt[step] as number) >= 0 || state.standing.some((mark) => mark.step === step)
}
