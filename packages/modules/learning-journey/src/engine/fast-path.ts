import { startsRun } from './advance.ts'
import { type CompiledTrack, type Leaf, type Listener, passes, type Step, type StepListener } from './compile.ts'
import { distinctKey } from './distinct.ts'
import { ENROLLED, type Entry } from './entry.ts'
import { isOpen, type LeafCode, see } from './offer.ts'
import { isMet, isOver, isUnlocked, OPEN, type TrackState } from './state.ts'
import { valueAt } from './where.ts'

/**
 * Takes an entry that sorts before the newest folded one into the state, where a rebuild is certain to give the same: it adds to counts
 * that stay short, or it meets only what was done before it. So no condition is met at another moment, and everything that follows from
 * conditions stays as it is. For plain tracks only. False where that is not certain; the state is then spoiled.
 * @param codes receives what it did to the leaves, as a rebuild would say it.
 */
export function insertOlder(
  track: CompiledTrack,
  state: TrackState,
  entry: Entry,
  listener: Listener,
  codes: Map<number, LeafCode> | undefined,
): boolean {
  // What a control entry did, or an earlier run, is not known of the counts.
  if (entry.kind === 'control' && entry.name !== ENROLLED) return false
  if (state.run > 0 || state.isCommanded) return false
  const over = isOver(track, state)
  if (over && entry.kind === 'control' && entry.occurredAt >= state.endedAt) return false
  const started = hasStartedBefore(track, state, entry, listener)
  if (started === undefined) return false
  let consumed = false
  for (const heard of listener.steps) {
    const { step, leaves } = heard
    let consumedHere = false
    let tookHere = false
    for (const leaf of leaves) {
      if (!passes(leaf, entry)) continue
      const code = decide(state, heard, leaf, entry, started, consumed, codes !== undefined, over)
      if (code === undefined) return false
      codes?.set(leaf.index, code)
      if (code !== 'took') continue
      state.tally.counts[leaf.slot] = (state.tally.counts[leaf.slot] as number) + 1
      if (leaf.distinctPath !== undefined) see(state.tally, leaf.slot, distinctKey(valueAt(entry.payload, leaf.distinctPath)))
      tookHere = true
      consumedHere ||= leaf.exclusive
    }
    if (tookHere && state.readyBy[step.index] === null && isMet(step.condition, state)) return false
    consumed ||= consumedHere
  }
  if (over) return true
  state.folded++
  if (started && entry.occurredAt < state.startedAt) state.startedAt = entry.occurredAt
  return true
}

/** Whether the run had started when the entry came, in the order of the track; undefined when that is not certain. */
function hasStartedBefore(
  track: CompiledTrack,
  { startedAt }: TrackState,
  entry: Entry,
  listener: Listener,
): boolean | undefined {
  const couldStart = startsRun(track, entry, listener)
  if (startedAt < 0) return couldStart ? undefined : false
  // Every entry that a leaf passes is one that could start the run, so none of them came before the start.
  if (track.mode === 'onFirstMatch') return couldStart
  if (startedAt < entry.occurredAt) return true
  return couldStart || startedAt === entry.occurredAt ? undefined : false
}

/** What `advance` would say of the leaf at the entry's place; undefined when it is not certain, or when it would change more than a count. */
function decide(
  state: TrackState,
  { step, contested }: StepListener,
  leaf: Leaf,
  entry: Entry,
  started: boolean,
  consumed: boolean,
  traced: boolean,
  over: boolean,
): LeafCode | undefined {
  if (state.how[step.index] !== OPEN) return (state.settledAt[step.index] as number) < entry.occurredAt ? 'done' : undefined
  if (over) return undefined
  const count = state.tally.counts[leaf.slot] as number
  const isWaiting = state.readyBy[step.index] !== null
  const isSeen =
    leaf.distinctPath !== undefined &&
    state.tally.seen[leaf.slot]?.includes(distinctKey(valueAt(entry.payload, leaf.distinctPath))) === true
  if (isSeen || count >= leaf.need) {
    // It may take the place of a later entry: the same to the count, but not to the verdict, nor to those who get what is left over.
    if (traced || (leaf.exclusive && contested)) return undefined
    if (isSeen && count < leaf.need) return 'seen'
    const isAlone = !leaf.opensGate && !isWaiting
    return isAlone && (isSeen || leaf.distinctPath === undefined) ? 'full' : undefined
  }
  if (leaf.lookback !== 'ever' && !started) return 'not_started'
  if (leaf.lookback === 'afterUnlock') {
    const unlocked = wasUnlocked(step, state, entry.occurredAt)
    if (unlocked !== true) return unlocked === undefined ? undefined : 'locked'
  }
  if (leaf.gates.some(({ sequence, before }) => !isOpen(sequence, before, state, state.tally))) return 'gated'
  // An open gate does not say since when.
  if (leaf.gates.length > 0) return undefined
  if (consumed && leaf.exclusive) return 'consumed'
  if (isWaiting && traced) return undefined
  return count + 1 === leaf.need && (leaf.opensGate || isWaiting) ? undefined : 'took'
}

/** Whether a step was unlocked by entries before a moment; undefined when it was unlocked at that moment. */
function wasUnlocked(step: Step, state: TrackState, at: number): boolean | undefined {
  if (!isUnlocked(step, state)) return false
  const times = step.after.map((index) => state.settledAt[index] as number).filter((time) => time >= 0)
  if (times.length === 0) return true
  const since = step.afterAny ? Math.min(...times) : Math.max(...times)
  return since === at ? undefined : since < at
}
