import { expectTypeOf } from 'vitest'
import { z } from 'zod'
import { meta } from '../test-support/meta.ts'
import type { InputOf, OutputOf, ParsedInputOf, PayloadOf, ResultInputOf } from './contract.ts'
import { defineCommand, defineEvent, defineModule, defineQuery } from './define.ts'
import { type Page, page } from './page.ts'
import { type Stream, stream } from './stream.ts'

const io = { input: z.object({}), output: z.string() }
const DealCreated = defineEvent({ meta: meta('deal.created', '1.0.0'), payload: z.object({ amount: z.number() }) })
const Create = defineCommand({
  meta: {
    key: 'crm.deals.create',
    version: '2.1.0',
    stability: 'stable',
    owners: ['growth'],
    tags: [],
    description: 'Creates a deal.',
  },
  io: {
    input: z.object({ amount: z.coerce.number(), note: z.string().default('') }),
    output: z.object({ id: z.string().default('none') }),
    errors: {
      DEAL_TOO_LARGE: { description: 'Too large', http: 422, gqlCode: 'DEAL_TOO_LARGE', when: 'Above the limit' },
    },
  },
  policy: { auth: 'user' },
  emits: [DealCreated],
})

// Key, version and error codes stay literal.
expectTypeOf(Create.meta.key).toEqualTypeOf<'crm.deals.create'>()
expectTypeOf(Create.meta.version).toEqualTypeOf<'2.1.0'>()
expectTypeOf<keyof typeof Create.io.errors>().toEqualTypeOf<'DEAL_TOO_LARGE'>()
expectTypeOf(Create.io.errors.DEAL_TOO_LARGE.http).toEqualTypeOf<422>()
expectTypeOf(DealCreated.meta.key).toEqualTypeOf<'deal.created'>()

// A schema's two sides are told apart.
expectTypeOf<InputOf<typeof Create>>().toEqualTypeOf<{ amount: unknown; note?: string | undefined }>()
expectTypeOf<ParsedInputOf<typeof Create>>().toEqualTypeOf<{ amount: number; note: string }>()
expectTypeOf<ResultInputOf<typeof Create>>().toEqualTypeOf<{ id?: string | undefined }>()
expectTypeOf<OutputOf<typeof Create>>().toEqualTypeOf<{ id: string }>()
expectTypeOf<PayloadOf<typeof DealCreated>>().toEqualTypeOf<{ amount: number }>()

// Without errors there are no codes.
const Ping = defineCommand({ meta: meta('crm.ping'), io, policy: { auth: 'anonymous' } })
expectTypeOf<keyof typeof Ping.io.errors>().toEqualTypeOf<never>()

// A module knows its contracts one by one.
const crm = defineModule({ key: 'crm', contracts: [Create, Ping, DealCreated] })
expectTypeOf(crm.key).toEqualTypeOf<'crm'>()
expectTypeOf<(typeof crm.contracts)[number]>().toEqualTypeOf<typeof Create | typeof Ping | typeof DealCreated>()

// A paged query widens its input, and answers a page.
const List = defineQuery({
  meta: meta('crm.deals.list'),
  io: { input: z.object({ q: z.string() }), output: page(z.object({ id: z.string() })) },
  policy: { auth: 'user' },
})
expectTypeOf<InputOf<typeof List>['q']>().toEqualTypeOf<string>()
expectTypeOf<InputOf<typeof List>['cursor']>().toEqualTypeOf<string | undefined>()
expectTypeOf<InputOf<typeof List>['limit']>().toEqualTypeOf<number | undefined>()
expectTypeOf<ParsedInputOf<typeof List>['limit']>().toEqualTypeOf<number>()
expectTypeOf<ParsedInputOf<typeof List>['cursor']>().toEqualTypeOf<string | null>()
expectTypeOf<OutputOf<typeof List>>().toEqualTypeOf<Page<{ id: string }>>()

// A stream query takes a cursor, and answers an iterable.
const Watch = defineQuery({
  meta: meta('crm.deals.watch'),
  io: { input: z.object({ q: z.string() }), output: stream(z.object({ cursor: z.string(), n: z.coerce.number() })) },
  policy: { auth: 'user' },
})
expectTypeOf<InputOf<typeof Watch>['q']>().toEqualTypeOf<string>()
expectTypeOf<InputOf<typeof Watch>['after']>().toEqualTypeOf<string | undefined>()
expectTypeOf<ParsedInputOf<typeof Watch>['after']>().toEqualTypeOf<string | null>()
expectTypeOf<ResultInputOf<typeof Watch>>().toEqualTypeOf<Stream<{ cursor: string; n: unknown }>>()
expectTypeOf<OutputOf<typeof Watch>>().toEqualTypeOf<Stream<{ cursor: string; n: number }>>()
// @ts-expect-error an item of a stream says its place
stream(z.object({ n: z.number() }))

// Any other query keeps the input it declares.
const Get = defineQuery({
  meta: meta('crm.deals.get'),
  io: { input: z.object({ id: z.string() }), output: z.string() },
  policy: { auth: 'user' },
})
expectTypeOf<InputOf<typeof Get>>().toEqualTypeOf<{ id: string }>()

// Examples are typed by what a caller sends and receives; a constant will do.
const AT = [{ title: 'From a place on.', input: { q: 'a', after: 'c1' }, output: [{ cursor: 'c2', n: 1 }] }] as const
defineQuery({
  meta: { ...meta('crm.deals.watch'), examples: AT },
  io: { input: z.object({ q: z.string() }), output: stream(z.object({ cursor: z.string(), n: z.coerce.number() })) },
  policy: { auth: 'user' },
})
defineQuery({
  meta: {
    ...meta('crm.deals.list'),
    examples: [
      { title: 'One.', input: { q: 'a', limit: 1 }, output: { items: [{ id: 'd-1' }], nextCursor: null } },
      { title: 'Is refused.', input: { q: '' }, error: 'VALIDATION_FAILED' },
    ],
  },
  io: { input: z.object({ q: z.string() }), output: page(z.object({ id: z.string() })) },
  policy: { auth: 'user' },
})
defineCommand({
  // @ts-expect-error the output is a text
  meta: { ...meta('crm.ping'), examples: [{ title: 'Pings.', input: {}, output: 1 }] },
  io,
  policy: { auth: 'user' },
})
defineCommand({
  // @ts-expect-error nobody declares such an error
  meta: { ...meta('crm.ping'), examples: [{ title: 'Is refused.', input: {}, error: 'TOO_LATE' }] },
  io,
  policy: { auth: 'user' },
})
defineEvent({
  // @ts-expect-error an event is not called
  meta: { ...meta('deal.created'), examples: [] },
  payload: z.object({}),
})

// @ts-expect-error a command without a policy does not compile
defineCommand({ meta: meta('crm.ping'), io })
// @ts-expect-error nor does a query
defineQuery({ meta: meta('crm.ping'), io })
// @ts-expect-error a policy names one of four levels
defineCommand({ meta: meta('crm.ping'), io, policy: { auth: 'admin' } })
// @ts-expect-error a policy without a level says nothing
defineCommand({ meta: meta('crm.ping'), io, policy: {} })
// @ts-expect-error a limit that nothing reads is refused
defineCommand({ meta: meta('crm.ping'), io, policy: { auth: 'user', limits: { perMinute: 10 } } })
// @ts-expect-error a schema has to describe itself
defineEvent({ meta: meta('deal.created'), payload: { '~standard': { version: 1, vendor: 'x', validate: () => ({ value: 1 }) } } })
// @ts-expect-error contracts are frozen
Create.policy.auth = 'anonymous'
