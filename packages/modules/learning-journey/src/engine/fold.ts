/**
 * The fold of one subject: (tracks, packed state, new entries, now) → (packed state, facts, verdicts). Pure: it changes nothing that it was
 * given, and the same arguments always give the same result.
 *
 * An entry that sorts last is folded at once; an older one too, where a rebuild is certain to give the same. For any other, and for a track
 * that the state does not know while the journal has a past, the fold asks for the journal (`needs`) and is called again with it; then the
 * track is computed from a checkpoint, or from the beginning.
 */
import { advance } from './advance.ts'
import type { Calendar } from './calendar.ts'
import { CHECKPOINT_EVERY, type Checkpoint, type Outdated, toCheckpoint } from './checkpoint.ts'
import { passClock, setAlarm } from './clock.ts'
import { SubjectRow } from './codec.ts'
import type { CompiledTrack } from './compile.ts'
import type { Derivation, Derived } from './derivation.ts'
import { type Entry, type EntryRef, IDENTIFIED, RESET, TRACK_CONTROLS } from './entry.ts'
import { announce, type DerivedFact, isHeldOut, type Occurrence, standingAfter } from './facts.ts'
import { insertOlder } from './fast-path.ts'
import type { LeafCode } from './offer.ts'
import { definitionOf } from './pinned.ts'
import { type History, type Placed, place, placeHistory, stateAt } from './place.ts'
import { compareToLast, emptyState, isOver, isRunning, isShown, type TrackState } from './state.ts'
import { type StepVerdict, type Unheard, verdictsOf } from './verdict.ts'

/** What one new entry did in one track. */
export interface EntryOutcome extends StepVerdict {
  /** Index of the new entry. */
  readonly entry: number
  readonly track: CompiledTrack
  /** The state of the track after the fold, for explanations. */
  readonly state: TrackState
}

/** A track whose journal is needed. */
export interface Need {
  readonly track: CompiledTrack
  /** A checkpoint before this moment will do; null: from the beginning. */
  readonly before: number | null
}

export interface SubjectFold {
  /** When there are any, nothing else in here holds. */
  readonly needs: readonly Need[]
  /** The packed state to write; null when nothing changed. */
  readonly row: Uint8Array | null
  readonly facts: readonly DerivedFact[]
  /** Checkpoints that no longer hold. */
  readonly outdated: readonly Outdated[]
  /** Checkpoints to keep, after the outdated ones are gone. */
  readonly checkpoints: readonly Checkpoint[]
  /** Only filled with `trace`. */
  readonly outcomes: readonly EntryOutcome[]
  /** The runs that began, ended or moved. */
  readonly runs: readonly ChangedRuns[]
  /** When passing time next changes something, in the tracks that are served; −1 never. Before and after. */
  readonly alarmBefore: number
  readonly alarm: number
}

/** What changed of a track so that a list of its runs has to say it. */
export interface ChangedRuns {
  readonly track: CompiledTrack
  readonly state: TrackState
  /** The first run that changed. */
  readonly from: number
}

export interface FoldInput {
  /** The packed state as it was read; null when there is none. */
  readonly row: Uint8Array | null
  /** True when the journal had entries of the subject before the new ones. */
  readonly hasHistory: boolean
  /** The new entries, in the order they arrived. */
  readonly entries: readonly Entry[]
  /** The tracks that an entry can concern. */
  readonly tracksOf: (entry: Entry) => readonly CompiledTrack[]
  /** A track that is served, by its key; a paused one too: what was completed in it still opens others. */
  readonly trackOf: (key: string) => CompiledTrack | undefined
  /** Whether the clock of a track stands still; of none when absent. */
  readonly isPaused?: (key: string) => boolean
  /** Names the subject, for the share that is held out. */
  readonly subject?: string
  /** The tracks that have one in their `after`; none when absent. */
  readonly dependents?: (key: string) => readonly CompiledTrack[]
  /** Up to when the clocks of the tracks that are looked at are passed on; epoch milliseconds. */
  readonly now: number
  readonly calendar: Calendar
  /** Tracks to bring up to date with their definition, even where no new entry concerns them. */
  readonly refresh?: readonly CompiledTrack[]
  /** Computes the tracks in `refresh` again, whoever wrote their state. */
  readonly again?: boolean
  /** Whether to look at all tracks whose alarm is at or before `now`. */
  readonly wake?: boolean
  /** What was asked for by `needs`. */
  readonly history?: (track: CompiledTrack) => History | undefined
  /** How many entries lie between two checkpoints; 1,000 when absent. */
  readonly checkpointEvery?: number
  /** Whether verdicts are wanted. */
  readonly trace: boolean
}

/** Folds the new entries of one subject into all tracks they concern. */
export function foldSubject(given: FoldInput): SubjectFold {
  const row = new SubjectRow(given.row)
  const own = definitionsOf(row)
  let input = given.refresh === undefined ? given : { ...given, refresh: given.refresh.map(own) }
  const needs: Need[] = []
  const facts: DerivedFact[] = []
  const outcomes: EntryOutcome[] = []
  const outdated: Outdated[] = []
  const checkpoints: Checkpoint[] = []
  const runs: ChangedRuns[] = []
  // The timer of a track that was paused may be gone, so its alarm counts as new.
  const alarmBefore = alarmOf(row, input, (track) => row.generationOf(track.key) === track.generation)
  let changed = false
  const waiting = touched(input, row, own)
  const folded = new Set<CompiledTrack>()
  for (let track = nextOf(waiting); track !== undefined; track = nextOf(waiting)) {
    const indexes = waiting.get(track) ?? []
    waiting.delete(track)
    folded.add(track)
    const first = row.get(track)?.state.firstCompletedAt ?? -1
    const result = foldTrack(track, row, indexes, input)
    if ('before' in result) {
      needs.push(result)
      continue
    }
    facts.push(...result.facts)
    outcomes.push(...result.outcomes)
    checkpoints.push(...result.checkpoints)
    if (result.outdatedFrom >= 0) outdated.push({ track, from: result.outdatedFrom, before: null })
    if (result.state === null) continue
    setAlarm(track, result.state, input.calendar)
    row.set(track, result.state)
    changed = true
    if (result.runsFrom >= 0) {
      // In place of what the definition said that its run was pinned to.
      const place = runs.findIndex((other) => other.track.key === track.key)
      const [{ from } = { from: result.runsFrom }] = place < 0 ? [] : runs.splice(place, 1)
      runs.push({ track, state: result.state, from: Math.min(from, result.runsFrom) })
    }
    const served = track === own(track) && !isRunning(result.state) ? input.trackOf(track.key) : track
    if (served !== undefined && served !== track) {
      // The run that was pinned is over: from here on the definition counts that is served.
      waiting.set(served, [])
      input = { ...input, refresh: [...(input.refresh ?? []), served] }
    }
    if (result.state.firstCompletedAt === first) continue
    for (const dependent of (input.dependents?.(track.key) ?? []).map(own))
      if (!folded.has(dependent) && !waiting.has(dependent)) waiting.set(dependent, [])
  }
  return {
    needs,
    row: changed ? row.encode() : null,
    facts,
    outdated,
    checkpoints,
    outcomes,
    runs,
    alarmBefore,
    alarm: alarmOf(row, input),
  }
}

/** The event and control names that a track's journal is read for. */
export function namesOf(track: CompiledTrack): string[] {
  const names = [...track.listeners.keys(), ...TRACK_CONTROLS]
  return track.usesTraits || track.usesDays ? [...names, IDENTIFIED] : names
}

/** Which definition of a track counts for a subject in this fold. */
function definitionsOf(row: SubjectRow): (track: CompiledTrack) => CompiledTrack {
  const pinned = new Map<string, CompiledTrack>()
  return (track) => {
    if (track.pinned.size === 0) return pinned.get(track.key) ?? track
    const known = pinned.get(track.key) ?? definitionOf(track, row)
    pinned.set(track.key, known)
    return known
  }
}

function touched(
  { entries, tracksOf, trackOf, isPaused = never, refresh = [], wake, now }: FoldInput,
  row: SubjectRow,
  own: (track: CompiledTrack) => CompiledTrack,
): Map<CompiledTrack, number[]> {
  const byTrack = new Map<CompiledTrack, number[]>(refresh.map((track) => [track, []]))
  if (wake === true)
    for (const key of row.keys) {
      const alarm = row.alarmOf(key)
      const track = alarm >= 0 && alarm <= now && !isPaused(key) ? trackOf(key) : undefined
      if (track !== undefined) byTrack.set(own(track), [])
    }
  for (const [index, entry] of entries.entries()) {
    for (const served of tracksOf(entry)) {
      const track = own(served)
      const indexes = byTrack.get(track)
      if (indexes === undefined) byTrack.set(track, [index])
      else indexes.push(index)
    }
  }
  return byTrack
}

/** A track of which none that comes first is still waiting. */
function nextOf(waiting: ReadonlyMap<CompiledTrack, unknown>): CompiledTrack | undefined {
  let first: CompiledTrack | undefined
  for (const track of waiting.keys()) {
    if (track.after.length === 0) return track
    first ??= track
    if (!track.after.some((key) => [...waiting.keys()].some((other) => other.key === key))) return track
  }
  return first
}

function never(): boolean {
  return false
}

/** The first alarm of the tracks whose clock runs, of those that count. */
function alarmOf(
  row: SubjectRow,
  { trackOf, isPaused = never }: FoldInput,
  counts: (track: CompiledTrack) => boolean = () => true,
): number {
  let first = -1
  for (const key of row.keys) {
    const alarm = row.alarmOf(key)
    if (alarm < 0 || (first >= 0 && alarm >= first) || isPaused(key)) continue
    const track = trackOf(key)
    if (track !== undefined && counts(track)) first = alarm
  }
  return first
}

/** From when the tracks that come first are completed; never: Infinity. `trackOf` as the fold has it. */
export function gateOf({ after, afterAny }: CompiledTrack, row: SubjectRow, { trackOf }: Pick<FoldInput, 'trackOf'>): number {
  if (after.length === 0) return -1
  const moments = after.map((key) => {
    const track = trackOf(key)
    const completed = track === undefined ? undefined : row.get(definitionOf(track, row))?.state.firstCompletedAt
    return completed === undefined || completed < 0 ? Number.POSITIVE_INFINITY : completed
  })
  return afterAny ? Math.min(...moments) : Math.max(...moments)
}

interface TrackFold {
  /** Null when it does not change. */
  readonly state: TrackState | null
  readonly facts: readonly DerivedFact[]
  /** −1: none. */
  readonly outdatedFrom: number
  readonly checkpoints: readonly Checkpoint[]
  readonly outcomes: readonly EntryOutcome[]
  /** The first run that began, ended or moved; −1 when none did. */
  readonly runsFrom: number
}

function foldTrack(track: CompiledTrack, row: SubjectRow, indexes: readonly number[], input: FoldInput): TrackFold | Need {
  const { entries, trace, now, calendar, checkpointEvery = CHECKPOINT_EVERY } = input
  const known = row.get(track)
  const before = known?.state ?? emptyState(track)
  const gate = gateOf(track, row, input)
  // What an earlier definition wrote says nothing about what this one can still read.
  const cutAt = known?.changed === true ? -1 : before.cutAt
  const unheard = new Map<number, Unheard>()
  const fresh = place(
    track,
    indexes.map((index) => [index, entries[index] as Entry]),
    cutAt,
    unheard,
  )
  const [first] = fresh
  const isRefreshed = input.refresh?.includes(track) === true || isDue(row, track, input)
  const isGated = known !== null && track.after.length > 0 && before.gateAt !== gate
  const isAgain = input.again === true && input.refresh?.includes(track) === true
  // What was computed by another definition, or not at all.
  const isMigrated = known === null ? input.hasHistory : known.changed
  const isOutOfDate = isMigrated || isGated || (known !== null && isAgain)
  if (first === undefined && !(isOutOfDate && (isRefreshed || isGated)) && !isDue(row, track, input))
    return { ...NOTHING, outcomes: trace ? judgeAll(track, before, indexes, input, unheard) : [] }

  const isFinished = isOver(track, before)
  const foldedBefore = before.folded
  const contradiction = first === undefined ? { source: before.lastSource, eventId: before.lastId } : refOf(first.entry)
  const codes = new Map<number, Map<number, LeafCode>>()
  if (trace) for (const { index } of fresh) codes.set(index, new Map())
  const announced = snapshot(before)
  const older = isOutOfDate ? 0 : isReopened(track, before, fresh) ? undefined : insertAllOlder(track, before, fresh, codes)
  const rebuild = isOutOfDate || older === undefined
  const history = rebuild ? input.history?.(track) : undefined
  if (rebuild && history === undefined) return { track, before: isOutOfDate ? null : (first as Placed).entry.occurredAt }
  const state = history === undefined ? before : stateAt(track, history, cutAt)
  state.gateAt = gate
  const list = history === undefined ? fresh.slice(older) : placeHistory(track, state, history.entries, fresh)
  if (known === null && list.length === 0) return NOTHING

  const occurrences: Occurrence[] = []
  const checkpoints: Checkpoint[] = []
  const isCheckpoint = (folded: number) =>
    !isOver(track, state) && Math.floor(folded / checkpointEvery) < Math.floor(state.folded / checkpointEvery)
  if (!rebuild && isCheckpoint(foldedBefore)) checkpoints.push(toCheckpoint(track, state))
  for (const { entry, listener, index } of list) {
    const leafCodes = codes.get(index)
    const foldedThen = state.folded
    const out: Derivation = { derived: [], ...(leafCodes === undefined ? {} : { leafCodes }) }
    advance(track, state, entry, listener, calendar, out)
    const trigger = index >= 0 ? index : (first?.index ?? -1)
    const isPast = isMigrated && index < 0
    for (const derived of out.derived) occurrences.push({ derived, trigger, isPast })
    if (isCheckpoint(foldedThen)) checkpoints.push(toCheckpoint(track, state))
  }
  const tail: Derivation = { derived: [] }
  passClock(track, state, now, calendar, tail)
  const isPast = isMigrated && first === undefined && !isDue(row, track, input)
  for (const derived of tail.derived) occurrences.push({ derived, trigger: -1, isPast })
  const isTold =
    history === undefined || track.streak === undefined || known?.changed !== false
      ? undefined
      : toldDates(track, history, announced, list, calendar)
  const told = isTold === undefined ? occurrences : occurrences.filter(({ derived }) => !isTold(derived))
  const by = { at: first?.entry.occurredAt ?? now, cause: contradiction, trigger: first?.index ?? -1, isPast: isMigrated }
  const facts = announce(track, announced, state, told, by, isHeldOut(track, input.subject))
  state.standing = standingAfter(announced, state, contradiction)
  const hasCheckpoints = known !== null && (isOutOfDate || isFinished || announced.run > 0 || foldedBefore >= checkpointEvery)
  const outdatedFrom = !hasCheckpoints || (older === 0 && !rebuild) ? -1 : isOutOfDate ? 0 : (first as Placed).entry.occurredAt
  const completedBy = trace ? completions(facts) : undefined
  return {
    state: isFinished && !rebuild && state.folded === foldedBefore ? null : state,
    facts,
    outdatedFrom,
    checkpoints,
    outcomes: trace ? judgeAll(track, state, indexes, input, unheard, shownSteps(track, announced), codes, completedBy) : [],
    runsFrom: runsFrom(announced, state, isMigrated || facts.length > 0),
  }
}

function runsFrom(before: TrackState, after: TrackState, isNew: boolean): number {
  const hasMoved = before.startedAt !== after.startedAt || before.endedAt !== after.endedAt
  return after.run >= 0 && (isNew || hasMoved) ? Math.max(0, Math.min(before.run, after.run)) : -1
}

const NOTHING: TrackFold = { state: null, facts: [], outdatedFrom: -1, checkpoints: [], outcomes: [], runsFrom: -1 }

function isDue(row: SubjectRow, { key }: CompiledTrack, { wake, now }: FoldInput): boolean {
  const alarm = row.alarmOf(key)
  return wake === true && alarm >= 0 && alarm <= now
}

/** What was announced of a state, before the state is changed. */
function snapshot(state: TrackState): TrackState {
  return {
    ...state,
    how: state.how.slice(),
    settledAt: state.settledAt.slice(),
    openedAt: state.openedAt.slice(),
    chosen: state.chosen.slice(),
  }
}

/** What was told of the dates of a streak before a rebuild: what the fold without the new entries gives, up to where it had come. */
function toldDates(
  track: CompiledTrack,
  history: History,
  before: TrackState,
  list: readonly Placed[],
  calendar: Calendar,
): (derived: Derived) => boolean {
  const state = stateAt(track, history, before.cutAt)
  state.gateAt = before.gateAt
  const out: Derivation = { derived: [] }
  for (const { entry, listener, index } of list) if (index < 0) advance(track, state, entry, listener, calendar, out)
  passClock(track, state, before.clockAt, calendar, out)
  const told = new Set(out.derived.filter(isOfDate).map(dateOf))
  return (derived) => isOfDate(derived) && told.has(dateOf(derived))
}

function isOfDate({ kind }: Derived): boolean {
  return kind === 'advanced' || kind === 'frozen' || kind === 'lost'
}

function dateOf({ kind, run, day }: Derived): string {
  return `${kind} ${run} ${day}`
}

/** True when a run begins where none could: what came since the last one was over has left no trace, and some of it can come after. */
function isReopened(track: CompiledTrack, state: TrackState, fresh: readonly Placed[]): boolean {
  return isOver(track, state) && fresh.some(({ entry }) => entry.kind === 'control' && entry.name === RESET)
}

/** Takes in the entries that sort before the newest folded one. Returns how many they are; undefined when a rebuild has to. */
function insertAllOlder(
  track: CompiledTrack,
  state: TrackState,
  fresh: readonly Placed[],
  codes: ReadonlyMap<number, Map<number, LeafCode>>,
): number | undefined {
  for (const [count, { entry, listener, index }] of fresh.entries()) {
    if (compareToLast(state, entry, listener.place) > 0) return entry.occurredAt > state.clockAt ? count : undefined
    if (!track.isPlain || !insertOlder(track, state, entry, listener, codes.get(index))) return undefined
  }
  return fresh.length
}

function shownSteps(track: CompiledTrack, state: TrackState): Set<number> {
  const shown = new Set<number>()
  for (const { index } of track.steps) if (isShown(state, index)) shown.add(index)
  return shown
}

/** By new entry: the steps whose completion it announced. */
function completions(facts: readonly DerivedFact[]): Map<number, Set<number>> {
  const byEntry = new Map<number, Set<number>>()
  for (const { name, trigger, step } of facts) {
    if (name !== 'step.completed') continue
    const set = byEntry.get(trigger)
    if (set === undefined) byEntry.set(trigger, new Set([step]))
    else set.add(step)
  }
  return byEntry
}

function judgeAll(
  track: CompiledTrack,
  state: TrackState,
  indexes: readonly number[],
  { entries }: FoldInput,
  unheard: ReadonlyMap<number, Unheard>,
  doneBefore: ReadonlySet<number> = shownSteps(track, state),
  codes: ReadonlyMap<number, ReadonlyMap<number, LeafCode>> = new Map(),
  completedBy: ReadonlyMap<number, ReadonlySet<number>> = new Map(),
): EntryOutcome[] {
  return indexes.flatMap((index) => {
    const entry = entries[index] as Entry
    const ruling = {
      track,
      entry,
      state,
      unheard: unheard.get(index),
      doneBefore,
      completed: completedBy.get(index) ?? NO_STEPS,
      leafCodes: codes.get(index) ?? NO_CODES,
    }
    return verdictsOf(ruling).map((verdict) => ({ ...verdict, entry: index, track, state }))
  })
}

const NO_STEPS: ReadonlySet<number> = new Set()
const NO_CODES: ReadonlyMap<number, LeafCode> = new Map()

function refOf({ source, eventId }: Entry): EntryRef {
  return { source, eventId }
}
