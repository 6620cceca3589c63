import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compileWhere, deepEqual, OPERATOR_NAMES, toPath, valueAt } from './where.ts'

/** Whether a payload passes a `where`. */
function passes(where: Parameters<typeof compileWhere>[0], payload: unknown): boolean {
  return compileWhere(where).every(({ path, holds }) => holds(valueAt(payload, path)))
}

const of = (operators: Record<string, unknown>, a: unknown) => passes({ '/a': operators }, { a })

describe('operators', () => {
  const rows: readonly [string, Record<string, unknown>, readonly unknown[], readonly unknown[]][] = [
    ['eq', { eq: 1 }, [1, 1.0], ['1', 2, null, [1], true]],
    ['eq of null', { eq: null }, [null], [0, '', false]],
    ['eq of an object', { eq: { x: [1, { y: 2 }], z: 3 } }, [{ z: 3, x: [1, { y: 2 }] }], [{ x: [1, { y: 2 }] }, {}, [1]]],
    ['eq of an array', { eq: [1, 2] }, [[1, 2]], [[2, 1], [1], { 0: 1, 1: 2 }]],
    ['ne', { ne: 1 }, [2, '1', null, []], [1]],
    ['ne of an object', { ne: { x: 1 } }, [{ x: 2 }, 1], [{ x: 1 }]],
    ['in', { in: ['pro', { tier: 1 }] }, ['pro', { tier: 1 }], ['free', { tier: 2 }]],
    ['nin', { nin: ['pro', null] }, ['free', 0], ['pro', null]],
    ['gt of a number', { gt: 5 }, [5.1, 6], [5, 4, '6', null, true, [6]]],
    ['gte of a number', { gte: 5 }, [5, 6], [4.9, '5']],
    ['lt of a number', { lt: 5 }, [-1, 0], [5, '4', null, false]],
    ['lte of a number', { lte: 5 }, [5], [5.1, null]],
    ['gt of a text', { gt: 'b' }, ['c', 'ba'], ['b', 'a', 1]],
    ['gte of a text', { gte: '\u{fffd}' }, ['\u{fffd}', '\u{1f600}'], ['\u{fffc}']],
    ['lt of a text', { lt: '\u{1f600}' }, ['\u{fffd}'], ['\u{1f601}']],
    ['lte of a text', { lte: '2026-03-01' }, ['2026-03-01', '2025'], ['2026-03-02', 2025]],
    ['contains in a text', { contains: 'ell' }, ['hello'], ['help', ['hello']]],
    ['contains in an array', { contains: { id: 1 } }, [[0, { id: 1 }]], [[{ id: 2 }], [], { id: 1 }]],
    ['contains of a number', { contains: 1 }, [[1]], ['1', '21', 1]],
    ['startsWith', { startsWith: 'he' }, ['hello', 'he'], ['the', ['he'], 1]],
    ['several at once', { gte: 1, lt: 3 }, [1, 2], [0, 3]],
  ]

  test.each(rows)('%s', (_, operators, yes, no) => {
    for (const value of yes) expect(of(operators, value), JSON.stringify(value)).toBe(true)
    for (const value of no) expect(of(operators, value), JSON.stringify(value)).toBe(false)
  })

  test('an absent field makes every operator false, except exists: false', () => {
    const operand = (name: string) => (name === 'in' || name === 'nin' ? [1] : name === 'exists' ? true : 1)
    for (const name of OPERATOR_NAMES) expect(passes({ '/a': { [name]: operand(name) } }, { b: 1 }), name).toBe(false)
    expect(passes({ '/a': { exists: false } }, {})).toBe(true)
  })

  test('null is a value: it exists', () => {
    expect(of({ exists: true }, null)).toBe(true)
    expect(of({ exists: false }, null)).toBe(false)
  })

  test('a bare value means eq, null too', () => {
    expect(
      passes(
        { '/plan': 'pro', '/trial': false, '/seats': 3, '/coupon': null },
        { plan: 'pro', trial: false, seats: 3, coupon: null },
      ),
    ).toBe(true)
    expect(passes({ '/coupon': null }, {})).toBe(false)
  })

  test('values of different types have no order', () => {
    const scalars = fc.oneof(fc.integer(), fc.string(), fc.boolean(), fc.constant(null))
    fc.assert(
      fc.property(scalars, fc.oneof(fc.integer(), fc.string()), (actual, expected) => {
        fc.pre(typeof actual !== typeof expected)
        for (const name of ['gt', 'gte', 'lt', 'lte']) expect(of({ [name]: expected }, actual)).toBe(false)
      }),
    )
  })

  test('each check says what it is', () => {
    expect(compileWhere({ '/a~1b': { gte: 1 }, '/c': 'x' })).toMatchObject([
      { pointer: '/a~1b', path: ['a/b'], operator: 'gte', expected: 1 },
      { pointer: '/c', path: ['c'], operator: 'eq', expected: 'x' },
    ])
    expect(compileWhere(undefined)).toEqual([])
  })
})

describe('paths', () => {
  test('escapes are read as RFC 6901 says', () => {
    expect(toPath('/a~1b/~0/~01/')).toEqual(['a/b', '~', '~1', ''])
    expect(toPath('')).toEqual([])
  })

  test('objects and arrays are walked, by their own properties only', () => {
    const document = JSON.parse('{"a":{"b":[{"c":1}]},"":2,"__proto__":{"x":3}}')
    expect(valueAt(document, ['a', 'b', '0', 'c'])).toBe(1)
    expect(valueAt(document, [''])).toBe(2)
    expect(valueAt(document, ['__proto__', 'x'])).toBe(3)
    expect(valueAt(document, [])).toBe(document)
    for (const path of [
      ['a', 'b', '1'],
      ['a', 'b', 'length'],
      ['a', 'b', '00'],
      ['a', 'b', '-1'],
      ['toString'],
      ['a', 'constructor'],
    ])
      expect(valueAt(document, path), path.join('/')).toBeUndefined()
    expect(valueAt({}, ['__proto__'])).toBeUndefined()
    expect(valueAt('text', ['length'])).toBeUndefined()
    expect(valueAt(null, ['a'])).toBeUndefined()
  })

  test('a field named length is a field like any other, on an object', () => {
    expect(valueAt({ length: 3 }, ['length'])).toBe(3)
  })
})

test('equality does not depend on the order of keys, nor on a detour over JSON text', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 3 }), (value) => {
      expect(deepEqual(value, reversed(JSON.parse(JSON.stringify(value))))).toBe(true)
    }),
  )
  expect(deepEqual({ a: 1, b: undefined }, { a: 1 })).toBe(true)
})

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, item]) => [key, reversed(item)]),
  )
}
