import type { JsonSchema } from '@waymark/contract'
import { isRecord } from '../rest/is-record.ts'
import { constantsOf, list, type ResolveRef, typesOf } from '../rest/json-schema-walk.ts'

/** What a JSON Schema admits, sorted: null aside, each alternative of one JSON type. */
export interface JsonType {
  readonly nullable: boolean
  /** Empty when anything is admitted. */
  readonly alternatives: readonly Alternative[]
  /** The schema itself, behind its references: what is one node is one type. */
  readonly node: JsonSchema
  /** The name that the schema gave to itself, if any. */
  readonly id: string | undefined
  readonly description: string | undefined
}

/** A schema of exactly one JSON type. */
export interface Alternative {
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'object' | 'array'
  readonly schema: JsonSchema
  readonly id: string | undefined
}

const ANY: JsonSchema = {}

/** Reads a schema: follows references, joins `allOf`, and takes `anyOf`, `oneOf` and lists of types apart. */
export function createJsonTypes(resolve: ResolveRef): (schema: unknown) => JsonType {
  // A joined schema must be the same node each time, or what refers to itself would never end.
  const joined = new Map<JsonSchema, JsonSchema>()
  const narrowed = new Map<JsonSchema, Map<string, JsonSchema>>()

  function follow(schema: unknown): { readonly node: JsonSchema; readonly id: string | undefined; readonly text: unknown } {
    let node = isRecord(schema) ? schema : ANY
    let text = node.description
    let id: string | undefined
    for (let steps = 0; typeof node.$ref === 'string' && steps < 32; steps++) {
      const target = resolve(node.$ref)
      id = givenName(node.$ref) ?? id
      node = isRecord(target) ? target : ANY
      text ??= node.description
    }
    if (!Array.isArray(node.allOf)) return { node, id, text }
    const known = joined.get(node) ?? join(node)
    joined.set(node, known)
    return { node: known, id, text }
  }

  function join(schema: JsonSchema): JsonSchema {
    const { allOf, ...rest } = schema
    const parts = [rest, ...list(allOf).map((part) => follow(part).node)].filter((part) => Object.keys(part).length > 0)
    const properties = Object.assign({}, ...parts.map((part) => part.properties))
    const required = [...new Set(parts.flatMap((part) => list(part.required)))]
    return Object.keys(properties).length === 0
      ? Object.assign({}, ...parts)
      : { ...Object.assign({}, ...parts), properties, required }
  }

  function take(schema: unknown, into: { nullable: boolean; anything: boolean; found: Alternative[] }): void {
    const { node, id } = follow(schema)
    const { anyOf, oneOf } = node
    const branches = [...list(anyOf), ...list(oneOf)]
    if (branches.length > 0 && node.properties === undefined) {
      for (const branch of branches) take(branch, into)
      return
    }
    const types = typesOf(node)
    // Alternatives that also share fields have no counterpart.
    if (types.length === 0 || branches.length > 0) into.anything = true
    for (const type of types) {
      if (type === 'null') into.nullable = true
      else into.found.push({ type: type as Alternative['type'], schema: narrow(node, type), id })
    }
  }

  function narrow(node: JsonSchema, type: string): JsonSchema {
    const known = narrowed.get(node) ?? new Map<string, JsonSchema>()
    const schema = known.get(type) ?? ofType(node, type)
    narrowed.set(node, known.set(type, schema))
    return schema
  }

  return (schema) => {
    let { node, id, text } = follow(schema)
    const into = { nullable: false, anything: false, found: [] as Alternative[] }
    take(node, into)
    // What may also be null is the same type.
    for (let only = onlyBranch(node); only !== undefined; only = onlyBranch(node)) {
      const next = follow(only)
      node = next.node
      id = next.id ?? id
      text ??= next.text
    }
    const description = typeof text === 'string' ? text : undefined
    const { anything, nullable, found } = into
    return { node, id, description, nullable: nullable || anything, alternatives: anything ? [] : found }
  }
}

/** Names that schema libraries make up are numbers, or begin in lower case; the one of a page's item is ours. */
function givenName(ref: string): string | undefined {
  return ref === '#/$defs/Item' ? undefined : /\/\$defs\/([A-Z]\w*)$/.exec(ref)?.[1]
}

/** The one alternative beside null, if there is just one. */
function onlyBranch({ anyOf, oneOf, properties }: JsonSchema): unknown {
  const branches = [...list(anyOf), ...list(oneOf)]
  const [only, ...others] = branches.filter((branch) => !isRecord(branch) || branch.type !== 'null')
  return properties === undefined && others.length === 0 ? only : undefined
}

/** Of a schema with several types, what it says of one of them. */
function ofType(schema: JsonSchema, type: string): JsonSchema {
  if (schema.type === type) return schema
  const kept = constantsOf(schema).filter((value) => matchesType(value, type))
  return constantsOf(schema).length === 0 ? { ...schema, type } : { ...schema, type, enum: kept }
}

/** True when a JSON value is of a type. */
export function matchesType(value: unknown, type: string): boolean {
  switch (type) {
    case 'null':
      return value === null
    case 'array':
      return Array.isArray(value)
    case 'object':
      return isRecord(value)
    case 'integer':
      return Number.isInteger(value)
    default:
      return typeof value === type
  }
}
