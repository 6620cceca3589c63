/** How steps are settled, and what follows from it: other steps, branches, the end of the run. */

import type { Calendar } from './calendar.ts'
import { branchKey, type CompiledTrack, type Step } from './compile.ts'
import { type Derivation, derive } from './derivation.ts'
import type { EntryRef } from './entry.ts'
import { deadlineAt, zoneOf } from './offer.ts'
import {
  CLOSED,
  COMPLETED,
  type How,
  isMet,
  isUnlocked,
  MISSED,
  OPEN,
  type Outcome,
  revokedInRun,
  SKIPPED_STEP,
  type TrackState,
  UNKNOWN,
  WAIVED_STEP,
} from './state.ts'

/** Settles one open step, and chooses its branch. */
export function settleStep(
  step: Step,
  state: TrackState,
  how: How,
  at: number,
  cause: EntryRef,
  out: Derivation,
  text = '',
): void {
  const { index } = step
  state.how[index] = how
  state.settledAt[index] = at
  state.readyBy[index] = null
  state.alarm = UNKNOWN
  if (how === CLOSED) return
  const kind = how === COMPLETED ? 'completed' : how === SKIPPED_STEP ? 'skipped' : how === WAIVED_STEP ? 'waived' : 'missed'
  derive(out, state, kind, index, at, cause, text, state.revoked[index], revokedInRun(state, index))
  if (step.branches.length === 0 && step.model.default === undefined) return
  const met = step.branches.findIndex(({ when }) => when !== undefined && isMet(when, state))
  const chosen = met < 0 ? step.otherwise : met
  state.chosen[index] = chosen
  const branch = branchKey(step, chosen)
  if (branch !== '') derive(out, state, 'branch', index, at, cause, branch)
}

/** Settles what can be settled at a moment of an open run, until nothing changes, and ends the run where nothing is left to do. */
export function settle(
  track: CompiledTrack,
  state: TrackState,
  at: number,
  ref: EntryRef,
  calendar: Calendar,
  out: Derivation,
): void {
  const { steps } = track
  let unsatisfied = 0
  for (let again = true; again; ) {
    again = false
    unsatisfied = 0
    for (const step of steps) {
      const how = state.how[step.index]
      if (how !== OPEN) {
        if (how === MISSED && step.required) unsatisfied++
        continue
      }
      const next = nextOf(track, state, step, at, calendar)
      if (next === OPEN) {
        if (step.required) unsatisfied++
        continue
      }
      settleStep(step, state, next, at, next === COMPLETED ? (state.readyBy[step.index] ?? ref) : ref, out)
      again = true
    }
  }
  if (state.completedAt < 0 && unsatisfied === 0) {
    state.completedAt = at
    if (state.firstCompletedAt < 0) state.firstCompletedAt = at
    derive(out, state, 'completed', -1, at, ref)
  }
  if (track.isPlain ? state.completedAt >= 0 : !isLeft(track, state)) {
    endRun(track, state, at, state.completedAt >= 0 ? 'completed' : 'missed')
    if (state.completedAt < 0) derive(out, state, 'ended', -1, at, ref, 'missed')
  }
}

/** How an open step is settled now; OPEN when it is not. */
function nextOf(track: CompiledTrack, state: TrackState, step: Step, at: number, calendar: Calendar): How {
  if (step.branchOf !== undefined) {
    const fork = state.how[step.branchOf.step]
    if (fork === OPEN) return OPEN
    if (fork === CLOSED || state.chosen[step.branchOf.step] !== step.branchOf.choice) return CLOSED
    if (step.due !== undefined && dueAt(track, step, state, calendar) < at) return MISSED
  }
  return state.readyBy[step.index] !== null && isUnlocked(step, state) ? COMPLETED : OPEN
}

/** Closes the open run. */
export function endRun(track: CompiledTrack, state: TrackState, at: number, outcome: Outcome): void {
  // Nobody knows how many entries came before an end that is final: older ones are not counted any more.
  if (track.reentry === 'never') state.folded = 0
  state.endedAt = at
  state.outcome = outcome
  state.alarm = UNKNOWN
}

/** When a step is due, in the zone in force. */
export function dueAt(track: CompiledTrack, step: Step, state: TrackState, calendar: Calendar): number {
  if (step.due === undefined) return Number.POSITIVE_INFINITY
  return deadlineAt(state, step.due, zoneOf(track, state), calendar)
}

/** True when something is left to do: a required step, or, once the track is completed, an optional one. */
function isLeft(track: CompiledTrack, state: TrackState): boolean {
  const dead = state.how.includes(MISSED) ? deadSteps(track, state) : undefined
  const isDone = state.completedAt >= 0
  return track.steps.some(
    ({ index, required }) => (isDone || required) && state.how[index] === OPEN && !(dead?.has(index) ?? false),
  )
}

/** The open steps that cannot be done any more, because they wait for missed ones. */
function deadSteps({ steps }: CompiledTrack, state: TrackState): Set<number> {
  const dead = new Set<number>()
  const isDead = (index: number) => state.how[index] === MISSED || dead.has(index)
  for (let grew = true; grew; ) {
    grew = false
    for (const { index, after, afterAny, branchOf } of steps) {
      if (state.how[index] !== OPEN || dead.has(index)) continue
      const blocked = after.length > 0 && (afterAny ? after.every(isDead) : after.some(isDead))
      if (!blocked && !(branchOf !== undefined && dead.has(branchOf.step))) continue
      dead.add(index)
      grew = true
    }
  }
  return dead
}
