import { defineEvent, defineModule } from '@waymark/contract'
import { z } from 'zod'

/** What happens in a small CRM. The product reports these events through the analytics SDK it already has. */
const meta = <const Key extends string>(key: Key, description: string) => ({
  key,
  version: '1.0.0' as const,
  stability: 'stable' as const,
  owners: ['crm'],
  tags: ['crm'],
  description,
})

const Id = z.string().min(1)

export const PipelineCreated = defineEvent({
  meta: meta('pipeline.created', 'Somebody set up a sales pipeline.'),
  payload: z.object({ pipelineId: Id, name: z.string() }),
})

export const ContactCreated = defineEvent({
  meta: meta('contact.created', 'Somebody added a person to sell to.'),
  payload: z.object({ contactId: Id, email: z.string().optional() }),
  pii: ['/email'],
})

export const DealCreated = defineEvent({
  meta: meta('deal.created', 'Somebody opened a deal.'),
  payload: z.object({ dealId: Id, pipelineId: Id, amount: z.number().min(0), currency: z.string().length(3) }),
})

export const DealMoved = defineEvent({
  meta: meta('deal.moved', 'Somebody moved a deal to another stage.'),
  payload: z.object({ dealId: Id, from: z.string(), to: z.string() }),
})

export const DealWon = defineEvent({
  meta: meta('deal.won', 'Somebody closed a deal with a contract.'),
  payload: z.object({ dealId: Id, amount: z.number().min(0) }),
})

export const TaskCompleted = defineEvent({
  meta: meta('task.completed', 'Somebody ticked off a task.'),
  payload: z.object({ taskId: Id, kind: z.enum(['call', 'mail', 'meeting', 'other']) }),
})

/** No step listens to it yet: it is stored, and a track that is published later can count it. */
export const ReportExported = defineEvent({
  meta: meta('report.exported', 'Somebody exported a report.'),
  payload: z.object({ format: z.string().optional() }),
})

export default defineModule({
  key: 'crm',
  contracts: [PipelineCreated, ContactCreated, DealCreated, DealMoved, DealWon, TaskCompleted, ReportExported],
})
