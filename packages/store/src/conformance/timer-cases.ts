import type { SubjectKey } from '@waymark/learning-journey/ports'
import { expect, it } from 'vitest'
import type { Harness } from './harness.ts'
import { ada, bob, derived, numbers, record } from './rows.ts'

const eve: SubjectKey = { tenant: 'other', subject: 'l:eve' }

export function timerCases({ open }: Harness): void {
  it('claims the alarms that are due, oldest first, over all tenants, and no more than asked for', async () => {
    const store = await open()
    const timers = [
      { ...ada, at: 30 },
      { ...bob, at: 10 },
      { ...eve, at: 20 },
    ]
    await record(store, [], [], () => ({ timers: [...timers, { tenant: 'other', subject: 'l:tim', at: 31 }] }))
    expect(await store.claimTimers(9, 100, 9)).toEqual([])
    expect(await store.claimTimers(30, 100, 2)).toEqual([bob, eve])
    expect(await store.claimTimers(30, 100, 9)).toEqual([ada])
    expect(await store.claimTimers(30, 100, 9)).toEqual([])
  })

  it('finds a claimed alarm again from the time on to which it was moved', async () => {
    const store = await open()
    await record(store, [], [], () => ({ timers: [{ ...ada, at: 10 }] }))
    expect(await store.claimTimers(10, 20, 9)).toEqual([ada])
    expect(await store.nextTimer()).toBe(20)
    expect(await store.claimTimers(19, 40, 9)).toEqual([])
    expect(await store.claimTimers(20, 40, 9)).toEqual([ada])
  })

  it('knows the earliest alarm', async () => {
    const store = await open()
    expect(await store.nextTimer()).toBeNull()
    await record(store, [], [], () => ({
      timers: [
        { ...ada, at: 30 },
        { ...eve, at: 20 },
      ],
    }))
    expect(await store.nextTimer()).toBe(20)
  })

  it('replaces the alarm of a subject, or ends it', async () => {
    const store = await open()
    await record(store, [], [], () => ({
      timers: [
        { ...ada, at: 10 },
        { ...bob, at: 20 },
      ],
    }))
    await record(store, [], [], () => ({
      timers: [
        { ...ada, at: null },
        { ...bob, at: 50 },
      ],
    }))
    await record(store, [], [], () => ({
      timers: [
        { ...ada, at: null },
        { ...bob, at: 50 },
      ],
    }))
    expect(await store.claimTimers(49, 100, 9)).toEqual([])
    expect(await store.claimTimers(50, 100, 9)).toEqual([bob])
  })

  it('keeps no alarm of a round that was rolled back or stale', async () => {
    const store = await open()
    const stale = await store.append([], [ada])
    const states = [{ ...ada, expected: 7, state: Uint8Array.of(1) }]
    expect(await stale.commit(derived({ states, timers: [{ ...ada, at: 1 }] }))).toBe('stale')
    expect(await store.nextTimer()).toBeNull()
  })

  it('gives each alarm to one of many who claim at once', async () => {
    const store = await open()
    const timers = numbers(60).map((n) => ({ tenant: 'acme', subject: `l:${String(n).padStart(2, '0')}`, at: n }))
    await record(store, [], [], () => ({ timers }))
    const claimed: SubjectKey[] = []
    const claimAll = async () => {
      for (;;) {
        const found = await store.claimTimers(60, 1_000, 7)
        // One may find nothing while others hold what is left.
        if (found.length === 0) return
        claimed.push(...found)
      }
    }
    await Promise.all(numbers(4).map(claimAll))
    await claimAll()
    expect(claimed.map(({ subject }) => subject).sort()).toEqual(timers.map(({ subject }) => subject))
  })
}
