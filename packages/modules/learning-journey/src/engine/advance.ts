/**
 * One step of the fold: takes one entry, in order, into the state of one track. It changes the state it is given, which the
 * caller owns; everything it derives goes to `out`. No clock, no chance, no input but its arguments.
 */
import type { Calendar } from './calendar.ts'
import { addDuration } from './calendar.ts'
import { closeDay, moveStreak, passClock } from './clock.ts'
import { CONTROL_PLACE, type CompiledTrack, type CorrelateNode, type Listener, passes, refusal, type Step } from './compile.ts'
import { type Derivation, derive } from './derivation.ts'
import { distinctKey } from './distinct.ts'
import {
  ENROLLED,
  type Entry,
  type EntryRef,
  EXITED,
  IDENTIFIED,
  IMPORT,
  RESET,
  REVOKED,
  SKIPPED,
  TRACK_CONTROLS,
  WAIVED,
} from './entry.ts'
import { type LeafCode, offer, refuse, zoneOf } from './offer.ts'
import { endRun, settle, settleStep } from './settle.ts'
import {
  blankTally,
  COMPLETED,
  emptyState,
  emptyTally,
  type Group,
  hasCounted,
  isMet,
  isOver,
  isRunning,
  MOST_RUN_KEYS,
  OPEN,
  PAST_RUNS,
  SKIPPED_STEP,
  type Tally,
  type TrackState,
  UNKNOWN,
  WAIVED_STEP,
} from './state.ts'
import { creditStreak, emptyStreak } from './streak.ts'
import { isInAudience, learnTraits } from './traits.ts'
import { valueAt } from './where.ts'

/** Where an entry stands with a track: it matters, by way of a listener, or it does not and there is a reason. */
export type Hearing = Listener | 'deaf' | 'too_late' | 'refused'

/** Tells whether an entry matters to a track. `deaf`: the track does not listen to it at all. */
export function hearingOf(track: CompiledTrack, entry: Entry): Hearing {
  if (entry.track !== null && entry.track !== track.key) return 'deaf'
  if (entry.kind === 'control') return isHeard(track, entry) ? CONTROL : 'deaf'
  const listener = track.listeners.get(entry.name)
  if (listener === undefined) return 'deaf'
  if (isTooLate(track, entry)) return 'too_late'
  if (listener.start !== undefined && refusal(listener.start, entry) === undefined) return listener
  if (passesLeaf(listener, entry)) return listener
  return listener.streak !== undefined && refusal(listener.streak, entry) === undefined ? listener : 'refused'
}

function isHeard(track: CompiledTrack, { name, payload }: Entry): boolean {
  if (name === IDENTIFIED) return track.usesTraits || track.usesDays
  return TRACK_CONTROLS.includes(name) && valueAt(payload, TRACK_ID) === track.key
}

function passesLeaf({ steps }: Listener, entry: Entry): boolean {
  for (const { leaves } of steps) for (const leaf of leaves) if (passes(leaf, entry)) return true
  return false
}

/** True when an entry is older on arrival than its track takes. What was imported never is. */
export function isTooLate(track: CompiledTrack, entry: Entry): boolean {
  return entry.receivedAt - entry.occurredAt > track.latenessMs && entry.kind === 'event' && entry.channel !== IMPORT
}

const TRACK_ID = ['trackId']
const STEP_ID = ['stepId']
const REASON = ['reason']
/** What a control entry is heard by: no leaf. */
const CONTROL: Listener = { place: CONTROL_PLACE, steps: [], start: undefined, streak: undefined, isSole: false }

/** Folds an entry that matters and that sorts after everything folded before. */
export function advance(
  track: CompiledTrack,
  state: TrackState,
  entry: Entry,
  listener: Listener,
  calendar: Calendar,
  out: Derivation,
): void {
  if (track.isTimed) passClock(track, state, entry.occurredAt, calendar, out)
  if (entry.kind === 'event' && isOver(track, state)) {
    if (out.leafCodes !== undefined) refuse(state, listener, idleCode(track, state), out.leafCodes)
    return
  }
  state.lastAt = entry.occurredAt
  state.lastPlace = listener.place
  state.lastSource = entry.source
  state.lastId = entry.eventId
  state.lastActor = entry.actor ?? ''
  state.folded++
  if (entry.kind === 'control') {
    if (entry.name !== ENROLLED) state.isCommanded = true
    obey(track, state, entry, calendar, out)
    return
  }
  const wasRunning = isRunning(state)
  const couldStart = !wasRunning && startsRun(track, entry, listener)
  const starts = couldStart && canStart(track, state, entry, calendar)
  if (starts) startRun(track, state, entry, calendar, out)
  const idle = wasRunning || starts ? 'done' : idleCode(track, state, couldStart)
  const isReady = offer(track, state, entry, listener, calendar, idle, out.leafCodes)
  if (!isRunning(state)) return
  if (listener.streak !== undefined && refusal(listener.streak, entry) === undefined)
    creditDay(track, state, entry, calendar, out)
  if (starts || isReady) settle(track, state, entry.occurredAt, refOf(entry), calendar, out)
}

/** True when an entry that matters is one of those that start a run; whether it may is for `canStart`. */
export function startsRun(track: CompiledTrack, entry: Entry, listener: Listener): boolean {
  if (listener === CONTROL) return track.mode === 'explicit' && entry.name === ENROLLED
  if (track.runKey !== undefined && valueAt(entry.payload, track.runKey) === undefined) return false
  if (track.mode === 'onEvent') return listener.start !== undefined && refusal(listener.start, entry) === undefined
  if (track.mode !== 'onFirstMatch') return false
  return listener.streak === undefined || passesLeaf(listener, entry)
}

/** True when a run may start with an entry at which none is open. */
function canStart(track: CompiledTrack, state: TrackState, entry: Entry, calendar: Calendar): boolean {
  if (entry.occurredAt < state.gateAt || !isInAudience(track, state)) return false
  if (state.run < 0) return true
  if (typeof track.reentry === 'object')
    return entry.occurredAt >= addDuration(state.endedAt, track.reentry, zoneOf(track, state), calendar)
  if (track.reentry !== 'perKey') return track.reentry === 'afterExit'
  const key = runKeyOf(track, entry)
  return key !== undefined && state.runKeys.length < MOST_RUN_KEYS && !state.runKeys.includes(key)
}

/** What a run is for, where there is one for each value of a field; undefined when the entry does not say. */
function runKeyOf({ runKey }: CompiledTrack, { kind, payload }: Entry): string | undefined {
  if (runKey === undefined || kind !== 'event') return undefined
  const value = valueAt(payload, runKey)
  return value === undefined ? undefined : distinctKey(value)
}

/** Why there is no run to count in. */
function idleCode(track: CompiledTrack, state: TrackState, couldStart = false): LeafCode {
  if (state.run >= 0) return state.outcome === 'exited' ? 'exited' : state.outcome === 'missed' ? 'missed' : 'done'
  if (!couldStart) return 'not_started'
  return isInAudience(track, state) ? 'track_first' : 'audience'
}

function startRun(track: CompiledTrack, state: TrackState, entry: Entry, calendar: Calendar, out: Derivation): void {
  const isAgain = state.run >= 0
  if (isAgain) forgetRun(track, state)
  const key = runKeyOf(track, entry)
  if (key !== undefined) state.runKeys = [...state.runKeys, key]
  state.run++
  state.startedAt = entry.occurredAt
  state.endedAt = -1
  state.outcome = 'open'
  state.completedAt = -1
  state.alarm = UNKNOWN
  if (track.usesDays) {
    const zone = zoneOf(track, state)
    state.startDay = calendar.localDate(entry.occurredAt, zone)
    state.startRest = entry.occurredAt - calendar.startOfDay(state.startDay, zone)
  }
  derive(out, state, 'enrolled', -1, entry.occurredAt, refOf(entry))
  closeDay(track, state, entry.occurredAt, calendar, out)
  // What `ever` leaves and traits meet already.
  if (!isAgain && !track.usesTraits) return
  for (const step of track.steps)
    if (state.readyBy[step.index] === null && isMet(step.condition, state)) state.readyBy[step.index] = refOf(entry)
}

/** Makes room for another run: keeps a summary of the last one, and what `ever` leaves counted. */
function forgetRun(track: CompiledTrack, state: TrackState): void {
  const { run, startedAt, completedAt, endedAt, outcome } = state
  const summary = {
    run,
    startedAt,
    completedAt,
    endedAt,
    outcome,
    how: state.how,
    settledAt: state.settledAt,
    chosen: state.chosen,
    openedAt: state.openedAt,
  }
  state.past = [...state.past, summary].slice(-PAST_RUNS)
  const { tally } = state
  state.tally = blankTally(track)
  for (const { index, group, lookback } of track.leaves) if (lookback === 'ever' && group < 0) copySlot(tally, state.tally, index)
  state.done = state.done.map((count, step) => (state.how[step] === COMPLETED ? (state.revoked[step] as number) + 1 : count))
  const { how, settledAt, openedAt, chosen, readyBy, corrections } = emptyState(track)
  const groups = track.correlates.map((node) => remembered(node, state.groups[node.index] ?? []))
  Object.assign(state, { groups, how, settledAt, openedAt, chosen, readyBy, corrections })
  state.revokedBefore = state.revoked
  state.streak = track.streak === undefined ? null : emptyStreak(track.streak.rule)
}

/** The groups of which an `ever` leaf has counted something, with that alone; null when there are none. */
function remembered({ leaves }: CorrelateNode, groups: readonly Group[]): Group[] | null {
  const ever = leaves.filter(({ lookback }) => lookback === 'ever')
  const kept = groups
    .filter(({ tally }) => ever.some(({ slot }) => hasCounted(tally, slot)))
    .map(({ key, tally }) => {
      const own = emptyTally(leaves.length)
      for (const { slot } of ever) copySlot(tally, own, slot)
      return { key, tally: own }
    })
  return kept.length === 0 ? null : kept
}

function copySlot(from: Tally, to: Tally, slot: number): void {
  to.counts[slot] = from.counts[slot] as number
  to.seen[slot] = from.seen[slot] ?? null
  to.sums[slot] = from.sums[slot] ?? null
  to.times[slot] = from.times[slot] ?? null
}

/** Does what a control entry says. */
function obey(track: CompiledTrack, state: TrackState, entry: Entry, calendar: Calendar, out: Derivation): void {
  const at = entry.occurredAt
  switch (entry.name) {
    case ENROLLED:
      if (track.mode !== 'explicit' || isRunning(state) || !canStart(track, state, entry, calendar)) return
      startRun(track, state, entry, calendar, out)
      break
    case RESET:
      if (state.run < 0) return
      if (isRunning(state)) exitRun(track, state, entry, 'reset', out)
      startRun(track, state, entry, calendar, out)
      break
    case EXITED:
      if (isRunning(state)) exitRun(track, state, entry, 'exited', out)
      return
    case IDENTIFIED:
      identify(track, state, entry, calendar, out)
      break
    case SKIPPED:
    case WAIVED: {
      const step = stepOf(track, entry)
      if (step === undefined || !isRunning(state) || state.how[step.index] !== OPEN) return
      const how = entry.name === SKIPPED ? SKIPPED_STEP : WAIVED_STEP
      settleStep(step, state, how, at, refOf(entry), out, reasonOf(entry))
      break
    }
    case REVOKED: {
      const step = stepOf(track, entry)
      if (step !== undefined) revoke(track, state, step, entry, out)
      break
    }
  }
  if (isRunning(state)) settle(track, state, at, refOf(entry), calendar, out)
}

function stepOf(track: CompiledTrack, { payload }: Entry): Step | undefined {
  const key = valueAt(payload, STEP_ID)
  return track.steps.find((step) => step.key === key)
}

function reasonOf({ payload }: Entry): string {
  const reason = valueAt(payload, REASON)
  return typeof reason === 'string' ? reason : ''
}

function exitRun(track: CompiledTrack, state: TrackState, entry: Entry, outcome: 'exited' | 'reset', out: Derivation): void {
  endRun(track, state, entry.occurredAt, outcome)
  derive(out, state, 'exited', -1, entry.occurredAt, refOf(entry), reasonOf(entry) || outcome)
}

function identify(track: CompiledTrack, state: TrackState, entry: Entry, calendar: Calendar, out: Derivation): void {
  const wasIn = isInAudience(track, state)
  const wasMet = track.steps.map((step) => step.usesTraits && isMet(step.condition, state))
  const { zone } = state
  if (isRunning(state)) closeDay(track, state, entry.occurredAt, calendar, out)
  learnTraits(track, state, entry)
  if (zone !== state.zone && isRunning(state)) {
    state.alarm = UNKNOWN
    moveStreak(track, state, entry.occurredAt, calendar, out)
  }
  for (const step of track.steps) {
    if (!step.usesTraits || state.how[step.index] !== OPEN) continue
    // What was met all along was met by nothing that happened.
    const met = isMet(step.condition, state)
    if (!met) state.readyBy[step.index] = null
    else if (wasMet[step.index] === false) state.readyBy[step.index] = refOf(entry)
  }
  const enters = track.mode === 'onSegment' && !wasIn && isInAudience(track, state)
  if (enters && !isRunning(state) && canStart(track, state, entry, calendar)) startRun(track, state, entry, calendar, out)
}

/** Takes a completion of the newest run back. A run that is over stays over. */
function revoke(track: CompiledTrack, state: TrackState, step: Step, entry: Entry, out: Derivation): void {
  const { index } = step
  if (state.how[index] !== COMPLETED) return
  const ordinal = state.revoked[index] as number
  derive(out, state, 'revoked', index, entry.occurredAt, refOf(entry), reasonOf(entry), ordinal)
  state.revoked = state.revoked.with(index, ordinal + 1)
  state.done = state.done.with(index, ordinal + 1)
  state.how[index] = OPEN
  state.settledAt[index] = -1
  state.chosen[index] = -1
  state.alarm = UNKNOWN
  const blank = blankTally(track)
  for (const leaf of track.leaves) {
    if (leaf.step !== index) continue
    if (leaf.group >= 0) state.groups[leaf.group] = null
    else copySlot(blank, state.tally, leaf.index)
  }
  // Only a condition on traits can be met without anything counted.
  state.readyBy[index] = isMet(step.condition, state) ? refOf(entry) : null
}

function creditDay(track: CompiledTrack, state: TrackState, entry: Entry, calendar: Calendar, out: Derivation): void {
  if (track.streak === undefined || state.streak === null) return
  closeDay(track, state, entry.occurredAt, calendar, out)
  const credited = creditStreak(track.streak.rule, state.streak)
  if (credited === null) return
  state.alarm = UNKNOWN
  derive(out, state, 'advanced', -1, entry.occurredAt, refOf(entry), '', 0, 0, credited.day, credited.length)
}

function refOf({ source, eventId }: Entry): EntryRef {
  return { source, eventId }
}
