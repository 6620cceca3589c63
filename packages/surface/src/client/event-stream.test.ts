import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createEventStreamReader, type Message } from './event-stream.ts'

const TEXT = [
  ': a comment',
  'retry: 1500',
  'id: 1',
  '',
  'data: first',
  'data:  second ',
  'id: 2',
  '',
  'event: problem',
  'data:{"a":":"}',
  'unknown: field',
  'data',
  '',
  'id: 3',
  'data: never whole',
]
const MESSAGES: Message[] = [
  { event: 'message', data: 'first\n second ' },
  { event: 'problem', data: '{"a":":"}\n' },
]

it.each([
  ['a line feed', '\n'],
  ['a carriage return', '\r'],
  ['both', '\r\n'],
])('messages are the same in whatever pieces they come, with %s at the end of a line', (_, lineEnd) => {
  const text = TEXT.join(lineEnd)
  const cuts = fc.uniqueArray(fc.integer({ min: 0, max: text.length }), { maxLength: 12 })
  fc.assert(
    fc.property(cuts, (found) => {
      const reader = createEventStreamReader()
      const ends = [...found.toSorted((a, b) => a - b), text.length]
      const messages = ends.flatMap((end, index) => reader.take(text.slice(ends[index - 1] ?? 0, end)))
      expect(messages).toEqual(MESSAGES)
      expect([reader.lastId, reader.retryMs]).toEqual(['2', 1500])
    }),
  )
})

it('an id comes with its message, also where that has no data, and one with a NUL is none', () => {
  const reader = createEventStreamReader()
  expect(reader.lastId).toBeUndefined()
  reader.take('id: 7\n')
  expect(reader.lastId).toBeUndefined()
  expect(reader.take('\nid: a\0b\ndata: x\n\n')).toEqual([{ event: 'message', data: 'x' }])
  expect(reader.lastId).toBe('7')
})
