/** How runs and steps stand, as everybody outside sees them: a completion that was announced stands. */
import {
  CLOSED,
  type CompiledTrack,
  type How,
  isRunning,
  isSatisfied,
  isShown,
  isUnlocked,
  OPEN,
  STEP_STATES,
  type TrackState,
} from '../engine/index.ts'
import type { EnrolmentRow } from '../ports/index.ts'

/** One run. A completed run is completed, whatever is left to do in it. */
export function runStatusOf({ completedAt, outcome }: Pick<TrackState, 'completedAt' | 'outcome'>): EnrolmentRow['status'] {
  if (completedAt >= 0) return 'completed'
  return outcome === 'open' ? 'active' : outcome
}

/** The newest run of a track. */
export function trackStatusOf(state: TrackState): EnrolmentRow['status'] | 'not_enrolled' {
  if (isCompleted(state)) return 'completed'
  return state.run >= 0 ? runStatusOf(state) : 'not_enrolled'
}

export function isCompleted(state: TrackState): boolean {
  return completedAtOf(state) >= 0
}

/** When the newest run was completed, as it was announced; −1: it was not. */
export function completedAtOf({ completedAt, standing }: TrackState): number {
  return completedAt >= 0 ? completedAt : (standing.find(({ step }) => step < 0)?.at ?? -1)
}

export function stepStatusOf(track: CompiledTrack, state: TrackState, index: number) {
  const step = track.steps[index]
  if (step === undefined || isShown(state, index)) return 'completed' as const
  const how = STEP_STATES[state.how[index] ?? OPEN]
  if (how !== 'open') return how
  return isRunning(state) && isUnlocked(step, state) ? ('open' as const) : ('locked' as const)
}

/** Satisfied steps of the required ones that are on the way of the subject, in whole per cent. */
export function percentOf(
  { steps }: CompiledTrack,
  state: { readonly how: readonly How[]; readonly standing: TrackState['standing']; readonly completedAt: number },
): number {
  const asked = steps.filter(({ index, required }) => required && state.how[index] !== CLOSED)
  if (asked.length === 0) return state.completedAt >= 0 ? 100 : 0
  const done = asked.filter(({ index }) => isSatisfied(state.how[index]) || isShown(state, index))
  return Math.floor((100 * done.length) / asked.length)
}
