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
  const { $schema: _, ...rest } = schema['~standard'].jsonSchema[direction]({ target: 'draft-2020-12' })
  return rest
}
