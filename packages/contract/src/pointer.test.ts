import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parsePointer, toPointer, valueAt } from './pointer.ts'

test('the empty pointer is the whole document', () => {
  expect(parsePointer('')).toEqual([])
  expect(valueAt('all of it', '')).toBe('all of it')
})

test('~0 and ~1 stand for ~ and /', () => {
  expect(parsePointer('/a~1b/m~0n/~01')).toEqual(['a/b', 'm~n', '~1'])
  expect(toPointer(['a/b', 'm~n', '~1', 0])).toBe('/a~1b/m~0n/~01/0')
})

test.each(['a', 'a/b', '/a~', '/a~2'])('%s is not a pointer', (text) => {
  expect(parsePointer(text)).toBeUndefined()
  expect(valueAt({ a: 1 }, text)).toBeUndefined()
})

test('a value is found through objects and arrays, empty names included', () => {
  expect(valueAt({ deals: [{ '': 'x', 'a/b': 7 }] }, '/deals/0/a~1b')).toBe(7)
  expect(valueAt({ deals: [{ '': 'x' }] }, '/deals/0/')).toBe('x')
})

test('inherited properties do not count', () => {
  expect(valueAt({}, '/constructor')).toBeUndefined()
  expect(valueAt('text', '/length')).toBeUndefined()
  expect(valueAt({ a: null }, '/a/b')).toBeUndefined()
})

test('every path survives the way to a pointer and back', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (path) => {
      expect(parsePointer(toPointer(path))).toEqual(path)
    }),
  )
})
