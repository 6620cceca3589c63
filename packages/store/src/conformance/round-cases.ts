import { expect, it } from 'vitest'
import type { Harness } from './harness.ts'
import { ada, bob, derived, entry, fact, numbers, record, rejected, stateWrite } from './rows.ts'

export function roundCases({ open }: Harness): void {
  it('records a new entry, and tells a duplicate from a conflict', async () => {
    const store = await open()
    expect((await record(store, [entry()])).outcomes).toEqual(['recorded'])
    expect((await record(store, [entry(), entry({ bodyHash: 'other' })])).outcomes).toEqual(['duplicate', 'conflict'])
  })

  it('records an id that comes twice in one round once, and the first one stands', async () => {
    const store = await open()
    const twins = [entry({ payload: '1' }), entry(), entry({ bodyHash: 'other', payload: '3' }), entry({ eventId: 'e2' })]
    expect((await record(store, twins)).outcomes).toEqual(['recorded', 'duplicate', 'conflict', 'recorded'])
    expect((await store.readEntries(ada)).map(({ payload }) => payload)).toEqual(['1', entry().payload])
  })

  it('tells entries apart by every part of their key', async () => {
    const store = await open()
    const entries = [
      entry(),
      entry({ tenant: 'other' }),
      entry({ subject: 'l:bob' }),
      entry({ source: '' }),
      entry({ eventId: 'e2' }),
      entry({ source: 'crme', eventId: '1' }),
    ]
    expect((await record(store, entries)).outcomes).toEqual(entries.map(() => 'recorded'))
  })

  it('keeps tenants apart when all their ids are the same', async () => {
    const store = await open()
    const other = { tenant: 'other', subject: ada.subject }
    await record(store, [entry()], [ada], () => ({
      states: [stateWrite(ada, 0, 1)],
      facts: [fact()],
      rejected: [rejected()],
    }))
    const round = await record(store, [entry({ tenant: 'other', bodyHash: 'other', payload: '2' })], [other], () => ({
      facts: [fact({ tenant: 'other', data: '2' })],
      rejected: [rejected({ tenant: 'other', body: '2' })],
    }))
    expect(round.outcomes).toEqual(['recorded'])
    expect(round.states).toEqual([{ version: 0, state: null, hasHistory: false, mergedInto: null }])
    expect(await store.readState(other)).toBeNull()
    expect(await store.readEntries(ada)).toEqual([entry()])
    expect((await store.readEntries(other)).map(({ payload }) => payload)).toEqual(['2'])
    expect((await store.readRejected({ tenant: 'other', limit: 10 })).map(({ body }) => body)).toEqual(['2'])
  })

  it('leaves nothing behind after a rollback', async () => {
    const store = await open()
    const round = await store.append([entry()], [ada])
    await round.rollback()
    expect(await store.readEntries(ada)).toEqual([])
    const again = await record(store, [entry()], [ada])
    expect(again.outcomes).toEqual(['recorded'])
    expect(again.states).toEqual([{ version: 0, state: null, hasHistory: false, mergedInto: null }])
  })

  it('writes nothing at all when one state is stale', async () => {
    const store = await open()
    await record(store, [], [bob], () => ({ states: [stateWrite(bob, 0, 1)] }))
    const round = await store.append([entry()], [ada, bob])
    const outcome = await round.commit(
      derived({ states: [stateWrite(ada, 0, 9), stateWrite(bob, 0, 9)], facts: [fact()], rejected: [rejected()] }),
    )
    expect(outcome).toBe('stale')
    expect(await store.readEntries(ada)).toEqual([])
    expect(await store.readState(ada)).toBeNull()
    expect(await store.readState(bob)).toEqual(Uint8Array.of(1))
    expect(await store.readFacts({ tenant: 'acme', limit: 10 })).toEqual([])
    expect(await store.readRejected({ tenant: 'acme', limit: 10 })).toEqual([])
    expect((await record(store, [entry()])).outcomes).toEqual(['recorded'])
  })

  it('keeps a rejected event that was to go with a round that is stale', async () => {
    const store = await open()
    await record(store, [], [ada], () => ({ states: [stateWrite(ada, 0, 1)], rejected: [rejected()] }))
    const round = await store.append([entry()], [ada])
    const redriven = [{ tenant: 'acme', id: 'r1', problem: null }]
    expect(await round.commit(derived({ states: [stateWrite(ada, 0, 9)], redriven }))).toBe('stale')
    expect(await store.readRejected({ tenant: 'acme', limit: 10 })).toEqual([rejected()])
  })

  it('shows nothing of an open round to readers', async () => {
    const store = await open()
    const round = await store.append([entry()], [ada])
    expect(await store.readEntries(ada)).toEqual([])
    await round.commit(derived())
    expect(await store.readEntries(ada)).toEqual([entry()])
  })

  it('refuses a round that has ended, and lets it be rolled back without effect', async () => {
    const store = await open()
    const round = await record(store, [entry()], [ada])
    await expect(round.commit(derived())).rejects.toMatchObject({ code: 'STORE_TRANSACTION_ENDED' })
    await expect(round.history([{ ...ada, names: [] }])).rejects.toMatchObject({ code: 'STORE_TRANSACTION_ENDED' })
    const next = await store.append([entry({ eventId: 'e2' })], [])
    await round.rollback()
    expect(await next.commit(derived())).toBe('committed')
    expect(await store.readEntries(ada)).toHaveLength(2)
  })

  it('takes 1,000 entries in one round', async () => {
    const store = await open()
    const learners = numbers(100).map((n) => ({ tenant: 'acme', subject: `l:${n}` }))
    const entries = numbers(1_000).map((n) => entry({ subject: `l:${n % 100}`, eventId: `e${n}` }))
    const round = await record(store, entries, learners, () => ({
      states: learners.map((key, n) => stateWrite(key, 0, n)),
      facts: entries.map(({ subject, eventId }) => fact({ subject, factId: eventId })),
    }))
    expect(round.outcomes).toEqual(entries.map(() => 'recorded'))
    expect(await store.readEntries({ tenant: 'acme', subject: 'l:42' })).toHaveLength(10)
    expect(await store.readState({ tenant: 'acme', subject: 'l:42' })).toEqual(Uint8Array.of(42))
    expect((await record(store, entries)).outcomes).toEqual(entries.map(() => 'duplicate'))
  })

  it('takes a round with nothing in it', async () => {
    const store = await open()
    const round = await record(store, [])
    expect(round).toMatchObject({ outcomes: [], states: [] })
  })

  it('opens no more rounds than it says, and the others in the order of asking', async ({ skip }) => {
    const store = await open()
    if (store.maxRounds > 1) skip(`maxRounds is ${store.maxRounds}: rounds do not wait for each other`)
    const order: string[] = []
    const first = await store.append([entry()], [])
    const later = numbers(3).map(async (n) => {
      const round = await store.append([entry()], [])
      order.push(`${n} ${round.outcomes}`)
      await round.commit(derived())
    })
    await store.readEntries(ada)
    order.push('first')
    await first.commit(derived())
    await Promise.all(later)
    expect(order).toEqual(['first', '0 duplicate', '1 duplicate', '2 duplicate'])
  })

  it('loses no update when many rounds want one subject', async () => {
    const store = await open()
    const increments = numbers(20).map((n) =>
      record(store, [entry({ eventId: `e${n}` })], [ada], ({ states: [current] }) => ({
        states: [stateWrite(ada, current?.version ?? 0, (current?.state?.[0] ?? 0) + 1)],
      })),
    )
    await Promise.all(increments)
    expect(await store.readState(ada)).toEqual(Uint8Array.of(20))
    expect((await record(store, [], [ada])).states).toEqual([
      { version: 20, state: Uint8Array.of(20), hasHistory: true, mergedInto: null },
    ])
  })
}
