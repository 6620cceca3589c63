import { type EventEntry, type JsonSchema, parsePointer } from '@waymark/contract'
import type { LeafModel } from '@waymark/learning-journey'

type Payload = Record<string, unknown>

/**
 * A payload that an event contract takes and a condition counts, made up from the JSON Schema: required fields only, and those that the
 * condition asks for. Undefined when the contract refuses what was made up.
 * @param index makes texts of several payloads differ.
 */
export function toSamplePayload(
  entry: EventEntry,
  leaf: Pick<LeafModel, 'where' | 'distinctBy'>,
  index: number,
): Payload | undefined {
  const root = entry.payloadSchema
  const payload = sampleOf(root, root, '', index, 0)
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) return undefined
  for (const [pointer, wanted] of Object.entries(leaf.where ?? {})) {
    const value = wantedValue(wanted)
    if (value !== undefined) place(payload as Payload, parsePointer(pointer) ?? [], value)
  }
  if (leaf.distinctBy !== undefined) fill(payload as Payload, parsePointer(leaf.distinctBy) ?? [], `sample-${index}`)
  try {
    const result = entry.event.payload['~standard'].validate(payload)
    return 'then' in result || result.issues !== undefined ? undefined : (payload as Payload)
  } catch {
    return undefined
  }
}

const DEEPEST = 6

function sampleOf(root: JsonSchema, schema: JsonSchema, name: string, index: number, depth: number): unknown {
  if (depth > DEEPEST) return undefined
  const { $ref, examples, anyOf, oneOf, allOf } = schema as {
    readonly $ref?: string
    readonly examples?: readonly unknown[]
    readonly anyOf?: readonly JsonSchema[]
    readonly oneOf?: readonly JsonSchema[]
    readonly allOf?: readonly JsonSchema[]
  }
  const inner = (next: JsonSchema) => sampleOf(root, next, name, index, depth + 1)
  if (schema.const !== undefined) return schema.const
  if (schema.default !== undefined) return schema.default
  if (examples !== undefined) return examples[0]
  if (Array.isArray(schema.enum)) return schema.enum[0]
  if ($ref?.startsWith('#/$defs/')) return inner((root.$defs as Record<string, JsonSchema>)[$ref.slice(8)] ?? {})
  const branch = anyOf?.[0] ?? oneOf?.[0]
  if (branch !== undefined) return inner(branch)
  if (allOf !== undefined) return Object.assign({}, ...allOf.map(inner))
  switch (Array.isArray(schema.type) ? schema.type[0] : schema.type) {
    case 'object':
      return objectOf(root, schema, index, depth)
    case 'array':
      return Array.from({ length: Number(schema.minItems ?? 0) }, () => inner((schema.items ?? {}) as JsonSchema))
    case 'number':
    case 'integer':
      return numberOf(schema)
    case 'boolean':
      return true
    case 'null':
      return null
    default:
      return textOf(schema, name, index)
  }
}

function objectOf(root: JsonSchema, schema: JsonSchema, index: number, depth: number): Payload {
  const properties = (schema.properties ?? {}) as Readonly<Record<string, JsonSchema>>
  const required = (schema.required ?? []) as readonly string[]
  return Object.fromEntries(required.map((key) => [key, sampleOf(root, properties[key] ?? {}, key, index, depth + 1)]))
}

function numberOf({ minimum, exclusiveMinimum, maximum, multipleOf }: JsonSchema): number {
  const low = typeof minimum === 'number' ? minimum : typeof exclusiveMinimum === 'number' ? exclusiveMinimum + 1 : 1
  const step = typeof multipleOf === 'number' ? multipleOf : 1
  const start = Math.max(low, typeof maximum === 'number' ? Math.min(1, maximum) : 1)
  return Math.ceil(start / step) * step
}

const FORMATS: Readonly<Record<string, string>> = {
  'date-time': '2026-01-01T09:00:00Z',
  date: '2026-01-01',
  email: 'ada@example.com',
  uri: 'https://example.com/',
  uuid: '0198c0de-0000-7000-8000-000000000001',
}

function textOf({ format, minLength, maxLength }: JsonSchema, name: string, index: number): string {
  const known = typeof format === 'string' ? FORMATS[format] : undefined
  if (known !== undefined) return known
  const noun = name.replace(/Id$/, '').toLowerCase() || 'sample'
  const text = /Id$/.test(name) ? `${noun}-${index}` : noun
  const long = text.padEnd(typeof minLength === 'number' ? minLength : 0, 'x')
  return typeof maxLength === 'number' ? long.slice(0, maxLength) : long
}

/** A value that the operators of a condition accept; undefined when none can be told. */
function wantedValue(wanted: unknown): unknown {
  if (typeof wanted !== 'object' || wanted === null) return wanted
  const { eq, in: one, gte, gt, lte, lt, startsWith, contains } = wanted as Readonly<Record<string, unknown>>
  if (eq !== undefined) return eq
  if (Array.isArray(one)) return one[0]
  if (gte !== undefined) return gte
  if (typeof gt === 'number') return gt + 1
  if (lte !== undefined) return lte
  if (typeof lt === 'number') return lt - 1
  return startsWith ?? contains
}

function place(payload: Payload, path: readonly string[], value: unknown): void {
  let at = payload
  for (const token of path.slice(0, -1)) {
    const next = Object.hasOwn(at, token) ? at[token] : undefined
    if (typeof next !== 'object' || next === null) at[token] = {}
    at = at[token] as Payload
  }
  const last = path.at(-1)
  if (last !== undefined) at[last] = value
}

function fill(payload: Payload, path: readonly string[], value: unknown): void {
  const isThere = path.reduce<unknown>((at, token) => (at as Payload | undefined)?.[token], payload) !== undefined
  if (!isThere) place(payload, path, value)
}
