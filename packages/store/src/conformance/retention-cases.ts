import { expect, it } from 'vitest'
import type { Harness } from './harness.ts'
import { ada, bob, derived, entry, numbers, record } from './rows.ts'

const DEAL = 'deal.created'

export function retentionCases({ open }: Harness): void {
  it('finds the subjects with events of a name before a moment, each once for a name, over all tenants', async () => {
    const store = await open()
    const other = { tenant: 'other', subject: 'l:ada' }
    await record(store, [
      entry({ eventId: 'a', occurredAt: 1 }),
      entry({ eventId: 'b', occurredAt: 2 }),
      entry({ ...bob, occurredAt: 5 }),
      entry({ ...other, occurredAt: 4 }),
      entry({ subject: 'l:eve', name: 'deal.won', occurredAt: 1 }),
      entry({ subject: 'l:tim', kind: 'control', name: DEAL, occurredAt: 1 }),
    ])
    const subjects = async (limits: readonly { name: string; before: number }[], count = 9) =>
      (await store.readExpiring(limits, count))
        .map(({ tenant, subject, name, before }) => `${tenant} ${subject} ${name} ${before}`)
        .sort()
    expect(await subjects([{ name: DEAL, before: 5 }])).toEqual(['acme l:ada deal.created 5', 'other l:ada deal.created 5'])
    expect(await subjects([{ name: DEAL, before: 1 }])).toEqual([])
    expect(await subjects([])).toEqual([])
    const both = [
      { name: DEAL, before: 6 },
      { name: 'deal.won', before: 2 },
    ]
    expect(await subjects(both)).toEqual([
      'acme l:ada deal.created 6',
      'acme l:bob deal.created 6',
      'acme l:eve deal.won 2',
      'other l:ada deal.created 6',
    ])
    expect(await subjects(both, 2)).toHaveLength(2)
  })

  it('takes the payload of events that expire, and nothing else', async () => {
    const store = await open()
    const old = entry({ eventId: 'old', occurredAt: 1, account: 'north' })
    const kept = [
      entry({ eventId: 'control', kind: 'control', occurredAt: 1 }),
      entry({ eventId: 'won', name: 'deal.won', occurredAt: 2 }),
      entry({ eventId: 'new', occurredAt: 3 }),
    ]
    await record(store, [old, ...kept, entry({ ...bob, occurredAt: 1 })])
    await record(store, [], [], () => ({ expired: [{ ...ada, name: DEAL, before: 3 }] }))
    expect(await store.readEntries(ada)).toEqual([kept[0], { ...old, payload: null }, ...kept.slice(1)])
    expect((await store.readEntries(bob)).map(({ payload }) => payload)).toEqual([entry().payload])
    expect((await store.readHistory({ ...ada, names: [DEAL] })).entries.map(({ payload }) => payload).sort()).toEqual(
      [entry().payload, entry().payload, null].sort(),
    )
    expect(await store.readExpiring([{ name: DEAL, before: 3 }], 9)).toEqual([{ ...bob, name: DEAL, before: 3 }])
  })

  it('still knows the id and the content of an event that has expired', async () => {
    const store = await open()
    await record(store, [entry()])
    await record(store, [], [], () => ({ expired: [{ ...ada, name: DEAL, before: entry().occurredAt + 1 }] }))
    const { outcomes } = await record(store, [entry(), entry({ bodyHash: 'other' })])
    expect(outcomes).toEqual(['duplicate', 'conflict'])
    expect((await store.readEntries(ada))[0]?.payload).toBeNull()
  })

  it('keeps the payloads when the round is rolled back', async () => {
    const store = await open()
    await record(store, [entry()])
    const round = await store.append([], [ada])
    await round.rollback()
    const states = [{ ...ada, expected: 7, state: Uint8Array.of(1) }]
    const stale = await store.append([], [ada])
    const expired = [{ ...ada, name: DEAL, before: Number.MAX_SAFE_INTEGER }]
    expect(await stale.commit(derived({ states, expired }))).toBe('stale')
    expect((await store.readEntries(ada))[0]?.payload).toBe(entry().payload)
  })

  it('removes events without a payload once they were received long ago, a few at a time', async () => {
    const store = await open()
    const entries = numbers(5).map((n) => entry({ eventId: `e${n}`, occurredAt: n, receivedAt: 10 + n }))
    await record(store, [...entries, entry({ eventId: 'kept', occurredAt: 9, receivedAt: 1 })])
    await record(store, [], [], () => ({ expired: [{ ...ada, name: DEAL, before: 9 }] }))
    expect(await store.removeExpired(10, 9)).toBe(0)
    expect(await store.removeExpired(13, 2)).toBe(2)
    expect(await store.removeExpired(13, 2)).toBe(1)
    expect(await store.removeExpired(13, 2)).toBe(0)
    expect((await store.readEntries(ada)).map(({ eventId }) => eventId)).toEqual(['e3', 'e4', 'kept'])
    expect((await record(store, [entry({ eventId: 'e0', bodyHash: 'other' })])).outcomes).toEqual(['recorded'])
  })
}
