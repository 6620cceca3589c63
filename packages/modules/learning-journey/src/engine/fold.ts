/**
 * The fold of one subject: (tracks, packed state, new entries) → (packed state, facts, verdicts). Pure: it changes nothing that it was
 * given, and the same arguments always give the same result.
 *
 * An entry that sorts last is folded at once. For an older one, and for a track that the state does not know while the journal has a past,
 * the fold asks for the journal (`needs`) and is called again with it; then the track is computed from the beginning.
 */
import { advance, type Completion, type Derivation, hearingOf, type LeafCode } from './advance.ts'
import { SubjectRow } from './codec.ts'
import type { CompiledTrack, Listener } from './compile.ts'
import { ENROLLED, type Entry, type EntryRef } from './entry.ts'
import type { RewardModel } from './model.ts'
import { compareEntries, emptyState, isOlder, isShown, type Standing, type TrackState } from './state.ts'
import { type StepVerdict, verdictsOf } from './verdict.ts'

/** Something that the fold derived, to be appended once. */
export interface DerivedFact {
  readonly track: CompiledTrack
  /** −1: the whole track. */
  readonly step: number
  readonly name: FactName
  readonly at: number
  readonly cause: EntryRef
  /** Index of the new entry whose arrival brought it about. */
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

export interface SubjectFold {
  /** Tracks whose journal is needed; when there are any, nothing else in here holds. */
  readonly needs: readonly CompiledTrack[]
  /** The packed state to write; null when nothing changed. */
  readonly row: Uint8Array | null
  readonly facts: readonly DerivedFact[]
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
  /** The whole journal of the subject for the names of a track, the new entries included. */
  readonly history?: (track: CompiledTrack) => readonly Entry[]
  /** Whether verdicts are wanted. */
  readonly trace: boolean
}

/** Folds the new entries of one subject into all tracks they concern. */
export function foldSubject(input: FoldInput): SubjectFold {
  const row = new SubjectRow(input.row)
  const needs: CompiledTrack[] = []
  const facts: DerivedFact[] = []
  const outcomes: EntryOutcome[] = []
  let changed = false
  for (const [track, indexes] of touched(input)) {
    const result = foldTrack(track, row, indexes, input)
    if (result === 'needs history') {
      needs.push(track)
      continue
    }
    facts.push(...result.facts)
    outcomes.push(...result.outcomes)
    if (result.state !== null) {
      row.set(track, result.state)
      changed = true
    }
  }
  return { needs, row: changed ? row.encode() : null, facts, outcomes }
}

/** The event and control names that a track's journal is read for. */
export function namesOf(track: CompiledTrack): string[] {
  return [...track.listeners.keys(), ENROLLED]
}

function touched({ entries, tracksOf }: FoldInput): Map<CompiledTrack, number[]> {
  const byTrack = new Map<CompiledTrack, number[]>()
  for (const [index, entry] of entries.entries()) {
    for (const track of tracksOf(entry)) {
      const indexes = byTrack.get(track)
      if (indexes === undefined) byTrack.set(track, [index])
      else indexes.push(index)
    }
  }
  return byTrack
}

interface Placed {
  readonly entry: Entry
  readonly listener: Listener
  /** Index among the new entries; −1 for one that was in the journal already. */
  readonly index: number
}

interface TrackFold {
  /** Null when it does not change. */
  readonly state: TrackState | null
  readonly facts: readonly DerivedFact[]
  readonly outcomes: readonly EntryOutcome[]
}

function foldTrack(
  track: CompiledTrack,
  row: SubjectRow,
  indexes: readonly number[],
  input: FoldInput,
): TrackFold | 'needs history' {
  const tooLate = new Set<number>()
  const fresh = place(
    track,
    indexes.map((index) => [index, input.entries[index] as Entry]),
    tooLate,
  )
  const known = row.get(track)
  const [first] = fresh
  if (first === undefined)
    return {
      state: null,
      facts: [],
      outcomes: input.trace ? judgeAll(track, known?.state ?? emptyState(track), indexes, input, tooLate) : [],
    }
  const rebuild = known === null ? input.hasHistory : known.changed || isOlder(known.state, first.entry, first.listener.place)
  if (rebuild && input.history === undefined) return 'needs history'
  const before = known?.state ?? emptyState(track)
  const shown = shownSteps(track, before)
  const state = rebuild ? emptyState(track) : before
  const startedBefore = before.startedAt >= 0
  const finishedBefore = !rebuild && before.completedAt >= 0
  const list = rebuild ? placeHistory(track, input.history?.(track) ?? [], fresh) : fresh

  const facts: DerivedFact[] = []
  const codes = new Map<number, ReadonlyMap<number, LeafCode>>()
  const completedBy = new Map<number, Set<number>>()
  for (const { entry, listener, index } of list) {
    const out: Derivation = { started: null, completions: [], ...(input.trace && index >= 0 ? { leafCodes: new Map() } : {}) }
    advance(track, state, entry, listener, out)
    const trigger = index >= 0 ? index : first.index
    if (out.started !== null && !startedBefore)
      facts.push({ track, step: -1, name: 'enrolled', at: entry.occurredAt, cause: refOf(entry), trigger, data: {} })
    for (const completion of out.completions) {
      if (shown.has(completion.step)) continue
      facts.push(...completionFacts(track, completion, trigger))
      const set = completedBy.get(trigger)
      if (set === undefined) completedBy.set(trigger, new Set([completion.step]))
      else set.add(completion.step)
    }
    if (out.leafCodes !== undefined) codes.set(index, out.leafCodes)
  }
  state.standing = standingAfter(before, state, shown, refOf(first.entry))
  const outcomes = input.trace ? judgeAll(track, state, indexes, input, tooLate, shown, codes, completedBy) : []
  return { state: finishedBefore ? null : state, facts, outcomes }
}

/** The entries that matter to a track, in its order. */
function place(track: CompiledTrack, entries: readonly (readonly [number, Entry])[], tooLate: Set<number>): Placed[] {
  const placed: Placed[] = []
  for (const [index, entry] of entries) {
    const heard = hearingOf(track, entry)
    if (heard === 'too_late') tooLate.add(index)
    if (typeof heard !== 'string') placed.push({ entry, listener: heard, index })
  }
  return placed.length < 2 ? placed : placed.sort((a, b) => compareEntries(a.entry, a.listener.place, b.entry, b.listener.place))
}

/** The whole journal; the new entries in it keep their index. */
function placeHistory(track: CompiledTrack, journal: readonly Entry[], fresh: readonly Placed[]): Placed[] {
  const indexOf = new Map(fresh.map(({ entry, index }) => [keyOf(entry), index]))
  return place(
    track,
    journal.map((entry) => [indexOf.get(keyOf(entry)) ?? -1, entry]),
    new Set(),
  )
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
  tooLate: ReadonlySet<number>,
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
      tooLate: tooLate.has(index),
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

/** Source and id can hold any text but NUL. */
function keyOf({ source, eventId }: Entry): string {
  return `${source}\0${eventId}`
}
