import { defineCommand } from '@waymark/contract'
import { z } from 'zod'
import { ONBOARDING_EXAMPLES } from './examples/onboarding-examples.ts'
import { FACTS } from './facts.ts'
import { LEARNING_JOURNEY_OWNERS } from './owners.ts'
import { Id, Moment } from './text.ts'
import { TRACK_NOT_FOUND } from './track-errors.ts'

/** Why a call started no run. */
export const NotEnrolledReason = z.enum(['already_enrolled', 'audience', 'track_first', 'reentry', 'paused', 'evidence_expired'])

export const REASONS_OF_NO_RUN =
  '`already_enrolled`: a run is open; `audience`: the traits are not those that the track asks for; `track_first`: another track has to be completed first; `reentry`: there was a run, and the track takes nobody (yet) again; `paused`: it takes effect as the track goes on; `evidence_expired`: what happened at that time is no longer kept.'

export const ENROLMENT_NOT_EXPLICIT = {
  description: 'The track enrols by itself',
  http: 409,
  gqlCode: 'ENROLMENT_NOT_EXPLICIT',
  when: 'The track starts its runs from events, not by this call',
} as const

const MOST_ENROLLED = 500

export const EnrollManyContract = defineCommand({
  meta: {
    key: 'learning.onboarding.enrollMany',
    version: '1.0.0',
    stability: 'beta',
    owners: [...LEARNING_JOURNEY_OWNERS],
    tags: ['learning', 'onboarding', 'enrolment'],
    description: 'Start a run of a track for up to 500 learners, each with a status of its own.',
    goal: 'Begin onboarding for a whole cohort, without one person costing the others.',
    context: 'Called by backends and operators. Enrolling again changes nothing while a run is open.',
    examples: ONBOARDING_EXAMPLES.enrollMany,
  },
  io: {
    input: z.object({
      trackId: Id,
      learnerIds: z.array(Id).min(1).max(MOST_ENROLLED),
      at: Moment.optional().describe('Start of the runs; now when absent.'),
    }),
    output: z.object({
      success: z.literal(true),
      enrolled: z.int().min(0).describe('How many runs this call started.'),
      results: z
        .array(
          z.object({
            learnerId: z.string(),
            status: z
              .enum(['enrolled', ...NotEnrolledReason.options, 'conflict', 'erased'])
              .describe(
                `${REASONS_OF_NO_RUN} \`conflict\`: the Idempotency-Key was used before for something else; \`erased\`: forgotten after \`at\`.`,
              ),
            startedAt: Moment.nullable(),
          }),
        )
        .describe('In the order of `learnerIds`; one that comes twice is answered once.'),
    }),
    errors: { TRACK_NOT_FOUND, ENROLMENT_NOT_EXPLICIT },
  },
  policy: { auth: 'service', idempotent: true },
  emits: FACTS,
})
