/** The shop of the surfaces' tests, as a module that a server serves beside its own: every feature of a contract, and answers that say what came in. */
import { implement, type Stream } from '@waymark/contract'
import { shop } from '../../packages/surface/test-support/fixture.ts'

let placed = 0

export default implement(shop).handlers({
  'shop.orders.place': async ({ input, fail }) => {
    for (const { sku, count } of input.items) {
      if (sku === 'rare') throw fail.OUT_OF_STOCK({ detail: 'One left.', data: { sku, left: count - 1 } })
      if (sku === 'dear') throw fail.CARD_DECLINED()
    }
    placed += 1
    return { orderId: `order-${placed}`, calls: placed }
  },
  'shop.catalog.search': async ({ input }) => ({ input }),
  'shop.orders.list': async ({ input, fail }) => {
    if (input.learnerId === 'nobody') throw fail.NOT_FOUND({ detail: 'Nobody is called nobody.' })
    return { items: [{ id: 'o1', total: 1, note: null }], nextCursor: input.cursor === null ? 'next' : null }
  },
  'shop.orders.watch': async ({ input, fail }) => {
    if (input.after === 'night') throw fail.CLOSED()
    return changes()
  },
  'shop.tree.save': async ({ input }) => {
    const price = { amount: 1, currency: 'EUR' }
    return { root: input, price, tax: price }
  },
  'shop.tree.list': async () => ({ items: [], nextCursor: null }),
  'shop.orders.cancel': async () => ({ cancelled: true as const }),
  'shop.admin.break': async () => ({ done: true }),
  'shop.orders.touch': async () => ({ total: 1 }),
})

/** Two changes, and the end. */
function changes(): Stream<{ cursor: string; total: number }> {
  async function* bring() {
    yield { cursor: 'c1', total: 1 }
    yield { cursor: 'c2', total: 2.5 }
    return true as const
  }
  const items = bring()
  return { cursor: 'start', [Symbol.asyncIterator]: () => items as AsyncIterator<{ cursor: string; total: number }> }
}
