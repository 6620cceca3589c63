import type { Issue, Page } from '@waymark/contract'
import { defineCommand, defineModule, defineQuery, page, stream } from '@waymark/contract'
import { expectTypeOf } from 'vitest'
import { z } from 'zod'
import type { CallMeta } from './call-result.ts'
import { createClient } from './create-client.ts'

const meta = <const K extends string, const V extends string>(key: K, version: V) => ({
  key,
  version,
  stability: 'stable' as const,
  owners: ['crm'],
  tags: [],
  description: 'For a test.',
})
const policy = { auth: 'user' } as const
const Create = defineCommand({
  meta: meta('crm.deals.create', '1.2.0'),
  io: {
    input: z.object({ amount: z.number(), note: z.string().default('') }),
    output: z.object({ id: z.string(), note: z.string().default('') }),
    errors: {
      DEAL_TOO_LARGE: {
        description: 'Too large',
        http: 422,
        gqlCode: 'DEAL_TOO_LARGE',
        when: 'Above the limit',
        data: z.object({ limit: z.number() }),
      },
      DEAL_CLOSED: { description: 'Closed', http: 409, gqlCode: 'DEAL_CLOSED', when: 'It was won' },
    },
  },
  policy,
})
const output = z.object({ id: z.string() })
const Create2 = defineCommand({
  meta: meta('crm.deals.create', '2.0.0'),
  io: { input: z.object({ sum: z.string() }), output },
  policy,
})
const Create0 = defineCommand({
  meta: meta('crm.deals.create', '0.3.0'),
  io: { input: z.object({ old: z.string() }), output },
  policy,
})
const Ping0 = defineCommand({ meta: meta('crm.ping', '0.1.0'), io: { input: z.object({}), output }, policy })
const List = defineQuery({ meta: meta('crm.deals.list', '1.0.0'), io: { input: z.object({}), output: page(output) }, policy })
const Item = z.object({ cursor: z.string(), n: z.number() })
const Watch = defineQuery({
  meta: meta('crm.deals.watch', '1.0.0'),
  io: { input: z.object({ q: z.string() }), output: stream(Item) },
  policy,
})
const crm = defineModule({ key: 'crm', contracts: [Create, List, Watch] })
const options = { url: 'http://127.0.0.1:4400' }

const client = createClient(options, [crm, Create2, Create0, Ping0])
expectTypeOf<keyof typeof client>().toEqualTypeOf<'crm'>()
expectTypeOf<keyof typeof client.crm>().toEqualTypeOf<'deals' | 'ping'>()
expectTypeOf<keyof typeof client.crm.deals>().toEqualTypeOf<'create' | 'createV0' | 'createV2' | 'list' | 'watch'>()

// What is given in other ways is the same.
expectTypeOf(createClient(options, crm)).toEqualTypeOf(createClient(options, [crm]))
expectTypeOf(createClient(options, { a: Create, b: List, c: Watch })).toEqualTypeOf(createClient(options, crm))
expectTypeOf<keyof ReturnType<typeof only>['crm']['deals']>().toEqualTypeOf<'list'>()
const only = () => createClient(options, [List])

export async function calls() {
  // The input is what a caller sends, the data what a caller gets.
  const result = await client.crm.deals.create({ amount: 1 }, { retries: 1, idempotencyKey: 'k' })
  if (result.ok) {
    expectTypeOf(result.data).toEqualTypeOf<{ id: string; note: string }>()
    expectTypeOf(result.meta).toEqualTypeOf<CallMeta>()
    return
  }
  // An error is told from the others by its code, and then has its own data.
  const { error } = result
  expectTypeOf(error.detail).toEqualTypeOf<string>()
  switch (error.code) {
    case 'DEAL_TOO_LARGE':
      expectTypeOf(error.data).toEqualTypeOf<{ limit: number }>()
      break
    case 'DEAL_CLOSED':
      // @ts-expect-error it declares no data
      error.data
      break
    case 'VALIDATION_FAILED':
      expectTypeOf(error.errors).toEqualTypeOf<readonly Issue[]>()
      break
    case 'RATE_LIMITED':
      expectTypeOf(error.retryAfter).toEqualTypeOf<number | undefined>()
      break
    case 'SERVER_UNREACHABLE':
      expectTypeOf(error.cause).toEqualTypeOf<unknown>()
      break
    // @ts-expect-error nobody declares this code
    case 'DEAL_LOST':
  }

  // @ts-expect-error a field is missing
  await client.crm.deals.create({})
  // @ts-expect-error so is the whole input
  await client.crm.deals.create()
  // @ts-expect-error a field has another type
  await client.crm.deals.create({ amount: '1' })
  // @ts-expect-error there is no such operation
  await client.crm.deals.remove({})
  await client.crm.deals.createV2({ sum: '1' })
  await client.crm.deals.createV0({ old: '1' })
  await client.crm.ping()

  // A page comes alone, or all items of all pages; every field of its input may be absent, so the input may be.
  const paged = await client.crm.deals.list({ limit: 5 })
  if (paged.ok) expectTypeOf(paged.data).toEqualTypeOf<Page<{ id: string }>>()
  for await (const one of client.crm.deals.list.all()) if (one.ok) expectTypeOf(one.data).toEqualTypeOf<{ id: string }>()

  // A stream is an iteration, of results too.
  for await (const one of client.crm.deals.watch({ q: 'x', after: 'c' }, { silenceMs: 1 })) {
    if (one.ok) expectTypeOf(one.data).toEqualTypeOf<{ cursor: string; n: number }>()
    // @ts-expect-error the data is there only when it succeeded
    one.data
  }
  // @ts-expect-error a stream has no time in which it has to end
  client.crm.deals.watch({ q: 'x' }, { timeoutMs: 1 })
}
