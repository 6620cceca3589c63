import { type Issue, toPointer } from '@waymark/contract'
import { isStorable } from '../contracts/text.ts'

const DEEPEST = 32

/**
 * What keeps a value from being stored as JSON text that every database gives back alike; undefined when nothing does. A surface that
 * parses JSON lets most of it never come this far; a call within the process does.
 */
export function findUnstorable(value: unknown, levels = DEEPEST): Issue | undefined {
  switch (typeof value) {
    case 'string':
      return isStorable(value) ? undefined : refuse('text without NUL and lone surrogates', 'string')
    case 'number':
      return Number.isFinite(value) ? undefined : refuse('a finite number', String(value))
    case 'boolean':
      return undefined
    case 'object':
      return value === null ? undefined : findInside(value, levels)
    default:
      return refuse('JSON', typeof value)
  }
}

function findInside(value: object, levels: number): Issue | undefined {
  if (levels === 0) return refuse(`at most ${DEEPEST} levels of nesting`, 'object')
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      const issue = findUnstorable(value[index], levels - 1)
      if (issue !== undefined) return below(index, issue)
    }
    return undefined
  }
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) return refuse('JSON', 'object of a class')
  for (const key of Object.keys(value)) {
    const item = (value as Record<string, unknown>)[key]
    // JSON leaves such a field out.
    if (item === undefined) continue
    const issue = isStorable(key)
      ? findUnstorable(item, levels - 1)
      : refuse('a field name without NUL and lone surrogates', 'string')
    if (issue !== undefined) return below(key, issue)
  }
  return undefined
}

function below(key: PropertyKey, issue: Issue): Issue {
  return { ...issue, pointer: toPointer([key]) + issue.pointer }
}

function refuse(expected: string, received: string): Issue {
  return { pointer: '', message: `Expected ${expected}`, expected, received }
}
