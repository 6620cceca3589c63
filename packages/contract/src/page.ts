import type { StandardSchemaV1 } from '@standard-schema/spec'
import { type AddedField, isRecord, withFields } from './added-fields.ts'
import { type InferInput, type InferOutput, type JsonSchema, jsonSchemaOf, type Schema } from './schema.ts'

/** What a caller adds to the input of a paged query. `limit` is a count of items, 1 to 200, 50 when absent. */
export interface PageRequest {
  readonly cursor?: string | undefined
  readonly limit?: number | undefined
}

/** One page of items. `nextCursor` is null on the last page; a cursor is opaque and belongs to one tenant. */
export interface Page<Item> {
  readonly items: Item[]
  readonly nextCursor: string | null
}

/** The marker that `page(item)` leaves on a query's output. */
export interface PageSchema<In, Out> extends Schema<Page<In>, Page<Out>> {
  readonly '~page': Schema<In, Out>
}

/** The input schema of a paged query: the declared one plus `cursor` and `limit`. */
export type Paged<S extends Schema> = Schema<
  // An input without fields is typed as `Record<string, never>`, which would refuse every field added to it.
  string extends keyof InferInput<S> ? PageRequest : InferInput<S> & PageRequest,
  InferOutput<S> & { readonly cursor: string | null; readonly limit: number }
>

const DEFAULT_LIMIT = 50
const MAX_LIMIT = 200

/** Marks the output of a query as a page of `item`. The query's input then also takes `cursor` and `limit`. */
export function page<S extends Schema>(item: S): PageSchema<InferInput<S>, InferOutput<S>> {
  const describe = (direction: 'input' | 'output') => () => {
    const { definitions, schema } = embedded(jsonSchemaOf(item, direction))
    return {
      type: 'object',
      properties: {
        items: { type: 'array', items: schema },
        nextCursor: { type: ['string', 'null'], description: 'Send it as `cursor` to get the next page; null on the last one.' },
      },
      required: ['items', 'nextCursor'],
      ...definitions,
    }
  }
  return {
    '~page': item as Schema<InferInput<S>, InferOutput<S>>,
    '~standard': {
      version: 1,
      vendor: 'waymark',
      jsonSchema: { input: describe('input'), output: describe('output') },
      validate: (value) => validatePage(item as Schema<unknown, InferOutput<S>>, value),
    },
  }
}

/** A schema that refers to parts of itself moves into `$defs`, so that its references still lead there from inside the page. */
function embedded(schema: JsonSchema): { readonly schema: JsonSchema; readonly definitions?: { readonly $defs: JsonSchema } } {
  const text = JSON.stringify(schema)
  if (!text.includes('"$ref":')) return { schema }
  const moved = JSON.parse(text, (key, value) =>
    key === '$ref' && typeof value === 'string' ? value.replace(/^#/, ITEM) : value,
  )
  return { schema: { $ref: ITEM }, definitions: { $defs: { Item: moved } } }
}

const ITEM = '#/$defs/Item'

/** True when a schema was made by `page(item)`. */
export function isPage(schema: Schema): schema is PageSchema<unknown, unknown> {
  return '~page' in schema
}

/** The declared input of a paged query, widened by `cursor` and `limit`. */
export function paged<S extends Schema>(input: S): Paged<S> {
  return withFields(input, PAGE_FIELDS) as Paged<S>
}

const PAGE_FIELDS: readonly AddedField[] = [
  {
    name: 'cursor',
    schema: { type: 'string', description: 'Where to go on: the `nextCursor` of the page before.' },
    admits: (value) => typeof value === 'string',
    message: 'Expected the nextCursor of the page before',
    expected: 'string',
    absent: null,
  },
  {
    name: 'limit',
    schema: { type: 'integer', minimum: 1, maximum: MAX_LIMIT, default: DEFAULT_LIMIT, description: 'How many items at most.' },
    admits: (value) => Number.isInteger(value) && (value as number) >= 1 && (value as number) <= MAX_LIMIT,
    message: `Expected a whole number from 1 to ${MAX_LIMIT}`,
    expected: 'integer',
    absent: DEFAULT_LIMIT,
  },
]

function validatePage<Out>(item: Schema<unknown, Out>, value: unknown) {
  if (!isRecord(value) || !Array.isArray(value.items)) {
    return { issues: [{ message: 'Expected { items, nextCursor }', path: ['items'], expected: 'array' }] }
  }
  const { nextCursor } = value
  if (nextCursor !== null && typeof nextCursor !== 'string') {
    return { issues: [{ message: 'Expected a string or null', path: ['nextCursor'], expected: 'string or null' }] }
  }
  const join = (results: readonly StandardSchemaV1.Result<Out>[]) => {
    const issues = results.flatMap(({ issues = [] }, index) =>
      issues.map((issue) => ({ ...issue, path: ['items', index, ...(issue.path ?? [])] })),
    )
    if (issues.length > 0) return { issues }
    return { value: { items: results.map((result) => (result as { readonly value: Out }).value), nextCursor } }
  }
  const results = value.items.map((raw) => item['~standard'].validate(raw))
  const late = results.some((result) => result instanceof Promise)
  return late ? Promise.all(results).then(join) : join(results as StandardSchemaV1.Result<Out>[])
}
