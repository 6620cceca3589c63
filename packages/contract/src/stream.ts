import { type AddedField, withFields } from './added-fields.ts'
import { type InferInput, type InferOutput, type JsonSchema, jsonSchemaOf, type Schema } from './schema.ts'

/** Items as they come, for as long as the caller listens. */
export interface Stream<Item> extends AsyncIterable<Item> {
  /** The place before the first item, where a caller who has got none yet can go on. */
  readonly cursor?: string
}

/** Every item says its place: sent as `after`, the stream goes on behind it. A cursor is opaque and belongs to one tenant. */
export interface Placed {
  readonly cursor: string
}

/** What a caller adds to the input of a stream query. */
export interface StreamRequest {
  readonly after?: string | undefined
}

/** The marker that `stream(item)` leaves on a query's output. */
export interface StreamSchema<In, Out> extends Schema<Stream<In>, Stream<Out>> {
  readonly '~stream': Schema<In, Out>
}

/** The input schema of a stream query: the declared one plus `after`. */
export type Resumable<S extends Schema> = Schema<
  // An input without fields is typed as `Record<string, never>`, which would refuse every field added to it.
  string extends keyof InferInput<S> ? StreamRequest : InferInput<S> & StreamRequest,
  InferOutput<S> & { readonly after: string | null }
>

/**
 * Marks the output of a query as a stream of `item`, whose field `cursor` says where it stands. The query's input then also takes
 * `after`, a cursor; its handler answers an async iterable, outside any unit of work.
 */
export function stream<S extends Schema<unknown, Placed>>(item: S): StreamSchema<InferInput<S>, InferOutput<S>> {
  const describe = (direction: 'input' | 'output') => (): Record<string, unknown> => jsonSchemaOf(item, direction)
  return {
    '~stream': item as Schema as Schema<InferInput<S>, InferOutput<S>>,
    '~standard': {
      version: 1,
      vendor: 'waymark',
      jsonSchema: { input: describe('input'), output: describe('output') },
      validate: (value) =>
        isIterable(value)
          ? { value }
          : { issues: [{ message: 'Expected an async iterable', path: [], expected: 'async iterable' }] },
    },
  }
}

/** True when a schema was made by `stream(item)`. Its JSON Schema is that of one item. */
export function isStream(schema: Schema): schema is StreamSchema<unknown, unknown> {
  return '~stream' in schema
}

/** The declared input of a stream query, widened by `after`. */
export function resumable<S extends Schema>(input: S): Resumable<S> {
  return withFields(input, [AFTER]) as Resumable<S>
}

const AFTER_SCHEMA: JsonSchema = {
  type: 'string',
  description: 'Where to go on: the `cursor` of the last item that came. From now on when absent.',
}

const AFTER: AddedField = {
  name: 'after',
  schema: AFTER_SCHEMA,
  admits: (value) => typeof value === 'string',
  message: 'Expected the cursor of an item',
  expected: 'string',
  absent: null,
}

function isIterable(value: unknown): value is Stream<never> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}
