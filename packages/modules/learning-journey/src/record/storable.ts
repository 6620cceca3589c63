import { type Issue, toPointer } from '@waymark/contract'
import { isStorable } from '../contracts/text.ts'

const DEEPEST = 32

/**
 * What keeps a value from being stored as JSON text that every database gives back alike; undefined when nothing does. A surface that
 * parses JSON lets most of it never come this far, a call within the process does.
 */
export function findUnstorable(value: unknown, path: readonly PropertyKey[] = []): Issue | undefined {
  switch (typeof value) {
    case 'string':
      return isStorable(value) ? undefined : refuse(path, 'text without NUL and lone surrogates', 'string')
    case 'number':
      return Number.isFinite(value) ? undefined : refuse(path, 'a finite number', String(value))
    case 'boolean':
      return undefined
    case 'object':
      return value === null ? undefined : findInside(value, path)
    default:
      return refuse(path, 'JSON', typeof value)
  }
}

function findInside(value: object, path: readonly PropertyKey[]): Issue | undefined {
  if (path.length >= DEEPEST) return refuse(path, `at most ${DEEPEST} levels of nesting`, 'object')
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      const issue = findUnstorable(item, [...path, index])
      if (issue !== undefined) return issue
    }
    return undefined
  }
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) return refuse(path, 'JSON', 'object of a class')
  for (const [key, item] of Object.entries(value)) {
    // An absent field, as JSON writes it.
    if (item === undefined) continue
    const inside = [...path, key]
    const issue = isStorable(key) ? findUnstorable(item, inside) : refuse(path, 'field names without NUL and lone surrogates', 'object')
    if (issue !== undefined) return issue
  }
  return undefined
}

function refuse(path: readonly PropertyKey[], expected: string, received: string): Issue {
  return { pointer: toPointer(path), message: `Expected ${expected}`, expected, received }
}
