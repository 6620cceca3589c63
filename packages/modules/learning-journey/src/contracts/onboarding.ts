import { defineCommand, defineQuery, page } from '@waymark/contract'
import { z } from 'zod'
import { ENROLMENT_NOT_EXPLICIT, NotEnrolledReason, REASONS_OF_NO_RUN } from './enrolment.ts'
import { ONBOARDING_EXAMPLES } from './examples/onboarding-examples.ts'
import { FACTS } from './facts.ts'
import { IngestInput, IngestOutput, RedriveInput, RedriveOutput } from './ingest.ts'
import { Outcome } from './outcome.ts'
import { LEARNING_JOURNEY_OWNERS } from './owners.ts'
import { Progress } from './progress.ts'
import { EventVersion, Id, Moment } from './text.ts'
import { NEAREST, TRACK_NOT_FOUND } from './track-errors.ts'

const Locale = z
  .string()
  .max(35)
  .describe('BCP 47. A text that has none for it comes in its language, in English, or in its first locale.')

export const RecordOnboardingEventInput = z.object({
  learnerId: Id.describe('Who acted.'),
  eventName: Id.describe('Key of the event contract, e.g. `deal.created`.'),
  trackId: Id.optional().describe('Key of the one track that the event is meant for; all tracks when absent.'),
  accountId: Id.optional().describe('The account in which the learner acted.'),
  eventId: Id.optional().describe(
    'The same id never counts twice. When absent: the Idempotency-Key of the call, else a new id, and then a repeated call counts again.',
  ),
  eventVersion: EventVersion.optional().describe('Major or full version of the event contract; the latest when absent.'),
  sourceModule: Id.optional().describe('Which part of the product reports it. Ids are unique within it.'),
  eventPayload: z.record(z.string(), z.unknown()).optional().describe('What the event contract says; `{}` when absent.'),
  occurredAt: Moment.optional().describe(
    'When it happened; the time of receipt when absent, or when more than five minutes ahead of it.',
  ),
})

export const SuccessOutput = z.object({
  success: z.literal(true),
  eventId: z.string().describe('The id under which the event is recorded.'),
  duplicate: z.boolean().describe('True when the event was recorded before; nothing changed then.'),
  xpEarned: z.int().min(0).describe('Experience points that this event brought.'),
  outcomes: z.array(Outcome).describe('One for each step that listens to the event, and for each step that it completed.'),
})

export const RecordOnboardingEventContract = defineCommand({
  meta: {
    key: 'learning.onboarding.recordEvent',
    version: '1.0.0',
    stability: 'stable',
    owners: [...LEARNING_JOURNEY_OWNERS],
    tags: ['learning', 'onboarding', 'events'],
    description: 'Record a domain event to evaluate onboarding step completion conditions.',
    goal: 'Advance onboarding automatically from product events.',
    context: 'Called by event bus handlers when relevant product events fire (e.g., deal.created).',
    examples: ONBOARDING_EXAMPLES.recordEvent,
  },
  io: {
    input: RecordOnboardingEventInput,
    output: SuccessOutput,
    errors: {
      TRACK_NOT_FOUND: {
        description: 'Track not found for event routing',
        http: 404,
        gqlCode: 'TRACK_NOT_FOUND',
        when: 'Track ID or routing context is invalid',
        data: z.object({ trackId: z.string(), nearest: NEAREST }),
      },
      STEP_NOT_FOUND: {
        description: 'Step not found for completion condition',
        http: 404,
        gqlCode: 'STEP_NOT_FOUND',
        when: 'No step matches the incoming event',
        data: z.object({ eventName: z.string(), nearest: NEAREST }),
      },
    },
  },
  policy: { auth: 'user' },
  emits: FACTS,
})

export const IngestContract = defineCommand({
  meta: {
    key: 'learning.onboarding.ingest',
    version: '1.0.0',
    stability: 'stable',
    owners: [...LEARNING_JOURNEY_OWNERS],
    tags: ['learning', 'onboarding', 'events'],
    description: 'Record a batch of events, each with a status of its own.',
    goal: 'Take in whatever an event SDK or a bus delivers, without one event costing its neighbours.',
    context: 'Called by the SDK endpoints and by bus handlers. Answers 200 whenever the batch itself is readable.',
    examples: ONBOARDING_EXAMPLES.ingest,
  },
  io: { input: IngestInput, output: IngestOutput },
  policy: { auth: 'service', limits: { inputBytes: 1_048_576 } },
  emits: FACTS,
})

export const EnrollContract = defineCommand({
  meta: {
    key: 'learning.onboarding.enroll',
    version: '1.0.0',
    stability: 'stable',
    owners: [...LEARNING_JOURNEY_OWNERS],
    tags: ['learning', 'onboarding', 'enrolment'],
    description: 'Start a run of a track for a learner or an account.',
    goal: 'Begin onboarding at a moment that the product chooses.',
    context: 'Called for tracks whose enrolment is explicit. Enrolling again changes nothing while a run is open.',
    examples: ONBOARDING_EXAMPLES.enroll,
  },
  io: {
    input: z.object({
      learnerId: Id.optional().describe('Who starts; of a track about accounts, the member who acts.'),
      accountId: Id.optional().describe('The account, where the track is about accounts.'),
      trackId: Id,
      at: Moment.optional().describe('Start of the run; now when absent. Only services and operators may set it.'),
    }),
    output: z.object({
      success: z.literal(true),
      enrolled: z.boolean().describe('True when this call started a run.'),
      reason: NotEnrolledReason.nullable().describe(`Null when it did. ${REASONS_OF_NO_RUN}`),
      startedAt: Moment.nullable().describe('Start of the newest run; null when there was none.'),
      run: z.int().min(0).nullable().describe('Number of the newest run, from 0.'),
      xpEarned: z.int().min(0),
    }),
    errors: { TRACK_NOT_FOUND, ENROLMENT_NOT_EXPLICIT },
  },
  policy: { auth: 'user', idempotent: true },
  emits: FACTS,
})

export const ListTracksContract = defineQuery({
  meta: {
    key: 'learning.onboarding.listTracks',
    version: '1.0.0',
    stability: 'stable',
    owners: [...LEARNING_JOURNEY_OWNERS],
    tags: ['learning', 'onboarding', 'tracks'],
    description: 'List the published tracks and their steps.',
    goal: 'Let a product show what there is to learn.',
    context: 'Called by widgets and operators.',
    examples: ONBOARDING_EXAMPLES.listTracks,
  },
  io: {
    input: z.object({
      locale: Locale.optional(),
    }),
    output: page(
      z.object({
        trackId: z.string(),
        version: z.string(),
        title: z.string(),
        description: z.string().nullable(),
        subject: z.enum(['learner', 'account']).describe('Whose progress it is.'),
        enrolment: z.enum(['onFirstMatch', 'onEvent', 'explicit', 'onSegment']),
        xp: z.int().describe('All experience points that the track can bring.'),
        steps: z.array(z.object({ stepId: z.string(), title: z.string(), description: z.string().nullable(), xp: z.int() })),
      }),
    ),
  },
  policy: { auth: 'user' },
})

export const GetProgressContract = defineQuery({
  meta: {
    key: 'learning.onboarding.getProgress',
    version: '1.0.0',
    stability: 'stable',
    owners: [...LEARNING_JOURNEY_OWNERS],
    tags: ['learning', 'onboarding', 'progress'],
    description: 'Show how far a learner is in their tracks.',
    goal: 'Show a person where they are and what comes next.',
    context: 'Called by widgets, the backend and operators. Reading changes nothing.',
    examples: ONBOARDING_EXAMPLES.getProgress,
  },
  io: {
    input: z.object({
      learnerId: Id,
      accountId: Id.optional().describe('Whose tracks about accounts are shown; the only account of the learner when absent.'),
      trackId: Id.optional().describe('One track, hidden or not; all tracks with a run when absent.'),
      hidden: z.boolean().optional().describe('True: also the tracks that the learner dismissed or snoozed.'),
      locale: Locale.optional(),
    }),
    output: Progress,
    errors: {
      TRACK_NOT_FOUND,
    },
  },
  policy: { auth: 'user' },
})

export const ListRejectedContract = defineQuery({
  meta: {
    key: 'learning.onboarding.listRejected',
    version: '1.0.0',
    stability: 'beta',
    owners: [...LEARNING_JOURNEY_OWNERS],
    tags: ['learning', 'onboarding', 'events'],
    description: 'List the events that could not be recorded, newest first, each with its problem.',
    goal: 'Lose nothing: a rejected event is kept for 30 days with the reason.',
    context: 'Called by operators and by the CLI.',
    examples: ONBOARDING_EXAMPLES.listRejected,
  },
  io: {
    input: z.object({}),
    output: page(
      z.object({
        id: z.string(),
        receivedAt: Moment,
        channel: z.string(),
        eventId: z.string().nullable(),
        eventName: z.string().nullable(),
        problem: z.unknown().describe('What was wrong, as problem+json.'),
        event: z.unknown().describe('The event as it came.'),
      }),
    ),
  },
  policy: { auth: 'service' },
})

export const RedriveRejectedContract = defineCommand({
  meta: {
    key: 'learning.onboarding.redriveRejected',
    version: '1.0.0',
    stability: 'beta',
    owners: [...LEARNING_JOURNEY_OWNERS],
    tags: ['learning', 'onboarding', 'events'],
    description: 'Try rejected events again, as if they arrived when they first did.',
    goal: 'Count what was rejected once its cause is mended: a contract, a mapping, a track.',
    context: 'Called by operators and by the CLI. Calling it again counts nothing twice.',
    examples: ONBOARDING_EXAMPLES.redriveRejected,
  },
  io: { input: RedriveInput, output: RedriveOutput },
  policy: { auth: 'service', idempotent: true },
  emits: FACTS,
})
