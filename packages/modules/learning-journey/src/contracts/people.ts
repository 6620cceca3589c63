import { defineCommand, defineQuery, stream } from '@waymark/contract'
import { z } from 'zod'
import { PEOPLE_EXAMPLES } from './examples/people-examples.ts'
import { FACTS } from './facts.ts'
import { operationMeta } from './operation-meta.ts'
import { Id, Moment } from './text.ts'

/** What is known of people: what they are like, where they belong, which ids are theirs. */
const meta = <const Name extends keyof typeof PEOPLE_EXAMPLES>(
  name: Name,
  description: string,
  goal: string,
  context: string,
) => ({
  ...operationMeta(name, 'people', { description, goal, context }),
  examples: PEOPLE_EXAMPLES[name],
})

const Traits = z.record(z.string(), z.unknown()).describe('Each value replaces the earlier one of its name; the others stay.')
const At = Moment.optional().describe('From when on; now when absent. It can be in the past.')
const Said = z.object({
  success: z.literal(true),
  eventId: z.string().describe('The id of the entry: the Idempotency-Key, or a new one.'),
  duplicate: z.boolean().describe('True when it was recorded before; nothing changed then.'),
})

export const IdentifyContract = defineCommand({
  meta: meta(
    'identify',
    'Say what a learner is like.',
    'Let audiences, conditions and time zones follow what the product knows of a person.',
    'Called by backends. Traits are checked where they are declared.',
  ),
  io: { input: z.object({ learnerId: Id, traits: Traits, at: At }), output: Said },
  policy: { auth: 'service', idempotent: true },
  emits: FACTS,
})

export const GroupContract = defineCommand({
  meta: meta(
    'group',
    'Say that a learner belongs to an account, or does no more; and what the account is like.',
    'Let what members do count for their account.',
    'Called by backends. Events that name no account count for the only one that their learner is in as they happen.',
  ),
  io: {
    input: z.object({
      learnerId: Id,
      accountId: Id,
      leave: z.boolean().optional().describe('True: the learner is no member any more.'),
      traits: Traits.optional().describe('Of the account.'),
      at: At,
    }),
    output: Said,
  },
  policy: { auth: 'service', idempotent: true },
  emits: FACTS,
})

export const MergeContract = defineCommand({
  meta: meta(
    'merge',
    'Say that a learner was known under another id before.',
    'Let what somebody did before they signed in count for them.',
    "Called by backends, and by apps whose learner token names the id in its claim `anonymous_id`. What was recorded under the other id becomes the learner's, and so does what comes under it later.",
  ),
  io: {
    input: z.object({
      learnerId: Id,
      anonymousId: Id.describe('The `learnerId` of the earlier events. It can be merged once.'),
    }),
    output: z.object({
      success: z.literal(true),
      merged: z.boolean().describe('False when both were one already.'),
    }),
  },
  policy: { auth: 'user', idempotent: true, destructive: true },
  emits: FACTS,
})

/** What is kept of a person, each with how much it is. */
export const KEPT = ['entries', 'facts', 'enrolments', 'memberships', 'merges', 'rejected'] as const

const Counts = z.object(Object.fromEntries(KEPT.map((part) => [part, z.int().min(0)])) as Record<(typeof KEPT)[number], z.ZodInt>)

export const ExportLearnerContract = defineQuery({
  meta: meta(
    'exportLearner',
    'Give out everything that is kept of a person.',
    'Answer a request for access, or move a person elsewhere.',
    'Called by backends and operators. One item for each row, part by part; the last one is a manifest.',
  ),
  io: {
    input: z.object({ learnerId: Id }),
    output: stream(
      z.object({
        cursor: z.string().describe('Sent as `after`, the export goes on behind the item, as long as nothing new was recorded.'),
        part: z.enum([...KEPT, 'manifest']),
        data: z
          .record(z.string(), z.unknown())
          .describe(
            'A row as it is stored; times are epoch milliseconds. The manifest has `learnerId`, `generatedAt`, and for each part `count` and `sha256`.',
          ),
      }),
    ),
  },
  policy: { auth: 'service' },
})

export const EraseLearnerContract = defineCommand({
  meta: meta(
    'eraseLearner',
    'Forget a person, under all ids that are theirs.',
    'Answer a request for erasure.',
    'Called by backends and operators. What happened before and arrives later is not recorded any more; what happens from then on begins anew.',
  ),
  io: {
    input: z.object({
      learnerId: Id,
      reason: z.string().min(1).max(1_000).describe('Why; nothing of it is kept here, the answer repeats it for your records.'),
    }),
    output: z.object({
      success: z.literal(true),
      erasedAt: Moment,
      reason: z.string(),
      erased: Counts.describe('How much there was.'),
    }),
  },
  policy: { auth: 'service', idempotent: true, destructive: true },
})

/** The operations on people. */
export const PEOPLE = [IdentifyContract, GroupContract, MergeContract, ExportLearnerContract, EraseLearnerContract] as const
