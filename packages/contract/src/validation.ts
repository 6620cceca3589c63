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

/** A problem lists no more issues than this, however many an input has: a list of a million wrong items would be answered with a hundred times its size. */
export const MOST_ISSUES = 100

/** At most one issue more than `MOST_ISSUES`. */
export type Validated<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly issues: readonly Issue[] }

/** What libraries add to the issues of Standard Schema; every part of it may be absent. */
interface LibraryIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
  readonly expected?: unknown
  /** zod: the unknown fields of an object. */
  readonly keys?: unknown
  /** zod: the name of the format that a text does not have. */
  readonly format?: unknown
  /** zod: what each alternative of a union had to say. */
  readonly errors?: readonly (readonly LibraryIssue[])[]
  /** zod: what is wrong with the key of a record. */
  readonly issues?: readonly LibraryIssue[]
}

/** Validates a value; a synchronous schema answers synchronously, so that hot paths need no `await`. */
export function validate<S extends Schema>(
  schema: S,
  value: unknown,
): Validated<InferOutput<S>> | Promise<Validated<InferOutput<S>>> {
  const result = schema['~standard'].validate(value)
  return 'then' in result ? result.then((late) => outcome(late, value)) : outcome(result, value)
}

/** What a `VALIDATION_FAILED` says of issues: the first of them in words, and the list. */
export function summariseIssues(issues: readonly Issue[]): { readonly detail: string; readonly errors: readonly Issue[] } {
  const [first] = issues
  const where = first === undefined || first.pointer === '' ? 'The input' : first.pointer
  const others = issues.length > MOST_ISSUES ? `at least ${MOST_ISSUES}` : issues.length - 1
  const more = issues.length > 1 ? ` (and ${others} more)` : ''
  return { detail: `${where}: ${first?.message ?? 'not valid'}${more}`, errors: issues.slice(0, MOST_ISSUES) }
}

/** Issues in one line for the log: places and types, no values. */
export function describeIssues(issues: readonly Issue[]): string {
  return issues
    .map(({ pointer, expected, received }) => `${pointer || '/'} expected ${expected}, received ${received}`)
    .join('; ')
}

type LibraryResult<T> = { readonly value: T; readonly issues?: undefined } | { readonly issues: readonly LibraryIssue[] }

function outcome<T>(result: LibraryResult<T>, raw: unknown): Validated<T> {
  if (result.issues === undefined) return { ok: true, value: result.value }
  const issues: Issue[] = []
  for (const issue of result.issues) {
    if (issues.length > MOST_ISSUES) break
    issues.push(...toIssues(issue, raw))
  }
  return { ok: false, issues: issues.slice(0, MOST_ISSUES + 1) }
}

function toIssues(issue: LibraryIssue, raw: unknown): Issue[] {
  const path = keysOf(issue)
  if (Array.isArray(issue.keys)) return issue.keys.slice(0, MOST_ISSUES + 1).map((key) => unknownField([...path, key], raw))
  // What Valibot and ArkType expect of an unknown field.
  if (issue.expected === 'never' || issue.expected === 'removed') return [unknownField(path, raw)]
  const received = typeName(walk(raw, path))
  // Valibot expects a missing field by its name, not by its type.
  if (received === 'nothing' && issue.expected === JSON.stringify(path.at(-1))) {
    return [{ pointer: toPointer(path), message: 'Missing field', expected: 'a value', received }]
  }
  return [{ pointer: toPointer(path), message: issue.message, expected: expectation(issue), received }]
}

function unknownField(path: readonly PropertyKey[], raw: unknown): Issue {
  return {
    pointer: toPointer(path),
    message: 'Unknown field',
    expected: 'no such field',
    received: typeName(walk(raw, path)),
  }
}

function expectation({ expected, format, errors, issues, message }: LibraryIssue): string {
  if (typeof expected === 'string') return expected
  const alternatives = (issues === undefined ? errors : [issues])?.flatMap(([first]) => (first === undefined ? [] : [first]))
  if (alternatives !== undefined && alternatives.length > 0) return [...new Set(alternatives.map(alternative))].join(' or ')
  return /\bexpected (.+)$/i.exec(message)?.[1] ?? (typeof format === 'string' && format !== 'regex' ? format : message)
}

function alternative(issue: LibraryIssue): string {
  const pointer = toPointer(keysOf(issue))
  return pointer === '' ? expectation(issue) : `${expectation(issue)} at ${pointer}`
}

function keysOf({ path = [] }: LibraryIssue): PropertyKey[] {
  return path.map((part) => (typeof part === 'object' ? part.key : part))
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
