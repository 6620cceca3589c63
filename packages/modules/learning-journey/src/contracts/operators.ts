import { defineQuery, page } from '@waymark/contract'
import { z } from 'zod'
import { OPERATORS_EXAMPLES } from './examples/operators-examples.ts'
import { operationMeta } from './operation-meta.ts'
import { Id, Moment } from './text.ts'
import { TRACK_NOT_FOUND } from './track-errors.ts'

/** What operators ask: who is where, what happened, and how a track does. All of them only read. */
const meta = <const Name extends keyof typeof OPERATORS_EXAMPLES>(name: Name, description: string, goal: string) => ({
  ...operationMeta(name, 'operators', { description, goal, context: 'Called by operators, by the CLI and by Studio.' }),
  examples: OPERATORS_EXAMPLES[name],
})

const policy = { auth: 'service' } as const
const From = Moment.optional().describe('At this moment or later.')
const To = Moment.optional().describe('Before this moment.')

const Subject = {
  learnerId: z.string().nullable().describe('Null when it is about an account.'),
  accountId: z.string().nullable(),
}

const Enrolment = z.object({
  ...Subject,
  trackId: z.string(),
  run: z.int().min(0),
  version: z.string().describe('Version of the track that computed it last.'),
  status: z.enum(['active', 'completed', 'missed', 'exited', 'reset']),
  startedAt: Moment,
  completedAt: Moment.nullable(),
  endedAt: Moment.nullable(),
  percent: z.int().min(0).max(100),
  openStep: z.string().nullable().describe('The first step that can be done now.'),
  holdout: z.boolean().describe('True when the subject is set apart for comparison.'),
})

export const ListEventsContract = defineQuery({
  meta: meta('listEvents', 'List recorded entries, newest first.', 'See what arrived, as it is stored.'),
  io: {
    input: z.object({
      learnerId: Id.optional(),
      accountId: Id.optional().describe('Entries that were made in this account.'),
      eventName: Id.optional(),
      sourceModule: Id.optional(),
      kind: z
        .enum(['event', 'control'])
        .optional()
        .describe('Product events, or what commands of Waymark wrote; both when absent.'),
      from: From,
      to: To,
    }),
    output: page(
      z.object({
        ...Subject,
        actorId: z
          .string()
          .nullable()
          .describe(
            'The learner who acted, where that is not whom the event is about: a member of the account, or another id of the same person.',
          ),
        eventId: z.string(),
        sourceModule: z.string().nullable(),
        kind: z.enum(['event', 'control']),
        eventName: z.string(),
        eventVersion: z.string(),
        inAccount: z.string().nullable().describe('The account in which the learner acted.'),
        trackId: z.string().nullable(),
        channel: z.string(),
        occurredAt: Moment,
        receivedAt: Moment,
        claimedAt: Moment.nullable(),
        eventPayload: z.unknown().describe('Null when its retention is over.'),
      }),
    ),
  },
  policy,
})

export const ListLearnersContract = defineQuery({
  meta: meta('listLearners', 'List people or accounts with their runs, by id.', 'Find somebody, and see where they are.'),
  io: {
    input: z.object({
      kind: z.enum(['learner', 'account']).optional().describe('People when absent.'),
      prefix: z.string().max(256).optional().describe('What the id starts with.'),
    }),
    output: page(z.object({ ...Subject, enrolments: z.array(Enrolment) })),
  },
  policy,
})

export const ListFactsContract = defineQuery({
  meta: meta('listFacts', 'List facts by position.', 'Page through everything that Waymark derived.'),
  io: {
    input: z.object({
      learnerId: Id.optional(),
      accountId: Id.optional(),
      trackId: Id.optional(),
      name: Id.optional().describe('Key of the fact, e.g. `learning.onboarding.step.completed`.'),
      first: z.enum(['oldest', 'newest']).optional().describe('`newest` when absent.'),
    }),
    output: page(
      z.object({
        position: z.int(),
        factId: z.string(),
        ...Subject,
        name: z.string(),
        trackId: z.string().nullable().describe('Null on facts that are about no track.'),
        run: z.int(),
        stepId: z.string().nullable(),
        occurredAt: Moment,
        cause: z.object({ eventId: z.string(), sourceModule: z.string().nullable() }),
        backfilled: z.boolean(),
        holdout: z.boolean(),
        data: z.unknown(),
      }),
    ),
  },
  policy,
})

export const ListEnrolmentsContract = defineQuery({
  meta: meta('listEnrolments', 'List runs, newest start first.', 'See who is in a track, and at which step.'),
  io: {
    input: z.object({
      trackId: Id.optional(),
      status: z.enum(['active', 'completed', 'missed', 'exited', 'reset']).optional(),
      openStep: Id.optional().describe('Only those whose first open step is this one.'),
      learnerId: Id.optional(),
      accountId: Id.optional(),
      startedFrom: From,
      startedTo: To,
    }),
    output: page(Enrolment),
  },
  policy,
})

const Period = {
  from: Moment.optional().describe('Only runs that started on this day (UTC) or later.'),
  to: Moment.optional().describe('Only runs that started on this day (UTC) or earlier.'),
}

export const FunnelContract = defineQuery({
  meta: meta('funnel', 'Count how many runs of a track began, completed each step, and ended.', 'See where people stop.'),
  io: {
    input: z.object({ trackId: Id, ...Period }),
    output: z.object({
      trackId: z.string(),
      groups: z
        .array(
          z.object({
            holdout: z.boolean(),
            enrolled: z.int(),
            completed: z.int(),
            missed: z.int(),
            exited: z.int(),
            steps: z.array(
              z.object({
                stepId: z.string(),
                completed: z.int(),
                skipped: z.int(),
                waived: z.int(),
                missed: z.int(),
                share: z.number().min(0).describe('Completed, skipped and waived of all that enrolled.'),
              }),
            ),
          }),
        )
        .describe('Everybody, and beside them those who are set apart for comparison, where there are any.'),
    }),
    errors: { TRACK_NOT_FOUND },
  },
  policy,
})

const Spread = z.object({
  count: z.int(),
  medianSeconds: z.number().nullable().describe('At most 4.5 % off, like the others; null when nobody got there.'),
  p25Seconds: z.number().nullable(),
  p75Seconds: z.number().nullable(),
  p90Seconds: z.number().nullable(),
})

export const TimeToValueContract = defineQuery({
  meta: meta(
    'timeToValue',
    'Tell how long it takes from the start of a run to each step, and to the completion.',
    'Know how fast people get there, and whether a change made it faster.',
  ),
  io: {
    input: z.object({ trackId: Id, ...Period }),
    output: z.object({
      trackId: z.string(),
      groups: z.array(
        z.object({
          holdout: z.boolean(),
          track: Spread,
          steps: z.array(Spread.extend({ stepId: z.string() })),
        }),
      ),
    }),
    errors: { TRACK_NOT_FOUND },
  },
  policy,
})
