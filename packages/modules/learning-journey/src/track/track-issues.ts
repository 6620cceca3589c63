import { toPointer } from '@waymark/contract'
import type { z } from 'zod'

/** One thing wrong with a track definition. */
export interface TrackIssue {
  /** JSON Pointer into the definition. */
  readonly pointer: string
  readonly message: string
}

/** What a schema found, in words for whoever wrote the definition. */
export function toTrackIssues(error: z.ZodError, definition: unknown): TrackIssue[] {
  return error.issues.flatMap((issue) => toIssues(issue, definition, []))
}

/** A union of shapes is reported as the one shape that the fields point to. */
function toIssues(issue: z.core.$ZodIssue, definition: unknown, base: readonly PropertyKey[]): TrackIssue[] {
  const path = [...base, ...issue.path]
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const value = path.reduce<unknown>(
      (at, key) => (isObject(at) ? (at as Record<PropertyKey, unknown>)[key] : undefined),
      definition,
    )
    if (isObject(value) && issue.errors.every((shape) => isStrange(shape, value))) {
      const fields = issue.errors.flatMap((shape) => missingField(shape, value) ?? [])
      return [{ pointer: toPointer(path), message: `Expected one of the fields ${fields.join(', ')}` }]
    }
    const shape = [...issue.errors].sort((a, b) => strangeness(a, value) - strangeness(b, value))[0] ?? []
    return shape.flatMap((inner) => toIssues(inner, definition, path))
  }
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ pointer: toPointer([...path, key]), message: `Unknown field ${JSON.stringify(key)}` }))
  if (issue.code === 'invalid_key') return [{ pointer: toPointer(path), message: issue.issues[0]?.message ?? issue.message }]
  return [{ pointer: toPointer(path), message: issue.message }]
}

type Shape = readonly z.core.$ZodIssue[]

/** True when nothing of a value belongs to a shape: the field that makes it one is missing, and whatever is there is unknown. */
function isStrange(shape: Shape, value: object): boolean {
  const unknown = shape.flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys : []))
  return missingField(shape, value) !== undefined && unknown.length === Object.keys(value).length
}

function missingField(shape: Shape, value: object): string | undefined {
  return shape
    .filter(({ path }) => path.length === 1)
    .map(({ path }) => String(path[0]))
    .find((field) => !Object.hasOwn(value, field))
}

/** How little a shape of a union has to do with the value: unknown fields and missing ones count most. */
function strangeness(shape: Shape, value: unknown): number {
  return shape.reduce((sum, issue) => {
    if (issue.code === 'unrecognized_keys') return sum + 10 * issue.keys.length
    if ((issue.code === 'invalid_type' || issue.code === 'invalid_union') && issue.path.length === 0) return sum + 1_000
    const [field] = issue.path
    return sum + (issue.path.length === 1 && isObject(value) && !Object.hasOwn(value, field as PropertyKey) ? 100 : 1)
  }, 0)
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
