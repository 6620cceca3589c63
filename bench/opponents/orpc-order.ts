import { OpenAPIHandler } from '@orpc/openapi/fetch'
import { createRouterClient, os } from '@orpc/server'
import { RPCHandler } from '@orpc/server/fetch'
import { ORDER, OrderInput, OrderOutput, placeOrder } from '../fixtures/order.ts'

const router = {
  place: os
    .input(OrderInput)
    .output(OrderOutput)
    .handler(({ input }) => placeOrder(input)),
}
const client = createRouterClient(router)
const rpc = new RPCHandler(router)
const openApi = new OpenAPIHandler(router)

export function callOrpc(): Promise<unknown> {
  return client.place(ORDER)
}

export async function fetchOrpc(post: (path: string, body: unknown) => Request): Promise<unknown> {
  const { response } = await rpc.handle(post('/rpc/place', { json: ORDER }), { prefix: '/rpc' })
  const body = (await response?.json()) as { readonly json: unknown } | undefined
  return body?.json
}

/** With paths and bodies as its OpenAPI document has them. */
export async function fetchOrpcOpenApi(post: (path: string, body: unknown) => Request): Promise<unknown> {
  const { response } = await openApi.handle(post('/place', ORDER))
  return response?.json()
}
