import { z } from 'zod'
import { REASONS, VERDICTS } from '../engine/index.ts'
import { Moment } from './text.ts'

/** One thing that a condition asks of an event or of the traits. */
export const DetailCheck = z.object({
  check: z.enum(['version', 'source', 'trust', 'where', 'distinctBy', 'correlate', 'sum', 'trait']),
  met: z.boolean(),
  operator: z.string(),
  expected: z.unknown(),
  actual: z.unknown().describe('Null when there is no value.'),
  from: z
    .string()
    .describe('Where the actual value came from: a JSON Pointer into the reported event or into `/traits`, or `channel`.'),
})

// Each has a name of its own: many generators of clients cannot write a union that has itself inside of a part without one.

const AfterDetail = z
  .object({
    node: z.literal('after'),
    met: z.boolean(),
    any: z.boolean().describe('True when one of the steps is enough.'),
    steps: z.array(z.object({ stepId: z.string(), met: z.boolean() })),
  })
  .meta({ id: 'ConditionAfter' })

const BranchDetail = z
  .object({
    node: z.literal('branch'),
    met: z.boolean(),
    stepId: z.string().describe('The step at which the way is chosen.'),
    expected: z.string(),
    actual: z.string().nullable().describe('The branch that was chosen; null before.'),
  })
  .meta({ id: 'ConditionBranch' })

const TimeDetail = z
  .object({
    node: z.enum(['opens', 'due']),
    met: z.boolean(),
    at: Moment.nullable().describe('Null while there is no run to count from.'),
  })
  .meta({ id: 'ConditionTime' })

const TraitDetail = z
  .object({
    node: z.literal('trait'),
    met: z.boolean(),
    checks: z.array(DetailCheck),
  })
  .meta({ id: 'ConditionTrait' })

const EventDetail = z
  .object({
    node: z.literal('event'),
    event: z.string(),
    met: z.boolean(),
    expected: z.number().describe('How many events the condition wants, or with `sumOf` what they have to add up to.'),
    actual: z.number().describe('How many were counted, or what they add up to.'),
    distinctBy: z.string().nullable(),
    sumOf: z.string().nullable(),
    until: Moment.nullable().describe('The last moment at which an event counts; null without a window.'),
    sliding: z.string().nullable().describe('Within how long all of them have to be, as an ISO 8601 duration.'),
    checks: z.array(DetailCheck).describe('What the condition asks of the explained event; empty when it is about another one.'),
  })
  .meta({ id: 'ConditionEvent' })

const GroupDetail = z
  .object({
    node: z.enum(['all', 'any', 'sequence']),
    met: z.boolean(),
    correlate: z.string().nullable().describe('JSON Pointer whose values tell groups of events apart; null when there are none.'),
    group: z.string().nullable().describe('The group that is nearest; the parts are its own.'),
    get parts(): z.ZodArray<typeof Detail> {
      return z.array(Detail)
    },
  })
  .meta({ id: 'ConditionGroup' })

/** A condition tree as the contracts write it. */
export type ConditionDetail =
  | z.infer<typeof AfterDetail>
  | z.infer<typeof BranchDetail>
  | z.infer<typeof TimeDetail>
  | z.infer<typeof TraitDetail>
  | z.infer<typeof EventDetail>
  | {
      readonly node: 'all' | 'any' | 'sequence'
      readonly met: boolean
      readonly correlate: string | null
      readonly group: string | null
      readonly parts: ConditionDetail[]
    }

/** The condition tree of a step: expected, actual, and where the actual came from. */
export const Detail: z.ZodType<ConditionDetail> = z
  .lazy(() => z.union([AfterDetail, BranchDetail, TimeDetail, TraitDetail, GroupDetail, EventDetail]))
  .meta({ id: 'ConditionDetail' })

/** What one event did to one step, and why. */
export const Outcome = z.object({
  trackId: z.string(),
  stepId: z.string(),
  verdict: z.enum(VERDICTS),
  reason: z.enum(REASONS).nullable().describe('Null when completed.'),
  detail: Detail,
})
