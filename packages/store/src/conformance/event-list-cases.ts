import type { EntryRow, EventQuery, JournalStore } from '@waymark/learning-journey/ports'
import { expect, it } from 'vitest'
import type { Harness } from './harness.ts'
import { bob, entry, numbers, record } from './rows.ts'

/** All pages of a list. */
async function allOf(store: JournalStore, query: Omit<EventQuery, 'after' | 'limit'>, limit: number): Promise<EntryRow[]> {
  const found: EntryRow[] = []
  for (;;) {
    const after = found.at(-1)
    const page = await store.listEvents({ ...query, limit, ...(after === undefined ? {} : { after }) })
    expect(page.length).toBeLessThanOrEqual(limit)
    found.push(...page)
    if (page.length < limit) return found
  }
}

export function eventListCases({ open }: Harness): void {
  it('lists the events of a tenant in pages, newest first, and those of one moment by their key', async () => {
    const store = await open()
    const names = ['deal.created', 'deal.won', 'waymark.enrolled']
    const entries = numbers(40).map((n) =>
      entry({
        ...(n % 3 === 0 ? bob : {}),
        source: n % 2 === 0 ? 'crm' : '',
        eventId: `e${n}`,
        name: names[n % names.length] as string,
        receivedAt: Math.floor(n / 8),
        occurredAt: 100 - n,
      }),
    )
    await record(store, [...entries, entry({ tenant: 'other' })])
    const key = ({ receivedAt, subject, source, eventId }: EntryRow) => [receivedAt, subject, source, eventId].join(' ')
    const expected = entries.map(key).sort().reverse()
    for (const limit of [1, 7, 200]) {
      expect((await allOf(store, { tenant: 'acme' }, limit)).map(key)).toEqual(expected)
    }
    expect(await store.listEvents({ tenant: 'nobody', limit: 5 })).toEqual([])
  })

  it('lists only what every filter lets through', async () => {
    const store = await open()
    const base = entry({ receivedAt: 10 })
    const others = [
      entry({ ...bob, receivedAt: 10 }),
      entry({ eventId: 'name', name: 'deal.won', receivedAt: 10 }),
      entry({ source: 'web', receivedAt: 10 }),
      entry({ eventId: 'control', kind: 'control', name: 'waymark.skipped', receivedAt: 10 }),
      entry({ eventId: 'early', receivedAt: 9 }),
      entry({ eventId: 'late', receivedAt: 20 }),
    ]
    await record(store, [base, ...others])
    const filters = { subject: base.subject, name: base.name, source: base.source, kind: base.kind, from: 10, to: 20 } as const
    expect(await allOf(store, { tenant: 'acme', ...filters }, 5)).toEqual([base])
    const { subject: _, ...withoutSubject } = filters
    expect(await allOf(store, { tenant: 'acme', ...withoutSubject }, 1)).toEqual([others[0], base])
    const { name: _name, ...withoutName } = filters
    expect((await allOf(store, { tenant: 'acme', ...withoutName }, 1)).map(({ eventId }) => eventId)).toEqual(['name', 'e1'])
    expect(await allOf(store, { tenant: 'acme', from: 11 }, 5)).toMatchObject([{ eventId: 'late' }])
    expect(await allOf(store, { tenant: 'acme', kind: 'control' }, 5)).toEqual([others[3]])
    expect(await allOf(store, { tenant: 'acme', kind: 'event' }, 2)).toHaveLength(6)
  })

  it('lists with an account what people did in it', async () => {
    const store = await open()
    const own = entry({ subject: 'a:north', receivedAt: 2 })
    const made = [
      entry({ account: 'north', receivedAt: 1 }),
      entry({ ...bob, account: 'north', receivedAt: 3, name: 'deal.won' }),
    ]
    await record(store, [own, ...made, entry({ eventId: 'alone' }), entry({ eventId: 'south', account: 'south' })])
    for (const limit of [1, 9]) {
      expect(await allOf(store, { tenant: 'acme', subject: 'a:north' }, limit)).toEqual([made[1], own, made[0]])
    }
    expect(await allOf(store, { tenant: 'acme', subject: 'a:north', name: 'deal.won' }, 9)).toEqual([made[1]])
  })
}
