import { expectTypeOf } from 'vitest'
import { z } from 'zod'
import { meta } from '../test-support/meta.ts'
import { defineCommand, defineEvent, defineModule, defineQuery } from './define.ts'
import type { ContractError } from './errors.ts'
import { type Implementation, implement } from './implement.ts'
import { type Page, page } from './page.ts'
import type { Principal } from './principal.ts'
import { type Stream, stream } from './stream.ts'
import type { Transaction } from './transaction.ts'

const error = { description: 'For a test', http: 409, gqlCode: 'X', when: 'Always' } as const
const policy = { auth: 'user' } as const
const Create = defineCommand({
  meta: meta('crm.deals.create'),
  io: {
    input: z.object({ amount: z.string().transform(Number) }),
    output: z.object({ id: z.string() }),
    errors: { DEAL_TOO_LARGE: { ...error, data: z.object({ limit: z.number() }) }, DEAL_CLOSED: error },
  },
  policy,
})
const Create2 = defineCommand({
  meta: meta('crm.deals.create', '2.3.0'),
  io: { input: z.object({ amount: z.number() }), output: z.number() },
  policy,
})
const List = defineQuery({ meta: meta('crm.deals.list', '0.9.0'), io: { input: z.object({}), output: page(z.string()) }, policy })
const Happened = defineEvent({ meta: meta('deal.created'), payload: z.object({}) })
const crm = defineModule({ key: 'crm', contracts: [Create, Create2, List, Happened] })

const implementation = implement(crm).handlers({
  'crm.deals.create': async ({ input, principal, fail, tx, signal, call }) => {
    expectTypeOf(input).toEqualTypeOf<{ amount: number }>()
    expectTypeOf(principal).toEqualTypeOf<Principal>()
    expectTypeOf(tx).toEqualTypeOf<Transaction>()
    expectTypeOf(signal.aborted).toEqualTypeOf<boolean>()
    expectTypeOf(call.idempotencyKey).toEqualTypeOf<string | undefined>()
    expectTypeOf(fail.DEAL_TOO_LARGE({ data: { limit: 3 } })).toEqualTypeOf<ContractError>()
    expectTypeOf(fail.DEAL_CLOSED()).toEqualTypeOf<ContractError>()
    expectTypeOf(fail.NOT_FOUND({ detail: 'No such deal.' })).toEqualTypeOf<ContractError>()
    // @ts-expect-error the declared data is required
    fail.DEAL_TOO_LARGE()
    // @ts-expect-error and typed
    fail.DEAL_TOO_LARGE({ data: { limit: '3' } })
    // @ts-expect-error an error without data takes none
    fail.DEAL_CLOSED({ data: { limit: 3 } })
    // @ts-expect-error a code that is neither declared nor reserved does not exist
    fail.DEAL_LOST
    return { id: 'd1' }
  },
  'crm.deals.create@2': {
    commit: 'group',
    handle: async ({ check, fail, ...context }) => {
      expectTypeOf(context.input).toEqualTypeOf<{ amount: number }>()
      expectTypeOf<keyof typeof fail>().not.toEqualTypeOf<string>()
      // @ts-expect-error a group has no transaction of its own
      context.tx
      // @ts-expect-error only an output of this operation can be checked
      check('text')
      const checked = check(1)
      if (!checked.ok) throw checked.error
      return checked.output
    },
  },
  'crm.deals.list': async ({ input }): Promise<Page<string>> => {
    expectTypeOf(input.limit).toEqualTypeOf<number>()
    expectTypeOf(input.cursor).toEqualTypeOf<string | null>()
    return { items: [], nextCursor: null }
  },
})
expectTypeOf(implementation).toExtend<Implementation>()

const rest = {
  'crm.deals.create': async () => ({ id: 'd1' }),
  'crm.deals.list': async () => ({ items: [], nextCursor: null }),
}
// @ts-expect-error a missing handler does not compile
implement(crm).handlers(rest)
implement(crm).handlers({
  ...rest,
  'crm.deals.create@2': async () => 1,
  // @ts-expect-error nor does one of an operation that the module does not have
  'crm.deals.drop': async () => 1,
})
implement(crm).handlers({
  ...rest,
  // @ts-expect-error nor an output of another shape
  'crm.deals.create@2': async () => 'text',
})
implement(crm).handlers({
  ...rest,
  // @ts-expect-error a group handler returns what check gave
  'crm.deals.create@2': { commit: 'group', handle: async () => 1 },
})

const Watch = defineQuery({
  meta: meta('crm.deals.watch'),
  io: { input: z.object({ dealId: z.string() }), output: stream(z.object({ cursor: z.string() })) },
  policy,
})
const live = defineModule({ key: 'live', contracts: [Watch] })
const changes = async function* () {
  yield { cursor: 'a' }
}
const numbers = async function* () {
  yield { cursor: 1 }
}
implement(live).handlers({
  'crm.deals.watch': async ({ input, signal, ...context }): Promise<Stream<{ cursor: string }>> => {
    expectTypeOf(input.dealId).toEqualTypeOf<string>()
    expectTypeOf(input.after).toEqualTypeOf<string | null>()
    expectTypeOf(signal.aborted).toEqualTypeOf<boolean>()
    // @ts-expect-error a stream has no transaction
    context.tx
    return changes()
  },
})
// @ts-expect-error its items are those of the contract
implement(live).handlers({ 'crm.deals.watch': async () => numbers() })
// @ts-expect-error and it shares no commit with others
implement(live).handlers({ 'crm.deals.watch': { commit: 'group', handle: async () => changes() } })

const Won = defineEvent({ meta: meta('deal.won'), payload: z.object({ by: z.string() }) })
const io = { input: z.object({}), output: z.string() }
const Close = defineCommand({ meta: meta('sales.close'), io, policy, emits: [Happened, Won] })
const Note = defineCommand({ meta: meta('sales.note'), io, policy })
const Get = defineQuery({ meta: meta('sales.get'), io, policy })
const Reopen = defineCommand({ meta: meta('sales.reopen'), io, policy, emits: [Won] })
const Lost = defineEvent({ meta: meta('deal.lost'), payload: z.object({ by: z.string() }) })
const sales = defineModule({ key: 'sales', contracts: [Close, Note, Get, Reopen, Won, Lost, Happened] })
implement(sales).handlers({
  'sales.close': async ({ emit }) => {
    emit(Happened, {}, { learnerId: 'ada' })
    emit(Won, { by: 'ada' }, { learnerId: 'ada', accountId: 'north', occurredAt: Date.now(), eventId: 'e1' })
    // @ts-expect-error the payload is the one of the contract
    emit(Won, { by: 1 }, { learnerId: 'ada' })
    // @ts-expect-error and not that of another event
    emit(Won, {}, { learnerId: 'ada' })
    // @ts-expect-error an event that the command does not declare
    emit(Lost, { by: 'ada' }, { learnerId: 'ada' })
    // @ts-expect-error it is about somebody
    emit(Won, { by: 'ada' }, { accountId: 'north' })
    return ''
  },
  'sales.note': async (context) => {
    // @ts-expect-error a command that declares nothing emits nothing
    context.emit
    return ''
  },
  'sales.get': async (context) => {
    // @ts-expect-error nor does a query
    context.emit
    return ''
  },
  'sales.reopen': {
    commit: 'group',
    handle: async ({ check, ...context }) => {
      // @ts-expect-error nor a handler that shares its commit
      context.emit
      const checked = check('')
      if (!checked.ok) throw checked.error
      return checked.output
    },
  },
})
// @ts-expect-error a query declares no events
defineQuery({ meta: meta('sales.list'), io, policy, emits: [Won] })
