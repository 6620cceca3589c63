import type { OutgoingRow } from '@waymark/learning-journey/ports'
import { expect, it } from 'vitest'
import type { Harness } from './harness.ts'
import { ada, bob, derived, entry, fact, factsWhenThere, numbers, record, stateWrite } from './rows.ts'

const BUS = { relay: 'bus', tenant: 'acme' }

function outgoing(eventId: string, values: Partial<OutgoingRow> = {}): OutgoingRow {
  return { ...ada, source: 'crm', eventId, ...values }
}

export function relayCases({ open }: Harness): void {
  it('hands out events in the order in which they came, over all tenants, and each to one who asks', async () => {
    const store = await open()
    const rows = [outgoing('e1'), outgoing('e2', bob), outgoing('e0', { tenant: 'other' })]
    for (const row of rows) await record(store, [entry(row)], [], () => ({ outgoing: [row] }))
    const first = await store.claimOutgoing(10, 20, 2)
    expect(first).toEqual(rows.slice(0, 2))
    expect(await store.claimOutgoing(19, 30, 9)).toEqual(rows.slice(2))
    expect(await store.claimOutgoing(19, 30, 9)).toEqual([])
    expect(await store.claimOutgoing(20, 40, 9)).toEqual(first)
  })

  it('forgets what was handed on, and nothing else', async () => {
    const store = await open()
    const rows = [outgoing('e1'), outgoing('e2'), outgoing('e1', { source: '' }), outgoing('e1', { tenant: 'other' })]
    await record(
      store,
      rows.map((row) => entry(row)),
      [],
      () => ({ outgoing: rows }),
    )
    await store.removeOutgoing([outgoing('e1'), outgoing('e9')])
    const left = await store.claimOutgoing(10, 20, 9)
    expect(new Set(left.map((row) => JSON.stringify(row)))).toEqual(new Set(rows.slice(1).map((row) => JSON.stringify(row))))
    await store.removeOutgoing([])
    expect(await store.claimOutgoing(20, 30, 9)).toHaveLength(3)
  })

  it('gives an event out again from the time on until which it is held', async () => {
    const store = await open()
    const rows = [outgoing('e1'), outgoing('e2'), outgoing('e3')]
    await record(store, [], [], () => ({ outgoing: rows }))
    await store.claimOutgoing(10, 100, 9)
    await store.holdOutgoing([outgoing('e1'), outgoing('e9')], 0)
    await store.holdOutgoing([outgoing('e2')], 20)
    expect((await store.claimOutgoing(10, 100, 9)).map(({ eventId }) => eventId)).toEqual(['e1'])
    expect((await store.claimOutgoing(20, 100, 9)).map(({ eventId }) => eventId)).toEqual(['e2'])
  })

  it('has an event once, however often it is added, and not when the round did not commit', async () => {
    const store = await open()
    await record(store, [entry()], [], () => ({ outgoing: [outgoing('e1')] }))
    await record(store, [], [], () => ({ outgoing: [outgoing('e1')] }))
    expect(await store.claimOutgoing(10, 20, 9)).toHaveLength(1)
    const round = await store.append([entry({ eventId: 'e2' })], [ada])
    await round.rollback()
    const stale = await store.append([entry({ eventId: 'e3' })], [ada])
    const states = [stateWrite(ada, 7, 1)]
    expect(await stale.commit(derived({ states, outgoing: [outgoing('e3')] }))).toBe('stale')
    expect(await store.claimOutgoing(20, 30, 9)).toHaveLength(1)
  })

  it('gives those who ask at the same time different events', async () => {
    const store = await open()
    const rows = numbers(20).map((n) => outgoing(`e${n}`))
    await record(store, [], [], () => ({ outgoing: rows }))
    const claims = await Promise.all(numbers(6).map(() => store.claimOutgoing(10, 20, 5)))
    const ids = claims.flat().map(({ eventId }) => eventId)
    expect(new Set(ids).size).toBe(ids.length)
    const rest = await store.claimOutgoing(10, 20, 99)
    expect(ids.length + rest.length).toBe(20)
  })

  it('lists the tenants that have facts', async () => {
    const store = await open()
    expect(await store.readFactTenants()).toEqual([])
    await record(store, [], [], () => ({
      facts: [fact(), fact({ factId: 'f2' }), fact({ tenant: 'other' }), fact({ tenant: 'Zed' })],
    }))
    await factsWhenThere(store, 'acme', 2)
    expect(await store.readFactTenants()).toEqual(['Zed', 'acme', 'other'])
  })

  it('keeps how far somebody is with the facts of a tenant, for one at a time', async () => {
    const store = await open()
    expect(await store.takeFactCursor(BUS, 5, 10, 20)).toBe(5)
    expect(await store.takeFactCursor(BUS, 0, 19, 30)).toBeNull()
    await store.putFactCursor(BUS, 9, 25)
    expect(await store.takeFactCursor(BUS, 0, 24, 30)).toBeNull()
    expect(await store.takeFactCursor(BUS, 0, 25, 30)).toBe(9)
    await store.putFactCursor(BUS, 7, 0)
    expect(await store.takeFactCursor(BUS, 0, 0, 30)).toBe(9)
    expect(await store.takeFactCursor({ ...BUS, relay: 'other' }, 1, 10, 20)).toBe(1)
    expect(await store.takeFactCursor({ ...BUS, tenant: 'other' }, 2, 10, 20)).toBe(2)
  })
}
