import { composeRegistry, defineEvent, defineModule, type Meta } from '@waymark/contract'
import { z } from 'zod'
import { LearningJourneyModule } from '../src/module.ts'

function meta<const Key extends string, const Version extends string>(key: Key, version: Version): Meta<Key, Version> {
  return { key, version, stability: 'stable', owners: ['crm'], tags: [], description: 'For a test.' }
}

export const DealCreated = defineEvent({
  meta: meta('deal.created', '1.2.0'),
  payload: z.object({
    dealId: z.string(),
    amount: z.number(),
    plan: z.enum(['free', 'pro', 'team']).optional(),
    closedAt: z.string().nullable().optional(),
    tags: z.array(z.string()).optional(),
    owner: z.object({ id: z.string(), address: z.object({ city: z.string(), 'zip/code': z.int() }).optional() }).optional(),
    custom: z.record(z.string(), z.unknown()).optional(),
    email: z.string().optional(),
  }),
  pii: ['/email', '/owner/address'],
})

export const PipelineCreated = defineEvent({ meta: meta('pipeline.created', '1.0.0'), payload: z.object({}) })

/** Reported by learners themselves. */
export const PageRead = defineEvent({
  meta: meta('page.read', '1.0.0'),
  payload: z.object({ page: z.string() }),
  reportableBy: 'client',
})

/** The second version of an event that only servers reported at first. */
export const QuizPassedV1 = defineEvent({
  meta: meta('quiz.passed', '1.0.0'),
  payload: z.object({ mastery: z.number().min(0).max(1) }),
})
export const QuizPassedV2 = defineEvent({
  meta: meta('quiz.passed', '2.0.0'),
  payload: z.object({ mastery: z.number().min(0).max(1), quiz: z.string() }),
  reportableBy: 'client',
})

/** Whatever a producer likes to send. */
export const Anything = defineEvent({ meta: meta('anything.happened', '1.0.0'), payload: z.record(z.string(), z.unknown()) })

/** Forgotten after a month. */
export const VisitMade = defineEvent({
  meta: meta('visit.made', '1.0.0'),
  payload: z.object({ place: z.string() }),
  retention: 'P30D',
})

/** Two shapes with one field in common that has two types. */
export const Measured = defineEvent({
  meta: meta('measured', '1.0.0'),
  payload: z.union([
    z.object({ kind: z.literal('text'), value: z.string() }),
    z.object({ kind: z.literal('number'), value: z.number(), unit: z.string() }),
  ]),
})

export const crm = defineModule({
  key: 'crm',
  contracts: [DealCreated, PipelineCreated, PageRead, QuizPassedV1, QuizPassedV2, Anything, VisitMade, Measured],
})

export const registry = composeRegistry(LearningJourneyModule, crm)
