import type { ClaimedRow, OutgoingRow } from '@waymark/learning-journey/ports'
import { expect, it } from 'vitest'
import type { Harness } from './harness.ts'
import { ada, bob, derived, entry, fact, factsWhenThere, numbers, record, stateWrite } from './rows.ts'

const BUS = { relay: 'learning.onboarding.step.completed@1', tenant: 'acme' }
const DEALS = ['deal.created@1']

function outgoing(eventId: string, values: Partial<OutgoingRow> = {}): OutgoingRow {
  return { ...ada, kind: 'entry', source: 'crm', eventId, event: 'deal.created@1', ...values }
}

function keysOf(rows: readonly ClaimedRow[]): readonly OutgoingRow[] {
  return rows.map(({ number: _, tries: __, ...row }) => row)
}

export function relayCases({ open }: Harness): void {
  it('hands out events in the order in which they came, over all tenants, and each to one who asks', async () => {
    const store = await open()
    const rows = [outgoing('e1'), outgoing('e2', bob), outgoing('e0', { tenant: 'other' })]
    for (const row of rows) await record(store, [entry({ ...row, kind: 'event' })], [], () => ({ outgoing: [row] }))
    const first = await store.claimOutgoing(DEALS, 10, 20, 2)
    expect(keysOf(first)).toEqual(rows.slice(0, 2))
    expect(keysOf(await store.claimOutgoing(DEALS, 19, 30, 9))).toEqual(rows.slice(2))
    expect(await store.claimOutgoing(DEALS, 19, 30, 9)).toEqual([])
    expect(await store.claimOutgoing(DEALS, 20, 40, 9)).toEqual(first)
  })

  it('hands out only what is of the contracts that were asked for', async () => {
    const store = await open()
    const rows = [outgoing('e1'), outgoing('e2', { event: 'deal.created@2' }), outgoing('e3', { event: 'deal.won@1' })]
    await record(store, [], [], () => ({ outgoing: rows }))
    expect(await store.claimOutgoing([], 10, 20, 9)).toEqual([])
    expect(keysOf(await store.claimOutgoing(['deal.created@2', 'other@1'], 10, 20, 9))).toEqual([rows[1]])
    expect(keysOf(await store.claimOutgoing(['deal.won@1', 'deal.created@1'], 10, 20, 9))).toEqual([rows[0], rows[2]])
  })

  it('forgets what was handed on, and nothing else, also of what was added anew under the same key', async () => {
    const store = await open()
    const rows = [outgoing('e1'), outgoing('e2'), outgoing('e1', { source: '' }), outgoing('e1', { kind: 'fact' })]
    await record(store, [], [], () => ({ outgoing: rows }))
    const [first, last] = [0, 3].map((place) => rows[place] as OutgoingRow)
    const claimed = await store.claimOutgoing(DEALS, 10, 20, 9)
    const one = claimed.find(
      ({ eventId, kind, source }) => eventId === 'e1' && kind === 'entry' && source === 'crm',
    ) as ClaimedRow
    const fact = claimed.find(({ kind }) => kind === 'fact') as ClaimedRow
    await store.removeOutgoing([one, fact])
    await store.addOutgoing([first as OutgoingRow, last as OutgoingRow], 0)
    await store.removeOutgoing([one, fact])
    await store.removeOutgoing([])
    expect(keysOf(await store.claimOutgoing(DEALS, 10, 20, 9))).toEqual([first, last])
    expect(await store.claimOutgoing(DEALS, 20, 30, 9)).toHaveLength(4)
  })

  it('gives an event out again from the time on until which it is held, and knows how often it was tried', async () => {
    const store = await open()
    const rows = [outgoing('e1'), outgoing('e2'), outgoing('e3')]
    await record(store, [], [], () => ({ outgoing: rows }))
    const [one, two] = (await store.claimOutgoing(DEALS, 10, 100, 9)) as [ClaimedRow, ClaimedRow]
    await store.removeOutgoing([two])
    await store.holdOutgoing([{ number: one.number, tries: 3 }, two], 20)
    expect(await store.claimOutgoing(DEALS, 19, 100, 9)).toEqual([])
    expect(await store.claimOutgoing(DEALS, 20, 100, 9)).toEqual([{ ...one, tries: 3 }])
    expect(one.tries).toBe(0)
  })

  it('adds what is to be handed on later, once', async () => {
    const store = await open()
    const row = outgoing('f1', { kind: 'fact', source: '' })
    await store.addOutgoing([row], 20)
    await store.addOutgoing([row, outgoing('e1')], 30)
    expect(await store.claimOutgoing(DEALS, 19, 40, 9)).toEqual([])
    expect(keysOf(await store.claimOutgoing(DEALS, 20, 40, 9))).toEqual([row])
    expect(await store.claimOutgoing(DEALS, 30, 40, 9)).toHaveLength(1)
  })

  it('has an event once, however often it is added, and not when the round did not commit', async () => {
    const store = await open()
    await record(store, [entry()], [], () => ({ outgoing: [outgoing('e1')] }))
    await record(store, [], [], () => ({ outgoing: [outgoing('e1')] }))
    expect(await store.claimOutgoing(DEALS, 10, 20, 9)).toHaveLength(1)
    const round = await store.append([entry({ eventId: 'e2' })], [ada])
    await round.rollback()
    const stale = await store.append([entry({ eventId: 'e3' })], [ada])
    const states = [stateWrite(ada, 7, 1)]
    expect(await stale.commit(derived({ states, outgoing: [outgoing('e3')] }))).toBe('stale')
    expect(await store.claimOutgoing(DEALS, 20, 30, 9)).toHaveLength(1)
  })

  it('gives those who ask at the same time different events', async () => {
    const store = await open()
    const rows = numbers(20).map((n) => outgoing(`e${n}`))
    await record(store, [], [], () => ({ outgoing: rows }))
    const claims = await Promise.all(numbers(6).map(() => store.claimOutgoing(DEALS, 10, 20, 5)))
    const ids = claims.flat().map(({ eventId }) => eventId)
    expect(new Set(ids).size).toBe(ids.length)
    const rest = await store.claimOutgoing(DEALS, 10, 20, 99)
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
    expect(await store.takeFactCursor(BUS, 'n1', 5, 10, 20)).toBe(5)
    expect(await store.takeFactCursor(BUS, 'n2', 0, 19, 30)).toBeNull()
    expect(await store.putFactCursor(BUS, 'n1', 9, 25)).toBe(true)
    expect(await store.takeFactCursor(BUS, 'n2', 0, 24, 30)).toBeNull()
    expect(await store.takeFactCursor(BUS, 'n2', 0, 25, 30)).toBe(9)
    expect(await store.putFactCursor(BUS, 'n2', 7, 0)).toBe(true)
    expect(await store.takeFactCursor(BUS, 'n1', 0, 0, 30)).toBe(9)
    expect(await store.takeFactCursor({ ...BUS, relay: 'other' }, 'n1', 1, 10, 20)).toBe(1)
    expect(await store.takeFactCursor({ ...BUS, tenant: 'other' }, 'n1', 2, 10, 20)).toBe(2)
  })

  it('lets nobody move a cursor that another one took meanwhile', async () => {
    const store = await open()
    expect(await store.putFactCursor(BUS, 'n1', 3, 20)).toBe(false)
    await store.takeFactCursor(BUS, 'n1', 5, 10, 20)
    await store.takeFactCursor(BUS, 'n2', 0, 20, 30)
    expect(await store.putFactCursor(BUS, 'n1', 9, 99)).toBe(false)
    expect(await store.takeFactCursor(BUS, 'n3', 0, 30, 40)).toBe(5)
  })
}
