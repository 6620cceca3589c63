import type { JsonSchema } from '@waymark/contract'
import { toPath } from '../engine/index.ts'
import { pointerTo } from './typed-where.ts'

/** What a JSON Schema says of the field at a pointer, one for each alternative that has it: `{}` where it says nothing; none where it rules the field out. */
export function fieldSchemas(root: JsonSchema, pointer: string): readonly JsonSchema[] {
  return schemasAt(root, root, toPath(pointer))
}

const OPEN: readonly JsonSchema[] = [{}]

function schemasAt(root: JsonSchema, schema: JsonSchema, path: readonly string[]): readonly JsonSchema[] {
  const resolved = resolve(root, schema)
  const [field, ...rest] = path
  if (field === undefined) return [resolved]
  const { type, properties, additionalProperties, items } = resolved
  const alternatives = alternativesOf(resolved)
  const found = alternatives.flatMap((alternative) => schemasAt(root, alternative, path))
  if (isSchema(properties) && Object.hasOwn(properties, field))
    return [...found, ...schemasAt(root, properties[field] as JsonSchema, rest)]
  if (alternatives.length > 0) return found
  if (isSchema(additionalProperties)) return schemasAt(root, additionalProperties, rest)
  if (type === 'array' && /^\d+$/.test(field)) return isSchema(items) ? schemasAt(root, items, rest) : OPEN
  if (additionalProperties !== undefined) return additionalProperties === true ? OPEN : []
  return properties === undefined && (type === undefined || type === 'object') ? OPEN : []
}

/** The types that the value at a pointer may have; undefined when the schema does not say. */
export function fieldTypes(root: JsonSchema, pointer: string): string[] | undefined {
  return typesOf(root, fieldSchemas(root, pointer))
}

function typesOf(root: JsonSchema, schemas: readonly JsonSchema[]): string[] | undefined {
  const types = new Set<string>()
  for (const schema of schemas) {
    const resolved = resolve(root, schema)
    const alternatives = alternativesOf(resolved)
    const found = alternatives.length > 0 ? typesOf(root, alternatives) : [resolved.type ?? []].flat().map(String)
    if (found === undefined || found.length === 0) return undefined
    for (const type of found) types.add(type === 'integer' ? 'number' : type)
  }
  return types.size === 0 ? undefined : [...types]
}

/** True when a number at a pointer cannot be below zero. */
export function isNeverNegative(root: JsonSchema, pointer: string): boolean {
  const schemas = fieldSchemas(root, pointer)
  return schemas.length > 0 && schemas.every((schema) => isBounded(root, schema))
}

function isBounded(root: JsonSchema, schema: JsonSchema): boolean {
  const { minimum, exclusiveMinimum, type, allOf, anyOf, oneOf, ...resolved } = resolve(root, schema)
  if (Math.max(asNumber(minimum), asNumber(exclusiveMinimum)) >= 0) return true
  if (type !== undefined && ![type].flat().some((name) => name === 'number' || name === 'integer')) return true
  const values = Array.isArray(resolved.enum) ? resolved.enum : Object.hasOwn(resolved, 'const') ? [resolved.const] : undefined
  if (values !== undefined) return values.every((value) => typeof value !== 'number' || value >= 0)
  const bounds = (list: unknown, quantifier: 'some' | 'every') =>
    Array.isArray(list) && list.length > 0 && (list as JsonSchema[])[quantifier]((item) => isBounded(root, item))
  return bounds(allOf, 'some') || bounds(anyOf, 'every') || bounds(oneOf, 'every')
}

function asNumber(value: unknown): number {
  return typeof value === 'number' ? value : Number.NEGATIVE_INFINITY
}

/** The fields at the top of a schema, as pointers. */
export function fieldNames(schema: JsonSchema): string[] {
  return Object.keys((schema.properties as object | undefined) ?? {}).map(pointerTo)
}

function alternativesOf({ anyOf, oneOf, allOf }: JsonSchema): JsonSchema[] {
  return [anyOf, oneOf, allOf].flatMap((list) => (Array.isArray(list) ? (list as JsonSchema[]) : []))
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null
}

function resolve(root: JsonSchema, schema: JsonSchema): JsonSchema {
  const { $ref } = schema
  if (typeof $ref !== 'string' || !$ref.startsWith('#')) return schema
  let target: unknown = root
  for (const token of toPath($ref.slice(1))) target = (target as Record<string, unknown> | undefined)?.[token]
  return typeof target === 'object' && target !== null ? (target as JsonSchema) : {}
}
