import { advance, type Hearing, hearingOf } from './advance.ts'
import type { Calendar } from './calendar.ts'
import { passClock } from './clock.ts'
import type { CompiledTrack } from './compile.ts'
import type { Derivation, Derived } from './derivation.ts'
import type { Entry } from './entry.ts'
import type { EntryOutcome } from './fold.ts'
import type { LeafCode } from './offer.ts'
import { type History, type Placed, placeHistory, sameEntry, stateAt } from './place.ts'
import { compareEntries, compareToLast, isShown, type TrackState } from './state.ts'
import { type Unheard, verdictsOf } from './verdict.ts'

/** Where entries are looked at. */
export interface Surroundings {
  /** The state right before the first of them (it is changed), where that is known (`isNext`); else what it is computed from. */
  readonly from: TrackState | History
  /** Evidence before this moment has expired; −1: all is there. */
  readonly cutAt: number
  /** From when the tracks that come first are completed; Infinity: not yet. */
  readonly gateAt: number
  readonly calendar: Calendar
}

/** An entry that came later than this is looked at in its own moment only: what came between could be half of the journal. */
const SOON_MS = 60_000

/** The last moment of the journal that tells what was known when an entry was folded. */
export function horizonOf({ occurredAt, receivedAt }: Entry): number {
  return receivedAt - occurredAt > SOON_MS ? occurredAt : Math.max(occurredAt, receivedAt)
}

/** True when a state is that right before an entry: nothing that it holds, and no deadline that passed, comes after the entry. */
export function isNext(track: CompiledTrack, state: TrackState, entry: Entry): boolean {
  if (entry.occurredAt <= state.clockAt) return false
  const heard = hearingOf(track, entry)
  return (
    state.lastAt < 0 ||
    (typeof heard === 'string' ? entry.occurredAt > state.lastAt : compareToLast(state, entry, heard.place) > 0)
  )
}

/**
 * What entries do at their own places in the order of a track, in that order: folds what comes before each of them, and then the entry.
 * After the last one the clock goes on to its arrival, if it was folded then and came soon: so its outcomes are those that were answered.
 * Each outcome's state is that after the last one.
 */
export function outcomesAt(track: CompiledTrack, wanted: readonly Entry[], around: Surroundings): EntryOutcome[] {
  const { from, cutAt, gateAt, calendar } = around
  const state = 'entries' in from ? stateAt(track, from, cutAt) : from
  state.gateAt = gateAt
  const journal = 'entries' in from ? from.entries.filter((entry) => !wanted.some((one) => sameEntry(one, entry))) : []
  const others = placeHistory(track, state, journal, [])
  const asked = wanted.map((entry, index) => ({ entry, index, heard: hearingOf(track, entry) })).sort(compareAsked)
  const outcomes: EntryOutcome[] = []
  let next = 0
  for (const [place, { entry, index, heard }] of asked.entries()) {
    for (; next < others.length && isBefore(others[next] as Placed, entry, heard); next++) {
      const { entry: other, listener } = others[next] as Placed
      advance(track, state, other, listener, calendar, { derived: [] })
    }
    if (heard === 'deaf') continue
    // What had come by itself by then is not what the entry did.
    if (track.isTimed) passClock(track, state, entry.occurredAt, calendar, { derived: [] })
    const leafCodes = new Map<number, LeafCode>()
    const out: Derivation = { derived: [], leafCodes }
    const doneBefore = new Set(track.steps.filter((step) => isShown(state, step.index)).map((step) => step.index))
    const unheard = unheardOf(entry, heard, cutAt)
    if (typeof heard !== 'string' && unheard === undefined) advance(track, state, entry, heard, calendar, out)
    if (place === asked.length - 1) passClock(track, state, lookedAt(entry, others.slice(next)), calendar, { derived: [] })
    const completed = new Set(out.derived.filter(isStepCompletion).map(({ step }) => step))
    const ruling = { track, entry, state, unheard, doneBefore, completed, leafCodes }
    outcomes.push(...verdictsOf(ruling).map((verdict) => ({ ...verdict, entry: index, track, state })))
  }
  return outcomes
}

interface Asked {
  readonly entry: Entry
  readonly heard: Hearing
}

/** What is not heard has no place of its own, and comes last in its moment. */
function compareAsked(a: Asked, b: Asked): number {
  return compareEntries(a.entry, placeOf(a.heard), b.entry, placeOf(b.heard))
}

function isBefore(other: Placed, entry: Entry, heard: Hearing): boolean {
  return compareEntries(other.entry, other.listener.place, entry, placeOf(heard)) < 0
}

function placeOf(heard: Hearing): number {
  return typeof heard === 'string' ? Number.MAX_SAFE_INTEGER : heard.place
}

function unheardOf(entry: Entry, heard: Hearing, cutAt: number): Unheard | undefined {
  if (heard === 'too_late') return heard
  return typeof heard !== 'string' && entry.occurredAt < cutAt ? 'evidence_expired' : undefined
}

/** Up to when the clock had gone when an entry was folded: its arrival, where nothing that comes after it had arrived before. */
function lookedAt(entry: Entry, later: readonly Placed[]): number {
  const isLate = later.some((other) => other.entry.receivedAt < entry.receivedAt)
  return isLate || horizonOf(entry) === entry.occurredAt ? entry.occurredAt : entry.receivedAt
}

function isStepCompletion({ kind, step }: Derived): boolean {
  return kind === 'completed' && step >= 0
}
