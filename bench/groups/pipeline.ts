import type { z } from 'zod'
import { isPlaced, ORDER, OrderInput, OrderOutput, placeOrder } from '../fixtures/order.ts'
import { callWaymark, fetchWaymark } from '../fixtures/order-served.ts'
import { type Contender, cpuClock, interleave, nsPerPass, ratioOf, type Scale, summarize } from '../measure.ts'
import { injectFastify } from '../opponents/fastify-order.ts'
import { callOrpc, fetchOrpc, fetchOrpcOpenApi } from '../opponents/orpc-order.ts'
import { callTrpc, fetchTrpc } from '../opponents/trpc-order.ts'
import type { Figure, Row } from '../report.ts'

/** What a call costs besides its handler: the same procedure without I/O, called in the process and as a Fetch request. */
export async function pipeline(scale: Scale): Promise<readonly Row[]> {
  return [
    ...(await sideBySide('in process', scale, {
      Waymark: callWaymark,
      tRPC: callTrpc,
      oRPC: callOrpc,
      'validation and handler alone': callPlainly,
    })),
    ...(await sideBySide('by Fetch', scale, {
      Waymark: () => fetchWaymark(post),
      tRPC: () => fetchTrpc(post),
      'oRPC, RPC': () => fetchOrpc(post),
      'oRPC, OpenAPI': () => fetchOrpcOpenApi(post),
      'Fastify with schemas, inject': injectFastify,
      'Request, Response, JSON, validation and handler alone': fetchPlainly,
    })),
  ]
}

/** A call is short: many short samples meet more moments of the machine. */
const SHORTER = 4

async function sideBySide(how: string, scale: Scale, calls: Readonly<Record<string, () => Promise<unknown>>>): Promise<Row[]> {
  const contenders = Object.entries(calls).map(
    ([name, call]): Contender => ({
      name,
      sample: async () => (await nsPerPass(async () => isPlaced(await call()), scale.sampleMs / SHORTER, cpuClock)) / 1_000,
    }),
  )
  const samples = await interleave(contenders, { ...scale, rounds: scale.rounds * SHORTER })
  const own = samples.get('Waymark') as readonly number[]
  return contenders.map(({ name }): Row => {
    const value = samples.get(name) as readonly number[]
    const ratio = ratioOf(value, own)
    const figures: readonly Figure[] = isRival(name) ? [{ text: '> 1', reached: ratio.median > 1 }] : []
    return { what: `a call ${how}, ${name}`, unit: 'µs', value: summarize(value), ratio: { of: 'to Waymark', ...ratio }, figures }
  })
}

/** Those that a call has to cost less than. */
function isRival(name: string): boolean {
  return name.startsWith('tRPC') || name.startsWith('oRPC')
}

async function callPlainly(): Promise<unknown> {
  return checked(OrderOutput, await placeOrder(checked(OrderInput, ORDER)))
}

async function fetchPlainly(): Promise<unknown> {
  const body = await post('/place', ORDER).json()
  return Response.json(checked(OrderOutput, await placeOrder(checked(OrderInput, body)))).json()
}

/** By the same door of the schema library that the contenders use. */
function checked<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema['~standard'].validate(value) as { readonly value: T } | { readonly issues: unknown }
  if ('issues' in result && result.issues !== undefined) throw new Error('The schema refuses what the benchmark made.')
  return (result as { readonly value: T }).value
}

function post(path: string, body: unknown): Request {
  const headers = { 'content-type': 'application/json' }
  return new Request(`http://127.0.0.1${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
}
