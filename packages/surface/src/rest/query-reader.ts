/**
 * Query strings carry text; contracts want numbers, booleans, lists and objects. A reader is compiled from the input's JSON Schema
 * once. What cannot be coerced stays text, so that the contract's own validation names the field and what it expected.
 */
import type { Issue, JsonSchema } from '@waymark/contract'
import { isRecord } from './is-record.ts'
import { alternatives, constantsOf, list, type ResolveRef, refsWithin, typesOf } from './json-schema-walk.ts'
import { isForbiddenKey, parseJson } from './parse-json.ts'
import { queryProperties } from './query-properties.ts'
import { refuseInput, type WireInput } from './wire-input.ts'

/** Reads a query string, with or without its `?`. */
export type QueryReader = (search: string) => WireInput

/** The reader of an input; undefined when the input is no object. */
export function createQueryReader(input: JsonSchema): QueryReader | undefined {
  const resolve = refsWithin(input)
  const properties = queryProperties(input, resolve)
  if (properties === undefined) return undefined
  const fields = new Map(properties.map(({ name, schema }) => [name, fieldOf(schema, resolve)]))
  const rest = alternatives(input, resolve).find(({ additionalProperties }) => isRecord(additionalProperties))
  const unknown = fieldOf(rest?.additionalProperties, resolve)
  return (search) => {
    const values: [string, unknown][] = []
    const parameters = new URLSearchParams(search)
    for (const name of new Set(parameters.keys())) {
      if (isForbiddenKey(name)) return refuseInput([forbidden(name)])
      values.push([name, (fields.get(name) ?? unknown)(parameters.getAll(name))])
    }
    return { ok: true, input: Object.fromEntries(values), inputBytes: search.length }
  }
}

/** A field that a query string cannot carry as plain text: it travels as JSON. */
export function isJsonField(schema: JsonSchema, resolve: ResolveRef): boolean {
  const types = alternatives(schema, resolve).flatMap(typesOf)
  return types.includes('object') && types.every((type) => type === 'object' || type === 'null')
}

type Field = (texts: readonly string[]) => unknown
type Item = (text: string) => unknown

function fieldOf(schema: unknown, resolve: ResolveRef): Field {
  const branches = alternatives(schema, resolve)
  const arrays = branches.filter((branch) => typesOf(branch).includes('array'))
  const scalar = itemOf(schema, resolve)
  if (arrays.length === 0) return (texts) => (texts.length === 1 ? scalar(texts[0] as string) : texts)
  const rest = itemOf({ anyOf: arrays.map(({ items }) => items).filter(isRecord) }, resolve)
  const first = list(arrays.find(({ prefixItems }) => prefixItems !== undefined)?.prefixItems).map((item) =>
    itemOf(item, resolve),
  )
  const onlyArrays = branches.every((branch) => typesOf(branch).every((type) => type === 'array' || type === 'null'))
  return (texts) =>
    texts.length === 1 && !onlyArrays ? scalar(texts[0] as string) : texts.map((text, index) => (first[index] ?? rest)(text))
}

function itemOf(schema: unknown, resolve: ResolveRef): Item {
  const branches = alternatives(schema, resolve)
  const constants = new Map(branches.flatMap(constantsOf).map((value) => [String(value), value]))
  const types = new Set(branches.flatMap(typesOf))
  return (text) => {
    if (constants.has(text)) return constants.get(text)
    if (types.has('string')) return text
    if ((types.has('number') || types.has('integer')) && isNumberText(text)) return Number(text)
    if (types.has('boolean') && (text === 'true' || text === 'false')) return text === 'true'
    if (types.has('null') && text === 'null') return null
    if ((types.has('object') && text.startsWith('{')) || (types.has('array') && text.startsWith('['))) {
      const parsed = parseJson(text)
      if (parsed.ok && parsed.flaws.length === 0) return parsed.value
    }
    return text
  }
}

/** A JSON number that a double holds as written. */
function isNumberText(text: string): boolean {
  if (!/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text)) return false
  return /[.eE]/.test(text) ? Number.isFinite(Number(text)) : Number.isSafeInteger(Number(text))
}

function forbidden(name: string): Issue {
  return {
    pointer: `/${name}`,
    message: 'A field must not have this name',
    expected: 'another name',
    received: 'query parameter',
  }
}
