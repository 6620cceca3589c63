import fc from 'fast-check'
import { expect, test } from 'vitest'
import { findUnstorable } from './storable.ts'

test('whatever came out of JSON text is storable, unless a text in it is not', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 3, stringUnit: 'binary' }), (value) => {
      const text = JSON.stringify(value)
      expect(findUnstorable(value) === undefined).toBe(!text.includes('\\u0000'))
    }),
  )
})

test.each([
  ['NaN', { mastery: Number.NaN }, '/mastery', 'a finite number', 'NaN'],
  ['an infinite number', [1, [Number.POSITIVE_INFINITY]], '/1/0', 'a finite number', 'Infinity'],
  ['NUL', { 'a/b': { c: 'x\0' } }, '/a~1b/c', 'text without NUL', 'string'],
  ['half a surrogate pair', ['\ud83d'], '/0', 'text without NUL and lone surrogates', 'string'],
  ['a field name with NUL', { 'a\0': 1 }, '/a\0', 'a field name without NUL', 'string'],
  ['a bigint', { n: 1n }, '/n', 'JSON', 'bigint'],
  ['a function', { f: () => 1 }, '/f', 'JSON', 'function'],
  ['undefined in a list', [undefined], '/0', 'JSON', 'undefined'],
  ['a date', { at: new Date(0) }, '/at', 'JSON', 'object of a class'],
  ['a map', new Map(), '', 'JSON', 'object of a class'],
])('%s is not storable', (_, value, pointer, expected, received) => {
  const issue = findUnstorable(value)
  expect(issue).toMatchObject({ pointer, received })
  expect(issue?.expected).toContain(expected)
})

test('an undefined field is no field', () => {
  expect(findUnstorable({ a: undefined, b: { c: undefined } })).toBeUndefined()
})

test('a circle ends', () => {
  const circle: { self?: unknown } = {}
  circle.self = circle
  expect(findUnstorable(circle)).toMatchObject({ pointer: '/self'.repeat(32), expected: 'at most 32 levels of nesting' })
})

test('objects of another realm, and without a prototype, are objects', () => {
  expect(findUnstorable(Object.assign(Object.create(null), { a: 1 }))).toBeUndefined()
})
