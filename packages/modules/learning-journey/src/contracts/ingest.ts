import { z } from 'zod'
import { EventVersion, Id, Moment } from './text.ts'

const Fields = z.record(z.string(), z.unknown())

/** A product event of a batch. */
export const IngestEvent = z.object({
  type: z.literal('event').default('event'),
  learnerId: Id,
  eventName: Id,
  trackId: Id.optional(),
  accountId: Id.optional(),
  eventId: Id.optional(),
  eventVersion: EventVersion.optional(),
  sourceModule: Id.optional(),
  eventPayload: Fields.optional(),
  occurredAt: Moment.optional(),
})

const Person = z.object({ learnerId: Id, eventId: Id.optional(), occurredAt: Moment.optional() })

/** What is known of a person. Stored in their journal. With `anonymousId` also that they were known under that id before. */
export const IngestIdentify = Person.extend({
  type: z.literal('identify'),
  traits: Fields.optional(),
  anonymousId: Id.optional().describe('The `learnerId` that their events had before: those become theirs.'),
})

/** A person belongs to an account, or no more. Stored in their journal, and the traits in that of the account. Of nobody, only traits. */
export const IngestGroup = Person.extend({
  type: z.literal('group'),
  learnerId: Id.optional().describe('The member. Absent: only the traits of the account are said.'),
  accountId: Id,
  traits: Fields.optional().describe('Of the account.'),
  leave: z.boolean().optional().describe('True: the person is no member any more.'),
})

/** Two ids are one person: what belongs to the previous one becomes theirs. */
export const IngestAlias = Person.extend({
  type: z.literal('alias'),
  previousId: Id,
  anonymousId: Id.optional().describe('Another id that they had before.'),
})

/** The schema of an item, by its type. Each item is checked on its own, so that a bad one costs no other. */
export const INGEST_ITEMS = { event: IngestEvent, identify: IngestIdentify, group: IngestGroup, alias: IngestAlias } as const

export const LARGEST_BATCH = 500

const itemDocument = z.toJSONSchema(z.union([IngestEvent, IngestIdentify, IngestGroup, IngestAlias]), { io: 'input' })

export const IngestInput = z.object({
  events: z
    .array(
      z.unknown().meta({
        anyOf: itemDocument.anyOf,
        description: 'An event, or what is known of a person. A bad item gets a status of its own.',
      }),
    )
    .max(LARGEST_BATCH),
  import: z
    .boolean()
    .optional()
    .describe('Brings in what happened before, of any age: nothing of it is too late. Needs the scope `events:import`.'),
})

/** Why an item has the status it has, where that needs a reason. */
const ItemProblem = z.object({
  code: z.string(),
  detail: z.string(),
  errors: z.array(z.object({ pointer: z.string(), message: z.string(), expected: z.string(), received: z.string() })).optional(),
})

export type ItemProblem = z.infer<typeof ItemProblem>

/** What became of one item of a batch. */
export const INGEST_STATUSES = [
  'recorded',
  'duplicate',
  'conflict',
  'unmatched',
  'unknown',
  'invalid',
  'too_large',
  'forbidden',
  'erased',
] as const

export type IngestStatus = (typeof INGEST_STATUSES)[number]

export const IngestOutput = z.object({
  success: z.literal(true),
  results: z.array(
    z.object({
      index: z.int().min(0).describe('Place of the item in the batch.'),
      eventId: z.string().nullable(),
      status: z
        .enum(INGEST_STATUSES)
        .describe(
          '`unmatched` is stored, no step listens to it yet; `unknown` has no event contract and is not stored; `invalid`, `too_large` and `forbidden` are kept as rejected.',
        ),
      problem: ItemProblem.optional(),
    }),
  ),
})

export const MOST_REDRIVEN = 200

export const RedriveInput = z.object({
  ids: z.array(Id).min(1).max(MOST_REDRIVEN).describe('Ids of rejected events, as `listRejected` gives them.'),
})

export const RedriveOutput = z.object({
  success: z.literal(true),
  results: z.array(
    z.object({
      id: z.string(),
      eventId: z.string().nullable(),
      status: z
        .enum([...INGEST_STATUSES, 'not_found'])
        .describe('After `recorded`, `duplicate` and `unmatched` it is no longer rejected; else it stays, with the new problem.'),
      problem: ItemProblem.optional(),
    }),
  ),
})
