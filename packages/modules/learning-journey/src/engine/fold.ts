/**
 * The fold of one subject: (tracks, packed state, new entries) → (packed state, facts, verdicts). Pure: it changes nothing that it was
 * given, and the same arguments always give the same result.
 *
 * An entry that sorts last is folded at once; an older one too, where a rebuild is certain to give the same. For any other, and for a track
 * that the state does not know while the journal has a past, the fold asks for the journal (`needs`) and is called again with it; then the
 * track is computed from a checkpoint, or from the beginning.
 */
import { advance, type Completion, type Derivation, type LeafCode } from './advance.ts'
import { CHECKPOINT_EVERY, type Checkpoint, type Outdated, toCheckpoint } from './checkpoint.ts'
import { SubjectRow } from './codec.ts'
import type { CompiledTrack } from './compile.ts'
import { ENROLLED, type Entry, type EntryRef } from './entry.ts'
import { insertOlder } from './fast-path.ts'
import type { RewardModel } from './model.ts'
import { type History, type Placed, place, placeHistory, stateAt } from './place.ts'
import { compareToLast, emptyState, isShown, type Standing, type TrackState } from './state.ts'
import { type StepVerdict, type Unheard, verdictsOf } from './verdict.ts'

/** Something that the fold derived, to be appended once. */
export interface DerivedFact {
  readonly track: CompiledTrack
  /** −1: the whole track. */
  readonly step: number
  readonly name: FactName
  readonly at: number
  readonly cause: EntryRef
  /** Index of the new entry whose arrival brought it about; −1 when it was none, but a track that was brought up to date. */
  readonly trigger: number
  readonly data: { readonly xp?: number; readonly badge?: string }
}

export type FactName = 'enrolled' | 'step.completed' | 'track.completed' | 'xp.granted' | 'badge.granted'

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
  /** Tracks to bring up to date with their definition, even where no new entry concerns them. */
  readonly refresh?: readonly CompiledTrack[]
  /** What was asked for by `needs`. */
  readonly history?: (track: CompiledTrack) => History
  /** How many entries lie between two checkpoints; 1,000 when absent. */
  readonly checkpointEvery?: number
  /** Whether verdicts are wanted. */
  readonly trace: boolean
}

/** Folds the new entries of one subject into all tracks they concern. */
export function foldSubject(input: FoldInput): SubjectFold {
  const row = new SubjectRow(input.row)
  const needs: Need[] = []
  const facts: DerivedFact[] = []
  const outcomes: EntryOutcome[] = []
  const outdated: Outdated[] = []
  const checkpoints: Checkpoint[] = []
  let changed = false
  for (const [track, indexes] of touched(input)) {
    const result = foldTrack(track, row, indexes, input)
    if ('before' in result) {
      needs.push(result)
      continue
    }
    facts.push(...result.facts)
    outcomes.push(...result.outcomes)
    checkpoints.push(...result.checkpoints)
    if (result.outdatedFrom >= 0) outdated.push({ track, from: result.outdatedFrom, before: null })
    if (result.state !== null) {
      row.set(track, result.state)
      changed = true
    }
  }
  return { needs, row: changed ? row.encode() : null, facts, outdated, checkpoints, outcomes }
}

/** The event and control names that a track's journal is read for. */
export function namesOf(track: CompiledTrack): string[] {
  return [...track.listeners.keys(), ENROLLED]
}

function touched({ entries, tracksOf, refresh = [] }: FoldInput): Map<CompiledTrack, number[]> {
  const byTrack = new Map<CompiledTrack, number[]>(refresh.map((track) => [track, []]))
  for (const [index, entry] of entries.entries()) {
    for (const track of tracksOf(entry)) {
      const indexes = byTrack.get(track)
      if (indexes === undefined) byTrack.set(track, [index])
      else indexes.push(index)
    }
  }
  return byTrack
}

interface TrackFold {
  /** Null when it does not change. */
  readonly state: TrackState | null
  readonly facts: readonly DerivedFact[]
  /** −1: none. */
  readonly outdatedFrom: number
  readonly checkpoints: readonly Checkpoint[]
  readonly outcomes: readonly EntryOutcome[]
}

function foldTrack(track: CompiledTrack, row: SubjectRow, indexes: readonly number[], input: FoldInput): TrackFold | Need {
  const { entries, trace, checkpointEvery = CHECKPOINT_EVERY } = input
  const known = row.get(track)
  const before = known?.state ?? emptyState(track)
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
  const isOutOfDate = known === null ? input.hasHistory : known.changed
  if (first === undefined && !(isOutOfDate && input.refresh?.includes(track)))
    return { ...NOTHING, outcomes: trace ? judgeAll(track, before, indexes, input, unheard) : [] }

  const shown = shownSteps(track, before)
  const isStarted = before.startedAt >= 0
  const isFinished = before.completedAt >= 0
  const foldedBefore = before.folded
  const by = first === undefined ? { source: before.lastSource, eventId: before.lastId } : refOf(first.entry)
  const codes = new Map<number, Map<number, LeafCode>>()
  if (trace) for (const { index } of fresh) codes.set(index, new Map())
  const older = isOutOfDate ? 0 : insertAllOlder(track, before, fresh, codes)
  const rebuild = isOutOfDate || older === undefined
  if (rebuild && input.history === undefined) return { track, before: isOutOfDate ? null : (first as Placed).entry.occurredAt }
  const history = rebuild ? input.history?.(track) : undefined
  const state = history === undefined ? before : stateAt(track, history, cutAt)
  const list = history === undefined ? fresh.slice(older) : placeHistory(track, state, history.entries, fresh)
  if (known === null && list.length === 0) return NOTHING

  const facts: DerivedFact[] = []
  const checkpoints: Checkpoint[] = []
  const completedBy = new Map<number, Set<number>>()
  const isDue = (folded: number) =>
    state.completedAt < 0 && Math.floor(folded / checkpointEvery) < Math.floor(state.folded / checkpointEvery)
  if (!rebuild && isDue(foldedBefore)) checkpoints.push(toCheckpoint(track, state))
  for (const { entry, listener, index } of list) {
    const leafCodes = codes.get(index)
    const out: Derivation = { started: null, completions: [], ...(leafCodes === undefined ? {} : { leafCodes }) }
    advance(track, state, entry, listener, out)
    const trigger = index >= 0 ? index : (first?.index ?? -1)
    if (out.started !== null && !isStarted)
      facts.push({ track, step: -1, name: 'enrolled', at: entry.occurredAt, cause: refOf(entry), trigger, data: {} })
    for (const completion of out.completions) {
      if (shown.has(completion.step)) continue
      facts.push(...completionFacts(track, completion, trigger))
      const set = completedBy.get(trigger)
      if (set === undefined) completedBy.set(trigger, new Set([completion.step]))
      else set.add(completion.step)
    }
    if (isDue(state.folded - 1)) checkpoints.push(toCheckpoint(track, state))
  }
  state.standing = standingAfter(before, state, shown, by)
  const hasCheckpoints = known !== null && (isOutOfDate || isFinished || foldedBefore >= checkpointEvery)
  const outdatedFrom = !hasCheckpoints || (older === 0 && !rebuild) ? -1 : isOutOfDate ? 0 : (first as Placed).entry.occurredAt
  return {
    state: isFinished && !rebuild ? null : state,
    facts,
    outdatedFrom,
    checkpoints,
    outcomes: trace ? judgeAll(track, state, indexes, input, unheard, shown, codes, completedBy) : [],
  }
}

const NOTHING: TrackFold = { state: null, facts: [], outdatedFrom: -1, checkpoints: [], outcomes: [] }

/** Takes in the entries that sort before the newest folded one. Returns how many they are; undefined when a rebuild has to. */
function insertAllOlder(
  track: CompiledTrack,
  state: TrackState,
  fresh: readonly Placed[],
  codes: ReadonlyMap<number, Map<number, LeafCode>>,
): number | undefined {
  for (const [count, { entry, listener, index }] of fresh.entries()) {
    if (compareToLast(state, entry, listener.place) > 0) return count
    if (!insertOlder(track, state, entry, listener, codes.get(index))) return undefined
  }
  return fresh.length
}

function shownSteps(track: CompiledTrack, state: TrackState): Set<number> {
  const shown = new Set<number>()
  for (const { index } of track.steps) if (isShown(state, index)) shown.add(index)
  if (state.completedAt >= 0 || state.standing.some(({ step }) => step < 0)) shown.add(-1)
  return shown
}

function standingAfter(before: TrackState, state: TrackState, shown: ReadonlySet<number>, by: EntryRef): readonly Standing[] {
  const standing: Standing[] = []
  for (const step of shown) {
    if (step < 0 ? state.completedAt >= 0 : (state.doneAt[step] as number) >= 0) continue
    const at = step < 0 ? before.completedAt : (before.doneAt[step] as number)
    standing.push(before.standing.find((mark) => mark.step === step) ?? { step, at, by })
  }
  return standing.length === 0 ? NONE : standing
}

const NONE: readonly Standing[] = []

function completionFacts(track: CompiledTrack, { step, at, cause }: Completion, trigger: number): DerivedFact[] {
  const fact = (name: FactName, data: DerivedFact['data'] = {}): DerivedFact => ({ track, step, name, at, cause, trigger, data })
  const reward: RewardModel | undefined = step < 0 ? track.model.completion : track.steps[step]?.model.reward
  const facts = [fact(step < 0 ? 'track.completed' : 'step.completed')]
  if (reward?.xp !== undefined && reward.xp > 0) facts.push(fact('xp.granted', { xp: reward.xp }))
  if (reward?.badge !== undefined) facts.push(fact('badge.granted', { badge: reward.badge }))
  return facts
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
