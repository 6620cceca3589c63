import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createFactSource } from '../../test-support/fact-source.ts'
import { createManualTimers, settle } from '../../test-support/manual-timers.ts'
import type { StoredFact } from '../ports/index.ts'
import { createFactFeed, type FollowedFacts } from './fact-feed.ts'
import { QUEUE_CAP } from './fact-listener.ts'

function setup(options: Parameters<typeof createFactSource>[0] = {}) {
  const source = createFactSource(options)
  const timers = createManualTimers()
  const failures: unknown[] = []
  const feed = createFactFeed({
    store: source,
    now: timers.now,
    after: timers.after,
    onFailure: (error) => failures.push(error),
  })
  return {
    source,
    timers,
    failures,
    feed,
    commit(subject = 'l:ada', tenant = 'acme') {
      source.commit(subject, tenant)
      feed.kick()
    },
  }
}

/** Takes items until told to stop; what came is in `ids`. */
function listen(facts: FollowedFacts) {
  const ids: string[] = []
  const done = (async () => {
    for (let item = await facts.next(); item.done !== true; item = await facts.next()) ids.push(item.value.factId)
  })()
  return { ids, done }
}

const idsOf = (facts: readonly StoredFact[]) => facts.map(({ factId }) => factId)

describe('a listener', () => {
  test('without a position gets what comes from now on', async () => {
    const { feed, commit, timers } = setup()
    commit()
    const { ids } = listen(await feed.follow({ tenant: 'acme' }))
    commit()
    await timers.advance(1_000)
    expect(ids).toEqual(['f2'])
    await feed.close()
  })

  test('with a position first gets what is stored, page by page, and then what comes, without a gap or a repeat', async () => {
    const { feed, source, commit, timers } = setup()
    for (let count = 0; count < 1_700; count++) source.commit('l:ada')
    const facts = await feed.follow({ tenant: 'acme', after: 3 })
    const { ids } = listen(facts)
    for (let count = 0; count < 700; count++) {
      commit()
      if (count % 50 === 0) await settle()
    }
    await timers.advance(1_000)
    expect(ids).toEqual(idsOf(source.facts.slice(3)))
    await feed.close()
  })

  test('gets what the relay hands over while a page is read that does not have it yet', async () => {
    const { feed, source, commit, timers } = setup()
    const facts = await feed.follow({ tenant: 'acme', subject: 'l:ada' })
    await timers.advance(1_000)
    const answered = Promise.withResolvers<void>()
    source.beforeAnswer = async ({ subject }) => (subject === undefined ? undefined : answered.promise)
    const { ids } = listen(facts)
    commit()
    await timers.advance(1_000)
    answered.resolve()
    await timers.advance(1_000)
    expect(ids).toEqual(['f1'])
    await feed.close()
  })

  test('of one subject gets the facts of this subject alone, and nobody gets those of another tenant', async () => {
    const { feed, commit, timers } = setup()
    const ada = listen(await feed.follow({ tenant: 'acme', subject: 'l:ada' }))
    const all = listen(await feed.follow({ tenant: 'acme' }))
    const other = listen(await feed.follow({ tenant: 'other', subject: 'l:ada' }))
    commit('l:ada')
    commit('l:bob')
    commit('l:ada', 'other')
    await timers.advance(1_000)
    expect([ada.ids, all.ids, other.ids]).toEqual([['f1'], ['f1', 'f2'], ['f3']])
    await feed.close()
  })

  test('whose position lies beyond the end, as after a database was set back, gets what comes', async () => {
    const { feed, commit, timers } = setup()
    commit()
    const facts = await feed.follow({ tenant: 'acme', after: 1_000 })
    expect(facts.position).toBe(1)
    const { ids } = listen(facts)
    commit()
    await timers.advance(1_000)
    expect(ids).toEqual(['f2'])
    await feed.close()
  })

  test('that takes nothing costs a bounded queue, and still gets everything when it goes on', async () => {
    const { feed, source, commit, timers } = setup()
    const slow = await feed.follow({ tenant: 'acme' })
    commit()
    expect(await slow.next()).toMatchObject({ value: { factId: 'f1' } })
    for (let count = 0; count < 10 * QUEUE_CAP; count++) commit()
    await timers.advance(1_000)
    const readByRelay = source.reads.length
    const { ids } = listen(slow)
    await timers.advance(1_000)
    expect(ids).toEqual(idsOf(source.facts.slice(1)))
    // What was not kept was read again.
    expect(source.reads.length).toBeGreaterThan(readByRelay)
    await feed.close()
  })

  test('ends at once when it is returned, also while it waits', async () => {
    const { feed, timers } = setup()
    const facts = await feed.follow({ tenant: 'acme' })
    const { done } = listen(facts)
    await settle()
    await facts.return()
    await done
    await timers.advance(1_000)
    expect(timers.pending()).toEqual([])
  })
})

test('whatever is committed, read and taken in whatever order, each listener gets every fact of its own once and in order', async () => {
  const action = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom('l:ada', 'l:bob').map((subject) => ({ kind: 'commit' as const, subject })) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 600 }).map((count) => ({ kind: 'many' as const, count })) },
    { weight: 2, arbitrary: fc.constant({ kind: 'kick' as const }) },
    { weight: 3, arbitrary: fc.nat(9).map((listener) => ({ kind: 'take' as const, listener })) },
    { weight: 2, arbitrary: fc.constant({ kind: 'turn' as const }) },
    { weight: 1, arbitrary: fc.nat(60).map((milliseconds) => ({ kind: 'wait' as const, milliseconds })) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('follow' as const),
        subject: fc.constantFrom(undefined, 'l:ada', 'l:bob'),
        after: fc.option(fc.nat(40), { nil: undefined }),
      }),
    },
  )
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 60 }), fc.boolean(), async (actions, sequenced) => {
      const { source, timers, feed } = setup({ sequenced })
      const listeners: { subject: string | undefined; facts: FollowedFacts; got: number[]; taking: Promise<void> }[] = []
      const take = (listener: (typeof listeners)[number]) => {
        listener.taking = listener.taking.then(async () => {
          const item = await listener.facts.next()
          if (item.done !== true) listener.got.push(item.value.position)
        })
      }
      for (const step of actions) {
        if (step.kind === 'commit') source.commit(step.subject)
        if (step.kind === 'many') for (let count = 0; count < step.count; count++) source.commit(count % 3 ? 'l:ada' : 'l:bob')
        if (step.kind === 'kick') feed.kick()
        if (step.kind === 'turn') await settle()
        if (step.kind === 'wait') await timers.advance(step.milliseconds)
        if (step.kind === 'take' && listeners.length > 0) take(listeners[step.listener % listeners.length] as never)
        if (step.kind === 'follow') {
          const { subject, after } = step
          listeners.push({
            subject,
            facts: await feed.follow({ tenant: 'acme', subject, after }),
            got: [],
            taking: Promise.resolve(),
          })
        }
      }
      feed.kick()
      for (let count = 0; count < 2; count++) await timers.advance(5_000)
      const expected = listeners.map(({ subject, facts }) =>
        source.facts
          .filter((fact) => fact.position > facts.position && (subject === undefined || fact.subject === subject))
          .map(({ position }) => position),
      )
      for (const [index, listener] of listeners.entries()) {
        const missing = (expected[index] as number[]).length
        for (let count = 0; count < missing; count++) take(listener)
      }
      await timers.advance(5_000)
      await feed.close()
      expect(listeners.map(({ got }) => got)).toEqual(expected)
      expect(timers.pending()).toEqual([])
    }),
    { numRuns: 150 },
  )
})

describe('the relay', () => {
  test('reads once for all listeners of a tenant, and not at all for tenants without', async () => {
    const { feed, source, commit, timers } = setup()
    const all = []
    for (let count = 0; count < 50; count++) all.push(listen(await feed.follow({ tenant: 'acme', subject: `l:${count % 5}` })))
    await timers.advance(1_000)
    source.reads.length = 0
    commit('l:1')
    commit('l:1', 'other')
    await timers.advance(1_000)
    // The second kick came while the first run was on: it makes one run more, for whatever came in between.
    expect(source.reads.map(({ tenant, subject }) => [tenant, subject])).toEqual([
      ['acme', undefined],
      ['acme', undefined],
    ])
    expect(all.flatMap(({ ids }) => ids)).toEqual(Array.from({ length: 10 }, () => 'f1'))
    await feed.close()
  })

  test('lets many rounds share one run', async () => {
    const { feed, source, commit, timers } = setup()
    listen(await feed.follow({ tenant: 'acme' }))
    await timers.advance(1_000)
    source.reads.length = 0
    for (let count = 0; count < 100; count++) commit()
    await timers.advance(1_000)
    expect(source.reads).toHaveLength(2)
    await feed.close()
  })

  test('rests for 50 ms after a run, and ten times as long as one that took long, at most a quarter of a second', async () => {
    const { feed, source, commit, timers } = setup()
    listen(await feed.follow({ tenant: 'acme' }))
    await timers.advance(1_000)
    let milliseconds = 0
    source.beforeAnswer = () => new Promise((resolve) => void timers.after(milliseconds, resolve))
    for (const [took, rests] of [
      [0, 50],
      [4, 50],
      [12, 120],
      [60, 250],
    ]) {
      milliseconds = took as number
      commit()
      await timers.advance(milliseconds)
      expect(timers.pending()).toEqual([rests])
      await timers.advance(1_000)
    }
    await feed.close()
  })

  test('needs no timer where this process commits all facts with their positions', async () => {
    const { feed, source, commit, timers } = setup()
    commit()
    expect([timers.pending(), source.reads]).toEqual([[], []])
    const facts = await feed.follow({ tenant: 'acme' })
    await timers.advance(1_000)
    expect(timers.pending()).toEqual([])
    await facts.return()
    commit()
    expect(timers.pending()).toEqual([])
    expect(source.sequences).toBe(0)
  })

  test('gives positions by itself where the store gives them later: at the start, about every second, and 50 ms with listeners', async () => {
    const { feed, source, commit, timers } = setup({ sequenced: true })
    await timers.advance(0)
    expect(source.sequences).toBe(1)
    commit()
    await timers.advance(100)
    expect([source.sequences, timers.pending()]).toEqual([1, [950]])
    await timers.advance(950)
    expect([source.sequences, idsOf(source.facts)]).toEqual([2, ['f1']])
    await timers.advance(500)
    const { ids } = listen(await feed.follow({ tenant: 'acme' }))
    await timers.advance(10)
    expect([source.sequences, timers.pending()]).toEqual([3, [40]])
    // Committed by another process: nobody kicks.
    source.commit('l:ada')
    await timers.advance(40)
    expect([source.sequences, ids]).toEqual([4, ['f2']])
    await feed.close()
    expect(timers.pending()).toEqual([])
  })

  test('tries again with a growing pause when the store fails, and listeners see a delay only', async () => {
    const { feed, source, commit, timers, failures } = setup()
    const level = listen(await feed.follow({ tenant: 'acme' }))
    await timers.advance(1_000)
    source.failure = new Error('the connection was lost')
    commit()
    await timers.advance(0)
    expect([failures.length, timers.pending()]).toEqual([1, [100]])
    commit()
    await timers.advance(100)
    expect([failures.length, timers.pending()]).toEqual([2, [200]])
    await timers.advance(60_000)
    expect(timers.pending()[0]).toBeLessThanOrEqual(5_000)
    expect(level.ids).toEqual([])
    source.failure = undefined
    await timers.advance(5_000)
    expect(level.ids).toEqual(['f1', 'f2'])
    await feed.close()
  })

  test('lets a listener that catches up wait for the store too', async () => {
    const { feed, source, commit, timers } = setup()
    commit()
    const facts = await feed.follow({ tenant: 'acme', after: 0 })
    source.failure = new Error('the connection was lost')
    const { ids } = listen(facts)
    await timers.advance(300)
    expect(ids).toEqual([])
    source.failure = undefined
    await timers.advance(5_000)
    expect(ids).toEqual(['f1'])
    await feed.close()
  })

  test('ends with its store: no timer is left, and listeners end', async () => {
    const { feed, source, timers, failures } = setup({ sequenced: true })
    const { done } = listen(await feed.follow({ tenant: 'acme' }))
    await timers.advance(100)
    source.failure = Object.assign(new Error('The store was closed'), { outlook: 'closed' })
    await timers.advance(5_000)
    await done
    expect([timers.pending(), failures]).toEqual([[], []])
    await feed.close()
  })

  test('closes: listeners end, also one that waits for a store that fails, nothing runs on, and nobody can join', async () => {
    const { feed, source, timers } = setup({ sequenced: true })
    const waiting = listen(await feed.follow({ tenant: 'acme' }))
    await timers.advance(1_000)
    source.failure = new Error('the connection was lost')
    source.commit('l:ada')
    source.failure = undefined
    const behind = await feed.follow({ tenant: 'acme', after: 0 })
    source.failure = new Error('the connection was lost')
    const retrying = listen(behind)
    await settle()
    await feed.close()
    await Promise.all([waiting.done, retrying.done])
    expect(timers.pending()).toEqual([])
    feed.kick()
    expect(timers.pending()).toEqual([])
    source.failure = undefined
    await expect(feed.follow({ tenant: 'acme' })).rejects.toThrow('closed')
  })
})
