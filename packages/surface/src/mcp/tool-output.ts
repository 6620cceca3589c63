import { isStream, type JsonSchema, type OperationEntry } from '@waymark/contract'
import { toNestedSchema } from './nested-schema.ts'

/**
 * How an operation answers as a tool, whose structured content is an object in each revision: an object as it is, anything else as
 * `{ result }`, a stream as `{ items, nextCursor }`.
 */
export type OutputShape = 'plain' | 'result' | 'items'

export function outputShapeOf({ operation, outputSchema }: OperationEntry): OutputShape {
  if (isStream(operation.io.output)) return 'items'
  return isObjectSchema(outputSchema) ? 'plain' : 'result'
}

/** The output schema of a tool. */
export function toOutputSchema(entry: OperationEntry): JsonSchema {
  const { outputSchema } = entry
  const shape = outputShapeOf(entry)
  if (shape === 'plain') return { ...outputSchema, type: 'object' }
  const { schema, definitions } = toNestedSchema(outputSchema, shape === 'items' ? 'Item' : 'Result')
  const properties = shape === 'items' ? { items: { type: 'array', items: schema }, nextCursor: NEXT_CURSOR } : { result: schema }
  return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false, ...definitions }
}

const NEXT_CURSOR: JsonSchema = {
  type: ['string', 'null'],
  description: 'Send it as `after` to read on; null when the stream has ended.',
}

/** True when the schema says that all it admits are objects. */
function isObjectSchema({ type, anyOf, oneOf }: JsonSchema): boolean {
  if (type !== undefined) return type === 'object'
  const alternatives = [anyOf, oneOf].find((list) => Array.isArray(list)) as readonly JsonSchema[] | undefined
  return alternatives?.every(isObjectSchema) ?? false
}
