import { expect, it } from 'vitest'
import type { Harness } from './harness.ts'
import { ada, bob, derived, entry, numbers, record, stateWrite } from './rows.ts'

export function stateCases({ open }: Harness): void {
  it('gives the states of a round in the order they were wanted, with their versions', async () => {
    const store = await open()
    await record(store, [], [], () => ({ states: [stateWrite(ada, 0, 1)] }))
    await record(store, [], [], () => ({ states: [stateWrite(ada, 1, 2), stateWrite(bob, 0, 7, 8)] }))
    const { states } = await record(store, [], [bob, { tenant: 'acme', subject: 'l:eve' }, ada])
    expect(states).toEqual([
      { version: 1, state: Uint8Array.of(7, 8), hasHistory: true, mergedInto: null },
      { version: 0, state: null, hasHistory: false, mergedInto: null },
      { version: 2, state: Uint8Array.of(2), hasHistory: true, mergedInto: null },
    ])
  })

  it('returns states byte for byte, the empty one too', async () => {
    const store = await open()
    const all = Uint8Array.from(numbers(256))
    await record(store, [], [], () => ({ states: [{ ...ada, expected: 0, state: all }, stateWrite(bob, 0)] }))
    expect(await store.readState(ada)).toEqual(all)
    expect(await store.readState(bob)).toEqual(new Uint8Array())
    const { states } = await record(store, [], [bob, ada])
    expect(states.map(({ state }) => state)).toEqual([new Uint8Array(), all])
  })

  it('takes a state that is a view into a larger buffer, and keeps nothing of the caller', async () => {
    const store = await open()
    const buffer = Uint8Array.of(1, 2, 3, 4, 5)
    await record(store, [], [], () => ({ states: [{ ...ada, expected: 0, state: buffer.subarray(1, 3) }] }))
    buffer.fill(9)
    expect(await store.readState(ada)).toEqual(Uint8Array.of(2, 3))
  })

  it.each([
    ['a row that is there, as if it were new', ada, 0],
    ['an older version', ada, 1],
    ['a later version', ada, 3],
    ['a row that is not there', bob, 1],
  ])('is stale when the expected version is of %s', async (_, key, expected) => {
    const store = await open()
    await record(store, [], [], () => ({ states: [stateWrite(ada, 0, 1)] }))
    await record(store, [], [], () => ({ states: [stateWrite(ada, 1, 2)] }))
    const round = await store.append([], [key])
    expect(await round.commit(derived({ states: [stateWrite(key, expected, 9)] }))).toBe('stale')
    expect(await store.readState(ada)).toEqual(Uint8Array.of(2))
    expect(await store.readState(bob)).toBeNull()
  })

  it('says whether a subject had a state or entries before the round', async () => {
    const store = await open()
    const first = await record(store, [entry()], [ada, bob])
    expect(first.states.map(({ hasHistory }) => hasHistory)).toEqual([false, false])
    const second = await record(store, [entry({ eventId: 'e2' }), entry({ ...bob })], [ada, bob])
    expect(second.states.map(({ hasHistory }) => hasHistory)).toEqual([true, false])
  })

  it('counts entries that people made with an account as history of the account', async () => {
    const store = await open()
    const account = { tenant: 'acme', subject: 'a:north' }
    const first = await record(store, [entry({ account: 'north' })], [account])
    expect(first.states[0]?.hasHistory).toBe(false)
    const second = await record(store, [], [account, { tenant: 'other', subject: 'a:north' }])
    expect(second.states.map(({ hasHistory }) => hasHistory)).toEqual([true, false])
  })
}
