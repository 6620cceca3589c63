import { defineCommand } from '@waymark/contract'
import { z } from 'zod'
import { OPERATIONS_EXAMPLES } from './examples/operations-examples.ts'
import { FACTS } from './facts.ts'
import { operationMeta } from './operation-meta.ts'
import { StepStatus, TrackStatus } from './progress.ts'
import { Id, Moment } from './text.ts'
import { NEAREST, TRACK_NOT_FOUND } from './track-errors.ts'

/**
 * What changes a run by hand. Each writes one control entry; where nothing is left to change it writes none. Repeating a call under its
 * Idempotency-Key changes nothing more.
 */
const Whose = z.object({
  learnerId: Id.optional().describe('Whose run it is; of a track about accounts, the member who acts.'),
  accountId: Id.optional().describe('The account, where the track is about accounts.'),
  trackId: Id,
})
const InStep = Whose.extend({ stepId: Id })
const LONGEST_REASON = 1_000
const Reason = z.string().min(1).max(LONGEST_REASON).describe('Why; it is kept in the journal and told in the fact.')

const Run = z.object({
  success: z.literal(true),
  changed: z.boolean().describe('False when it was so already, or when the track is paused: then it takes effect as it goes on.'),
  trackStatus: TrackStatus.describe('How the newest run stands now.'),
  run: z.int().min(0).nullable(),
  percent: z.int().min(0).max(100),
  xpEarned: z.int().min(0).describe('Experience points that this call brought.'),
})
const StepOfRun = Run.extend({ stepStatus: StepStatus.describe('How the step stands now.') })

const NOT_ENROLLED = {
  description: 'There is no run that is open',
  http: 409,
  gqlCode: 'NOT_ENROLLED',
  when: 'The learner or account never started the track, or the newest run is over',
  data: z.object({ trackId: z.string(), trackStatus: TrackStatus }),
} as const

const STEP_NOT_FOUND = {
  description: 'There is no such step',
  http: 404,
  gqlCode: 'STEP_NOT_FOUND',
  when: 'The track has no step with this id',
  data: z.object({ trackId: z.string(), stepId: z.string(), nearest: NEAREST }),
} as const

const STEP_NOT_SKIPPABLE = {
  description: 'The step cannot be skipped',
  http: 409,
  gqlCode: 'STEP_NOT_SKIPPABLE',
  when: 'Its definition does not say `skippable`; a service or operator can waive it',
  data: z.object({ trackId: z.string(), stepId: z.string() }),
} as const

const meta = <const Name extends keyof typeof OPERATIONS_EXAMPLES>(
  name: Name,
  description: string,
  goal: string,
  context: string,
) => ({
  ...operationMeta(name, 'operations', { description, goal, context }),
  examples: OPERATIONS_EXAMPLES[name],
})

export const SkipStepContract = defineCommand({
  meta: meta(
    'skipStep',
    'Skip a step that may be skipped.',
    'Let a person go on without what they do not need.',
    'Called by widgets for their learner, and by backends. What comes after the step opens as if it were completed; it brings no reward.',
  ),
  io: {
    input: InStep,
    output: StepOfRun,
    errors: { TRACK_NOT_FOUND, STEP_NOT_FOUND, STEP_NOT_SKIPPABLE, NOT_ENROLLED },
  },
  policy: { auth: 'user', idempotent: true },
  emits: FACTS,
})

export const WaiveStepContract = defineCommand({
  meta: meta(
    'waiveStep',
    'Waive a step, whatever its definition says.',
    'Let support and success teams make an exception, with its reason on record.',
    'Called by backends and operators.',
  ),
  io: {
    input: InStep.extend({ reason: Reason }),
    output: StepOfRun,
    errors: { TRACK_NOT_FOUND, STEP_NOT_FOUND, NOT_ENROLLED },
  },
  policy: { auth: 'service', idempotent: true },
  emits: FACTS,
})

export const RevokeContract = defineCommand({
  meta: meta(
    'revoke',
    'Take back the completion of a step, with its rewards.',
    'Mend what was completed by mistake or by fraud.',
    'Called by backends and operators. The step starts again from nothing; the completion of the track stays.',
  ),
  io: {
    input: InStep.extend({ reason: Reason }),
    output: StepOfRun,
    errors: { TRACK_NOT_FOUND, STEP_NOT_FOUND, NOT_ENROLLED },
  },
  policy: { auth: 'service', idempotent: true, destructive: true },
  emits: FACTS,
})

export const ExitContract = defineCommand({
  meta: meta(
    'exit',
    'End the open run of a track.',
    'Stop onboarding that is of no use any more.',
    'Called by widgets for their learner, by backends and operators. What was completed stays.',
  ),
  io: { input: Whose.extend({ reason: Reason.optional() }), output: Run, errors: { TRACK_NOT_FOUND, NOT_ENROLLED } },
  policy: { auth: 'user', idempotent: true, destructive: true },
  emits: FACTS,
})

export const ResetContract = defineCommand({
  meta: meta(
    'reset',
    'Start a track over: end the open run and begin the next one.',
    'Let somebody go through a track again, whatever its re-entry says.',
    'Called by backends and operators. Each call without an Idempotency-Key begins another run.',
  ),
  io: { input: Whose.extend({ reason: Reason.optional() }), output: Run, errors: { TRACK_NOT_FOUND, NOT_ENROLLED } },
  policy: { auth: 'service', idempotent: true, destructive: true },
  emits: FACTS,
})

const Hiding = z.object({
  learnerId: Id,
  trackId: Id.describe('A track about learners or about accounts: only this learner stops seeing it.'),
})
const Hidden = z.object({
  success: z.literal(true),
  changed: z.boolean().describe('False when it was so already.'),
  dismissed: z.boolean(),
  snoozedUntil: Moment.nullable(),
})

export const DismissContract = defineCommand({
  meta: meta(
    'dismiss',
    'Hide a track from a learner, or show it again.',
    'Let a person put a checklist away.',
    'Called by widgets. The track goes on: what happens counts, rewards are granted.',
  ),
  io: {
    input: Hiding.extend({ undo: z.boolean().optional().describe('True: shows it again.') }),
    output: Hidden,
    errors: { TRACK_NOT_FOUND },
  },
  policy: { auth: 'user', idempotent: true },
})

export const SnoozeContract = defineCommand({
  meta: meta(
    'snooze',
    'Hide a track from a learner until a moment.',
    'Let a person come back to it later.',
    'Called by widgets. The track goes on meanwhile.',
  ),
  io: {
    input: Hiding.extend({ until: Moment.nullable().describe('From then on it is shown again; null: from now on.') }),
    output: Hidden,
    errors: { TRACK_NOT_FOUND },
  },
  policy: { auth: 'user', idempotent: true },
})

/** The operations that change runs by hand. */
export const OPERATIONS = [
  SkipStepContract,
  WaiveStepContract,
  RevokeContract,
  ExitContract,
  ResetContract,
  DismissContract,
  SnoozeContract,
] as const
