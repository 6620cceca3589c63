import { toPointer } from './pointer.ts'
import type { InferOutput, Schema } from './schema.ts'

/** One thing wrong with an input. */
export interface Issue {
  /** JSON Pointer of the field; `''` is the whole input. */
  readonly pointer: string
  readonly message: string
  /** What the contract wants there. */
  readonly expected: string
  /** What came instead: a type, or `nothing`. Never the value itself. */
  readonly received: string
}

export type Validated<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly issues: readonly Issue[] }

interface LibraryIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
  readonly expected?: unknown
  readonly keys?: unknown
}

/** Validates a value; a synchronous schema answers synchronously, so that hot paths need no `await`. */
export function validate<S extends Schema>(
  schema: S,
  value: unknown,
): Validated<InferOutput<S>> | Promise<Validated<InferOutput<S>>> {
  const result = schema['~standard'].validate(value)
  return 'then' in result ? result.then((late) => outcome(late, value)) : outcome(result, value)
}

type LibraryResult<T> = { readonly value: T; readonly issues?: undefined } | { readonly issues: readonly LibraryIssue[] }

function outcome<T>(result: LibraryResult<T>, raw: unknown): Validated<T> {
  return result.issues
    ? { ok: false, issues: result.issues.flatMap((issue) => toIssues(issue, raw)) }
    : { ok: true, value: result.value }
}

function toIssues(issue: LibraryIssue, raw: unknown): Issue[] {
  const path = (issue.path ?? []).map((part) => (typeof part === 'object' ? part.key : part))
  if (Array.isArray(issue.keys)) {
    return issue.keys.map((key) => ({
      pointer: toPointer([...path, String(key)]),
      message: 'Unknown field',
      expected: 'no such field',
      received: typeName(walk(raw, [...path, key])),
    }))
  }
  const expected = typeof issue.expected === 'string' ? issue.expected : issue.message
  return [{ pointer: toPointer(path), message: issue.message, expected, received: typeName(walk(raw, path)) }]
}

function walk(value: unknown, path: readonly PropertyKey[]): unknown {
  let at = value
  for (const key of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined
    at = (at as Record<PropertyKey, unknown>)[key]
  }
  return at
}

function typeName(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (Number.isNaN(value)) return 'NaN'
  return typeof value
}
