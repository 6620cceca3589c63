import type { UnknownEventRow } from '@waymark/learning-journey/ports'
import { expect, it } from 'vitest'
import type { Harness } from './harness.ts'
import { numbers } from './rows.ts'

export function unknownEventCases({ open, reopen }: Harness): void {
  it('adds counts by tenant and name, with the first and the last time, and the samples of the later row', async () => {
    const store = await open()
    await store.countUnknownEvents(
      [unknown({ count: 2, firstAt: 10, lastAt: 20, samples: '["a"]' }), unknown({ tenant: 'other' })],
      9,
    )
    await store.countUnknownEvents([unknown({ count: 3, firstAt: 5, lastAt: 30, samples: '["b","\\u0000"]' })], 9)
    await store.countUnknownEvents([unknown({ count: 1, firstAt: 15, lastAt: 16, samples: '["c"]' })], 9)
    expect(await store.readUnknownEvents('acme')).toEqual([
      { tenant: 'acme', name: 'page', count: 6, firstAt: 5, lastAt: 30, samples: '["b","\\u0000"]' },
    ])
    expect(await store.readUnknownEvents('other')).toEqual([unknown({ tenant: 'other' })])
    expect(await store.readUnknownEvents('nobody')).toEqual([])
  })

  it('keeps the names of a tenant that came last, and lists them newest first', async () => {
    const store = await open()
    await store.countUnknownEvents(
      numbers(4).map((n) => unknown({ name: `n${n}`, lastAt: 100 + n })),
      3,
    )
    await store.countUnknownEvents([unknown({ tenant: 'other' })], 3)
    await store.countUnknownEvents([unknown({ name: 'z', lastAt: 102 }), unknown({ name: 'n1', lastAt: 104 })], 3)
    expect((await store.readUnknownEvents('acme')).map(({ name }) => name)).toEqual(['n1', 'n3', 'z'])
    expect(await store.readUnknownEvents('other')).toHaveLength(1)
  })

  it('counts nothing where there is nothing, and adds what is counted at once', async () => {
    const store = await open()
    await store.countUnknownEvents([], 3)
    await Promise.all(
      numbers(10).map((n) => store.countUnknownEvents([unknown({ name: `n${n % 2}` }), unknown({ name: 'all' })], 9)),
    )
    const counts = (await store.readUnknownEvents('acme')).map(({ name, count }) => [name, count])
    expect(counts.sort()).toEqual([
      ['all', 10],
      ['n0', 5],
      ['n1', 5],
    ])
  })

  it('removes those that came last before a time, of every tenant', async () => {
    const store = await open()
    const rows = [unknown({ lastAt: 10 }), unknown({ name: 'later', lastAt: 20 }), unknown({ tenant: 'other', lastAt: 5 })]
    await store.countUnknownEvents(rows, 9)
    await store.pruneUnknownEvents(20)
    expect((await store.readUnknownEvents('acme')).map(({ name }) => name)).toEqual(['later'])
    expect(await store.readUnknownEvents('other')).toEqual([])
  })

  it.skipIf(reopen === undefined)('still has them when it is opened again (skipped where a store keeps nothing)', async () => {
    const store = await open()
    await store.countUnknownEvents([unknown()], 9)
    await store.close()
    const again = await reopen?.(store)
    expect(await again?.readUnknownEvents('acme')).toEqual([unknown()])
  })
}

function unknown(values: Partial<UnknownEventRow> = {}): UnknownEventRow {
  return { tenant: 'acme', name: 'page', count: 1, firstAt: 10, lastAt: 10, samples: '[]', ...values }
}
