import { defineEvent } from '@waymark/contract'
import { z } from 'zod'
import { LEARNING_JOURNEY_OWNERS } from './owners.ts'

/**
 * The facts that Waymark derives, as event contracts. Each is appended once; totals are sums of them.
 */
const Run = z.object({ trackId: z.string(), run: z.int().min(0).describe('Which run of the track, from 0.') })
const InStep = Run.extend({ stepId: z.string().nullable().describe('Null when it is about the whole track.') })

const meta = <const Name extends string>(name: Name, description: string) => ({
  key: `learning.onboarding.${name}` as const,
  version: '1.0.0' as const,
  stability: 'stable' as const,
  owners: [...LEARNING_JOURNEY_OWNERS],
  tags: ['learning', 'onboarding', 'facts'],
  description,
})

export const Enrolled = defineEvent({ meta: meta('enrolled', 'A learner started a run of a track.'), payload: Run })

export const StepCompleted = defineEvent({
  meta: meta('step.completed', 'A learner completed a step.'),
  payload: Run.extend({ stepId: z.string() }),
})

export const TrackCompleted = defineEvent({
  meta: meta('track.completed', 'A learner completed all steps of a track.'),
  payload: Run,
})

export const XpGranted = defineEvent({
  meta: meta('xp.granted', 'A learner earned experience points for a step or a track.'),
  payload: InStep.extend({ xp: z.int().positive() }),
})

export const BadgeGranted = defineEvent({
  meta: meta('badge.granted', 'A learner earned a badge for a step or a track.'),
  payload: InStep.extend({ badge: z.string() }),
})

export const FACTS = [Enrolled, StepCompleted, TrackCompleted, XpGranted, BadgeGranted] as const
