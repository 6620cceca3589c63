import { z } from 'zod'
import { type ConditionModel, OPERATOR_NAMES } from '../engine/index.ts'
import { Duration } from './duration-schema.ts'

const MOST_COUNTED = 1_000
const MOST_PARTS = 50
const MOST_POINTERS = 50
/** Sums are kept in whole millionths: those of this and all below are exact. */
const LARGEST_SUM = 9_000_000_000
const SMALLEST_SUM = 0.000_001

const EventKey = z.string().min(1).max(256)
export const Pointer = z.string().regex(/^(\/([^~/]|~[01])*)+$/, 'Expected a JSON Pointer such as /amount')
const Version = z.string().regex(/^\d+(\.\d+\.\d+)?$/, 'Expected a major such as 1, or a full version such as 1.0.0')

const Scalar = z.union([z.string(), z.number(), z.boolean(), z.null()])
const Ordered = z.union([z.number(), z.string()])
const Operators = z
  .strictObject({
    eq: z.unknown().optional(),
    ne: z.unknown().optional(),
    in: z.array(z.unknown()).min(1).max(1_000).optional(),
    nin: z.array(z.unknown()).min(1).max(1_000).optional(),
    gt: Ordered.optional(),
    gte: Ordered.optional(),
    lt: Ordered.optional(),
    lte: Ordered.optional(),
    exists: z.boolean().optional(),
    contains: z.unknown().optional(),
    startsWith: z.string().optional(),
  })
  .refine((operators) => Object.keys(operators).length > 0, {
    error: `Expected one of the operators ${OPERATOR_NAMES.join(', ')}`,
    when: ({ issues }) => issues.length === 0,
  })
  .meta({ minProperties: 1 })
const Wanted = z.union([Scalar, Operators])

/** JSON Pointers to operators or a bare value. */
export const WhereSchema = z.record(Pointer, Wanted)

/** What a subject has to be like. */
export const AudienceSchema = WhereSchema.refine(
  (audience) => Object.keys(audience).length >= 1 && Object.keys(audience).length <= MOST_POINTERS,
  {
    error: `Expected 1 to ${MOST_POINTERS} traits, e.g. { "/plan": "pro" }`,
    when: ({ issues }) => issues.length === 0,
  },
).meta({ minProperties: 1, maxProperties: MOST_POINTERS })

/** What an event has to be like, whatever it is for. */
export const matchFields = {
  event: EventKey.describe('Key of the event contract.'),
  version: Version.optional().describe('A major or a full version; any when absent.'),
  source: z.string().min(1).max(256).optional(),
  where: WhereSchema.optional().describe('JSON Pointers into the payload, to operators; a bare value means eq.'),
  trust: z.enum(['server', 'client']).optional().describe('client also counts events that the learner’s own app reports.'),
}

const correlate = Pointer.optional().describe('Events group by the value there, and one group has to meet the condition.')

const Leaf = z.strictObject({
  ...matchFields,
  atLeast: z.int().min(1).max(MOST_COUNTED).optional(),
  distinctBy: Pointer.optional().describe('Only events with a new value there count.'),
  sum: z
    .strictObject({ of: Pointer, atLeast: z.number().min(SMALLEST_SUM).max(LARGEST_SUM) })
    .optional()
    .describe('Instead of a number of events: what a field of theirs adds up to, in steps of a millionth.'),
  window: z
    .union([z.strictObject({ since: z.enum(['enrolment', 'unlock']), within: Duration }), z.strictObject({ sliding: Duration })])
    .optional()
    .describe('How long after the start or the unlocking events count; or within how long all of them have to be.'),
  correlate,
  lookback: z.enum(['sinceEnrolment', 'ever', 'afterUnlock']).optional(),
  consume: z.enum(['shared', 'exclusive']).optional(),
})

const All = z.strictObject({
  get all() {
    return Parts
  },
  correlate,
})
const Any = z.strictObject({
  get any() {
    return Parts
  },
  correlate,
})
const Sequence = z.strictObject({
  get sequence() {
    return Parts
  },
  correlate,
})

const Trait = z.strictObject({
  trait: Pointer.describe('JSON Pointer into the traits of the subject.'),
  is: Wanted.describe('Operators; a bare value means eq.'),
})

/** What completes a step, and what decides a branch. How deep it is, and what goes with what, is for `contradictionsOf`. */
export const ConditionSchema: z.ZodType<ConditionModel, ConditionModel> = z
  .lazy(() => z.union([Leaf, All, Any, Sequence, Trait]))
  .meta({ id: 'Condition' }) as never

const Parts = z.array(ConditionSchema).min(1).max(MOST_PARTS)
