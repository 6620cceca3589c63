import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalJson } from './canonical-json.ts'

test('keys are sorted by code units at every depth', () => {
  expect(canonicalJson({ b: [{ z: 1, a: 2 }], B: 0, ä: 1, a: null })).toBe('{"B":0,"a":null,"b":[{"a":2,"z":1}],"ä":1}')
})

test('the order in which fields were written does not matter', () => {
  expect(canonicalJson({ a: 1, b: { c: 2, d: 3 } })).toBe(canonicalJson({ b: { d: 3, c: 2 }, a: 1 }))
})

test('the order of array items does matter', () => {
  expect(canonicalJson([1, 2])).not.toBe(canonicalJson([2, 1]))
})

test('undefined fields are left out, and undefined items are null, as in JSON.stringify', () => {
  expect(canonicalJson({ a: undefined, b: [undefined] })).toBe('{"b":[null]}')
  expect(canonicalJson(undefined)).toBe('null')
})

test('values that turn themselves into JSON do so, so two dates are not alike', () => {
  expect(canonicalJson({ at: new Date(0) })).toBe('{"at":"1970-01-01T00:00:00.000Z"}')
})

test('the text parses back to the same data, and is its own canonical form', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonicalJson(value)
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
      expect(canonicalJson(JSON.parse(text))).toBe(text)
    }),
  )
})

test('keys that look like numbers are sorted as the texts that they are, and `__proto__` is a key like any other', () => {
  expect(canonicalJson({ 9: 1, 10: 2, b: { '01': 1, 1: 2 } })).toBe('{"10":2,"9":1,"b":{"01":1,"1":2}}')
  expect(canonicalJson([{ z: JSON.parse('{"__proto__":{"x":1},"a":2}') }])).toBe('[{"z":{"__proto__":{"x":1},"a":2}}]')
})
