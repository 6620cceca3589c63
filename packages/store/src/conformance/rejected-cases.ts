import { expect, it } from 'vitest'
import type { Harness } from './harness.ts'
import { entry, numbers, record, rejected } from './rows.ts'

export function rejectedCases({ open }: Harness): void {
  it('returns every field, the body as it came', async () => {
    const store = await open()
    const row = rejected({ keyId: 'key_1', eventId: 'e1', name: 'deal.created', body: '{"z":1, "a":0.10,"s":"\\ud800"}' })
    await record(store, [entry()], [], () => ({ rejected: [row] }))
    expect(await store.readRejected({ tenant: 'acme', limit: 10 })).toEqual([row])
  })

  it('lists newest first, in pages', async () => {
    const store = await open()
    const rows = numbers(7).map((n) => rejected({ id: `r${n}`, receivedAt: 1_000 + Math.floor(n / 2) }))
    await record(store, [], [], () => ({ rejected: [...rows.slice(3), ...rows.slice(0, 3), rejected({ tenant: 'other' })] }))
    const first = await store.readRejected({ tenant: 'acme', limit: 3 })
    expect(first.map(({ id }) => id)).toEqual(['r6', 'r5', 'r4'])
    const second = await store.readRejected({ tenant: 'acme', before: 'r4', limit: 3 })
    expect(second.map(({ id }) => id)).toEqual(['r3', 'r2', 'r1'])
    const third = await store.readRejected({ tenant: 'acme', before: 'r1', limit: 3 })
    expect(third.map(({ id }) => id)).toEqual(['r0'])
    expect(await store.readRejected({ tenant: 'acme', before: 'r0', limit: 3 })).toEqual([])
  })

  it('removes what was received before a time, of every tenant, and says how many', async () => {
    const store = await open()
    const rows = [
      rejected({ receivedAt: 10 }),
      rejected({ id: 'r2', receivedAt: 20 }),
      rejected({ tenant: 'other', receivedAt: 5 }),
    ]
    await record(store, [], [], () => ({ rejected: rows }))
    expect(await store.pruneRejected(20)).toBe(2)
    expect((await store.readRejected({ tenant: 'acme', limit: 10 })).map(({ id }) => id)).toEqual(['r2'])
    expect(await store.readRejected({ tenant: 'other', limit: 10 })).toEqual([])
    expect(await store.pruneRejected(20)).toBe(0)
  })

  it('gives an empty page after a row that was pruned: all older ones are gone with it', async () => {
    const store = await open()
    await record(store, [], [], () => ({ rejected: [rejected({ receivedAt: 10 }), rejected({ id: 'r2', receivedAt: 20 })] }))
    await store.pruneRejected(15)
    expect(await store.readRejected({ tenant: 'acme', before: 'r1', limit: 10 })).toEqual([])
  })
}
