import { initTRPC } from '@trpc/server'
import { fetchRequestHandler } from '@trpc/server/adapters/fetch'
import { ORDER, OrderInput, OrderOutput, placeOrder } from '../fixtures/order.ts'

const t = initTRPC.create()
const router = t.router({
  place: t.procedure
    .input(OrderInput)
    .output(OrderOutput)
    .mutation(({ input }) => placeOrder(input)),
})
const caller = t.createCallerFactory(router)({})

export function callTrpc(): Promise<unknown> {
  return caller.place(ORDER)
}

export async function fetchTrpc(post: (path: string, body: unknown) => Request): Promise<unknown> {
  const answer = await fetchRequestHandler({ endpoint: '/trpc', req: post('/trpc/place', ORDER), router })
  return ((await answer.json()) as { readonly result: { readonly data: unknown } }).result.data
}
