import type { Where } from './track.ts'

/** Values, pointers and operators of docs/reference/track-semantics.md, "`where`". */

export function compareUtf8(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left, 'utf8'), Buffer.from(right, 'utf8'))
}

function compareCodePoints(left: string, right: string): number {
  const a = [...left].map((character) => character.codePointAt(0) ?? 0)
  const b = [...right].map((character) => character.codePointAt(0) ?? 0)
  for (let i = 0; i < a.length && i < b.length; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

/** All values at a JSON Pointer (RFC 6901): one, or none when absent. */
export function valuesAt(payload: unknown, pointer: string): unknown[] {
  if (payload === undefined) return []
  if (pointer === '') return [payload]
  if (!pointer.startsWith('/')) throw new Error(`not a JSON Pointer: ${pointer}`)
  let value: unknown = payload
  for (const token of pointer.slice(1).split('/')) {
    const name = token.replaceAll('~1', '/').replaceAll('~0', '~')
    if (typeof value !== 'object' || value === null) return []
    if (Array.isArray(value) && !/^(0|[1-9]\d*)$/.test(name)) return []
    if (!Object.hasOwn(value, name)) return []
    value = (value as Record<string, unknown>)[name]
    if (value === undefined) return []
  }
  return [value]
}

export function deepEqual(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, i) => deepEqual(item, b[i]))
  }
  if (typeof a === 'object' && a !== null && typeof b === 'object' && b !== null) {
    const names = Object.keys(a)
    return (
      names.length === Object.keys(b).length &&
      names.every((name) => Object.hasOwn(b, name) && deepEqual(Reflect.get(a, name), Reflect.get(b, name)))
    )
  }
  return a === b
}

/** Negative, zero or positive; NaN when unordered. */
function difference(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (typeof a === 'string' && typeof b === 'string') return compareCodePoints(a, b)
  return Number.NaN
}

function operatorHolds(name: string, operand: unknown, found: unknown[]): boolean {
  if (name === 'exists') return operand === (found.length === 1)
  if (found.length === 0) return false
  const value = found[0]
  switch (name) {
    case 'eq':
      return deepEqual(value, operand)
    case 'ne':
      return !deepEqual(value, operand)
    case 'in':
      return (operand as unknown[]).some((item) => deepEqual(value, item))
    case 'nin':
      return !(operand as unknown[]).some((item) => deepEqual(value, item))
    case 'gt':
      return difference(value, operand) > 0
    case 'gte':
      return difference(value, operand) >= 0
    case 'lt':
      return difference(value, operand) < 0
    case 'lte':
      return difference(value, operand) <= 0
    case 'contains':
      if (typeof value === 'string') return typeof operand === 'string' && value.includes(operand)
      return Array.isArray(value) && value.some((item) => deepEqual(item, operand))
    case 'startsWith':
      return typeof value === 'string' && typeof operand === 'string' && value.startsWith(operand)
    default:
      throw new Error(`unknown operator ${name}`)
  }
}

export function whereHolds(where: Where | undefined, payload: unknown): boolean {
  return Object.entries(where ?? {}).every(([pointer, test]) => {
    const operators = typeof test === 'object' && test !== null ? test : { eq: test }
    return Object.entries(operators).every(([name, operand]) => operatorHolds(name, operand, valuesAt(payload, pointer)))
  })
}
