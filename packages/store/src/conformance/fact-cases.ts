import { expect, it } from 'vitest'
import type { Harness } from './harness.ts'
import { ada, bob, derived, fact, factsWhenThere, numbers, record, withoutPosition } from './rows.ts'

export function factCases({ open }: Harness): void {
  it('returns every field of a fact', async () => {
    const store = await open()
    const full = fact({ data: '{"b":1,"a":"👩‍🚀","n":0.1}' })
    const whole = fact({ factId: 'f2', step: null, causeSource: '', run: 3, occurredAt: 0, backfilled: true })
    await record(store, [], [], () => ({ facts: [full, whole] }))
    expect((await factsWhenThere(store, 'acme', 2)).map(withoutPosition)).toEqual([full, whole])
  })

  it('appends a fact once, in one round and over several', async () => {
    const store = await open()
    await record(store, [], [], () => ({ facts: [fact(), fact({ data: 'other' })] }))
    await record(store, [], [], () => ({ facts: [fact({ data: 'other' }), fact({ factId: 'f2' }), fact({ ...bob })] }))
    const facts = await factsWhenThere(store, 'acme', 3)
    expect(facts.map(withoutPosition)).toEqual([fact(), fact({ factId: 'f2' }), fact({ ...bob })])
  })

  it('shows all facts of a subject at once, with a position or without', async () => {
    const store = await open()
    const rows = numbers(3).map((n) => fact({ factId: `f${9 - n}` }))
    await record(store, [], [], () => ({ facts: [...rows, fact({ ...bob })] }))
    expect(await store.readFactsOf(ada)).toEqual(rows)
    await store.sequence()
    expect(await store.readFactsOf(ada)).toEqual(rows)
  })

  it('gives positions that ascend in commit order', async () => {
    const store = await open()
    for (const n of numbers(5)) {
      await record(store, [], [], () => ({ facts: numbers(3).map((m) => fact({ factId: `f${9 - n}-${9 - m}` })) }))
    }
    const facts = await factsWhenThere(store, 'acme', 15)
    expect(facts.map(({ factId }) => factId)).toEqual(numbers(15).map((n) => `f${9 - Math.floor(n / 3)}-${9 - (n % 3)}`))
    expect(facts.every(({ position }, n) => position > (facts[n - 1]?.position ?? 0))).toBe(true)
  })

  it('keeps positions ascending after a round that was rolled back and one that was stale', async () => {
    const store = await open()
    await record(store, [], [], () => ({ facts: [fact()] }))
    const undone = await store.append([], [])
    await undone.rollback()
    const stale = await store.append([], [])
    const states = [{ ...ada, expected: 5, state: new Uint8Array() }]
    expect(await stale.commit(derived({ states, facts: [fact({ factId: 'lost' })] }))).toBe('stale')
    await record(store, [], [], () => ({ facts: [fact({ factId: 'f2' })] }))
    const facts = await factsWhenThere(store, 'acme', 2)
    expect(facts.map(({ factId }) => factId)).toEqual(['f1', 'f2'])
    expect(facts[1]?.position).toBeGreaterThan(facts[0]?.position ?? Number.NaN)
  })

  it('gives every committed fact a position, which readers then find, in commit order', async () => {
    const store = await open()
    for (const n of numbers(3)) await record(store, [], [], () => ({ facts: [fact({ factId: `f${n}` })] }))
    await record(store, [], [], () => ({ facts: [fact({ tenant: 'other' })] }))
    const given = await store.sequence()
    expect(given).toBe(store.sequenced ? 4 : 0)
    expect(await store.sequence()).toBe(0)
    const facts = await store.readFacts({ tenant: 'acme', limit: 10 })
    expect(facts.map(({ factId }) => factId)).toEqual(['f0', 'f1', 'f2'])
    expect(await store.readFacts({ tenant: 'other', limit: 10 })).toHaveLength(1)
  })

  it('leaves a fact of an open round without a position', async () => {
    const store = await open()
    const round = await store.append([], [])
    await store.sequence()
    expect(await store.lastPosition('acme')).toBe(0)
    await round.commit(derived({ facts: [fact()] }))
    await store.sequence()
    expect(await store.readFacts({ tenant: 'acme', limit: 10 })).toHaveLength(1)
  })

  it('knows the last position of each tenant', async () => {
    const store = await open()
    expect(await store.lastPosition('acme')).toBe(0)
    await record(store, [], [], () => ({ facts: [fact(), fact({ ...bob }), fact({ tenant: 'other' })] }))
    await store.sequence()
    const facts = await store.readFacts({ tenant: 'acme', limit: 10 })
    expect(await store.lastPosition('acme')).toBe(facts[1]?.position)
    expect(await store.lastPosition('other')).toBe((await store.readFacts({ tenant: 'other', limit: 1 }))[0]?.position)
    expect(await store.lastPosition('nobody')).toBe(0)
  })

  it('pages by position, for a tenant and for one subject', async () => {
    const store = await open()
    const rows = numbers(10).map((n) => fact({ ...(n % 2 === 0 ? ada : bob), factId: `f${n}` }))
    await record(store, [], [], () => ({ facts: [...rows, fact({ tenant: 'other' })] }))
    const all = await factsWhenThere(store, 'acme', 10)
    const after = all[3]?.position ?? 0
    expect(await store.readFacts({ tenant: 'acme', limit: 4 })).toEqual(all.slice(0, 4))
    expect(await store.readFacts({ tenant: 'acme', after, limit: 4 })).toEqual(all.slice(4, 8))
    expect(await store.readFacts({ tenant: 'acme', after: all[9]?.position ?? 0, limit: 4 })).toEqual([])
    const ofBob = all.filter(({ subject }) => subject === bob.subject)
    expect(await store.readFacts({ ...bob, limit: 3 })).toEqual(ofBob.slice(0, 3))
    expect(await store.readFacts({ ...bob, after, limit: 3 })).toEqual(ofBob.slice(2, 5))
    expect(await factsWhenThere(store, 'other', 1)).toHaveLength(1)
  })
}
