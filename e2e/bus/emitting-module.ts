import { appendFileSync } from 'node:fs'
import { defineCommand, defineModule, implement } from '@waymark/contract'
import { z } from 'zod'
import { ContactCreated, DealCreated } from '../../examples/crm/waymark/events.ts'

/** A command beside the CRM example, whose events it emits. */
const OpenDeal = defineCommand({
  meta: {
    key: 'sales.deals.open',
    version: '1.0.0',
    stability: 'stable',
    owners: ['tests'],
    tags: [],
    description: 'Opens a deal with a customer.',
  },
  io: {
    input: z.object({ learnerId: z.string(), dealId: z.string(), fails: z.boolean().optional() }),
    output: z.object({ dealId: z.string() }),
    errors: { NO_CREDIT: { description: 'No credit', http: 409, gqlCode: 'NO_CREDIT', when: 'The customer has none' } },
  },
  policy: { auth: 'service' },
  emits: [ContactCreated, DealCreated],
})

export default implement(defineModule({ key: 'sales', contracts: [OpenDeal] }))
  .handlers({
    'sales.deals.open': async ({ input: { learnerId, dealId, fails }, emit, fail }) => {
      emit(ContactCreated, { contactId: `contact of ${dealId}` }, { learnerId })
      emit(DealCreated, { dealId, pipelineId: 'p', amount: 2_000, currency: 'EUR' }, { learnerId, accountId: 'north' })
      if (fails === true) throw fail.NO_CREDIT()
      return { dealId }
    },
  })
  .on([DealCreated], {
    'deal.created': async ({ event, payload }) => {
      appendFileSync(
        `${process.env.HANDLED_FOLDER}/handled`,
        `${event.channel} ${event.learnerId} ${event.accountId} ${payload.dealId}\n`,
      )
    },
  })
