import type { HistoryRequest, JournalStore } from '@waymark/learning-journey/ports'
import { expect, it } from 'vitest'
import type { Harness } from './harness.ts'
import { ada, bob, checkpoint, derived, entry, record, stateWrite } from './rows.ts'

/** Asks for what a rebuild of `first-win` needs for an entry of a moment. */
function request(before: number, values: Partial<HistoryRequest> = {}, behaviour = 1): HistoryRequest {
  return { ...ada, names: ['deal.created'], since: { track: 'first-win', behaviour, before }, ...values }
}

async function checkpointBefore(store: JournalStore, before: number, values?: Partial<HistoryRequest>, behaviour?: number) {
  return (await store.readHistory(request(before, values, behaviour))).checkpoint?.[0] ?? null
}

export function checkpointCases({ open }: Harness): void {
  it('gives the newest checkpoint before a moment, and the entries from its moment on', async () => {
    const store = await open()
    const entries = [1, 4, 5, 5, 6, 9].map((occurredAt, n) => entry({ occurredAt, eventId: `e${n}` }))
    const checkpoints = [checkpoint(1), checkpoint(5), checkpoint(9)]
    await record(store, [...entries, entry({ eventId: 'other', name: 'deal.won', occurredAt: 7 })], [], () => ({ checkpoints }))
    const round = await store.append([entry({ eventId: 'new', occurredAt: 8 }), entry({ eventId: 'old', occurredAt: 2 })], [ada])
    const histories = await round.history([request(8), request(5), request(1), { ...ada, names: ['deal.created'] }])
    await round.commit(derived())
    expect(histories.map((history) => history.checkpoint?.[0] ?? null)).toEqual([5, 1, null, null])
    const ids = (place: number) => histories[place]?.entries.map(({ eventId }) => eventId).sort()
    expect(ids(0)).toEqual(['e2', 'e3', 'e4', 'e5', 'new'])
    expect(ids(1)).toEqual(['e0', 'e1', 'e2', 'e3', 'e4', 'e5', 'new', 'old'])
    expect(ids(2)).toEqual(ids(1))
    expect(ids(3)).toEqual(ids(1))
    expect((await store.readHistory(request(8))).entries.map(({ eventId }) => eventId).sort()).toEqual(ids(0))
  })

  it('ends a history at a moment where one is given', async () => {
    const store = await open()
    const entries = [1, 4, 5, 6, 6, 9].map((occurredAt, n) => entry({ occurredAt, eventId: `e${n}` }))
    await record(store, entries, [], () => ({ checkpoints: [checkpoint(4)] }))
    const until = (before: number, moment: number) =>
      request(before, { since: { track: 'first-win', behaviour: 1, before, until: moment } })
    const ids = async (asked: HistoryRequest) => (await store.readHistory(asked)).entries.map(({ eventId }) => eventId).sort()
    expect(await ids(until(6, 6))).toEqual(['e1', 'e2', 'e3', 'e4'])
    expect(await ids(until(6, 5))).toEqual(['e1', 'e2'])
    expect(await ids(until(2, 4))).toEqual(['e0', 'e1'])
  })

  it('gives an account what happened in it from its checkpoint on, whoever did it', async () => {
    const store = await open()
    const account = { tenant: 'acme', subject: 'a:north' }
    const made = [4, 5, 6].map((occurredAt) => entry({ occurredAt, eventId: `e${occurredAt}`, account: 'north' }))
    const own = entry({ ...account, occurredAt: 7, eventId: 'own' })
    await record(store, [...made, own, entry({ ...bob, occurredAt: 8, account: 'south' })], [], () => ({
      checkpoints: [checkpoint(5, account)],
    }))
    const late = entry({ ...bob, occurredAt: 9, eventId: 'late', account: 'north' })
    const round = await store.append([late], [account])
    const [history] = await round.history([request(99, account)])
    await round.commit(derived())
    expect(history?.checkpoint).toEqual(Uint8Array.of(5))
    expect(history?.entries.map(({ eventId }) => eventId).sort()).toEqual(['e5', 'e6', 'late', 'own'])
    expect((await store.readHistory(request(99, account))).entries).toHaveLength(4)
  })

  it('keeps the checkpoints of subjects, tracks and behaviours apart', async () => {
    const store = await open()
    const checkpoints = [
      checkpoint(1),
      checkpoint(2, { behaviour: 4_294_967_295 }),
      checkpoint(3, { track: 'second' }),
      checkpoint(4, bob),
      checkpoint(5, { tenant: 'other' }),
    ]
    await record(store, [], [], () => ({ checkpoints }))
    expect(await checkpointBefore(store, 99)).toBe(1)
    expect(await checkpointBefore(store, 99, {}, 4_294_967_295)).toBe(2)
    expect(await checkpointBefore(store, 99, { since: { track: 'second', behaviour: 1, before: 99 } })).toBe(3)
    expect(await checkpointBefore(store, 99, bob)).toBe(4)
    expect(await checkpointBefore(store, 99, { tenant: 'other' })).toBe(5)
  })

  it('returns a checkpoint byte for byte, and replaces the one of its moment', async () => {
    const store = await open()
    const state = Uint8Array.from({ length: 256 }, (_, n) => n)
    await record(store, [], [], () => ({ checkpoints: [checkpoint(7)] }))
    await record(store, [], [], () => ({ checkpoints: [checkpoint(7, { state, behaviour: 2 })] }))
    expect((await store.readHistory(request(8, {}, 2))).checkpoint).toEqual(state)
    expect(await checkpointBefore(store, 8)).toBeNull()
  })

  it('removes outdated checkpoints before it writes new ones', async () => {
    const store = await open()
    const of = (track: string) => [1, 3, 5, 7].map((at) => checkpoint(at, { track }))
    await record(store, [], [], () => ({ checkpoints: [...of('first-win'), ...of('second'), checkpoint(5, bob)] }))
    await record(store, [], [], () => ({
      outdated: [
        { ...ada, track: 'first-win', from: 3, before: null },
        { ...ada, track: 'second', from: 0, before: 5 },
      ],
      checkpoints: [checkpoint(6)],
    }))
    const second = { since: { track: 'second', behaviour: 1, before: 5 } }
    expect(await checkpointBefore(store, 99)).toBe(6)
    expect(await checkpointBefore(store, 6)).toBe(1)
    expect(await checkpointBefore(store, 5, second)).toBeNull()
    expect(await checkpointBefore(store, 6, { since: { ...second.since, before: 6 } })).toBe(5)
    expect(await checkpointBefore(store, 6, bob)).toBe(5)
  })

  it('keeps no checkpoint of a round that was rolled back or stale', async () => {
    const store = await open()
    const stale = await store.append([], [])
    expect(await stale.commit(derived({ states: [stateWrite(ada, 5, 1)], checkpoints: [checkpoint(1)] }))).toBe('stale')
    const round = await store.append([], [])
    await round.rollback()
    expect(await checkpointBefore(store, 99)).toBeNull()
  })
}
