import { describe, expect, test } from 'vitest'
import { createFakeStore } from '../../test-support/fake-store.ts'
import { createManualTimers } from '../../test-support/manual-timers.ts'
import { createUnknownEvents, MOST_NAMES, type UnknownEvent } from './unknown-events.ts'

function start(store = createFakeStore()) {
  const timers = createManualTimers()
  const failures: unknown[] = []
  const writes: number[] = []
  const { countUnknownEvents } = store
  store.countUnknownEvents = async (rows, names) => {
    await countUnknownEvents(rows, names)
    writes.push(rows.length)
  }
  const unknown = createUnknownEvents({ store, after: timers.after, onFailure: (error) => failures.push(error) })
  let at = 0
  const count = (name: string, payload: unknown = {}, rest: Partial<UnknownEvent> = {}) =>
    unknown.count({ tenant: 'acme', name, channel: 'segment', source: null, receivedAt: ++at, payload, ...rest })
  return { store, timers, failures, writes, unknown, count }
}

describe('what nothing knows', () => {
  test('is written some seconds later, many events as one row', async () => {
    const { timers, writes, unknown, count, store } = start()
    for (let i = 0; i < 1_000; i++) count(i % 2 === 0 ? 'page' : 'screen')
    expect(writes).toEqual([])
    await timers.advance(5_000)
    expect(writes).toEqual([2])
    expect(timers.pending()).toEqual([])
    expect(await store.readUnknownEvents('acme')).toMatchObject([
      { name: 'screen', count: 500, firstAt: 2, lastAt: 1_000 },
      { name: 'page', count: 500, firstAt: 1, lastAt: 999 },
    ])
    await unknown.close()
    expect(writes).toEqual([2])
  })

  test('is listed at once, and written when it is closed', async () => {
    const { unknown, count, store } = start()
    count('page')
    expect(await unknown.list('acme')).toMatchObject([{ name: 'page', count: 1 }])
    expect(await unknown.list('other')).toEqual([])
    count('page')
    await unknown.close()
    expect(await store.readUnknownEvents('acme')).toMatchObject([{ count: 2 }])
  })

  test('is kept when it cannot be written, and written the next time', async () => {
    const store = createFakeStore()
    const { timers, failures, unknown, count } = start(store)
    const { countUnknownEvents } = store
    store.countUnknownEvents = async () => {
      throw new Error('the database is away')
    }
    count('page', { a: 1 })
    await timers.advance(5_000)
    expect(failures).toMatchObject([{ message: 'the database is away' }])
    count('page', { b: 1 })
    store.countUnknownEvents = countUnknownEvents
    await timers.advance(5_000)
    expect(await unknown.list('acme')).toMatchObject([
      {
        name: 'page',
        count: 2,
        firstAt: 1,
        lastAt: 2,
        samples: [{ fields: { '/b': 'number' } }, { fields: { '/a': 'number' } }],
      },
    ])
  })

  test('waits for its writing under a few hundred names of each tenant', async () => {
    const { unknown, count } = start()
    for (let i = 0; i < MOST_NAMES + 50; i++) count(`name-${i}`)
    count('page', {}, { tenant: 'other' })
    expect(await unknown.list('acme')).toHaveLength(MOST_NAMES)
    expect(await unknown.list('other')).toHaveLength(1)
  })
})

describe('a sample', () => {
  test('has the names and types of fields, and nothing of what they hold', async () => {
    const { unknown, count, store } = start()
    const payload = {
      email: 'ada@example.com',
      seats: 3,
      ok: true,
      none: null,
      'a/b': 'x',
      items: [{ sku: 'secret' }, { other: 1 }],
      deep: { a: { b: { c: { d: 1 } } } },
      ['x'.repeat(65)]: 1,
      '\ud800': 1,
    }
    count('page', payload, { source: 'web' })
    const [row] = await unknown.list('acme')
    expect(row?.samples).toEqual([
      {
        receivedAt: 1,
        channel: 'segment',
        source: 'web',
        fields: {
          '/email': 'string',
          '/seats': 'number',
          '/ok': 'boolean',
          '/none': 'null',
          '/a~1b': 'string',
          '/items': 'array',
          '/items/0': 'object',
          '/items/0/sku': 'string',
          '/deep': 'object',
          '/deep/a': 'object',
          '/deep/a/b': 'object',
          '/deep/a/b/c': 'object',
        },
      },
    ])
    expect(JSON.stringify(await store.readUnknownEvents('acme'))).not.toMatch(/ada@|secret/)
  })

  test('is bounded, whatever comes', async () => {
    const { unknown, count } = start()
    count('page', Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`f${i}`, i])))
    count('page', 'a text')
    const [row] = await unknown.list('acme')
    expect(row?.samples.map(({ fields }) => Object.keys(fields).length)).toEqual([0, 40])
  })

  test('stays of the latest shapes, three of them, over writes', async () => {
    const { unknown, count } = start()
    const shapes = async () => (await unknown.list('acme'))[0]?.samples.map(({ fields }) => Object.keys(fields).join())
    count('page', { a: 1 })
    count('page', { a: 2 })
    count('page', { a: 1, b: 1 })
    expect(await shapes()).toEqual(['/a,/b', '/a'])
    count('page', { b: 3, a: 3 })
    count('page', { c: 1 })
    expect(await shapes()).toEqual(['/c', '/b,/a', '/a'])
    count('page', { d: 1 })
    expect(await shapes()).toEqual(['/d', '/c', '/b,/a'])
  })
})
