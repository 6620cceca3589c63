/**
 * The clock of a track: what passing time alone changes while a run is open. Deadlines fire in the order of their moments; of equal moments
 * first the openings, then the end of a streak's day, then what is due, each in definition order.
 */
import type { Calendar } from './calendar.ts'
import type { CompiledTrack, Step } from './compile.ts'
import { type Derivation, derive } from './derivation.ts'
import { CLOCK } from './entry.ts'
import { deadlineAt, zoneOf } from './offer.ts'
import { dueAt, settle, settleStep } from './settle.ts'
import { isRunning, MISSED, NEVER, OPEN, type TrackState, UNKNOWN } from './state.ts'
import { type StreakView, streakOf } from './streak.ts'
import { changeZone, nextClose, passTime } from './streak-calendar.ts'

interface Deadline {
  readonly at: number
  readonly kind: 'opens' | 'day' | 'due'
  readonly step: Step | undefined
}

/** Passes the clock on: what opens or ends at this moment or before fires, and what was due before it. */
export function passClock(track: CompiledTrack, state: TrackState, to: number, calendar: Calendar, out: Derivation): void {
  while (track.isTimed && isRunning(state)) {
    if (state.alarm === UNKNOWN) state.alarm = alarmOf(nextDeadline(track, state, calendar))
    if (state.alarm === NEVER || state.alarm > to) return
    const deadline = nextDeadline(track, state, calendar)
    if (deadline === undefined) return
    fire(track, state, deadline, calendar, out)
    state.clockAt = Math.max(state.clockAt, deadline.at)
    state.alarm = UNKNOWN
  }
  state.alarm = NEVER
}

/** Works out when passing time next changes something; to be asked of a state before it is kept. */
export function setAlarm(track: CompiledTrack, state: TrackState, calendar: Calendar): void {
  if (!track.isTimed || !isRunning(state)) state.alarm = NEVER
  else if (state.alarm === UNKNOWN) state.alarm = alarmOf(nextDeadline(track, state, calendar))
}

/** What is due is missed only after its moment. */
function alarmOf(deadline: Deadline | undefined): number {
  if (deadline === undefined) return NEVER
  return deadline.kind === 'due' ? deadline.at + 1 : deadline.at
}

function nextDeadline(track: CompiledTrack, state: TrackState, calendar: Calendar): Deadline | undefined {
  let next: Deadline | undefined
  const consider = (deadline: Deadline) => {
    if (next === undefined || deadline.at < next.at || (deadline.at === next.at && RANK[deadline.kind] < RANK[next.kind]))
      next = deadline
  }
  for (const step of track.steps) {
    if (state.how[step.index] !== OPEN) continue
    if (step.opens !== undefined && (state.openedAt[step.index] as number) < 0)
      consider({ at: opensAt(track, step, state, calendar), kind: 'opens', step })
    // A step of a branch that is not chosen yet is not missed before it is.
    if (step.due !== undefined && (step.branchOf === undefined || state.how[step.branchOf.step] !== OPEN))
      consider({ at: dueAt(track, step, state, calendar), kind: 'due', step })
  }
  if (track.streak !== undefined && state.streak !== null) {
    const at = nextClose(track.streak.rule, state.streak, zoneOf(track, state), calendar)
    if (at >= 0) consider({ at, kind: 'day', step: undefined })
  }
  return next
}

const RANK = { opens: 0, day: 1, due: 2 }

/** When a step opens, in the zone in force. */
export function opensAt(track: CompiledTrack, { opens }: Step, state: TrackState, calendar: Calendar): number {
  if (opens === undefined) return state.startedAt
  const zone = zoneOf(track, state)
  if (typeof opens === 'object') return deadlineAt(state, opens, zone, calendar)
  return Math.max(calendar.startOfDay(state.startDay + opens - 1, zone), state.startedAt, state.zoneSince)
}

function fire(track: CompiledTrack, state: TrackState, { at, kind, step }: Deadline, calendar: Calendar, out: Derivation): void {
  if (kind === 'day') {
    closeDay(track, state, at, calendar, out)
    return
  }
  if (step === undefined) return
  if (kind === 'opens') {
    state.openedAt[step.index] = at
    derive(out, state, 'opened', step.index, at, CLOCK)
  } else settleStep(step, state, MISSED, at, CLOCK, out)
  settle(track, state, at, CLOCK, calendar, out)
}

/** Takes the streak to a moment. */
export function closeDay(track: CompiledTrack, state: TrackState, at: number, calendar: Calendar, out: Derivation): void {
  if (track.streak === undefined || state.streak === null) return
  const closes = passTime(track.streak.rule, state.streak, at, zoneOf(track, state), calendar)
  for (const { at, kind, day, length } of closes) derive(out, state, kind, -1, at, CLOCK, '', 0, 0, day, length)
}

/** Takes the streak, which has come to a moment, into the zone that is in force from then on. */
export function moveStreak(track: CompiledTrack, state: TrackState, at: number, calendar: Calendar, out: Derivation): void {
  if (track.streak === undefined || state.streak === null) return
  const closes = changeZone(track.streak.rule, state.streak, at, zoneOf(track, state), calendar)
  for (const { at, kind, day, length } of closes) derive(out, state, kind, -1, at, CLOCK, '', 0, 0, day, length)
}

/** How long the streak of a state is, and what it holds; null where the track has none. */
export function streakOfState(track: CompiledTrack, state: TrackState): StreakView | null {
  return track.streak === undefined || state.streak === null ? null : streakOf(track.streak.rule, state.streak)
}
