import { z } from 'zod'
import { Moment } from './text.ts'

/** How far a learner is. */
export const Progress = z.object({
  learnerId: z.string(),
  xp: z.int().min(0).describe('Sum of all xp.granted facts of the learner.'),
  badges: z.array(z.string()),
  tracks: z.array(
    z.object({
      trackId: z.string(),
      version: z.string(),
      title: z.string(),
      status: z.enum(['not_enrolled', 'active', 'completed']),
      startedAt: Moment.nullable(),
      completedAt: Moment.nullable(),
      percent: z.int().min(0).max(100).describe('Completed steps of all steps, rounded down.'),
      steps: z.array(
        z.object({
          stepId: z.string(),
          title: z.string(),
          description: z.string().nullable(),
          status: z.enum(['locked', 'open', 'completed']),
          completedAt: Moment.nullable(),
          standing: z.boolean().describe('True when the completion was announced and a late event contradicts it.'),
          contradictedBy: z.object({ eventId: z.string(), sourceModule: z.string().nullable() }).nullable(),
          xp: z.int().min(0),
        }),
      ),
    }),
  ),
})
