import { type Calendar, type Entry, type EntryOutcome, explainStep } from '../engine/index.ts'
import { toDetail } from './detail.ts'

/** An outcome as the contracts write it, with its condition tree; with the values of traits, where they are known. */
export function toOutcome(
  { track, step, verdict, reason, state }: EntryOutcome,
  entry: Entry,
  calendar: Calendar,
  traits?: Readonly<Record<string, unknown>>,
) {
  // Of an event that has expired there is nothing left to compare.
  const evidence = { entry: reason === 'evidence_expired' ? null : entry, traits, calendar }
  return {
    trackId: track.key,
    stepId: track.steps[step]?.key ?? '',
    verdict,
    reason,
    detail: toDetail(explainStep(track, state, step, evidence)),
  }
}
