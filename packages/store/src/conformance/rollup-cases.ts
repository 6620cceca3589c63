import type { FactRow, JournalStore, RollupQuery } from '@waymark/learning-journey/ports'
import { expect, it } from 'vitest'
import type { Harness } from './harness.ts'
import { ada, bob, derived, fact, numbers, record } from './rows.ts'

const DAY = 86_400_000
const START = 20_000 * DAY
const named = (name: string) => `learning.onboarding.${name}`

function counted(name: string, values: Partial<FactRow> = {}): FactRow {
  return fact({
    name: named(name),
    factId: `${name} ${values.subject ?? ''} ${values.step}`,
    runStartedAt: START,
    occurredAt: START,
    ...values,
  })
}

async function rollup(store: JournalStore, query: Partial<RollupQuery> = {}) {
  await store.sequence()
  return store.readRollup({ tenant: 'acme', track: 'first-win', ...query })
}

export function rollupCases({ open }: Harness): void {
  it('counts facts about runs and steps by name, and no others', async () => {
    const store = await open()
    const whole = ['enrolled', 'exited', 'track.ended']
    const ofSteps = ['step.opened', 'step.skipped', 'step.waived', 'step.missed']
    const others = ['xp.granted', 'badge.granted', 'step.corrected', 'branch.chosen', 'streak.advanced', 'merged']
    const facts = [...whole.map((name) => counted(name, { step: null })), ...[...ofSteps, ...others].map((name) => counted(name))]
    await record(store, [], [], () => ({ facts: [...facts, ...facts.map((row) => ({ ...row, ...bob }))] }))
    const step = 'create-deals'
    expect(await rollup(store)).toEqual([
      ...whole.map((name) => ({ heldOut: false, step: null, name: named(name), after: null, count: 2 })),
      ...ofSteps.toSorted().map((name) => ({ heldOut: false, step, name: named(name), after: null, count: 2 })),
    ])
  })

  it('counts a fact once, however often it is appended and positions are given', async () => {
    const store = await open()
    for (const _ of numbers(3)) {
      await record(store, [], [], () => ({ facts: [counted('enrolled'), counted('enrolled')] }))
      expect(await rollup(store)).toMatchObject([{ count: 1 }])
    }
    const undone = await store.append([], [])
    await undone.rollback()
    const stale = await store.append([], [])
    const states = [{ ...ada, expected: 5, state: new Uint8Array() }]
    expect(await stale.commit(derived({ states, facts: [counted('enrolled', bob)] }))).toBe('stale')
    expect(await rollup(store)).toMatchObject([{ count: 1 }])
  })

  it('knows how long after the start of its run a completion came, at most 4.5 % off', async () => {
    const store = await open()
    const times = [1, 2, 3, 10, 59, 3_600, 86_400, 1_000_000, 40_000_000].map((seconds) => seconds * 1_000 + 1)
    for (const [n, time] of times.entries()) {
      const row = counted('step.completed', { step: `s${n}`, occurredAt: START + time })
      await record(store, [], [], () => ({ facts: [row] }))
    }
    const rows = await rollup(store)
    expect(rows.map(({ step }) => step)).toEqual(times.map((_, n) => `s${n}`))
    for (const [n, { after, count }] of rows.entries()) {
      expect(count).toBe(1)
      expect(Math.abs((after ?? 0) / (times[n] as number) - 1)).toBeLessThan(0.045)
    }
  })

  it('takes a completion at the start of its run, or before it, for one of a second', async () => {
    const store = await open()
    const rows = [0, 500, -5_000].map((time, n) =>
      counted('track.completed', { subject: `l:${n}`, step: null, occurredAt: START + time }),
    )
    await record(store, [], [], () => ({ facts: rows }))
    expect(await rollup(store)).toEqual([{ heldOut: false, step: null, name: named('track.completed'), after: 1_044, count: 3 }])
  })

  it('keeps tenants, tracks, steps and held out runs apart', async () => {
    const store = await open()
    const rows = [
      counted('enrolled', { heldOut: true, step: null }),
      counted('enrolled', { ...bob, step: null }),
      counted('step.opened', { step: 'b' }),
      counted('step.opened', { step: 'a' }),
      counted('enrolled', { track: 'second', subject: 'l:eve' }),
      counted('enrolled', { tenant: 'other' }),
    ]
    await record(store, [], [], () => ({ facts: rows }))
    expect((await rollup(store)).map(({ heldOut, step, count }) => [heldOut, step, count])).toEqual([
      [false, null, 1],
      [false, 'a', 1],
      [false, 'b', 1],
      [true, null, 1],
    ])
  })

  it('counts the runs that started on some days', async () => {
    const store = await open()
    const rows = [-1, 0, DAY - 1, DAY, 3 * DAY].map((time, n) =>
      counted('enrolled', { subject: `l:${n}`, runStartedAt: START + time, occurredAt: START + 9 * DAY }),
    )
    await record(store, [], [], () => ({ facts: rows }))
    const count = async (query: Partial<RollupQuery>) => (await rollup(store, query))[0]?.count ?? 0
    expect(await count({})).toBe(5)
    expect(await count({ from: START + 5 })).toBe(4)
    expect(await count({ from: START, to: START + 5 })).toBe(2)
    expect(await count({ to: START - 1 })).toBe(1)
    expect(await count({ from: START + 4 * DAY })).toBe(0)
  })

  it('goes on counting a fact that was erased', async () => {
    const store = await open()
    await record(store, [], [], () => ({ facts: [counted('enrolled'), counted('enrolled', bob)] }))
    await store.sequence()
    await store.erase([ada], [])
    expect(await rollup(store)).toMatchObject([{ count: 2 }])
  })
}
