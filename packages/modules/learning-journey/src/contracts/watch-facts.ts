import { defineQuery, stream } from '@waymark/contract'
import { z } from 'zod'
import { ONBOARDING_EXAMPLES } from './examples/onboarding-examples.ts'
import { LEARNING_JOURNEY_OWNERS } from './owners.ts'
import { Id, Moment } from './text.ts'

/** A fact as it is told to those who follow. */
export const Fact = z.object({
  cursor: z.string().describe('Where the fact stands: sent as `after`, the stream goes on behind it.'),
  factId: z.string().describe('The same for a fact that is told again.'),
  name: z.string().describe('Key of the event contract of the fact, e.g. `learning.onboarding.step.completed`.'),
  learnerId: z.string().nullable().describe('Null when it is about an account.'),
  accountId: z.string().nullable(),
  trackId: z.string().nullable().describe('Null on facts that are about no track.'),
  stepId: z.string().nullable().describe('Null on facts about the whole track.'),
  run: z.int().min(0).describe('Which run of the track, from 0.'),
  occurredAt: Moment,
  cause: z.object({ eventId: z.string(), sourceModule: z.string().nullable() }).describe('The event that brought it about.'),
  backfilled: z.boolean().describe('True when an imported event brought it about: something that happened long ago.'),
  data: z.record(z.string(), z.unknown()).describe('The payload that the event contract of the fact describes.'),
})

export const WatchFactsContract = defineQuery({
  meta: {
    key: 'learning.onboarding.watchFacts',
    version: '1.0.0',
    stability: 'beta',
    owners: [...LEARNING_JOURNEY_OWNERS],
    tags: ['learning', 'onboarding', 'facts'],
    description: 'Follow facts as they are committed, of one learner or of the whole tenant.',
    goal: 'Show progress the moment it happens, and let a backend act on it.',
    context: 'Called by widgets for their own learner, and by backends and operators for everybody.',
    examples: ONBOARDING_EXAMPLES.watchFacts,
  },
  io: {
    input: z.object({
      learnerId: Id.optional().describe(
        'One learner; the whole tenant when absent, which only services and operators may follow.',
      ),
    }),
    output: stream(Fact),
  },
  policy: { auth: 'user' },
})
