import type { JsonSchema } from '@waymark/contract'
import { alternatives, constantsOf, list, refsWithin, typesOf } from '../rest/json-schema-walk.ts'

const DEEPEST = 6

/** A value that fits a JSON Schema, made up: what is required, and texts named after their fields. The same for the same schema. */
export function exampleValue(root: JsonSchema): unknown {
  const resolve = refsWithin(root)
  const fit = (at: unknown, name: string, depth: number): unknown => {
    const [branch = {}] = alternatives(at, resolve)
    if (branch.default !== undefined) return branch.default
    const [constant] = constantsOf(branch)
    if (constant !== undefined) return constant
    switch (typesOf(branch)[0]) {
      case 'object':
        return objectOf(branch, depth)
      case 'array':
        return depth > DEEPEST
          ? []
          : Array.from({ length: Math.max(1, number(branch.minItems, 1)) }, () => fit(branch.items, name, depth + 1))
      case 'integer':
      case 'number':
        return Math.max(1, number(branch.minimum, 1))
      case 'boolean':
        return true
      case 'null':
        return null
      default:
        return textOf(branch, name)
    }
  }
  const objectOf = (branch: JsonSchema, depth: number): Record<string, unknown> => {
    const properties = (branch.properties ?? {}) as Readonly<Record<string, JsonSchema>>
    const names = depth > DEEPEST ? [] : list(branch.required).map(String)
    return Object.fromEntries(names.map((name) => [name, fit(properties[name], name, depth + 1)]))
  }
  return fit(root, '', 0)
}

const FORMATS: Readonly<Record<string, string>> = {
  'date-time': '2026-01-01T09:00:00Z',
  date: '2026-01-01',
  email: 'ada@example.com',
  uri: 'https://example.com/',
  uuid: '0198c0de-0000-7000-8000-000000000001',
}

const NAMES: Readonly<Record<string, string>> = { learnerId: 'ada', eventName: 'deal.created', trackId: 'first-win' }

function textOf({ format, minLength, maxLength }: JsonSchema, name: string): string {
  const known = (typeof format === 'string' ? FORMATS[format] : undefined) ?? NAMES[name]
  const text = known ?? (/Id$/.test(name) ? `${name.slice(0, -2).toLowerCase()}-1` : name || 'text')
  return text.padEnd(number(minLength, 0), 'x').slice(0, number(maxLength, text.length + 1_000))
}

function number(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise
}
