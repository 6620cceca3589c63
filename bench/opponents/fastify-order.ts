import fastify from 'fastify'
import { z } from 'zod'
import { ORDER, type Order, OrderInput, OrderOutput, placeOrder } from '../fixtures/order.ts'

const app = fastify()
app.post<{ Body: Order }>(
  '/place',
  { schema: { body: toSchema(OrderInput), response: { 200: toSchema(OrderOutput) } } },
  ({ body }) => placeOrder(body),
)
await app.ready()

/** Its own way of a call without a socket. A schema of an answer chooses what is written, and refuses little. */
export async function injectFastify(): Promise<unknown> {
  const answer = await app.inject({ method: 'POST', url: '/place', payload: ORDER })
  return answer.json()
}

function toSchema(schema: z.ZodType): unknown {
  return z.toJSONSchema(schema, { target: 'draft-7' })
}
