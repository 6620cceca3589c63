import type { Placed, Stream } from '@waymark/contract'
import { describe, expect, it } from 'vitest'
import { readStream } from './read-stream.ts'

/** A stream that brings these, and then waits until it is closed; alarms ring when the test says so. */
function setUp(items: readonly Placed[], cursor?: string) {
  const alarms = new Map<number, () => void>()
  const waits = Promise.withResolvers<void>()
  const closed = Promise.withResolvers<void>()
  const left = [...items]
  const stream: Stream<Placed> = {
    ...(cursor === undefined ? {} : { cursor }),
    [Symbol.asyncIterator]: () => ({
      async next() {
        const value = left.shift()
        if (value !== undefined) return { done: false, value }
        waits.resolve()
        await closed.promise
        return { done: true, value: undefined }
      },
      async return() {
        closed.resolve()
        return { done: true, value: undefined }
      },
    }),
  }
  const after = (milliseconds: number, call: () => void) => {
    alarms.set(milliseconds, call)
    return () => alarms.delete(milliseconds)
  }
  return { stream, after, alarms, waiting: waits.promise, closed: closed.promise, left }
}

const items = (count: number) => Array.from({ length: count }, (_, index) => ({ cursor: `c${index + 1}` }))

describe('a part of a stream', () => {
  it.each([1_000, 10_000])('is what came until nothing did, or until the time was up: after %i ms', async (milliseconds) => {
    const { stream, after, alarms, waiting, closed } = setUp(items(2), 'start')
    const reading = readStream(stream, null, after)
    await waiting
    alarms.get(milliseconds)?.()
    expect(await reading).toEqual({ items: items(2), nextCursor: 'c2' })
    await closed
    expect(alarms.size).toBe(0)
  })

  it.each([
    ['the place before its first item', 'start', 'given', 'start'],
    ['the place from which it was asked for', undefined, 'given', 'given'],
  ])('that brought nothing goes on at %s', async (_, cursor, from, nextCursor) => {
    const { stream, after, alarms, waiting } = setUp([], cursor)
    const reading = readStream(stream, from, after)
    await waiting
    alarms.get(1_000)?.()
    expect(await reading).toEqual({ items: [], nextCursor })
  })

  it('has 200 items at most, and leaves the others', async () => {
    const { stream, after, closed, left } = setUp(items(201))
    expect(await readStream(stream, null, after)).toEqual({ items: items(200), nextCursor: 'c200' })
    await closed
    expect(left).toEqual([{ cursor: 'c201' }])
  })
})
