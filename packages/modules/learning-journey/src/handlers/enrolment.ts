/** What enrolling one and enrolling many share. */
import type { ContractError, Issue } from '@waymark/contract'
import { type CompiledTrack, ENROLLED, emptyState, isInAudience, isRunning, SubjectRow } from '../engine/index.ts'
import type { Recorded } from '../record/round.ts'
import { validationProblem } from '../record/validation-problem.ts'
import { type Journey, toMomentOrNull } from './journey.ts'
import { trackNotFound } from './track-not-found.ts'

/** The track that a call enrols in, and from when on. */
export function startOfRun(
  { catalogue, now }: Journey,
  { trackId, at }: { readonly trackId: string; readonly at?: string | undefined },
  fail: {
    TRACK_NOT_FOUND(init: ReturnType<typeof trackNotFound>): ContractError
    ENROLMENT_NOT_EXPLICIT(init: { detail: string }): ContractError
    VALIDATION_FAILED(init: { detail: string; errors: Issue[] }): ContractError
  },
): { readonly track: CompiledTrack; readonly at: number; readonly receivedAt: number } {
  const track = catalogue.track(trackId)
  if (track === undefined) throw fail.TRACK_NOT_FOUND(trackNotFound(catalogue, trackId))
  if (track.mode !== 'explicit')
    throw fail.ENROLMENT_NOT_EXPLICIT({ detail: `${track.key} enrols ${track.mode}; enrolling has no effect on it.` })
  const receivedAt = now()
  const start = at === undefined ? receivedAt : Math.floor(Date.parse(at))
  if (start > receivedAt) throw fail.VALIDATION_FAILED(validationProblem([IN_THE_FUTURE]))
  return { track, at: start, receivedAt }
}

/** The control entry that enrols. */
export function toEnrolment({ key }: CompiledTrack, at: number, claimed: string | undefined) {
  return {
    name: ENROLLED,
    track: key,
    occurredAt: at,
    claimedAt: claimed === undefined ? null : at,
    payload: { trackId: key },
  }
}

/** What became of an enrolment that was recorded: the newest run, and why it is not a new one. */
export function enrolmentOf({ catalogue }: Journey, track: CompiledTrack, at: number, recorded: Recorded | undefined) {
  const state = new SubjectRow(recorded?.after ?? null).get(track)?.state ?? emptyState(track)
  const isStarted = recorded?.facts.some(({ name, track: key }) => name === 'learning.onboarding.enrolled' && key === track.key)
  const newest = { startedAt: toMomentOrNull(state.startedAt), run: state.run < 0 ? null : state.run }
  if (isStarted === true) return { ...newest, reason: null }
  if (isRunning(state)) return { ...newest, reason: 'already_enrolled' as const }
  if (catalogue.running(track.key) === undefined) return { ...newest, reason: 'paused' as const }
  if (at < state.cutAt) return { ...newest, reason: 'evidence_expired' as const }
  if (state.run >= 0) return { ...newest, reason: 'reentry' as const }
  return { ...newest, reason: isInAudience(track, state) ? ('track_first' as const) : ('audience' as const) }
}

const IN_THE_FUTURE = {
  pointer: '/at',
  message: 'A run cannot start in the future',
  expected: 'a moment that has passed',
  received: 'string',
}
