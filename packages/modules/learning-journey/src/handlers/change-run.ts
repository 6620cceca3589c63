/** What the operations that change one run by hand share: which run, the control entry, and how things stand after it. */
import type { CallInfo, CheckedOutput, ContractError, OutputCheck, Principal } from '@waymark/contract'
import { type CompiledTrack, definitionOf, emptyState, type Step, SubjectRow, type TrackState } from '../engine/index.ts'
import { controlEntry } from '../record/assess.ts'
import type { Recorded } from '../record/round.ts'
import { percentOf, stepStatusOf, trackStatusOf } from '../record/status.ts'
import { nearest } from '../track/nearest.ts'
import { idOfCall, type Journey } from './journey.ts'
import { readSubject } from './read-subject.ts'
import { trackNotFound } from './track-not-found.ts'
import { type WhoseRun, whoseRun } from './whose-run.ts'

/** What a call says of the run. */
interface Input {
  readonly learnerId?: string | undefined
  readonly accountId?: string | undefined
  readonly trackId: string
}

/** How the newest run of a subject stands as a call comes in. */
export interface RunAtHand extends WhoseRun {
  readonly track: CompiledTrack
  readonly state: TrackState
}

/** Finds the run that a call is about. */
export async function runAtHand(
  { catalogue, store }: Journey,
  input: Input,
  principal: Exclude<Principal, { kind: 'invalid' }>,
  fail: { TRACK_NOT_FOUND(init: ReturnType<typeof trackNotFound>): ContractError },
): Promise<RunAtHand> {
  const served = catalogue.track(input.trackId)
  if (served === undefined) throw fail.TRACK_NOT_FOUND(trackNotFound(catalogue, input.trackId))
  const { key: named, actor } = whoseRun(served, input, principal)
  const { key, bytes } = await readSubject(store, named)
  const track = definitionOf(served, new SubjectRow(bytes))
  return { key, actor, track, state: stateOf(track, bytes) }
}

/** The step that a call names. */
export function namedStep(
  { steps, key: trackId }: CompiledTrack,
  stepId: string,
  fail: {
    STEP_NOT_FOUND(init: { detail: string; data: { trackId: string; stepId: string; nearest: string[] } }): ContractError
  },
): Step {
  const step = steps.find(({ key }) => key === stepId)
  if (step !== undefined) return step
  const names = nearest(
    stepId,
    steps.map(({ key }) => key),
  )
  throw fail.STEP_NOT_FOUND({
    detail: `The track ${trackId} has no step ${stepId}.`,
    data: { trackId, stepId, nearest: names },
  })
}

/** What `NOT_ENROLLED` says. */
export function notEnrolled({ track, state, key }: RunAtHand) {
  const trackStatus = trackStatusOf(state)
  const who = `${key.subject.startsWith('a:') ? 'The account' : 'The learner'} ${key.subject.slice(2)}`
  const detail =
    state.run < 0 ? `has no run of ${track.key}` : `has no open run of ${track.key}; the newest one is ${trackStatus}`
  return { detail: `${who} ${detail}.`, data: { trackId: track.key, trackStatus } }
}

/** How a run stands, as the operations answer it. */
export function standOf(track: CompiledTrack, state: TrackState) {
  return {
    trackStatus: trackStatusOf(state),
    run: state.run < 0 ? null : state.run,
    percent: percentOf(track, state),
  }
}

/** The same with a step. */
export function stepStandOf(track: CompiledTrack, state: TrackState, { index }: Step) {
  return { ...standOf(track, state), stepStatus: stepStatusOf(track, state, index) }
}

/** The answer of a call that has nothing to change. */
export function unchanged<Stand extends object>(
  stand: Stand,
  check: OutputCheck<Stand & { success: true; changed: boolean; xpEarned: number }>,
): CheckedOutput {
  const checked = check({ success: true, changed: false, xpEarned: 0, ...stand })
  if (!checked.ok) throw checked.error
  return checked.output
}

interface Change<Stand extends object> {
  readonly name: string
  readonly payload: object
  /** The fact that says that it took effect, without its prefix. */
  readonly fact: string
  readonly stand: (state: TrackState) => Stand
}

/** Writes the control entry of a call, and answers how things stand after it. */
export function changeRun<Stand extends object>(
  journey: Journey,
  { track, key, actor }: RunAtHand,
  { name, payload, fact, stand }: Change<Stand>,
  {
    principal,
    call,
    fail,
    check,
  }: {
    readonly principal: Exclude<Principal, { kind: 'invalid' }>
    readonly call: CallInfo
    readonly fail: { CONFLICT(init: { detail: string }): Error }
    readonly check: OutputCheck<Stand & { success: true; changed: boolean; xpEarned: number }>
  },
): Promise<CheckedOutput> {
  const receivedAt = journey.now()
  const control = {
    name,
    subject: key.subject,
    track: track.key,
    actor,
    eventId: idOfCall(journey, call),
    occurredAt: receivedAt,
    claimedAt: null,
    payload: { trackId: track.key, ...payload },
  }
  return journey.recorder.submit({
    prepared: [controlEntry(control, { principal, channel: call.channel, receivedAt }, journey.hash)],
    rejected: [],
    trace: false,
    finish: ([recorded]) => {
      const detail = refusalOf(recorded, control.eventId)
      if (detail !== undefined) return { ok: false, error: fail.CONFLICT({ detail }) }
      const { facts = [], xp = 0, after = null } = recorded ?? {}
      return check({
        success: true,
        changed: facts.some((row) => row.name === `learning.onboarding.${fact}` && row.track === track.key),
        xpEarned: xp,
        ...stand(stateOf(track, after)),
      })
    },
  })
}

/** Why a control entry is not in the journal; undefined when it is. */
export function refusalOf(recorded: Recorded | undefined, eventId: string): string | undefined {
  if (recorded?.append === 'conflict')
    return `The id ${eventId} was used before for something else. Send another Idempotency-Key.`
  if (recorded?.append === 'erased') return 'Whom this is about was erased after it happened; it is not recorded.'
  return undefined
}

function stateOf(track: CompiledTrack, bytes: Uint8Array | null): TrackState {
  return new SubjectRow(bytes).get(track)?.state ?? emptyState(track)
}
