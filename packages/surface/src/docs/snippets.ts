import { isStream, type OperationEntry, type Registry } from '@waymark/contract'
import { operationCommand } from '../cli/operation-command.ts'
import { planSchema } from '../graphql/plan-schema.ts'
import type { SchemaPlan } from '../graphql/schema-plan.ts'
import { toDocument } from '../graphql/to-document.ts'
import { operationIdOf } from '../rest/openapi/operation-name.ts'
import { operationPath, servedOperations } from '../rest/operation-path.ts'

/** How an operation is called on one surface. */
export interface Snippet {
  readonly surface: 'rest' | 'graphql' | 'mcp' | 'client' | 'cli' | 'json' | 'bus'
  readonly language: 'sh' | 'graphql' | 'json' | 'ts' | 'text'
  readonly code: string
}

/** The same call on every surface; none for a version that is not served. */
export function toSnippets(entry: OperationEntry, registry: Registry, input: unknown): readonly Snippet[] {
  if (!servedOperations(registry).includes(entry)) return []
  return [
    { surface: 'rest', language: 'sh', code: curl(entry, input) },
    { surface: 'client', language: 'ts', code: clientCall(entry, registry, input) },
    { surface: 'cli', language: 'sh', code: commandLine(entry, registry, input) },
    ...planOf(registry)
      .operations.filter((planned) => planned.entry === entry)
      .map((planned) => ({
        surface: 'graphql' as const,
        language: 'graphql' as const,
        code: toDocument(planOf(registry), planned, input),
      })),
    { surface: 'mcp', language: 'json', code: toolCall(entry, registry, input) },
  ]
}

/** The parameters of `tools/call`. */
function toolCall(entry: OperationEntry, registry: Registry, input: unknown): string {
  return JSON.stringify({ name: operationIdOf(entry, registry), arguments: input }, null, 2)
}

function clientCall(entry: OperationEntry, registry: Registry, input: unknown): string {
  const call = `client.${operationIdOf(entry, registry)}(${JSON.stringify(input, null, 2)})`
  if (!isStream(entry.operation.io.output))
    return `const result = await ${call}\nif (result.ok) console.log(result.data)\nelse console.error(result.error.code)`
  return `for await (const result of ${call}) {\n  if (result.ok) console.log(result.data)\n  else console.error(result.error.code)\n}`
}

function commandLine(entry: OperationEntry, registry: Registry, input: unknown): string {
  const { words, flags } = operationCommand(entry, registry)
  const values = (input ?? {}) as Readonly<Record<string, unknown>>
  const said = flags.flatMap(({ name, field, kind }) => {
    const value = values[field]
    if (value === undefined) return []
    if (kind === 'switch') return [value === false ? `--no-${name}` : `--${name}`]
    return (kind === 'list' && Array.isArray(value) ? value : [value]).map((one) => `--${name} ${quoted(one)}`)
  })
  return [`waymark ${words.join(' ')}`, ...said].join(' \\\n  ')
}

/** A value as a shell reads it. */
function quoted(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return /^[\w.:@/-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}

function curl(entry: OperationEntry, input: unknown): string {
  const { kind, io } = entry.operation
  const lines = [
    `curl "$WAYMARK_URL${operationPath(entry)}" \\`,
    `  -H "Authorization: Bearer $WAYMARK_SECRET_KEY" \\`,
    `  -H 'Content-Type: application/json' \\`,
    ...(kind === 'command' ? [`  -H "Idempotency-Key: $(uuidgen)" \\`] : []),
    ...(isStream(io.output) ? [`  -H 'Accept: text/event-stream' \\`] : []),
    `  -d '${JSON.stringify(input).replaceAll("'", "'\\''")}'`,
  ]
  return lines.join('\n')
}

/** Planned once for all pages of a registry. */
const plans = new WeakMap<Registry, SchemaPlan>()

function planOf(registry: Registry): SchemaPlan {
  const plan = plans.get(registry) ?? planSchema(registry)
  plans.set(registry, plan)
  return plan
}
