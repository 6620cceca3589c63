/** A small shop that uses every feature of a contract, with everything around it that a test wants to hold in its hands. */
import {
  composeRegistry,
  createRuntime,
  defineCommand,
  defineEvent,
  defineModule,
  defineQuery,
  type InvalidCredential,
  implement,
  type Ports,
  type Principal,
  page,
  type Stream,
  stream,
  type UnitOfWork,
} from '@waymark/contract'
import { z } from 'zod'
import { createRest, type RestOptions } from '../src/rest/create-rest.ts'

const meta = <const K extends string, const V extends string>(key: K, version: V, rest: object = {}) => ({
  stability: 'stable' as const,
  owners: ['shop'],
  tags: ['shop'],
  description: `${key}.`,
  ...rest,
  key,
  version,
})

export const OrderPlaced = defineEvent({
  meta: meta('order.placed', '1.0.0'),
  payload: z.object({ orderId: z.string(), total: z.number() }),
})
export const OrderPlaced2 = defineEvent({
  meta: meta('order.placed', '2.0.0'),
  payload: z.object({ order: z.object({ id: z.string(), total: z.number() }) }),
})

/** How long `shop.orders.place` may take, in milliseconds. */
export const TIME_LIMIT = 1_000

const Place = defineCommand({
  meta: {
    ...meta('shop.orders.place', '1.0.0', { goal: 'Sell.', context: 'At the checkout.' }),
    examples: [
      {
        title: 'A `rare` one is sold out.',
        input: { learnerId: 'bo', items: [{ sku: 'rare', count: 1 }] },
        error: 'OUT_OF_STOCK',
      },
      {
        title: 'Two of one.',
        input: { learnerId: 'bo', items: [{ sku: 'tea', count: 2 }] },
        output: { orderId: 'order-1', calls: 1 },
      },
    ],
  },
  io: {
    input: z.object({ learnerId: z.string(), items: z.array(z.object({ sku: z.string(), count: z.int().min(1) })).min(1) }),
    output: z.object({ orderId: z.string(), calls: z.int() }),
    errors: {
      OUT_OF_STOCK: {
        description: 'Not enough in stock',
        http: 409,
        gqlCode: 'OUT_OF_STOCK',
        when: 'An item is sold out',
        data: z.object({ sku: z.string(), left: z.int() }),
      },
      CARD_DECLINED: { description: 'The card was declined', http: 402, gqlCode: 'CARD_DECLINED', when: 'The bank refuses' },
    },
  },
  policy: { auth: 'user', limits: { inputBytes: 2_000, timeoutMs: TIME_LIMIT } },
  emits: [OrderPlaced],
})

const Filter = z.object({ from: z.string().optional(), to: z.string().optional() })
const Search = defineQuery({
  meta: meta('shop.catalog.search', '1.0.0', { tags: ['catalog'] }),
  io: {
    input: z.object({
      text: z.string(),
      max: z.number().optional(),
      count: z.int().optional().describe('How many.'),
      inStock: z.boolean().optional(),
      tags: z.array(z.string()).optional(),
      sizes: z.array(z.number()).optional(),
      mode: z.enum(['exact', 'fuzzy']).optional(),
      since: z.iso.datetime().optional(),
      grade: z.union([z.literal(1), z.literal(2)]).optional(),
      limit: z.number().nullable().optional(),
      filter: Filter.optional(),
      either: z.union([z.number(), z.array(z.number())]).optional(),
    }),
    output: z.object({ input: z.record(z.string(), z.unknown()) }),
  },
  policy: { auth: 'anonymous' },
})

const Order = z.object({ id: z.string(), total: z.number(), note: z.string().nullable() })
const List = defineQuery({
  meta: meta('shop.orders.list', '1.0.0'),
  io: { input: z.object({ learnerId: z.string() }), output: page(Order) },
  policy: { auth: 'user' },
})

const Change = z.object({ cursor: z.string(), total: z.number() })
const Watch = defineQuery({
  meta: meta('shop.orders.watch', '1.0.0'),
  io: {
    input: z.object({ learnerId: z.string() }),
    output: stream(Change),
    errors: { CLOSED: { description: 'The shop is closed', http: 409, gqlCode: 'CLOSED', when: 'At night' } },
  },
  policy: { auth: 'user' },
})

const Node: z.ZodType<{ name: string; children: unknown[] }> = z.object({
  name: z.string(),
  get children() {
    return z.array(Node)
  },
}) as never
const Money = z.object({ amount: z.number(), currency: z.string() }).meta({ id: 'Money' })
const Tree = defineCommand({
  meta: meta('shop.tree.save', '1.0.0', { stability: 'beta' }),
  io: { input: Node, output: z.object({ root: Node, price: Money, tax: Money }) },
  policy: { auth: 'service', permissions: ['shop.write'], idempotent: true },
})
const Trees = defineQuery({
  meta: meta('shop.tree.list', '1.0.0'),
  io: { input: z.object({}), output: page(Node) },
  policy: { auth: 'user', permissions: ['shop.read'] },
})

const CancelV1 = defineCommand({
  meta: meta('shop.orders.cancel', '1.0.0', {
    stability: 'deprecated',
    deprecation: { since: '2026-01-01', sunset: '2027-01-01T00:00:00Z', successor: 'shop.orders.cancel@2.0.0' },
  }),
  io: { input: z.object({ orderId: z.string() }), output: z.object({ cancelled: z.literal(true) }) },
  policy: { auth: 'service', idempotent: true },
})
const CancelV0 = defineCommand({
  ...CancelV1,
  meta: meta('shop.orders.cancel', '0.9.0', { deprecation: { since: '2024-01-01', sunset: '2025-01-01' } }),
})
const CancelV2 = defineCommand({
  meta: meta('shop.orders.cancel', '2.0.0'),
  io: { input: z.object({ orderId: z.string(), reason: z.string() }), output: z.object({ cancelled: z.literal(true) }) },
  policy: { auth: 'service', idempotent: true },
})

const Break = defineCommand({
  meta: meta('shop.admin.break', '1.0.0'),
  io: {
    input: z.object({ how: z.enum(['throw', 'output', 'wait', 'busy', 'conflict', 'fine']) }),
    output: z.object({ done: z.boolean() }),
  },
  policy: { auth: 'operator' },
})
const Touch = defineCommand({
  meta: meta('shop.orders.touch', '1.0.0'),
  io: { input: z.object({ by: z.int().optional() }), output: z.object({ total: z.int() }) },
  policy: { auth: 'service' },
})

const Ingest = defineCommand({
  meta: meta('learning.onboarding.ingest', '1.0.0', { tags: ['learning'] }),
  io: {
    input: z.object({ events: z.array(z.unknown()), import: z.boolean().optional() }),
    output: z.object({
      success: z.literal(true),
      results: z.array(z.object({ index: z.int(), eventId: z.string().nullable(), status: z.string() })),
    }),
  },
  policy: { auth: 'service', limits: { inputBytes: 1_048_576 } },
})

export const shop = defineModule({
  key: 'shop',
  contracts: [OrderPlaced, OrderPlaced2, Place, Search, List, Watch, Tree, Trees, CancelV1, Break, Touch],
  tags: { shop: 'From the basket to the door.', catalog: 'What there is to buy.', unused: 'Nothing has it.' },
})
const next = defineModule({ key: 'shop.next', contracts: [CancelV2] })
const past = defineModule({ key: 'shop.past', contracts: [CancelV0] })
const learning = defineModule({ key: 'learning', contracts: [Ingest] })

export const registry = composeRegistry(shop, next, past, learning)
export const registryWithoutIngest = composeRegistry(shop, next, past)

/** What the stand-in for ingest was called with. */
export interface Ingested {
  readonly events: readonly unknown[]
  readonly import: boolean | undefined
  readonly channel: string
  readonly idempotencyKey: string | undefined
  readonly principal: Principal
}

/** One stream that was opened; a test says what comes. */
export interface Watching {
  /** The cursor it was opened with. */
  readonly after: string | null
  /** Items that nobody has taken yet. */
  readonly queued: z.input<typeof Change>[]
  push(...items: z.input<typeof Change>[]): void
  /** The stream ends, or fails. */
  stop(error?: unknown): void
  readonly ended: Promise<void>
}

/** The shop, served. Time stands at 2026-06-01 until a test moves it. */
export function createFixture(options: Partial<RestOptions> = {}) {
  const ingested: Ingested[] = []
  const failures: unknown[] = []
  const signals: AbortSignal[] = []
  const alarms = new Map<() => void, number>()
  const waiting: (() => void)[] = []
  let entered = () => {}
  const watching: Watching[] = []
  const clock = { now: Date.parse('2026-06-01T00:00:00Z') }
  const held = () =>
    new Promise<void>((resolve) => {
      waiting.push(resolve)
      entered()
    })
  let ids = 0
  let placed = 0
  let touched = 0

  function watch(after: string | null): Stream<z.input<typeof Change>> {
    const queued: z.input<typeof Change>[] = []
    const ended = Promise.withResolvers<void>()
    let stopped: { readonly error: unknown } | undefined
    let wake = () => {}
    const iterator: AsyncIterator<z.input<typeof Change>> = {
      async next() {
        for (;;) {
          const value = queued.shift()
          if (value !== undefined) return { done: false, value }
          if (stopped?.error !== undefined) throw stopped.error
          if (stopped !== undefined) return { done: true, value: undefined }
          await new Promise<void>((resolve) => {
            wake = resolve
          })
        }
      },
      async return() {
        ended.resolve()
        return { done: true, value: undefined }
      },
    }
    watching.push({
      after,
      queued,
      push(...items) {
        queued.push(...items)
        wake()
      },
      stop(error) {
        stopped = { error }
        wake()
      },
      ended: ended.promise,
    })
    return { cursor: 'start', [Symbol.asyncIterator]: () => iterator }
  }

  const shopHandlers = implement(shop).handlers({
    'shop.orders.place': async ({ input, fail }) => {
      placed += 1
      for (const { sku, count } of input.items) {
        if (sku === 'rare') throw fail.OUT_OF_STOCK({ detail: 'One left.', data: { sku, left: count - 1 } })
        if (sku === 'dear') throw fail.CARD_DECLINED()
        if (sku === 'slow') await held()
      }
      return { orderId: `order-${placed}`, calls: placed }
    },
    'shop.catalog.search': async ({ input }) => ({ input }),
    'shop.orders.list': async ({ input, fail }) => {
      if (input.learnerId === 'nobody') throw fail.NOT_FOUND({ detail: 'Nobody is called nobody.' })
      const from = Number(input.cursor ?? 0)
      const items = Array.from({ length: input.limit }, (_, i) => ({
        id: `o${from + i}`,
        total: i,
        note: i === 0 ? 'first' : null,
      }))
      return { items, nextCursor: from > 0 ? null : String(input.limit) }
    },
    'shop.orders.watch': async ({ input, fail }) => {
      if (input.after === 'night') throw fail.CLOSED()
      return watch(input.after)
    },
    'shop.tree.save': async ({ input }) => {
      const price = { amount: 1, currency: 'EUR' }
      return { root: input, price, tax: price }
    },
    'shop.tree.list': async () => ({ items: [{ name: 'a', children: [{ name: 'b', children: [] }] }], nextCursor: null }),
    'shop.orders.cancel': async () => ({ cancelled: true as const }),
    'shop.admin.break': async ({ input, fail, signal }) => {
      signals.push(signal)
      if (input.how === 'throw') throw new Error('the password is swordfish')
      if (input.how === 'output') return { done: 'perhaps' as never }
      if (input.how === 'busy') throw fail.RATE_LIMITED({ retryAfter: 2.5 })
      if (input.how === 'conflict') throw fail.CONFLICT({ detail: 'It was broken already.' })
      if (input.how === 'wait') await held()
      return { done: true }
    },
    'shop.orders.touch': {
      commit: 'group',
      handle: async ({ input, check }) => {
        // Beyond it a whole number is none.
        touched = Math.max(-Number.MAX_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, touched + (input.by ?? 1)))
        const checked = check({ total: touched })
        if (!checked.ok) throw checked.error
        return checked.output
      },
    },
  })
  const ports: Ports = {
    now: () => clock.now,
    newId: () => `id-${++ids}`,
    hash: (text) => text,
    after: (milliseconds, call) => {
      alarms.set(call, milliseconds)
      return () => alarms.delete(call)
    },
    unitOfWork: memoryUnitOfWork(),
    onFailure: ({ error }) => failures.push(error),
  }
  const runtime = createRuntime({
    registry,
    implementations: [
      shopHandlers,
      implement(past).handlers({ 'shop.orders.cancel': async () => ({ cancelled: true as const }) }),
      implement(next).handlers({ 'shop.orders.cancel@2': async () => ({ cancelled: true as const }) }),
      implement(learning).handlers({
        'learning.onboarding.ingest': async ({ input, call, principal }) => {
          const { channel, idempotencyKey } = call
          ingested.push({ events: input.events, import: input.import, channel, idempotencyKey, principal })
          const results = input.events.map((_, index) => ({ index, eventId: null, status: 'recorded' }))
          return { success: true as const, results }
        },
      }),
    ],
    ports,
  })
  const rest = createRest({ runtime, authenticate, title: 'Shop', version: '1.2.3', ...options })
  return {
    rest,
    runtime,
    clock,
    ingested,
    failures,
    signals,
    /** What waits for its time, and how long from when it was asked. */
    alarms,
    /** The streams that were opened, in order. */
    watching,
    /** Resolves when a call waits in its handler; `release` lets all of them go on. */
    entered: () =>
      new Promise<void>((resolve) => {
        entered = resolve
      }),
    release: () => {
      for (const go of waiting.splice(0)) go()
    },
  }
}

export type Fixture = ReturnType<typeof createFixture>

/** `learner:<id>`, `service`, `service:<scope>`, `operator` as bearer tokens; a Basic user name is a key too. */
export async function authenticate(request: Request): Promise<Principal | InvalidCredential> {
  const [scheme, value = ''] = (request.headers.get('authorization') ?? '').split(' ')
  if (scheme === '') return { kind: 'anonymous', tenant: 'default' }
  const [kind, detail] = (scheme === 'Basic' ? atob(value).replace(/:$/, '') : value).split(':')
  if (kind === 'learner' && detail !== undefined) return { kind, tenant: 'default', id: detail }
  if (kind === 'service') return { kind, tenant: 'default', id: 'key-1', scopes: [detail ?? '*'] }
  if (kind === 'operator') return { kind, tenant: 'default', id: 'op-1', scopes: ['*'] }
  if (kind === 'broken') throw new Error('the key store is gone')
  return { kind: 'invalid', detail: 'The key is not known.' }
}

function memoryUnitOfWork(): UnitOfWork {
  const kept = new Map<string, { inputHash: string; answer: string }>()
  return {
    run: async (tenant, work) => {
      const written = new Map<string, { inputHash: string; answer: string }>()
      const result = await work({
        tenant,
        idempotency: {
          find: async (scope) => kept.get(scope),
          keep: async (scope, record) => {
            written.set(scope, record)
          },
        },
        inbox: { has: async () => false, add: async () => true },
        emitted: { add: async () => {} },
      })
      for (const [scope, record] of written) kept.set(scope, record)
      return result
    },
  }
}
