import { isTooLate } from './advance.ts'
import { type CompiledTrack, type Leaf, passes, refusal, type Step, type StepListener } from './compile.ts'
import type { Entry } from './entry.ts'
import type { LeafCode } from './offer.ts'
import { CLOSED, isAfterMet, isMet, isOnBranch, isRunning, isShown, MISSED, OPEN, type TrackState } from './state.ts'

/** What an event did to a step. */
export const VERDICTS = ['completed', 'progressed', 'unchanged'] as const
export type Verdict = (typeof VERDICTS)[number]

/** Why a step was not completed by an event, from a closed list. */
export const REASONS = [
  'count_short',
  'condition_false',
  'window_expired',
  'before_start',
  'prerequisite',
  'not_open_yet',
  'branch_closed',
  'already_done',
  'consumed',
  'missed',
  'too_late',
  'not_enrolled',
  'audience',
  'exited',
  'paused',
  'source_untrusted',
  'version_unsupported',
  'evidence_expired',
] as const
export type Reason = (typeof REASONS)[number]

/** Why an entry that a track listens to is not taken, whatever its steps say. */
export type Unheard = 'too_late' | 'evidence_expired'

export interface StepVerdict {
  readonly step: number
  readonly verdict: Verdict
  /** Null when completed. */
  readonly reason: Reason | null
}

/** What is known of one entry and one track after the fold. */
export interface Ruling {
  readonly track: CompiledTrack
  readonly entry: Entry
  /** The state after the fold. */
  readonly state: TrackState
  readonly unheard: Unheard | undefined
  /** Steps that were shown as completed before the entry came. */
  readonly doneBefore: ReadonlySet<number>
  /** Steps that the entry's acceptance completed. */
  readonly completed: ReadonlySet<number>
  readonly leafCodes: ReadonlyMap<number, LeafCode>
}

/** The verdict for each step that listens to the entry, and for each step that it completed by cascade; in definition order. */
export function verdictsOf(ruling: Ruling): StepVerdict[] {
  const { track, entry, completed } = ruling
  const listening = new Map((track.listeners.get(entry.name)?.steps ?? []).map((listener) => [listener.step.index, listener]))
  return track.steps
    .filter(({ index }) => completed.has(index) || listening.has(index))
    .map(({ index }) =>
      completed.has(index)
        ? { step: index, verdict: 'completed', reason: null }
        : incomplete(ruling, listening.get(index) as StepListener),
    )
}

/** The verdicts of an entry that was recorded before: it changes nothing, and the reasons are those of today. */
export function verdictsOfDuplicate(track: CompiledTrack, entry: Entry, state: TrackState): StepVerdict[] {
  const leafCodes = new Map<number, LeafCode>()
  for (const { step, leaves } of track.listeners.get(entry.name)?.steps ?? []) {
    for (const leaf of leaves) if (passes(leaf, entry)) leafCodes.set(leaf.index, codeOfDuplicate(step, state))
  }
  const doneBefore = new Set(track.steps.filter(({ index }) => isShown(state, index)).map(({ index }) => index))
  const unheard = isTooLate(track, entry) ? 'too_late' : undefined
  return verdictsOf({ track, entry, state, unheard, doneBefore, completed: new Set(), leafCodes })
}

/** The same verdict for each step that listens to an entry. */
export function verdictsOfAll(track: CompiledTrack, entry: Entry, reason: 'evidence_expired' | 'paused'): StepVerdict[] {
  return (track.listeners.get(entry.name)?.steps ?? []).map(({ step }) => ({
    step: step.index,
    verdict: 'unchanged',
    reason,
  }))
}

function codeOfDuplicate({ index, condition }: Step, state: TrackState): LeafCode {
  if (state.run < 0) return 'not_started'
  const how = state.how[index]
  if (how === CLOSED) return 'closed'
  if (how === MISSED) return 'missed'
  if (how !== OPEN) return 'done'
  if (!isRunning(state)) return state.outcome === 'exited' ? 'exited' : 'done'
  return isMet(condition, state) ? 'waiting' : 'full'
}

function incomplete(ruling: Ruling, listener: StepListener): StepVerdict {
  const { step } = listener
  const unchanged = (reason: Reason): StepVerdict => ({ step: step.index, verdict: 'unchanged', reason })
  if (ruling.unheard !== undefined) return unchanged(ruling.unheard)
  if (ruling.doneBefore.has(step.index)) return unchanged('already_done')
  const codes = listener.leaves.map(({ index }) => ruling.leafCodes.get(index))
  if (codes.includes('met')) return { step: step.index, verdict: 'progressed', reason: waitingReason(step, ruling.state) }
  if (codes.includes('took')) return { step: step.index, verdict: 'progressed', reason: 'count_short' }
  const reasons = listener.leaves.map((leaf) => leafReason(ruling, step, leaf))
  // With several leaves, the one that came closest to taking the entry says why.
  return unchanged(CLOSEST.find((reason) => reasons.includes(reason)) ?? 'condition_false')
}

const CLOSEST: readonly Reason[] = [
  'count_short',
  'not_open_yet',
  'prerequisite',
  'consumed',
  'window_expired',
  'missed',
  'branch_closed',
  'before_start',
  'audience',
  'exited',
  'not_enrolled',
  'already_done',
  'condition_false',
  'source_untrusted',
  'version_unsupported',
]

/** Why a step whose condition is met is not completed. */
function waitingReason(step: Step, state: TrackState): Reason {
  return isAfterMet(step, state) && isOnBranch(step, state) && isRunning(state) && step.opens !== undefined
    ? 'not_open_yet'
    : 'prerequisite'
}

function leafReason({ entry, state, leafCodes }: Ruling, step: Step, leaf: Leaf): Reason {
  switch (leafCodes.get(leaf.index)) {
    case 'took':
    case 'full':
    case 'seen':
    case 'crowded':
      return 'count_short'
    case 'met':
    case 'waiting':
      return waitingReason(step, state)
    case 'locked':
    case 'gated':
    case 'track_first':
      return 'prerequisite'
    case 'not_open':
      return 'not_open_yet'
    case 'consumed':
      return 'consumed'
    case 'expired':
      return 'window_expired'
    case 'done':
      return 'already_done'
    case 'closed':
      return 'branch_closed'
    case 'missed':
      return 'missed'
    case 'exited':
      return 'exited'
    case 'audience':
      return 'audience'
    case 'not_started':
      return state.run >= 0 ? 'before_start' : 'not_enrolled'
    case undefined:
      break
  }
  const refused = refusal(leaf, entry)
  if (refused === 'version') return 'version_unsupported'
  return refused === 'trust' ? 'source_untrusted' : 'condition_false'
}
