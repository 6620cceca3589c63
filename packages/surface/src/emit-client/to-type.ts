import type { JsonSchema } from '@waymark/contract'
import { isRecord } from '../rest/is-record.ts'
import { list } from '../rest/json-schema-walk.ts'

/** The name of the type that a `$ref` leads to. */
export type NameOfRef = (ref: string) => string

/** The TypeScript type of what a JSON Schema 2020-12 describes. What a type cannot say (patterns, ranges) is left out. */
export function toType(schema: unknown, nameOf: NameOfRef): string {
  if (schema === false) return 'never'
  if (!isRecord(schema)) return 'unknown'
  const { $ref, enum: constants, anyOf, oneOf, allOf } = schema
  const inner = (part: unknown) => toType(part, nameOf)
  const parts = [
    typeof $ref === 'string' ? nameOf($ref) : 'unknown',
    'const' in schema ? toLiteral(schema.const) : 'unknown',
    Array.isArray(constants) ? union(constants.map(toLiteral)) : 'unknown',
    Array.isArray(anyOf) ? union(anyOf.map(inner)) : 'unknown',
    Array.isArray(oneOf) ? union(oneOf.map(inner)) : 'unknown',
    ...list(allOf).map(inner),
    // A constant says more than the type beside it.
    'const' in schema || Array.isArray(constants) ? 'unknown' : ofKeyword(schema, inner),
  ]
  return intersection(parts)
}

type Inner = (schema: unknown) => string

function ofKeyword(schema: JsonSchema, inner: Inner): string {
  const { type } = schema
  if (Array.isArray(type)) return union(type.map((one) => ofKeyword({ ...schema, type: one }, inner)))
  switch (type) {
    case 'string':
    case 'boolean':
    case 'null':
      return type
    case 'number':
    case 'integer':
      return 'number'
    case 'array':
      return ofArray(schema, inner)
    case 'object':
      return ofObject(schema, inner)
    default:
      return isRecord(schema.properties) ? ofObject(schema, inner) : 'unknown'
  }
}

function ofArray({ prefixItems, items }: JsonSchema, inner: Inner): string {
  if (!Array.isArray(prefixItems)) return `${wrapped(inner(items))}[]`
  const rest = isRecord(items) ? [`...${wrapped(inner(items))}[]`] : []
  return `[${[...prefixItems.map(inner), ...rest].join(', ')}]`
}

function ofObject({ properties, required, additionalProperties, propertyNames }: JsonSchema, inner: Inner): string {
  const names = new Set(list(required))
  const fields = Object.entries(isRecord(properties) ? properties : {}).map(([name, schema]) => {
    const type = inner(schema)
    return `${comment(schema)}${toKey(name)}${names.has(name) ? `: ${type}` : `?: ${union([type, 'undefined'])}`}`
  })
  const body = fields.length === 0 ? undefined : `{\n${fields.map((field) => `${indented(field)}\n`).join('')}}`
  const isOpen = additionalProperties === true || isRecord(additionalProperties)
  if (!isOpen) return body ?? 'Record<string, never>'
  const keys = isRecord(propertyNames) && Array.isArray(propertyNames.enum) ? propertyNames.enum : undefined
  const value = inner(additionalProperties)
  if (keys === undefined) return intersection([body ?? 'unknown', `Record<string, ${value}>`])
  const record = `Record<${union(keys.map(toLiteral))}, ${value}>`
  return intersection([body ?? 'unknown', keys.every((key) => names.has(key)) ? record : `Partial<${record}>`])
}

function union(types: readonly string[]): string {
  const different = [...new Set(types)]
  if (different.includes('unknown')) return 'unknown'
  return different.length === 0 ? 'never' : different.map((type) => (type.includes(' & ') ? wrapped(type) : type)).join(' | ')
}

function intersection(types: readonly string[]): string {
  const different = [...new Set(types)].filter((type) => type !== 'unknown')
  const [only] = different
  if (only === undefined) return 'unknown'
  return different.length === 1 ? only : different.map(wrapped).join(' & ')
}

/** A part of a longer type. */
function wrapped(type: string): string {
  return /^[\w.]+(\[\])*$/.test(type) ? type : `(${type})`
}

function toLiteral(value: unknown): string {
  return typeof value === 'string' ? toText(value) : (JSON.stringify(value) ?? 'undefined')
}

/** Text in single quotes. */
export function toText(text: string): string {
  return `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
}

function toKey(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : toText(name)
}

/** What a description says, above what it describes. */
export function comment(schema: unknown): string {
  const description = isRecord(schema) ? schema.description : undefined
  return typeof description === 'string' ? `/** ${description.replaceAll('*/', '*\\/').replaceAll(/\s*\n\s*/g, ' ')} */\n` : ''
}

function indented(text: string): string {
  return text
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n')
}
