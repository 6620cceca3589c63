import { defineEvent } from '@waymark/contract'
import { z } from 'zod'
import { LEARNING_JOURNEY_OWNERS } from './owners.ts'

/**
 * The facts that Waymark derives, as event contracts. Each is appended once; totals are sums of them.
 */
const Run = z.object({
  trackId: z.string(),
  run: z.int().min(0).describe('Which run of the track, from 0.'),
  holdout: z.literal(true).optional().describe('There when the run is set apart for comparison.'),
})
const InStep = Run.extend({ stepId: z.string() })
const Reward = Run.extend({ stepId: z.string().nullable().describe('Null when it is for the whole track or a day of a streak.') })
const Day = z.iso.date().describe('A local date.')
const OfDay = Run.extend({ day: Day, length: z.int().min(0).describe('Length of the streak; of a lost one, what it was.') })
const Reason = z.string().optional().describe('What was said as it was done.')

const meta = <const Name extends string>(name: Name, description: string) => ({
  key: `learning.onboarding.${name}` as const,
  version: '1.0.0' as const,
  stability: 'stable' as const,
  owners: [...LEARNING_JOURNEY_OWNERS],
  tags: ['learning', 'onboarding', 'facts'],
  description,
})

export const Enrolled = defineEvent({ meta: meta('enrolled', 'A learner or account started a run of a track.'), payload: Run })

export const Exited = defineEvent({
  meta: meta('exited', 'A run was ended by hand.'),
  payload: Run.extend({ reason: z.string().describe('What was said, else `exited` or `reset`.') }),
})

export const Merged = defineEvent({
  meta: meta('merged', 'What belonged to another id became the learner’s.'),
  payload: z.object({ from: z.string().describe('The other id.') }),
})

export const StepOpened = defineEvent({ meta: meta('step.opened', 'The time of a step came.'), payload: InStep })

export const StepCompleted = defineEvent({ meta: meta('step.completed', 'A step was completed.'), payload: InStep })

export const StepSkipped = defineEvent({
  meta: meta('step.skipped', 'A step was skipped.'),
  payload: InStep,
})

export const StepWaived = defineEvent({
  meta: meta('step.waived', 'A step was waived.'),
  payload: InStep.extend({ reason: Reason }),
})

export const StepMissed = defineEvent({ meta: meta('step.missed', 'A step was not done when it was due.'), payload: InStep })

export const StepCorrected = defineEvent({
  meta: meta('step.corrected', 'What was announced of a step was taken back: a miss, or a revoked completion.'),
  payload: InStep.extend({
    from: z.enum(['missed', 'completed']),
    to: z.enum(['open', 'completed', 'skipped', 'waived', 'closed']),
    reason: Reason,
  }),
})

export const BranchChosen = defineEvent({
  meta: meta('branch.chosen', 'A step chose the way on.'),
  payload: InStep.extend({ branch: z.string() }),
})

export const TrackCompleted = defineEvent({
  meta: meta('track.completed', 'All required steps of a track are satisfied.'),
  payload: Run,
})

export const TrackEnded = defineEvent({
  meta: meta('track.ended', 'A run ended without being completed.'),
  payload: Run.extend({ outcome: z.literal('missed') }),
})

const Xp = Reward.extend({ xp: z.int().positive(), day: Day.optional().describe('Of a day of a streak.') })
const Badge = Reward.extend({ badge: z.string() })

export const XpGranted = defineEvent({ meta: meta('xp.granted', 'Experience points were earned.'), payload: Xp })

export const XpRevoked = defineEvent({ meta: meta('xp.revoked', 'Experience points were taken back.'), payload: Xp })

export const BadgeGranted = defineEvent({ meta: meta('badge.granted', 'A badge was earned.'), payload: Badge })

export const BadgeRevoked = defineEvent({ meta: meta('badge.revoked', 'A badge was taken back.'), payload: Badge })

export const StreakAdvanced = defineEvent({ meta: meta('streak.advanced', 'A date was credited to a streak.'), payload: OfDay })

export const StreakFrozen = defineEvent({ meta: meta('streak.frozen', 'A freeze kept a streak over a date.'), payload: OfDay })

export const StreakLost = defineEvent({
  meta: meta('streak.lost', 'A streak ended with a date that was not credited.'),
  payload: OfDay,
})

export const FACTS = [
  Enrolled,
  Exited,
  Merged,
  StepOpened,
  StepCompleted,
  StepSkipped,
  StepWaived,
  StepMissed,
  StepCorrected,
  BranchChosen,
  TrackCompleted,
  TrackEnded,
  XpGranted,
  XpRevoked,
  BadgeGranted,
  BadgeRevoked,
  StreakAdvanced,
  StreakFrozen,
  StreakLost,
] as const
