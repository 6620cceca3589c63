import { toPointer } from './pointer.ts'
import type { JsonSchema, Schema } from './schema.ts'

/**
 * Where a schema would change what it validates: a pointer and the kind of change, e.g. `/amount (a coercion)`.
 * Undefined when it only validates, as far as its JSON Schema, or the definition of a zod schema, can tell.
 */
export function findChange(schema: Schema, input: JsonSchema, output: JsonSchema): string | undefined {
  const change = zodChange(schema, [], new Set()) ?? schemaChange(input, output, [])
  return change === undefined ? undefined : `${toPointer(change.path) || 'its root'} (${change.how})`
}

interface Change {
  readonly path: readonly string[]
  readonly how: string
}

const ZOD_CHANGES: Readonly<Record<string, string>> = {
  default: 'a default',
  prefault: 'a default',
  catch: 'a fallback',
  transform: 'a transform',
  pipe: 'a pipe',
}

/**
 * Coercions, trims and preprocessing leave no trace in JSON Schema, so the definition itself is read.
 * @see https://zod.dev/library-authors
 */
function zodChange(part: unknown, path: readonly string[], seen: Set<object>): Change | undefined {
  if (typeof part !== 'object' || part === null || seen.has(part)) return undefined
  seen.add(part)
  const def = zodDefinition(part)
  if (def === undefined) return firstOf(Object.values(part), (value) => zodChange(value, path, seen))
  const { type, coerce, check, normalize, shape, getter, ...rest } = def
  const how = ZOD_CHANGES[String(type)] ?? (coerce === true ? 'a coercion' : undefined)
  if (how !== undefined) return { path, how }
  if (check === 'overwrite' || normalize === true) return { path, how: 'a transform' }
  return (
    firstOf(Object.entries(shape ?? {}), ([name, field]) => zodChange(field, [...path, name], seen)) ??
    (typeof getter === 'function' ? zodChange(getter(), path, seen) : undefined) ??
    zodChange(rest, path, seen)
  )
}

function zodDefinition(part: object): Readonly<Record<string, unknown>> | undefined {
  return '_zod' in part ? (part._zod as { def: Record<string, unknown> }).def : undefined
}

/** Keywords whose value maps names to schemas. */
const NAMED = new Set(['properties', 'patternProperties', '$defs'])
/** Keywords whose value is data, not a schema. */
const DATA = new Set(['const', 'enum', 'examples', 'required'])

function schemaChange(input: unknown, output: unknown, path: readonly string[]): Change | undefined {
  const converted = { path, how: 'a default or a transform' }
  if (!isObject(input) || !isObject(output)) return input === output ? undefined : converted
  if (!Array.isArray(input) && Object.hasOwn(input, 'default')) return { path, how: 'a default' }
  const keywords = new Set([...Object.keys(input), ...Object.keys(output)])
  return firstOf([...keywords], (keyword) => {
    const [before, after] = [input[keyword], output[keyword]]
    // Libraries close objects on output and leave them open on input; that alone is no change.
    if (keyword === 'additionalProperties' && (before ?? false) === (after ?? false)) return undefined
    if (DATA.has(keyword)) return JSON.stringify(before) === JSON.stringify(after) ? undefined : converted
    if (!NAMED.has(keyword)) return schemaChange(before, after, path)
    const names = Object.keys({ ...(before as object), ...(after as object) })
    return firstOf(names, (name) =>
      schemaChange(
        (before as JsonSchema | undefined)?.[name],
        (after as JsonSchema | undefined)?.[name],
        keyword === 'properties' ? [...path, name] : path,
      ),
    )
  })
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function firstOf<T, R>(items: readonly T[], find: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const found = find(item)
    if (found !== undefined) return found
  }
  return undefined
}
