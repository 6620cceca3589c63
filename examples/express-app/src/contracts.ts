import { defineEvent, defineModule, defineQuery, implement } from '@waymark/contract'
import { defineTrack, on } from '@waymark/learning-journey'
import { z } from 'zod'
import { listDeals } from './deals.ts'

const meta = <const Key extends string>(key: Key, description: string) => ({
  key,
  version: '1.0.0' as const,
  stability: 'beta' as const,
  owners: ['sales'],
  tags: ['crm'],
  description,
})

export const DealCreated = defineEvent({
  meta: meta('deal.created', 'Somebody opened a deal.'),
  payload: z.object({ dealId: z.string(), amount: z.number().min(0) }),
})

/** The route `GET /deals`, said as a contract: who may ask, what for, and what comes back. */
const ListDeals = defineQuery({
  meta: meta('crm.deals.list', 'List the deals of a person.'),
  io: {
    input: z.object({ learnerId: z.string().min(1) }),
    output: z.object({ deals: z.array(z.object({ id: z.string(), owner: z.string(), amount: z.number() })) }),
  },
  policy: { auth: 'user' },
})

const Crm = defineModule({ key: 'crm', contracts: [DealCreated, ListDeals] })

/** The function that answers the route answers the contract. */
export const crm = implement(Crm).handlers({
  'crm.deals.list': async ({ input }) => ({ deals: [...listDeals(input.learnerId)] }),
})

export const firstDeals = defineTrack({
  key: 'first-deals',
  version: '1.0.0',
  steps: [{ key: 'two-deals', complete: on(DealCreated).distinctBy('dealId').atLeast(2), reward: { xp: 20 } }],
})
