import { isMet, isTooLate, type LeafCode } from './advance.ts'
import { type CompiledTrack, type Leaf, passes, refusal, type Step, type StepListener } from './compile.ts'
import type { Entry } from './entry.ts'
import { isShown, type TrackState } from './state.ts'

/** What an event did to a step. */
export const VERDICTS = ['completed', 'progressed', 'unchanged'] as const
export type Verdict = (typeof VERDICTS)[number]

/** Why a step was not completed by an event, from a closed list. */
export const REASONS = [
  'count_short',
  'condition_false',
  'prerequisite',
  'already_done',
  'before_start',
  'consumed',
  'not_enrolled',
  'source_untrusted',
  'version_unsupported',
  'too_late',
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

/** The verdicts of an entry of which nothing but its name is left. */
export function verdictsOfExpired(track: CompiledTrack, entry: Entry): StepVerdict[] {
  return (track.listeners.get(entry.name)?.steps ?? []).map(({ step }) => ({
    step: step.index,
    verdict: 'unchanged',
    reason: 'evidence_expired',
  }))
}

function codeOfDuplicate({ condition }: Step, state: TrackState): LeafCode {
  if (state.startedAt < 0) return 'not_started'
  return isMet(condition, state) ? 'waiting' : 'full'
}

function incomplete(ruling: Ruling, listener: StepListener): StepVerdict {
  const { step } = listener
  const unchanged = (reason: Reason): StepVerdict => ({ step: step.index, verdict: 'unchanged', reason })
  if (ruling.unheard !== undefined) return unchanged(ruling.unheard)
  if (ruling.doneBefore.has(step.index)) return unchanged('already_done')
  const codes = listener.leaves.map(({ index }) => ruling.leafCodes.get(index))
  if (codes.includes('met')) return { step: step.index, verdict: 'progressed', reason: 'prerequisite' }
  if (codes.includes('took')) return { step: step.index, verdict: 'progressed', reason: 'count_short' }
  const reasons = listener.leaves.map((leaf) => leafReason(ruling, leaf))
  // With several leaves, the one that came closest to taking the entry says why.
  return unchanged(CLOSEST.find((reason) => reasons.includes(reason)) ?? 'condition_false')
}

const CLOSEST: readonly Reason[] = [
  'count_short',
  'prerequisite',
  'consumed',
  'before_start',
  'not_enrolled',
  'already_done',
  'condition_false',
  'source_untrusted',
  'version_unsupported',
]

function leafReason({ entry, state, leafCodes }: Ruling, leaf: Leaf): Reason {
  switch (leafCodes.get(leaf.index)) {
    case 'took':
    case 'full':
    case 'seen':
      return 'count_short'
    case 'met':
    case 'waiting':
    case 'locked':
    case 'gated':
      return 'prerequisite'
    case 'consumed':
      return 'consumed'
    case 'done':
      return 'already_done'
    case 'not_started':
      return state.startedAt >= 0 ? 'before_start' : 'not_enrolled'
    case undefined:
      break
  }
  const refused = refusal(leaf, entry)
  if (refused === 'version') return 'version_unsupported'
  return refused === 'trust' ? 'source_untrusted' : 'condition_false'
}
