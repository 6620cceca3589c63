import { type JsonSchema, valueAt } from '@waymark/contract'
import { isRecord } from './is-record.ts'

/** Finds the schema that a `$ref` names. */
export type ResolveRef = (ref: string) => unknown

/** Resolves the `$ref`s of a document against the document itself. */
export function refsWithin(document: unknown): ResolveRef {
  return (ref) => (ref.startsWith('#') ? valueAt(document, decodeURIComponent(ref.slice(1))) : undefined)
}

/** Every schema that may describe the value: through references, and through each branch of `anyOf`, `oneOf` and `allOf`. */
export function alternatives(schema: unknown, resolve: ResolveRef, seen = new Set<unknown>()): JsonSchema[] {
  if (!isRecord(schema) || seen.has(schema)) return []
  seen.add(schema)
  const { $ref, anyOf, oneOf, allOf } = schema
  const inner = [...(typeof $ref === 'string' ? [resolve($ref)] : []), ...list(anyOf), ...list(oneOf), ...list(allOf)]
  const says = ['type', 'enum', 'const', 'properties'].some((keyword) => keyword in schema)
  return [...(says ? [schema] : []), ...inner.flatMap((branch) => alternatives(branch, resolve, seen))]
}

/** The JSON types that a schema names: of `type`, or of its constants. */
export function typesOf(schema: JsonSchema): string[] {
  if (typeof schema.type === 'string') return [schema.type]
  if (Array.isArray(schema.type)) return schema.type.map(String)
  if ('properties' in schema) return ['object']
  return [...new Set(constantsOf(schema).map(typeName))]
}

/** The constants that a schema admits; empty when it admits a range. */
export function constantsOf(schema: JsonSchema): unknown[] {
  return 'const' in schema ? [schema.const] : list(schema.enum)
}

export function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

function typeName(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}
