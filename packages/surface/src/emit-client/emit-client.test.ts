import { stripTypeScriptTypes } from 'node:module'
import { beforeEach, describe, expect, it } from 'vitest'
import { createFixture, type Fixture, registry } from '../../test-support/fixture.ts'
import { createClient } from '../client/create-client.ts'
import { emitClient } from './emit-client.ts'

const text = emitClient(registry)

/** What the text says when it runs. */
async function load(source: string): Promise<Record<string, unknown>> {
  const script = stripTypeScriptTypes(source)
  return import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(script)}`)
}

describe('an emitted client', () => {
  let fixture: Fixture
  beforeEach(() => {
    fixture = createFixture()
  })

  it('is the same for the same contracts', () => {
    expect(emitClient(registry)).toBe(text)
  })

  it('has a name for each operation that is served, and all of them in a list', async () => {
    const { contracts, ...named } = await load(text)
    expect(Object.keys(named)).toEqual([
      'learningOnboardingIngest',
      'shopAdminBreak',
      'shopCatalogSearch',
      'shopOrdersCancel',
      'shopOrdersCancelV0',
      'shopOrdersCancelV2',
      'shopOrdersList',
      'shopOrdersPlace',
      'shopOrdersTouch',
      'shopOrdersWatch',
      'shopTreeList',
      'shopTreeSave',
    ])
    expect(new Set(contracts as unknown[])).toEqual(new Set(Object.values(named)))
  })

  it('has what a call needs, and nothing else', async () => {
    const { shopOrdersPlace, shopOrdersList, shopOrdersWatch } = await load(text)
    expect(shopOrdersPlace).toEqual({
      kind: 'command',
      meta: { key: 'shop.orders.place', version: '1.0.0' },
      io: { errors: { OUT_OF_STOCK: {}, CARD_DECLINED: {} } },
    })
    expect(shopOrdersList).toMatchObject({ kind: 'query', io: { output: { '~page': true }, errors: {} } })
    expect(shopOrdersWatch).toMatchObject({ kind: 'query', io: { output: { '~stream': true }, errors: { CLOSED: {} } } })
  })

  it('calls as the contracts do: once, by pages, as a stream', async () => {
    const { contracts } = await load(text)
    const answer = (url: string, init: RequestInit) => fixture.rest.fetch(new Request(url, init))
    const options = { url: 'http://shop.test', credential: 'service', fetch: answer }
    const { shop } = createClient(options, contracts as never) as unknown as {
      shop: { orders: Record<string, Call & { all: Call }> }
    }
    type Call = (input: object) => Promise<unknown> & AsyncIterable<unknown>
    const { place, list, watch } = shop.orders as Record<'place' | 'list' | 'watch', Call & { all: Call }>
    expect(await place({ learnerId: 'l1', items: [{ sku: 'rare', count: 2 }] })).toMatchObject({
      error: { code: 'OUT_OF_STOCK' },
    })
    const items: unknown[] = []
    for await (const one of list.all({ learnerId: 'l1', limit: 2 })) items.push(one)
    expect(items).toHaveLength(4)
    const next = watch({ learnerId: 'l1' })[Symbol.asyncIterator]().next()
    while (fixture.watching.length === 0) await new Promise((resolve) => setImmediate(resolve))
    fixture.watching[0]?.push({ cursor: 'c1', total: 1 })
    expect(await next).toMatchObject({ value: { ok: true, data: { cursor: 'c1', total: 1 } } })
  })

  it('names the types of what refers to itself, and says which errors may pass', () => {
    expect(text).toContain('export type ShopTreeListItem =')
    expect(text).toMatch(/children: ShopTree\w+\[\]/)
    expect(text).toContain('OUT_OF_STOCK: { data: Typed<ShopOrdersPlaceOutOfStockData> }')
  })
})
