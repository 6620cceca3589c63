import fc from 'fast-check'
import { expect, test } from 'vitest'
import { distinctKey, sortedJson } from './distinct.ts'
import { deepEqual } from './where.ts'

const small = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 2 },
    fc.constantFrom<unknown>(0, -0, 1, '', '0', '1', 'null', 'j1', 's1', 'true', true, false, null),
    fc.array(tie('value'), { maxLength: 2 }),
    fc.dictionary(fc.constantFrom('a', 'b', '__proto__'), tie('value'), { maxKeys: 2 }),
  ),
})).value

test('two values have one key exactly when they are deeply equal', () => {
  fc.assert(
    fc.property(small, small, (a, b) => {
      expect(distinctKey(a) === distinctKey(b)).toBe(deepEqual(a, b))
    }),
    { numRuns: 5_000 },
  )
})

test('a key stays short, however long the value is, and long values differ in theirs', () => {
  const values = Array.from({ length: 2_000 }, (_, index) => `${'x'.repeat(500)}${index}`)
  const keys = new Set(values.map(distinctKey))
  expect(keys.size).toBe(values.length)
  for (const key of keys) expect(key.length).toBeLessThanOrEqual(64)
})

test('a long text is never mistaken for a short one that looks like its key', () => {
  const key = distinctKey('y'.repeat(100))
  expect(distinctKey(key)).not.toBe(key)
})

test('the text of an object does not depend on the order of its keys', () => {
  expect(sortedJson({ b: [1, { d: 1, c: undefined }], a: null })).toBe('{"a":null,"b":[1,{"d":1}]}')
  expect(sortedJson({ a: null, b: [1, { d: 1 }] })).toBe(sortedJson({ b: [1, { d: 1 }], a: null }))
})
