import type { EmittedEvent } from '@waymark/contract'
import type { EmittedRow, JournalStore } from '@waymark/learning-journey/ports'
import { expect, it } from 'vitest'
import type { Harness } from './harness.ts'
import { ada, numbers } from './rows.ts'

const DEALS = ['deal.created@1']

function emitted(eventId: string, values: Partial<EmittedEvent> = {}): EmittedEvent {
  const about = { source: 'crm', key: 'deal.created', major: 1, learnerId: 'ada' }
  return { eventId, ...about, occurredAt: 5, emittedAt: 6, payload: { note: 'Zürich \u0000 \ud800 "', amount: 0.1 }, ...values }
}

function emit(store: JournalStore, events: readonly EmittedEvent[], tenant = 'acme'): Promise<void> {
  return store.unitOfWork.run(tenant, (tx) => tx.emitted.add(events))
}

function eventsOf(rows: readonly EmittedRow[]): readonly EmittedEvent[] {
  return rows.map(({ body }) => JSON.parse(body))
}

export function emittedCases({ open, reopen }: Harness): void {
  it('hands out events in the order in which they were emitted, over all tenants, as they were, and each to one who asks', async () => {
    const store = await open()
    const events = [emitted('e2', { accountId: 'north' }), emitted('e1', { learnerId: 'bob' })]
    await emit(store, events)
    await emit(store, [emitted('e0')], 'other')
    const first = await store.claimEmitted(DEALS, 10, 20, 2)
    expect(eventsOf(first)).toEqual(events)
    expect(first.map(({ tenant, subject, event, tries }) => [tenant, subject, event, tries])).toEqual([
      ['acme', 'l:ada', 'deal.created@1', 0],
      ['acme', 'l:bob', 'deal.created@1', 0],
    ])
    const second = await store.claimEmitted(DEALS, 19, 30, 9)
    expect(second.map(({ tenant }) => tenant)).toEqual(['other'])
    expect(eventsOf(second)).toEqual([emitted('e0')])
    expect(await store.claimEmitted(DEALS, 19, 30, 9)).toEqual([])
    expect(await store.claimEmitted(DEALS, 20, 40, 9)).toEqual(first)
  })

  it('hands out only what is of the contracts that were asked for', async () => {
    const store = await open()
    await emit(store, [emitted('e1'), emitted('e2', { major: 2 }), emitted('e3', { key: 'deal.won' })])
    expect(await store.claimEmitted([], 10, 20, 9)).toEqual([])
    expect(eventsOf(await store.claimEmitted(['deal.created@2', 'other@1'], 10, 20, 9))).toMatchObject([{ eventId: 'e2' }])
    const rest = eventsOf(await store.claimEmitted(['deal.won@1', 'deal.created@1'], 10, 20, 9))
    expect(rest.map(({ eventId }) => eventId)).toEqual(['e1', 'e3'])
  })

  it('keeps what was emitted with everything else of the transaction, or nothing', async () => {
    const store = await open()
    const record = { inputHash: 'h', answer: '1' }
    const work = (scope: string, failure?: Error) =>
      store.unitOfWork.run('acme', async (tx) => {
        await tx.idempotency.keep(scope, record, 20)
        await tx.emitted.add([emitted(scope)])
        if (failure !== undefined) throw failure
      })
    await work('kept')
    await expect(work('undone', new Error('undone'))).rejects.toThrow('undone')
    expect(eventsOf(await store.claimEmitted(DEALS, 10, 20, 9))).toEqual([emitted('kept')])
    const found = await store.unitOfWork.run('acme', ({ idempotency }) =>
      Promise.all([idempotency.find('kept', 10), idempotency.find('undone', 10)]),
    )
    expect(found).toEqual([record, undefined])
  })

  it('hands out nothing of a transaction that is open', async () => {
    const store = await open()
    let claiming: Promise<readonly EmittedRow[]> = Promise.resolve([])
    const undone = store.unitOfWork.run('acme', async (tx) => {
      await tx.emitted.add([emitted('e1')])
      // Answered at once, or when the transaction has ended.
      claiming = store.claimEmitted(DEALS, 10, 20, 9)
      throw new Error('undone')
    })
    await expect(undone).rejects.toThrow('undone')
    expect(await claiming).toEqual([])
  })

  it('forgets what was recorded and nothing else, and gives no number twice', async () => {
    const store = await open()
    await emit(store, [emitted('e1'), emitted('e2')])
    const [one, two] = (await store.claimEmitted(DEALS, 10, 20, 9)) as [EmittedRow, EmittedRow]
    await store.removeEmitted([one, two])
    await store.removeEmitted([])
    await emit(store, [emitted('e3')])
    await store.removeEmitted([one, two])
    const [three] = await store.claimEmitted(DEALS, 10, 20, 9)
    expect(three?.number).toBeGreaterThan(two.number)
  })

  it('gives an event out again from the time on until which it is held, and knows how often it was tried', async () => {
    const store = await open()
    await emit(store, [emitted('e1'), emitted('e2')])
    const [one, two] = (await store.claimEmitted(DEALS, 10, 100, 9)) as [EmittedRow, EmittedRow]
    await store.removeEmitted([two])
    await store.holdEmitted([{ number: one.number, tries: 3 }, two], 20)
    expect(await store.claimEmitted(DEALS, 19, 100, 9)).toEqual([])
    expect(await store.claimEmitted(DEALS, 20, 100, 9)).toEqual([{ ...one, tries: 3 }])
  })

  it('gives those who ask at the same time different events', async () => {
    const store = await open()
    await emit(
      store,
      numbers(20).map((n) => emitted(`e${n}`)),
    )
    const claims = await Promise.all(numbers(6).map(() => store.claimEmitted(DEALS, 10, 20, 5)))
    const taken = claims.flat().map(({ number }) => number)
    expect(new Set(taken).size).toBe(taken.length)
    expect(taken.length + (await store.claimEmitted(DEALS, 10, 20, 99)).length).toBe(20)
  })

  it('forgets what was emitted about somebody who is erased, under each of their ids', async () => {
    const store = await open()
    await store.merge({ tenant: 'acme', from: 'l:anon', into: ada.subject, mergedAt: 1 })
    await emit(store, [emitted('e1'), emitted('e2', { learnerId: 'anon' }), emitted('e3', { learnerId: 'bob' })])
    await emit(store, [emitted('e4')], 'other')
    await store.erase([ada], [])
    expect(eventsOf(await store.claimEmitted(DEALS, 10, 20, 9)).map(({ eventId }) => eventId)).toEqual(['e3', 'e4'])
  })

  it('refuses a transaction that has ended', async () => {
    const store = await open()
    const late = await store.unitOfWork.run('acme', async (tx) => tx)
    await expect(late.emitted.add([emitted('e1')])).rejects.toMatchObject({ code: 'STORE_TRANSACTION_ENDED' })
  })

  it('still has what was emitted when it is opened again', async ({ skip }) => {
    const store = await open()
    if (reopen === undefined) return skip('the store forgets everything')
    await emit(store, [emitted('e1')])
    await store.close()
    const again = await reopen(store)
    expect(eventsOf(await again.claimEmitted(DEALS, 10, 20, 9))).toEqual([emitted('e1')])
  })
}
