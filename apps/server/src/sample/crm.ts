import { defineEvent, defineModule } from '@waymark/contract'
import { defineTrack, on } from '@waymark/learning-journey'
import { z } from 'zod'

/**
 * The CRM that is served when a working directory has no modules of its own: something to try, and to read before writing your own.
 */
const meta = <const Key extends string>(key: Key, description: string) => ({
  key,
  version: '1.0.0' as const,
  stability: 'stable' as const,
  owners: ['crm'],
  tags: ['crm'],
  description,
})
const Id = z.string().min(1).max(64)

export const PipelineCreated = defineEvent({
  meta: meta('pipeline.created', 'Somebody set up a sales pipeline.'),
  payload: z.object({ pipelineId: Id, name: z.string().min(1).max(200).optional() }),
})

export const ContactCreated = defineEvent({
  meta: meta('contact.created', 'Somebody added a person they may sell to.'),
  payload: z.object({ contactId: Id, company: z.string().min(1).max(200).optional() }),
})

export const DealCreated = defineEvent({
  meta: meta('deal.created', 'Somebody opened a deal.'),
  payload: z.object({
    dealId: Id,
    pipelineId: Id,
    contactId: Id.optional(),
    amount: z.number().min(0).describe('In the currency of the account.'),
  }),
})

export const DealMoved = defineEvent({
  meta: meta('deal.moved', 'Somebody moved a deal to another stage.'),
  payload: z.object({ dealId: Id, fromStage: z.string().min(1).max(64).optional(), toStage: z.string().min(1).max(64) }),
})

export const DealWon = defineEvent({
  meta: meta('deal.won', 'A customer signed.'),
  payload: z.object({ dealId: Id, amount: z.number().min(0) }),
})

export const TaskCompleted = defineEvent({
  meta: meta('task.completed', 'Somebody ticked off a task.'),
  payload: z.object({ taskId: Id, kind: z.enum(['call', 'email', 'meeting']) }),
})

const CrmModule = defineModule({
  key: 'crm',
  contracts: [PipelineCreated, ContactCreated, DealCreated, DealMoved, DealWon, TaskCompleted],
})

export default CrmModule

export const tracks = [
  defineTrack({
    key: 'first-win',
    version: '1.0.0',
    title: { en: 'Your first win' },
    description: { en: 'From an empty CRM to the first signed deal.' },
    completion: { xp: 50, badge: 'first-win' },
    steps: [
      { key: 'create-pipeline', title: { en: 'Create a pipeline' }, complete: on(PipelineCreated), reward: { xp: 10 } },
      { key: 'add-contact', title: { en: 'Add a contact' }, complete: on(ContactCreated), reward: { xp: 15 } },
      {
        key: 'open-deals',
        title: { en: 'Open three deals' },
        after: { all: ['create-pipeline'] },
        complete: on(DealCreated).distinctBy('dealId').atLeast(3),
        reward: { xp: 30 },
      },
      {
        key: 'call-customer',
        title: { en: 'Call a customer' },
        after: { all: ['add-contact'] },
        complete: on(TaskCompleted).where({ kind: 'call' }),
        reward: { xp: 20 },
      },
      {
        key: 'move-deal',
        title: { en: 'Move a deal forward' },
        after: { all: ['open-deals'] },
        complete: on(DealMoved),
        reward: { xp: 20 },
      },
      {
        key: 'win-deal',
        title: { en: 'Win a deal' },
        after: { all: ['move-deal'] },
        complete: on(DealWon),
        reward: { xp: 40 },
      },
    ],
  }),
]
