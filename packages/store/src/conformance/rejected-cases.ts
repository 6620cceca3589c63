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
    const second = await store.readRejected({ tenant: 'acme', before: { receivedAt: 1_002, id: 'r4' }, limit: 3 })
    expect(second.map(({ id }) => id)).toEqual(['r3', 'r2', 'r1'])
    const third = await store.readRejected({ tenant: 'acme', before: { receivedAt: 1_000, id: 'r1' }, limit: 3 })
    expect(third.map(({ id }) => id)).toEqual(['r0'])
    expect(await store.readRejected({ tenant: 'acme', before: { receivedAt: 1_000, id: 'r0' }, limit: 3 })).toEqual([])
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

  it('goes on behind a row that is not there any more', async () => {
    const store = await open()
    const rows = numbers(3).map((n) => rejected({ id: `r${n}`, receivedAt: 10 * n }))
    await record(store, [], [], () => ({ rejected: rows }))
    await record(store, [], [], () => ({ redriven: [{ tenant: 'acme', id: 'r1', problem: null }] }))
    const page = await store.readRejected({ tenant: 'acme', before: { receivedAt: 10, id: 'r1' }, limit: 10 })
    expect(page.map(({ id }) => id)).toEqual(['r0'])
  })

  it('reads those with some ids, of one tenant', async () => {
    const store = await open()
    const rows = numbers(4).map((n) => rejected({ id: `r${n}` }))
    await record(store, [], [], () => ({ rejected: [...rows, rejected({ tenant: 'other', id: 'r9' })] }))
    const found = await store.readRejectedById('acme', ['r3', 'r1', 'r9', 'nothing', 'r1'])
    expect([...found].sort((a, b) => (a.id < b.id ? -1 : 1))).toEqual([rows[1], rows[3]])
    expect(await store.readRejectedById('acme', [])).toEqual([])
  })

  it('removes one whose event was stored, and keeps the others with their new problem', async () => {
    const store = await open()
    const rows = ['r1', 'r2', 'r3'].map((id) => rejected({ id }))
    await record(store, [], [], () => ({ rejected: [...rows, rejected({ tenant: 'other', id: 'r1' })] }))
    await record(store, [entry()], [], () => ({
      redriven: [
        { tenant: 'acme', id: 'gone', problem: '{}' },
        { tenant: 'acme', id: 'r1', problem: null },
        { tenant: 'acme', id: 'r2', problem: '{"code":"CONFLICT"}' },
      ],
    }))
    expect(await store.readRejected({ tenant: 'acme', limit: 10 })).toEqual([
      rejected({ id: 'r3' }),
      rejected({ id: 'r2', problem: '{"code":"CONFLICT"}' }),
    ])
    expect(await store.readRejected({ tenant: 'other', limit: 10 })).toHaveLength(1)
  })
}
