import { defineQuery, page } from '@waymark/contract'
import { z } from 'zod'
import { ONBOARDING_EXAMPLES } from './examples/onboarding-examples.ts'
import { operationMeta } from './operation-meta.ts'
import { Moment } from './text.ts'

const Sample = z.object({
  receivedAt: Moment,
  channel: z.string(),
  sourceModule: z.string().nullable(),
  fields: z.record(z.string(), z.string()).describe('The type of each field of the payload, by its JSON Pointer; no values.'),
})

/** The events that nothing knows, by name. */
export const ListUnknownEventsContract = defineQuery({
  meta: {
    ...operationMeta('listUnknownEvents', 'events', {
      description:
        'List the events that came to `ingest` and have neither a contract nor a mapping, counted by name, newest first.',
      goal: 'See what a product sends already, and write the contract or the mapping that counts it.',
      context: 'Called by operators and by the CLI.',
    }),
    examples: ONBOARDING_EXAMPLES.listUnknownEvents,
  },
  io: {
    input: z.object({}),
    output: page(
      z.object({
        eventName: z.string(),
        count: z.int().min(1).describe('How often it came since `firstAt`; an event that was sent twice counts twice.'),
        firstAt: Moment,
        lastAt: Moment,
        samples: z.array(Sample).describe('What some of the latest looked like, at most three.'),
      }),
    ),
  },
  policy: { auth: 'service' },
})
