import type { MatchModel, Operators } from './model.ts'
import { compareText } from './text-order.ts'

/** One operator of a `where`, ready to run and still able to say what it is. */
export interface Check {
  readonly pointer: string
  readonly path: readonly string[]
  readonly operator: keyof Operators
  readonly expected: unknown
  readonly holds: (actual: unknown) => boolean
}

const OPERATORS: { readonly [Name in keyof Required<Operators>]: (expected: unknown) => (actual: unknown) => boolean } = {
  eq: (expected) =>
    isPlain(expected) ? (actual) => actual === expected : (actual) => actual !== undefined && deepEqual(actual, expected),
  ne: (expected) => (actual) => actual !== undefined && !deepEqual(actual, expected),
  in: (expected) => (actual) => actual !== undefined && (expected as unknown[]).some((item) => deepEqual(actual, item)),
  nin: (expected) => (actual) => actual !== undefined && !(expected as unknown[]).some((item) => deepEqual(actual, item)),
  gt: (expected) => (actual) => order(actual, expected) > 0,
  gte: (expected) => (actual) => order(actual, expected) >= 0,
  lt: (expected) => (actual) => order(actual, expected) < 0,
  lte: (expected) => (actual) => order(actual, expected) <= 0,
  exists: (expected) => (actual) => (actual !== undefined) === expected,
  contains: (expected) => (actual) =>
    typeof actual === 'string'
      ? typeof expected === 'string' && actual.includes(expected)
      : Array.isArray(actual) && actual.some((item) => deepEqual(item, expected)),
  startsWith: (expected) => (actual) => typeof actual === 'string' && actual.startsWith(expected as string),
}

/** The names of all operators. */
export const OPERATOR_NAMES = Object.keys(OPERATORS) as (keyof Operators)[]

/** Compiles a `where`. A bare value means `eq`. */
export function compileWhere(where: MatchModel['where']): Check[] {
  return Object.entries(where ?? {}).flatMap(([pointer, operators]) => {
    const path = toPath(pointer)
    const wanted = typeof operators === 'object' && operators !== null ? operators : { eq: operators }
    return Object.entries(wanted)
      .filter(([, expected]) => expected !== undefined)
      .map(([name, expected]) => {
        const operator = name as keyof Operators
        return { pointer, path, operator, expected, holds: OPERATORS[operator](expected) }
      })
  })
}

/** The reference tokens of a JSON Pointer (RFC 6901). */
export function toPath(pointer: string): string[] {
  return pointer === ''
    ? []
    : pointer
        .slice(1)
        .split('/')
        .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** The value at a path, over own properties only; undefined when there is none. */
export function valueAt(document: unknown, path: readonly string[]): unknown {
  let value = document
  for (const token of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, token)) return undefined
    // The one own property of an array that is no element.
    if (token === 'length' && Array.isArray(value)) return undefined
    value = (value as Record<string, unknown>)[token]
  }
  return value
}

/** Equality of JSON values: numbers by value, arrays in order, objects in any key order. */
export function deepEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const fields = fieldsOf(a)
  return (
    fields.length === fieldsOf(b).length &&
    fields.every(
      (key) => Object.hasOwn(b, key) && deepEqual((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]),
    )
  )
}

/** What JSON writes: a field that is undefined is not there. */
function fieldsOf(value: object): string[] {
  return Object.keys(value).filter((key) => (value as Record<string, unknown>)[key] !== undefined)
}

/** NaN when the two have no order, so that every comparison with it is false. */
function order(actual: unknown, expected: unknown): number {
  if (typeof actual === 'number' && typeof expected === 'number') return actual - expected
  if (typeof actual === 'string' && typeof expected === 'string') return compareText(actual, expected)
  return Number.NaN
}

function isPlain(value: unknown): boolean {
  return typeof value !== 'object' || value === null
}
