import { z } from 'zod'
import { REASONS, VERDICTS } from '../engine/index.ts'

const DetailCheck = z.object({
  check: z.enum(['version', 'source', 'trust', 'where', 'distinctBy']),
  met: z.boolean(),
  operator: z.string(),
  expected: z.unknown(),
  actual: z.unknown().describe('Null when there is no value.'),
  from: z.string().describe('Where the actual value came from: a JSON Pointer into the reported event, or `channel`.'),
})

const AfterDetail = z.object({
  node: z.literal('after'),
  met: z.boolean(),
  any: z.boolean().describe('True when one of the steps is enough.'),
  steps: z.array(z.object({ stepId: z.string(), met: z.boolean() })),
})

const EventDetail = z.object({
  node: z.literal('event'),
  event: z.string(),
  met: z.boolean(),
  expected: z.int().describe('How many events the condition wants.'),
  actual: z.int().describe('How many were counted.'),
  distinctBy: z.string().nullable(),
  checks: z.array(DetailCheck).describe('What the condition asks of the explained event; empty when it is about another one.'),
})

const GroupDetail = z.object({
  node: z.enum(['all', 'any', 'sequence']),
  met: z.boolean(),
  get parts(): z.ZodArray<typeof Detail> {
    return z.array(Detail)
  },
})

/** The condition tree of a step: expected, actual, and where the actual came from. */
export const Detail: z.ZodType<import('../engine/index.ts').Detail> = z
  .lazy(() => z.union([AfterDetail, GroupDetail, EventDetail]))
  .meta({ id: 'ConditionDetail' })

/** What one event did to one step, and why. */
export const Outcome = z.object({
  trackId: z.string(),
  stepId: z.string(),
  verdict: z.enum(VERDICTS),
  reason: z.enum(REASONS).nullable().describe('Null when completed.'),
  detail: Detail,
})
