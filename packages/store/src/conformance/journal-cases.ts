import { expect, it } from 'vitest'
import type { Harness } from './harness.ts'
import { ada, bob, derived, entry, record } from './rows.ts'

const PAYLOADS = [
  '{"n":12345678901234567890,"d":0.1,"e":1e400,"z":-0,"f":1.0}',
  '{"b":1,"a":2,"10":3,"2":4}',
  '{ "spaced" : [ 1 ,\n\t2 ] }',
  '"\\u0000 \\ud83d \\/ \\u00e9 \\n"',
  '"Zoë 株式会社 👩‍🚀 \u2028 \uffff"',
  'null',
  `"${'x'.repeat(32_000)}"`,
]

export function journalCases({ open }: Harness): void {
  it.each(PAYLOADS.map((payload) => [payload.slice(0, 60), payload]))(
    'returns the payload as it was sent: %s',
    async (_, payload) => {
      const store = await open()
      await record(store, [entry({ payload })])
      expect((await store.readEntries(ada))[0]?.payload).toBe(payload)
    },
  )

  it('returns every field of an entry', async () => {
    const store = await open()
    const full = entry({
      eventId: 'full',
      kind: 'control',
      name: 'waymark.enrolled',
      version: '',
      source: '',
      occurredAt: 0,
      receivedAt: 253_402_300_799_999,
      claimedAt: -1,
      account: 'north',
      actor: 'u:1',
      track: 'first-win',
      channel: 'segment',
      keyId: 'key_1',
    })
    const plain = entry({ occurredAt: 1 })
    const round = await store.append([plain, full], [])
    const [history] = await round.history([{ ...ada, names: [plain.name, full.name] }])
    await round.commit(derived())
    expect(history?.entries.toSorted((a, b) => a.occurredAt - b.occurredAt)).toEqual([full, plain])
    expect(await store.readEntries(ada)).toEqual([full, plain])
  })

  it('reads the entries of a subject by time, source and id, in the order of their bytes', async () => {
    const store = await open()
    const sorted = [
      entry({ occurredAt: 5, eventId: 'zz' }),
      entry({ occurredAt: 10, source: '', eventId: 'zz' }),
      entry({ occurredAt: 10, source: 'B' }),
      entry({ occurredAt: 10, source: 'a', eventId: 'e10' }),
      entry({ occurredAt: 10, source: 'a', eventId: 'e9' }),
      entry({ occurredAt: 10, source: 'a', eventId: 'é' }),
      entry({ occurredAt: 10, source: 'a', eventId: '\uff01' }),
      entry({ occurredAt: 10, source: 'a', eventId: '😀' }),
    ]
    await record(store, sorted.toReversed())
    expect(await store.readEntries(ada)).toEqual(sorted)
  })

  it('reads the entries with some names only', async () => {
    const store = await open()
    const [a, b, c] = ['deal.created', 'deal.won', 'it"s, odd'].map((name, n) => entry({ name, eventId: `e${n}`, occurredAt: n }))
    await record(store, [a, b, c, entry({ ...bob })] as never)
    expect(await store.readEntries(ada, ['it"s, odd', 'deal.created', 'unknown'])).toEqual([a, c])
    expect(await store.readEntries(ada, [])).toEqual([])
  })

  it('finds an entry by its id: of one source, or the first', async () => {
    const store = await open()
    const plain = entry({ source: '', eventId: 'x', occurredAt: 9 })
    const crm = entry({ source: 'crm', eventId: 'x', occurredAt: 5 })
    const shop = entry({ source: 'shop', eventId: 'x', occurredAt: 5 })
    const ofMember = entry({ ...bob, source: 'mail', eventId: 'x', occurredAt: 1, account: 'north' })
    await record(store, [plain, crm, shop, ofMember, entry({ source: 'crm', eventId: 'y', occurredAt: 1 })])
    expect(await store.readEntry(ada, 'x')).toEqual(crm)
    expect(await store.readEntry(ada, 'x', '')).toEqual(plain)
    expect(await store.readEntry(ada, 'x', 'shop')).toEqual(shop)
    expect(await store.readEntry(ada, 'x', 'mail')).toBeNull()
    expect(await store.readEntry(ada, 'z')).toBeNull()
    expect(await store.readEntry(bob, 'x')).toEqual(ofMember)
    expect(await store.readEntry({ tenant: 'acme', subject: 'a:north' }, 'x')).toBeNull()
    expect(await store.readEntry({ tenant: 'other', subject: ada.subject }, 'x')).toBeNull()
  })

  it('reads the newest entries with some names first', async () => {
    const store = await open()
    const at = (occurredAt: number, values: Parameters<typeof entry>[0] = {}) =>
      entry({ occurredAt, eventId: `e${occurredAt}`, ...values })
    const tied = [at(3, { source: 'b' }), at(3, { source: 'a', eventId: 'z' }), at(3, { source: 'a', eventId: 'y' })]
    await record(store, [at(1), at(4, { name: 'deal.won' }), ...tied, at(5, { name: 'deal.lost' }), at(6, bob)])
    const names = ['deal.won', 'deal.created', 'deal.created']
    expect(
      (await store.readNewestEntries(ada, names, 4)).map(({ occurredAt, source, eventId }) => [occurredAt, source, eventId]),
    ).toEqual([
      [4, 'crm', 'e4'],
      [3, 'b', 'e3'],
      [3, 'a', 'z'],
      [3, 'a', 'y'],
    ])
    expect(await store.readNewestEntries(ada, names, 9)).toHaveLength(5)
    expect(await store.readNewestEntries(ada, names, 1)).toEqual([at(4, { name: 'deal.won' })])
    expect(await store.readNewestEntries(ada, [], 9)).toEqual([])
  })

  it("gives a round the history of several subjects by name, the round's own entries included", async () => {
    const store = await open()
    await record(store, [entry(), entry({ eventId: 'e2', name: 'deal.won' }), entry({ ...bob })])
    const round = await store.append([entry({ eventId: 'e3' }), entry(), entry({ eventId: 'e4', name: 'deal.lost' })], [ada])
    const history = await round.history([
      { ...bob, names: ['deal.created', 'deal.created'] },
      { ...ada, names: ['deal.created', 'deal.won'] },
      { tenant: 'other', subject: ada.subject, names: ['deal.created'] },
      { ...ada, names: [] },
    ])
    await round.rollback()
    expect(history.map(({ entries }) => entries.map(({ eventId }) => eventId).sort())).toEqual([
      ['e1'],
      ['e1', 'e2', 'e3'],
      [],
      [],
    ])
    expect(history[0]?.entries[0]).toEqual(entry({ ...bob }))
  })

  it('gives an account its own entries and those that people made with it', async () => {
    const store = await open()
    const account = { tenant: 'acme', subject: 'a:north' }
    const own = entry({ ...account, eventId: 'own', occurredAt: 1 })
    const both = entry({ ...account, eventId: 'both', occurredAt: 2, account: 'north' })
    const byAda = entry({ account: 'north', occurredAt: 3 })
    const byBob = entry({ ...bob, account: 'north', occurredAt: 4, name: 'deal.won' })
    await record(store, [own, both, byAda, byBob, entry({ eventId: 'alone' }), entry({ eventId: 'south', account: 'south' })])
    expect(await store.readEntries(account)).toEqual([own, both, byAda, byBob])
    expect(await store.readEntries(account, ['deal.won'])).toEqual([byBob])
    expect(await store.readNewestEntries(account, ['deal.won', 'deal.created'], 3)).toEqual([byBob, byAda, both])
    const fresh = entry({ eventId: 'fresh', account: 'north' })
    const round = await store.append([fresh], [])
    const [history] = await round.history([{ ...account, names: ['deal.created'] }])
    await round.rollback()
    expect(history?.entries.map(({ eventId }) => eventId).sort()).toEqual(['both', 'e1', 'fresh', 'own'])
  })
}
