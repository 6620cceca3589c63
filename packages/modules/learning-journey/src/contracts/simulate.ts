import { defineQuery } from '@waymark/contract'
import { z } from 'zod'
import { ONBOARDING_EXAMPLES } from './examples/onboarding-examples.ts'
import { RecordOnboardingEventInput } from './onboarding.ts'
import { Outcome } from './outcome.ts'
import { LEARNING_JOURNEY_OWNERS } from './owners.ts'
import { TrackProgress } from './progress.ts'
import { Id, Moment } from './text.ts'
import { TRACK_NOT_FOUND } from './track-errors.ts'

const MOST_EVENTS = 500

export const SimulateContract = defineQuery({
  meta: {
    key: 'learning.onboarding.simulate',
    version: '1.0.0',
    stability: 'stable',
    owners: [...LEARNING_JOURNEY_OWNERS],
    tags: ['learning', 'onboarding', 'explain'],
    description: 'Show how a track would stand after events that did not happen and time that did not pass.',
    goal: 'Try a track, or a change of it, on a real or an imagined learner without touching anything.',
    context: 'Called by operators, by authors of tracks and by the CLI. It reads the journal and stores nothing.',
    examples: ONBOARDING_EXAMPLES.simulate,
  },
  io: {
    input: z
      .object({
        learnerId: Id.optional().describe('Whose journal it goes on from; one without any entries when absent.'),
        accountId: Id.optional().describe('The account, of a track about accounts; when absent the one account of the learner.'),
        trackId: Id.optional().describe('A track that is served.'),
        definition: z
          .record(z.string(), z.unknown())
          .optional()
          .describe('Another definition, as a `waymark.track/1` document. Not for learners.'),
        enrolAt: Moment.optional().describe('Starts a run then, of a track whose enrolment is explicit.'),
        events: z
          .array(
            RecordOnboardingEventInput.pick({
              eventName: true,
              eventPayload: true,
              occurredAt: true,
              sourceModule: true,
              eventVersion: true,
            }),
          )
          .max(MOST_EVENTS)
          .default([])
          .describe(
            'In the order of their arrival. `occurredAt` may lie in the future; when absent it is the arrival of the one before, or now.',
          ),
        advanceTo: Moment.optional().describe('Up to when time passes in the end.'),
      })
      .refine(({ trackId, definition }) => (trackId === undefined) !== (definition === undefined), {
        path: ['trackId'],
        message: 'Expected either trackId, of a track that is served, or definition',
      }),
    output: z.object({
      at: Moment.describe('Up to when time passed.'),
      track: TrackProgress.omit({ dismissed: true, snoozedUntil: true }).describe('How the track would stand then.'),
      events: z.array(
        z.object({ eventName: z.string(), occurredAt: Moment, outcomes: z.array(Outcome).describe('What the event would do.') }),
      ),
      facts: z
        .array(
          z.object({
            name: z.string().describe('Key of the event contract.'),
            stepId: z.string().nullable(),
            occurredAt: Moment,
            data: z.record(z.string(), z.unknown()),
          }),
        )
        .describe('What would be announced, in order.'),
      alarmAt: Moment.nullable().describe('When passing time changes something next; null: never.'),
    }),
    errors: { TRACK_NOT_FOUND },
  },
  policy: { auth: 'user' },
})
