import { expectTypeOf } from 'vitest'
import { z } from 'zod'
import { meta } from '../test-support/meta.ts'
import { defineEvent, defineModule } from './define.ts'
import { type Implementation, implement } from './implement.ts'
import type { ServicePrincipal } from './principal.ts'
import type { Transaction } from './transaction.ts'

const Created = defineEvent({ meta: meta('deal.created'), payload: z.object({ amount: z.number() }) })
const Created2 = defineEvent({ meta: meta('deal.created', '2.0.0'), payload: z.object({ cents: z.int() }) })
const Won = defineEvent({ meta: meta('deal.won'), payload: z.object({ by: z.string() }) })
const crm = defineModule({ key: 'crm', contracts: [Created, Created2, Won] })
const mail = defineModule({ key: 'mail', contracts: [] })

const own = implement(crm)
  .handlers({})
  .on({
    'deal.won': async ({ event, payload, tx, principal, signal }) => {
      expectTypeOf(event.key).toEqualTypeOf<'deal.won'>()
      expectTypeOf(event.occurredAt).toEqualTypeOf<number>()
      expectTypeOf(payload).toEqualTypeOf<{ by: string }>()
      expectTypeOf(tx).toEqualTypeOf<Transaction>()
      expectTypeOf(principal).toEqualTypeOf<ServicePrincipal>()
      expectTypeOf(signal.aborted).toEqualTypeOf<boolean>()
    },
    'deal.created@1': async ({ payload }) => expectTypeOf(payload).toEqualTypeOf<{ amount: number }>(),
    'deal.created@2': async ({ payload }) => expectTypeOf(payload).toEqualTypeOf<{ cents: number }>(),
  })
expectTypeOf(own).toExtend<Implementation>()

// Which of several majors is the latest is known when they are composed.
implement(crm)
  .handlers({})
  .on({
    'deal.created': async ({ payload }) => expectTypeOf(payload).toEqualTypeOf<{ amount: number } | { cents: number }>(),
  })

const others = implement(mail).handlers({})
others.on(crm, { 'deal.won': async ({ payload }) => expectTypeOf(payload.by).toEqualTypeOf<string>() })
others.on([Won], { 'deal.won': async ({ payload }) => expectTypeOf(payload.by).toEqualTypeOf<string>() })
// @ts-expect-error an event that the source does not have
others.on([Won], { 'deal.lost': async () => {} })
// @ts-expect-error a major that no version has
others.on(crm, { 'deal.won@2': async () => {} })
// @ts-expect-error the module itself has no events
others.on({ 'deal.won': async () => {} })
