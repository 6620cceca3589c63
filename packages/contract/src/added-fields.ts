import type { StandardSchemaV1 } from '@standard-schema/spec'
import { type JsonSchema, jsonSchemaOf, type Schema } from './schema.ts'

/** A field that a marker on the output adds to the input of a query. */
export interface AddedField {
  readonly name: string
  readonly schema: JsonSchema
  /** Whether a value that came is right. */
  readonly admits: (value: unknown) => boolean
  /** Said of a value that is not. */
  readonly message: string
  readonly expected: string
  /** What a handler sees when the caller sent nothing. */
  readonly absent: unknown
}

/** An object schema with more fields, which the declared schema never sees. */
export function withFields(input: Schema, fields: readonly AddedField[]): Schema {
  const added = Object.fromEntries(fields.map(({ name, schema }) => [name, schema]))
  const describe = (direction: 'input' | 'output') => (): Record<string, unknown> => {
    const own = jsonSchemaOf(input, direction) as { properties?: JsonSchema }
    return { ...own, type: 'object', properties: { ...own.properties, ...added } }
  }
  return {
    '~standard': {
      version: 1,
      vendor: 'waymark',
      jsonSchema: { input: describe('input'), output: describe('output') },
      validate: (value) => {
        if (!isRecord(value)) return input['~standard'].validate(value)
        const rest = { ...value }
        for (const { name } of fields) delete rest[name]
        const issues = fields
          .filter(({ name, admits }) => value[name] !== undefined && !admits(value[name]))
          .map(({ name, message, expected }) => ({ message, path: [name], expected }))
        const join = (own: StandardSchemaV1.Result<unknown>): StandardSchemaV1.Result<unknown> => {
          if (own.issues || issues.length > 0) return { issues: [...(own.issues ?? []), ...issues] }
          const values = fields.map(({ name, absent }) => [name, value[name] ?? absent])
          return { value: { ...(own.value as object), ...Object.fromEntries(values) } }
        }
        const own = input['~standard'].validate(rest)
        return own instanceof Promise ? own.then(join) : join(own)
      },
    },
  }
}

/** True for a JSON object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
