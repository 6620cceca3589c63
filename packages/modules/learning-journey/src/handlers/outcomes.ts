import { type Calendar, type Entry, type EntryOutcome, explainStep } from '../engine/index.ts'
import { toDetail } from './detail.ts'

/** An outcome as the contracts write it, with its condition tree. */
export function toOutcome({ track, step, verdict, reason, state }: EntryOutcome, entry: Entry, calendar: Calendar) {
  return {
    trackId: track.key,
    stepId: track.steps[step]?.key ?? '',
    verdict,
    reason,
    // Of an event that has expired there is nothing left to compare.
    detail: toDetail(explainStep(track, state, step, { entry: reason === 'evidence_expired' ? null : entry, calendar })),
  }
}
