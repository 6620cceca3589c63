import type { StandardJSONSchemaV1, StandardSchemaV1 } from '@standard-schema/spec'

/**
 * A schema that validates (Standard Schema 1.1) and describes itself as JSON Schema (Standard JSON Schema 1.1).
 * zod 4 and ArkType implement both; wrap Valibot schemas with `toStandardJsonSchema` of `@valibot/to-json-schema`.
 * @see https://standardschema.dev
 */
export interface Schema<In = unknown, Out = In> {
  readonly '~standard': StandardSchemaV1.Props<In, Out> & StandardJSONSchemaV1.Props<In, Out>
}

/** The type a caller sends. */
export type InferInput<S extends Schema> = NonNullable<S['~standard']['types']>['input']

/** The type a handler sees, and a caller receives. */
export type InferOutput<S extends Schema> = NonNullable<S['~standard']['types']>['output']

/** A JSON Schema 2020-12 document. */
export type JsonSchema = { readonly [keyword: string]: unknown }

/**
 * The JSON Schema 2020-12 of a schema, without the `$schema` keyword.
 * @param direction `input` is what a caller may send, `output` what comes out of validation.
 * @throws what the schema library throws when a type has no JSON Schema (transforms, custom checks).
 */
export function jsonSchemaOf(schema: Schema, direction: 'input' | 'output'): JsonSchema {
  const { vendor, jsonSchema } = schema['~standard']
  if (jsonSchema === undefined) {
    const hint = vendor === 'valibot' ? '; wrap it with toStandardJsonSchema of @valibot/to-json-schema' : ''
    throw new TypeError(`this schema of ${vendor} does not implement Standard JSON Schema${hint}`)
  }
  const { $schema: _, ...rest } = jsonSchema[direction]({ target: 'draft-2020-12' })
  return rest
}

/** True when a document may have a field there: its JSON Schema names it, directly or in one of its alternatives. */
export function namesField(schema: JsonSchema, path: readonly string[]): boolean {
  return mayHave(schema, path, schema, 0)
}

// Deep enough for every real contract; a schema that refers to itself ends here.
const MAX_REFERENCES = 32

function mayHave(schema: JsonSchema, path: readonly string[], root: JsonSchema, depth: number): boolean {
  const [name, ...rest] = path
  if (name === undefined) return true
  if (depth > MAX_REFERENCES) return false
  const { properties, allOf, anyOf, oneOf, $ref } = schema as {
    readonly [keyword in 'allOf' | 'anyOf' | 'oneOf']?: readonly JsonSchema[]
  } & { readonly properties?: Readonly<Record<string, JsonSchema>>; readonly $ref?: string }
  if (properties !== undefined && Object.hasOwn(properties, name)) {
    return mayHave(properties[name] as JsonSchema, rest, root, depth + 1)
  }
  const referred = $ref?.startsWith('#/$defs/') ? (root.$defs as Record<string, JsonSchema>)?.[$ref.slice(8)] : undefined
  const alternatives = [...(allOf ?? []), ...(anyOf ?? []), ...(oneOf ?? []), ...(referred === undefined ? [] : [referred])]
  return alternatives.some((alternative) => mayHave(alternative, path, root, depth + 1))
}
