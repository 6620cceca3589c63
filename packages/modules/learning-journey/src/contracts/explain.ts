import { defineQuery } from '@waymark/contract'
import { z } from 'zod'
import { REASONS } from '../engine/index.ts'
import { ONBOARDING_EXAMPLES } from './examples/onboarding-examples.ts'
import { RecordOnboardingEventInput } from './onboarding.ts'
import { Detail, DetailCheck, Outcome } from './outcome.ts'
import { LEARNING_JOURNEY_OWNERS } from './owners.ts'
import { StepStatus, TrackStatus } from './progress.ts'
import { Id, Moment } from './text.ts'
import { NEAREST, TRACK_NOT_FOUND } from './track-errors.ts'

const MissingEvent = z.object({
  kind: z.literal('event'),
  event: z.string(),
  more: z.number().describe('How many more events, or with `sumOf` how much more.'),
  distinctBy: z.string().nullable(),
  sumOf: z.string().nullable(),
  until: Moment.nullable().describe('The last moment at which one counts; null without a window.'),
  sliding: z.string().nullable(),
})
const MissingTrait = z.object({
  kind: z.literal('trait'),
  trait: z.string().describe('JSON Pointer into the traits.'),
  operator: z.string(),
  expected: z.unknown(),
  actual: z.unknown().describe('Null when there is no value.'),
})
const MissingSteps = z.object({
  kind: z.literal('steps'),
  stepIds: z.array(z.string()),
  any: z.boolean().describe('True when one of them is enough.'),
})
const MissingBranch = z.object({
  kind: z.literal('branch'),
  stepId: z.string(),
  expected: z.string(),
  actual: z.string().nullable().describe('The branch that was chosen; null before.'),
})
const MissingTime = z.object({
  kind: z.enum(['opens', 'due']).describe('`opens`: it opens then; `due`: it was due then.'),
  at: Moment.nullable().describe('Null while there is no run to count from.'),
})
const MissingRun = z.object({
  kind: z.literal('run'),
  reason: z
    .enum(['not_enrolled', 'audience', 'prerequisite', 'completed', 'missed', 'exited', 'reset', 'paused'])
    .describe('Why no run is open in which the step could be done; `prerequisite`: another track comes first.'),
})
const MissingChoice = z
  .object({
    kind: z.literal('oneOf'),
    get options(): z.ZodArray<z.ZodArray<typeof Missing>> {
      return z.array(z.array(Missing))
    },
  })
  // A name of its own, as the group of a condition tree has one.
  .meta({ id: 'MissingChoice' })

/** Something that has to come before a step is completed. */
export type MissingPart =
  | z.infer<typeof MissingEvent>
  | z.infer<typeof MissingTrait>
  | z.infer<typeof MissingSteps>
  | z.infer<typeof MissingBranch>
  | z.infer<typeof MissingTime>
  | z.infer<typeof MissingRun>
  | { readonly kind: 'oneOf'; readonly options: MissingPart[][] }

const Missing: z.ZodType<MissingPart> = z
  .lazy(() => z.union([MissingEvent, MissingTrait, MissingSteps, MissingBranch, MissingTime, MissingRun, MissingChoice]))
  .meta({ id: 'MissingPart' })

const NearMiss = z.object({
  eventId: z.string(),
  sourceModule: z.string().nullable(),
  eventName: z.string(),
  occurredAt: Moment,
  reason: z.enum(REASONS),
  check: DetailCheck.nullable().describe('The one check that refused it; null when it was like what the step wants.'),
})

const ExplainedEvent = z.object({
  eventId: z.string().nullable().describe('Null when the event is hypothetical.'),
  sourceModule: z.string().nullable(),
  eventName: z.string(),
  eventVersion: z.string(),
  occurredAt: Moment,
  receivedAt: Moment,
  claimedAt: Moment.nullable(),
  channel: z.string(),
})

const ExplainedTrack = z.object({
  trackId: z.string(),
  version: z.string(),
  subject: z.enum(['learner', 'account']),
  status: TrackStatus,
  enrolment: z.enum(['onFirstMatch', 'onEvent', 'explicit', 'onSegment']),
  startedAt: Moment.nullable(),
  endedAt: Moment.nullable(),
  paused: z.boolean().describe('True: nothing counts until it is resumed.'),
  heldOut: z.boolean().describe('True: it is evaluated, but nothing is granted or shown.'),
  audience: z.array(DetailCheck).describe('What it asks of the traits before a run starts; empty when it is for everybody.'),
  after: z
    .object({ any: z.boolean(), tracks: z.array(z.object({ trackId: z.string(), met: z.boolean() })) })
    .nullable()
    .describe('The tracks that come first.'),
})

const ExplainedStep = z.object({
  trackId: z.string(),
  stepId: z.string(),
  status: StepStatus,
  standing: z.boolean().describe('True: it was announced as completed, and a late event contradicts it.'),
  detail: Detail,
  missing: z.array(Missing).describe('All that has to come before it is completed; empty when it is settled for good.'),
  nearMisses: z
    .array(NearMiss)
    .describe('With `stepId`: the last events that almost counted for it, newest first; at most five.'),
})

export const ExplainContract = defineQuery({
  meta: {
    key: 'learning.onboarding.explain',
    version: '1.0.0',
    stability: 'stable',
    owners: [...LEARNING_JOURNEY_OWNERS],
    tags: ['learning', 'onboarding', 'explain'],
    description: 'Explain what an event did to each step, what it would do, or what the steps of a learner still want.',
    goal: 'Answer "why is this step not done?" with expected, actual and where the actual came from.',
    context: 'Called by support, by the CLI and by tests. It computes the answer from the journal, and stores nothing.',
    examples: ONBOARDING_EXAMPLES.explain,
  },
  io: {
    input: z
      .object({
        learnerId: Id,
        trackId: Id.optional().describe('One track; all tracks when absent.'),
        stepId: Id.optional().describe('One step. Without an event, its nearest misses are found too.'),
        accountId: Id.optional().describe(
          'The account whose tracks are meant; when absent the one account of the learner. A recorded event has its own.',
        ),
        eventId: Id.optional().describe('A recorded event. Without any event every step is explained as it stands now.'),
        sourceModule: Id.or(z.literal(''))
          .optional()
          .describe('Source of that event, where ids of several sources could be equal.'),
        event: RecordOnboardingEventInput.pick({
          eventName: true,
          eventPayload: true,
          occurredAt: true,
          sourceModule: true,
          eventVersion: true,
        })
          .optional()
          .describe('An event that did not happen: what it would do if it were reported now.'),
      })
      .refine(({ eventId, event }) => eventId === undefined || event === undefined, {
        path: ['event'],
        message: 'Expected either eventId, of a recorded event, or event, a hypothetical one',
      }),
    output: z.object({
      event: ExplainedEvent.nullable(),
      outcomes: z.array(Outcome).describe('With an event: its verdict for each step that listens to it.'),
      steps: z.array(ExplainedStep).describe('Without an event: each step as it stands now.'),
      tracks: z.array(ExplainedTrack).describe('The tracks of these outcomes or steps, as they stand now.'),
    }),
    errors: {
      TRACK_NOT_FOUND,
      STEP_NOT_FOUND: {
        description: 'There is no such step, or none that listens to the event',
        http: 404,
        gqlCode: 'STEP_NOT_FOUND',
        when: 'The step id is unknown in the tracks that are meant, or no step of them listens to the hypothetical event',
        data: z.object({ sought: z.string().describe('The step id or event name.'), nearest: NEAREST }),
      },
      EVENT_NOT_FOUND: {
        description: 'There is no such event of this learner',
        http: 404,
        gqlCode: 'EVENT_NOT_FOUND',
        when: 'No recorded event of the learner has this id',
      },
    },
  },
  policy: { auth: 'user' },
})
