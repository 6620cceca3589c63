import type { JsonSchema } from '@waymark/contract'
import { isRecord } from './is-record.ts'
import { alternatives, list, type ResolveRef, typesOf } from './json-schema-walk.ts'

/** One field of an input that can travel in a query string. */
export interface QueryProperty {
  readonly name: string
  readonly schema: JsonSchema
  readonly required: boolean
}

/** The fields of an object input; undefined when the input is no object, and so has no query string. */
export function queryProperties(input: JsonSchema, resolve: ResolveRef): readonly QueryProperty[] | undefined {
  const objects = alternatives(input, resolve).filter((schema) => typesOf(schema).includes('object'))
  if (objects.length === 0) return undefined
  const required = requiredNames(input, resolve)
  const byName = new Map<string, JsonSchema[]>()
  for (const { properties } of objects) {
    for (const [name, schema] of Object.entries((properties ?? {}) as Record<string, unknown>)) {
      if (isRecord(schema)) byName.set(name, [...(byName.get(name) ?? []), schema])
    }
  }
  return [...byName].map(([name, schemas]) => ({
    name,
    schema: schemas.length === 1 && schemas[0] !== undefined ? schemas[0] : { anyOf: schemas },
    required: required.has(name),
  }))
}

/** What every branch requires: all of `allOf` together, and of `anyOf` and `oneOf` only what their branches share. */
function requiredNames(schema: unknown, resolve: ResolveRef, seen = new Set<unknown>()): Set<string> {
  if (!isRecord(schema) || seen.has(schema)) return new Set()
  seen.add(schema)
  const names = (branch: unknown) => requiredNames(branch, resolve, seen)
  const { $ref, required, allOf, anyOf, oneOf } = schema
  return new Set([
    ...list(required).map(String),
    ...(typeof $ref === 'string' ? names(resolve($ref)) : []),
    ...list(allOf).flatMap((branch) => [...names(branch)]),
    ...shared(list(anyOf).map(names)),
    ...shared(list(oneOf).map(names)),
  ])
}

function shared([first, ...others]: Set<string>[]): string[] {
  return [...(first ?? [])].filter((name) => others.every((other) => other.has(name)))
}
