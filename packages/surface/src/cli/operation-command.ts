import { isPage, isStream, type JsonSchema, type OperationEntry, type Registry } from '@waymark/contract'
import { alternatives, list, type ResolveRef, refsWithin, typesOf } from '../rest/json-schema-walk.ts'
import { operationIdOf } from '../rest/openapi/operation-name.ts'
import { servedOperations } from '../rest/operation-path.ts'
import { queryProperties } from '../rest/query-properties.ts'
import { createQueryReader, isJsonField } from '../rest/query-reader.ts'
import type { WireInput } from '../rest/wire-input.ts'

/** An operation as a command of a command line, whichever library reads it. */
export interface OperationCommand {
  /** Its words: `learning`, `onboarding`, `record-event`. */
  readonly words: readonly string[]
  readonly entry: OperationEntry
  readonly answers: 'once' | 'in pages' | 'as a stream'
  readonly flags: readonly OperationFlag[]
  /** The input that flags say, by the names of their fields: a number or a boolean is one, JSON is read. What is neither stays text, and the contract says what is wrong with it. */
  readonly read: (values: Readonly<Record<string, string | boolean | readonly string[]>>) => WireInput
}

/** A field of the input as a flag. */
export interface OperationFlag {
  /** `learner-id`, of the field `learnerId`. */
  readonly name: string
  readonly field: string
  /** `switch` has no value, and can be turned off; `list` can be given several times. */
  readonly kind: 'value' | 'list' | 'switch'
  /** What stands for the value in help texts. */
  readonly hint: string
  readonly description: string
}

/** The command of each operation that is served. */
export function operationCommands(registry: Registry): readonly OperationCommand[] {
  return servedOperations(registry).map((entry) => operationCommand(entry, registry))
}

/** The command of an operation: its words are its key in kebab case, with the major where it is not the first. */
export function operationCommand(entry: OperationEntry, registry: Registry): OperationCommand {
  const { output } = entry.operation.io
  const { key } = entry.operation.meta
  const hasPlainName = operationIdOf(entry, registry) === key
  const words = `${key}${hasPlainName ? '' : `-v${entry.major}`}`.split('.').map(toKebab)
  const reader = createQueryReader(entry.inputSchema)
  return {
    words,
    entry,
    answers: isPage(output) ? 'in pages' : isStream(output) ? 'as a stream' : 'once',
    flags: flagsOf(entry.inputSchema),
    read: (values) => reader?.(toSearch(values)) ?? { ok: true, input: {}, inputBytes: 0 },
  }
}

/** Every field that can be said in text; of two with one name only the first has a flag. */
function flagsOf(input: JsonSchema): OperationFlag[] {
  const resolve = refsWithin(input)
  const flags = new Map<string, OperationFlag>()
  for (const { name: field, schema, required } of queryProperties(input, resolve) ?? []) {
    const name = toKebab(field)
    if (!flags.has(name)) flags.set(name, { name, field, ...shapeOf(schema, resolve), description: describe(schema, required) })
  }
  return [...flags.values()]
}

function shapeOf(schema: JsonSchema, resolve: ResolveRef): Pick<OperationFlag, 'kind' | 'hint'> {
  const branches = alternatives(schema, resolve)
  const types = new Set(branches.flatMap(typesOf))
  types.delete('null')
  if (types.size === 1 && types.has('boolean')) return { kind: 'switch', hint: '' }
  const isList = types.has('array')
  const items = isList ? branches.flatMap(({ items }) => alternatives(items, resolve)) : branches
  const hints = items.flatMap((branch) =>
    list(branch.enum).length > 0 ? list(branch.enum).map(String) : isJsonField(branch, resolve) ? ['json'] : typesOf(branch),
  )
  const known = [...new Set(hints)].map((hint) => HINTS[hint] ?? hint)
  return { kind: isList ? 'list' : 'value', hint: known.join('|') || 'json' }
}

const HINTS: Readonly<Record<string, string>> = { string: 'text', integer: 'number', object: 'json' }

function describe({ description }: JsonSchema, required: boolean): string {
  const text = typeof description === 'string' ? description : ''
  return required ? `${text}${text === '' ? '' : ' '}(required)` : text
}

function toSearch(values: Readonly<Record<string, string | boolean | readonly string[]>>): string {
  const search = new URLSearchParams()
  for (const [field, value] of Object.entries(values))
    for (const one of typeof value === 'object' ? value : [String(value)]) search.append(field, one)
  return `?${search}`
}

/** `bulkURLImport` is `bulk-url-import`. */
export function toKebab(name: string): string {
  return name
    .replace(/([a-z\d])([A-Z])/g, '$1-$2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1-$2')
    .toLowerCase()
}
