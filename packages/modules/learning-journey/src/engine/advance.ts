/**
 * One step of the fold: takes one entry, in order, into the state of one track. It changes the state it is given, which the
 * caller owns; everything it derives goes to `out`. No clock, no chance, no input but its arguments.
 */
import { CONTROL_PLACE, type CompiledTrack, type Leaf, type Listener, type Node, passes, refusal, type Step } from './compile.ts'
import { distinctKey } from './distinct.ts'
import { ENROLLED, type Entry, type EntryRef, IMPORT } from './entry.ts'
import type { TrackState } from './state.ts'
import { valueAt } from './where.ts'

/** A completion that one `advance` derived. `step` −1 is the whole track. */
export interface Completion {
  readonly step: number
  readonly at: number
  readonly cause: EntryRef
}

/** What an entry did to the leaves that listen to it, for those who ask why. */
export type LeafCode =
  /** Counted it; the condition of the step wants more (`took`), or is met by now (`met`). */
  | 'took'
  | 'met'
  /** Has all it wants; the condition of the step wants more (`full`), or waits for prerequisites (`waiting`). */
  | 'full'
  | 'waiting'
  | 'seen'
  | 'locked'
  | 'not_started'
  | 'consumed'
  | 'gated'
  | 'done'

/** Receives what `advance` derives. */
export interface Derivation {
  /** Set when the entry started the run. */
  started: EntryRef | null
  completions: Completion[]
  /** By leaf index; only filled when it is there. */
  leafCodes?: Map<number, LeafCode>
}

/** Where an entry stands with a track: it matters, by way of a listener, or it does not and there is a reason. */
export type Hearing = Listener | 'deaf' | 'too_late' | 'refused'

/** Tells whether an entry matters to a track. `deaf`: the track does not listen to it at all. */
export function hearingOf(track: CompiledTrack, entry: Entry): Hearing {
  if (entry.track !== null && entry.track !== track.key) return 'deaf'
  if (entry.kind === 'control')
    return entry.name === ENROLLED && valueAt(entry.payload, TRACK_ID) === track.key ? CONTROL : 'deaf'
  const listener = track.listeners.get(entry.name)
  if (listener === undefined) return 'deaf'
  if (isTooLate(track, entry)) return 'too_late'
  if (listener.start !== undefined && refusal(listener.start, entry) === undefined) return listener
  for (const { leaves } of listener.steps) for (const leaf of leaves) if (passes(leaf, entry)) return listener
  return 'refused'
}

/** True when an entry is older on arrival than its track takes. What was imported never is. */
export function isTooLate(track: CompiledTrack, entry: Entry): boolean {
  return entry.receivedAt - entry.occurredAt > track.latenessMs && entry.kind === 'event' && entry.channel !== IMPORT
}

const TRACK_ID = ['trackId']
/** What a control entry is heard by: no leaf. */
const CONTROL: Listener = { place: CONTROL_PLACE, steps: [], start: undefined, isSole: false }

/** Folds an entry that matters and that sorts after everything folded before. */
export function advance(track: CompiledTrack, state: TrackState, entry: Entry, listener: Listener, out: Derivation): void {
  if (state.completedAt >= 0) {
    if (out.leafCodes !== undefined) markDone(listener, out.leafCodes)
    return
  }
  state.lastAt = entry.occurredAt
  state.lastPlace = listener.place
  state.lastSource = entry.source
  state.lastId = entry.eventId
  state.folded++
  const starts = state.startedAt < 0 && startsRun(track, entry, listener)
  if (starts) {
    state.startedAt = entry.occurredAt
    out.started = entry
  }
  const isReady = offer(state, entry, listener, out.leafCodes)
  if ((starts || isReady) && state.startedAt >= 0) cascade(track, state, entry, out)
}

/** True when an entry that matters starts a run where there is none. */
export function startsRun(track: CompiledTrack, entry: Entry, listener: Listener): boolean {
  if (track.mode === 'explicit') return listener === CONTROL
  if (listener === CONTROL) return false
  return track.mode === 'onFirstMatch' || (listener.start !== undefined && refusal(listener.start, entry) === undefined)
}

/** Offers the entry to every leaf that listens. True when the condition of some step is met by it. */
function offer(state: TrackState, entry: Entry, listener: Listener, codes: Map<number, LeafCode> | undefined): boolean {
  let isReady = false
  let consumed = false
  for (const { step, leaves } of listener.steps) {
    const done = (state.doneAt[step.index] as number) >= 0
    let consumedHere = false
    let tookHere = false
    for (const leaf of leaves) {
      // Whoever found that the entry matters has asked the only leaf there is.
      if (!listener.isSole && !passes(leaf, entry)) continue
      const code = done ? 'done' : take(state, step, leaf, entry, consumed)
      if (codes !== undefined) codes.set(leaf.index, code)
      if (code !== 'took') continue
      tookHere = true
      consumedHere ||= leaf.exclusive
    }
    if (tookHere && state.readyBy[step.index] === null && isMet(step.condition, state)) {
      state.readyBy[step.index] = { source: entry.source, eventId: entry.eventId }
      isReady = true
    }
    if (codes !== undefined && state.readyBy[step.index] !== null) markMet(leaves, codes)
    consumed ||= consumedHere
  }
  return isReady
}

function take(state: TrackState, step: Step, leaf: Leaf, entry: Entry, consumed: boolean): LeafCode {
  const count = state.counts[leaf.index] as number
  if (count >= leaf.need) return 'full'
  if (leaf.lookback !== 'ever' && state.startedAt < 0) return 'not_started'
  if (leaf.lookback === 'afterUnlock' && !isUnlocked(step, state)) return 'locked'
  for (const gate of leaf.gates) if (!isOpen(gate.sequence, gate.before, state)) return 'gated'
  if (consumed && leaf.exclusive) return 'consumed'
  if (leaf.distinctPath !== undefined) {
    const key = distinctKey(valueAt(entry.payload, leaf.distinctPath))
    const seen = state.seen[leaf.index]
    if (seen?.includes(key)) return 'seen'
    see(state, leaf, key)
  }
  state.counts[leaf.index] = count + 1
  return 'took'
}

/** Sorted, so that the order in which values came leaves no trace. */
export function see(state: TrackState, leaf: Leaf, key: string): void {
  const seen = state.seen[leaf.index]
  if (!seen) {
    state.seen[leaf.index] = [key]
    return
  }
  let place = seen.push(key) - 1
  for (; place > 0 && (seen[place - 1] as string) > key; place--) seen[place] = seen[place - 1] as string
  seen[place] = key
}

function cascade(track: CompiledTrack, state: TrackState, entry: Entry, out: Derivation): void {
  const { steps } = track
  let open = 0
  let again = true
  while (again) {
    again = false
    open = 0
    for (const step of steps) {
      if ((state.doneAt[step.index] as number) >= 0) continue
      const cause = state.readyBy[step.index]
      if (cause === null || cause === undefined || !isUnlocked(step, state)) {
        open++
        continue
      }
      state.doneAt[step.index] = entry.occurredAt
      state.readyBy[step.index] = null
      out.completions.push({ step: step.index, at: entry.occurredAt, cause })
      again = true
    }
  }
  if (open > 0) return
  state.completedAt = entry.occurredAt
  out.completions.push({ step: -1, at: entry.occurredAt, cause: { source: entry.source, eventId: entry.eventId } })
}

/** True when the steps that come first are completed. Whether the run has started is for the caller to know. */
export function isUnlocked(step: Step, state: TrackState): boolean {
  const { after } = step
  if (after.length === 0) return true
  for (const index of after) if ((state.doneAt[index] as number) >= 0 === step.afterAny) return step.afterAny
  return !step.afterAny
}

/** True when a condition is met by what was counted. */
export function isMet(node: Node, state: TrackState): boolean {
  if (node.kind === 'leaf') return (state.counts[node.leaf.index] as number) >= node.leaf.need
  for (const child of node.children) if (isMet(child, state) === (node.kind === 'any')) return node.kind === 'any'
  return node.kind !== 'any'
}

/** True when the parts of a sequence before an index are met. */
export function isOpen(sequence: Node, before: number, state: TrackState): boolean {
  if (sequence.kind === 'leaf') return true
  for (let i = 0; i < before; i++) if (!isMet(sequence.children[i] as Node, state)) return false
  return true
}

function markMet(leaves: readonly Leaf[], codes: Map<number, LeafCode>): void {
  for (const { index } of leaves) {
    const code = codes.get(index)
    if (code === 'took') codes.set(index, 'met')
    if (code === 'full' || code === 'seen') codes.set(index, 'waiting')
  }
}

function markDone(listener: Listener, codes: Map<number, LeafCode>): void {
  for (const { leaves } of listener.steps) for (const leaf of leaves) codes.set(leaf.index, 'done')
}
