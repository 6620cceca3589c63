/** What the leaves of a track do with one product event. */
import { addDuration, type Calendar, type Duration } from './calendar.ts'
import { type CompiledTrack, type Leaf, type Listener, type Node, passes, type Step, toMillionths } from './compile.ts'
import { distinctKey } from './distinct.ts'
import type { Entry } from './entry.ts'
import {
  CLOSED,
  emptyTally,
  type How,
  isAfterMet,
  isMet,
  isOnBranch,
  isRunning,
  isUnlocked,
  MISSED,
  OPEN,
  type Tally,
  type TrackState,
} from './state.ts'
import { valueAt } from './where.ts'

/** What an entry did to the leaves that listen to it, for those who ask why. */
export type LeafCode =
  /** Counted it; the condition of the step wants more (`took`), or is met by now (`met`). */
  | 'took'
  | 'met'
  /** Has all it wants; the condition of the step wants more (`full`), or waits for something else (`waiting`). */
  | 'full'
  | 'waiting'
  | 'seen'
  /** The step waits for others, or for its time. */
  | 'locked'
  | 'not_open'
  /** No run is open: there was none yet, the traits or the tracks that come first did not let it start, or it was exited. */
  | 'not_started'
  | 'audience'
  | 'track_first'
  | 'exited'
  | 'consumed'
  | 'gated'
  | 'expired'
  /** There are as many groups as there may be. */
  | 'crowded'
  /** The step is settled. */
  | 'done'
  | 'closed'
  | 'missed'

/** Most groups of a correlate node. */
export const MOST_GROUPS = 100

/**
 * Offers the entry to every leaf that listens. True when the condition of some step is met by it.
 * @param idle what the leaves say while no run is open.
 */
export function offer(
  track: CompiledTrack,
  state: TrackState,
  entry: Entry,
  listener: Listener,
  calendar: Calendar,
  idle: LeafCode,
  codes: Map<number, LeafCode> | undefined,
): boolean {
  const running = isRunning(state)
  let isReady = false
  let consumed = false
  for (const { step, leaves } of listener.steps) {
    const settled = running ? settledCode(state.how[step.index]) : undefined
    // What traits met already is met by nothing that is taken now.
    const wasMet = step.usesTraits && isMet(step.condition, state)
    let consumedHere = false
    let tookHere = false
    for (const leaf of leaves) {
      // Whoever found that the entry matters has asked the only leaf there is.
      if (!listener.isSole && !passes(leaf, entry)) continue
      const code = settled ?? take(track, state, step, leaf, entry, calendar, running, consumed, idle)
      if (codes !== undefined) codes.set(leaf.index, code)
      if (code !== 'took') continue
      tookHere = true
      consumedHere ||= leaf.exclusive
    }
    if (tookHere && !wasMet && state.readyBy[step.index] === null && isMet(step.condition, state)) {
      state.readyBy[step.index] = { source: entry.source, eventId: entry.eventId }
      isReady = true
    }
    if (codes !== undefined && state.readyBy[step.index] !== null) markMet(leaves, codes)
    consumed ||= consumedHere
  }
  return isReady
}

/** What the leaves say of an entry that comes when nothing can change any more. */
export function refuse(state: TrackState, { steps }: Listener, idle: LeafCode, codes: Map<number, LeafCode>): void {
  for (const { step, leaves } of steps)
    for (const leaf of leaves) codes.set(leaf.index, settledCode(state.how[step.index]) ?? idle)
}

function settledCode(how: How | undefined): LeafCode | undefined {
  if (how === undefined || how === OPEN) return undefined
  return how === CLOSED ? 'closed' : how === MISSED ? 'missed' : 'done'
}

function take(
  track: CompiledTrack,
  state: TrackState,
  step: Step,
  leaf: Leaf,
  entry: Entry,
  calendar: Calendar,
  running: boolean,
  consumed: boolean,
  idle: LeafCode,
): LeafCode {
  let tally: Tally | undefined = state.tally
  let key = ''
  if (leaf.correlatePath !== undefined) {
    key = distinctKey(valueAt(entry.payload, leaf.correlatePath))
    tally = state.groups[leaf.group]?.find((group) => group.key === key)?.tally
  }
  const count = tally === undefined ? 0 : (tally.counts[leaf.slot] as number)
  if (count >= leaf.need) return 'full'
  if (leaf.lookback !== 'ever' && !running) return idle
  if ((leaf.lookback === 'afterUnlock' || leaf.window?.since === 'unlock') && !isUnlocked(step, state))
    return isAfterMet(step, state) && isOnBranch(step, state) ? 'not_open' : 'locked'
  if (leaf.window !== undefined && running && entry.occurredAt > windowEnd(track, state, step, leaf, calendar)) return 'expired'
  for (const gate of leaf.gates)
    if (!isOpen(gate.sequence, gate.before, state, gate.inGroup ? (tally ?? NO_TALLY) : state.tally)) return 'gated'
  if (consumed && leaf.exclusive) return 'consumed'
  const distinct = leaf.distinctPath === undefined ? undefined : distinctKey(valueAt(entry.payload, leaf.distinctPath))
  if (distinct !== undefined && tally?.seen[leaf.slot]?.includes(distinct)) return 'seen'
  if (tally === undefined) {
    tally = addGroup(track, state, leaf.group, key)
    if (tally === undefined) return 'crowded'
  }
  if (distinct !== undefined) see(tally, leaf.slot, distinct)
  if (leaf.sum !== undefined) {
    const sum = (tally.sums[leaf.slot] ?? 0n) + toMillionths(valueAt(entry.payload, leaf.sum.path) as number)
    tally.sums[leaf.slot] = sum
    if (sum >= leaf.sum.need) tally.counts[leaf.slot] = 1
  } else if (leaf.sliding !== undefined) {
    const { sliding } = leaf
    const times = (tally.times[leaf.slot] ?? []).filter(
      (time) => addDuration(time, sliding, zoneOf(track, state), calendar) >= entry.occurredAt,
    )
    times.push(entry.occurredAt)
    tally.counts[leaf.slot] = times.length
    tally.times[leaf.slot] = times.length >= leaf.need ? null : times
  } else tally.counts[leaf.slot] = count + 1
  return 'took'
}

/** The zone in which the days of a track are counted. */
export function zoneOf(track: CompiledTrack, { zone }: TrackState): string {
  return zone === '' ? track.zone : zone
}

/** Sorted, so that the order in which values came leaves no trace. */
export function see(tally: Tally, slot: number, key: string): void {
  const seen = tally.seen[slot]
  if (!seen) {
    tally.seen[slot] = [key]
    return
  }
  let place = seen.push(key) - 1
  for (; place > 0 && (seen[place - 1] as string) > key; place--) seen[place] = seen[place - 1] as string
  seen[place] = key
}

/** Of a group that has taken nothing yet. */
const NO_TALLY = emptyTally(0)

/** True when the parts of a sequence before an index are met. */
export function isOpen(sequence: Node, before: number, state: TrackState, tally: Tally): boolean {
  if (sequence.kind !== 'sequence') return true
  for (let i = 0; i < before; i++) if (!isMet(sequence.children[i] as Node, state, tally)) return false
  return true
}

/** The last moment at which a leaf with a window takes an entry. */
export function windowEnd(track: CompiledTrack, state: TrackState, step: Step, { window }: Leaf, calendar: Calendar): number {
  if (window === undefined) return Number.POSITIVE_INFINITY
  const zone = zoneOf(track, state)
  if (window.since === 'enrolment') return fromStart(state, window.within, zone, calendar)
  return addDuration(unlockedAt(step, state), window.within, zone, calendar)
}

/** A moment counted from the start of the newest run, whose local date and time are those it had then. */
export function fromStart(
  { startedAt, startDay, startRest }: TrackState,
  { days, ms }: { readonly days: number; readonly ms: number },
  zone: string,
  calendar: Calendar,
): number {
  if (days === 0) return startedAt + ms
  const day = calendar.startOfDay(startDay + days, zone)
  const last = Math.max(day, calendar.startOfDay(startDay + days + 1, zone) - 1)
  return Math.min(day + startRest, last) + ms
}

/** When a deadline passes that is counted from the start of the run. A change of zone puts none before itself, and moves only those of days. */
export function deadlineAt(state: TrackState, duration: Duration, zone: string, calendar: Calendar): number {
  const at = fromStart(state, duration, zone, calendar)
  return duration.days === 0 ? at : Math.max(at, state.zoneSince)
}

/** When an unlocked step was unlocked. */
export function unlockedAt(step: Step, state: TrackState): number {
  const times = step.after.filter((index) => state.how[index] !== OPEN && state.how[index] !== MISSED)
  const settled = times.map((index) => state.settledAt[index] as number)
  const first = settled.length === 0 ? state.startedAt : step.afterAny ? Math.min(...settled) : Math.max(...settled)
  const branched = step.branchOf === undefined ? -1 : (state.settledAt[step.branchOf.step] as number)
  return Math.max(state.startedAt, first, branched, state.openedAt[step.index] as number)
}

function addGroup(track: CompiledTrack, state: TrackState, index: number, key: string): Tally | undefined {
  const groups = state.groups[index] ?? []
  if (groups.length >= MOST_GROUPS) return undefined
  const tally = emptyTally(track.correlates[index]?.leaves.length ?? 0)
  groups.push({ key, tally })
  state.groups[index] = groups
  return tally
}

function markMet(leaves: readonly Leaf[], codes: Map<number, LeafCode>): void {
  for (const { index } of leaves) {
    const code = codes.get(index)
    if (code === 'took') codes.set(index, 'met')
    if (code === 'full' || code === 'seen') codes.set(index, 'waiting')
  }
}
