import type { JsonSchema } from '@waymark/contract'

/** A schema that stands inside another one, and what has to stand beside that one's other keywords for its references to lead there. */
export interface NestedSchema {
  readonly schema: JsonSchema
  readonly definitions: { readonly $defs?: JsonSchema }
}

/** Moves a schema that refers to parts of itself into `$defs`, under a name; any other one stays as it is. */
export function toNestedSchema(schema: JsonSchema, name: string): NestedSchema {
  const text = JSON.stringify(schema)
  if (!text.includes('"$ref":')) return { schema, definitions: {} }
  const place = `#/$defs/${name}`
  const moved = JSON.parse(text, (key, value: unknown) =>
    key === '$ref' && typeof value === 'string' ? value.replace(/^#/, place) : value,
  ) as JsonSchema
  return { schema: { $ref: place }, definitions: { $defs: { [name]: moved } } }
}
