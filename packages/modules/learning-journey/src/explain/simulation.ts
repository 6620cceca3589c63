import type { Principal } from '@waymark/contract'
import { type CompiledTrack, type DerivedFact, ENROLLED, type Entry, type EntryOutcome } from '../engine/index.ts'
import type { Journey } from '../handlers/journey.ts'
import { controlEntry } from '../record/assess.ts'
import { learnerSubject } from '../record/entry-row.ts'
import { foldHypothesis } from './hypothetical.ts'
import type { SubjectReading } from './subject-reading.ts'

/** What a simulation has come to. */
export interface Simulation {
  readonly journey: Journey
  readonly track: CompiledTrack
  readonly reading: SubjectReading | null
  /** Up to when its time has passed. */
  at: number
  row: Uint8Array | null
  /** What happened in it. */
  supposed: readonly Entry[]
  readonly facts: DerivedFact[]
}

export function startSimulation(journey: Journey, track: CompiledTrack, reading: SubjectReading | null, at: number): Simulation {
  return { journey, track, reading, at, row: reading?.bytes ?? null, supposed: [], facts: [] }
}

/** Folds entries at the present moment of the simulation. */
export async function foldSupposed(
  run: Simulation,
  entries: readonly Entry[],
  isRefresh = false,
): Promise<readonly EntryOutcome[]> {
  const { journey, track, reading, at, row, supposed } = run
  const result = await foldHypothesis(journey, { row, reading, supposed, entries, tracks: [track], isRefresh, now: at })
  run.row = result.row ?? row
  run.supposed = [...supposed, ...entries]
  run.facts.push(...result.facts.filter((fact) => fact.track.key === track.key))
  return result.outcomes
}

/** The control entry that starts a run in it. */
export function enrolment(
  run: Simulation,
  learnerId: string,
  at: number,
  principal: Exclude<Principal, { kind: 'invalid' }>,
): Entry {
  const { journey, track, reading } = run
  run.at = Math.max(run.at, at)
  const control = {
    name: ENROLLED,
    subject: reading?.key.subject ?? learnerSubject(learnerId),
    track: track.key,
    eventId: journey.newId(),
    occurredAt: at,
    claimedAt: at,
    payload: { trackId: track.key },
  }
  return controlEntry(control, { principal, channel: 'simulate', receivedAt: run.at }, journey.hash).entry
}
