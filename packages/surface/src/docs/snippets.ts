import { isStream, type OperationEntry, type Registry } from '@waymark/contract'
import { operationIdOf } from '../rest/openapi/operation-name.ts'
import { operationPath, servedOperations } from '../rest/operation-path.ts'

/** How an operation is called on one surface. */
export interface Snippet {
  readonly surface: 'rest' | 'graphql' | 'mcp' | 'client' | 'cli' | 'json'
  readonly language: 'sh' | 'graphql' | 'json' | 'ts'
  readonly code: string
}

/** The same call on every surface; none for a version that is not served. */
export function toSnippets(entry: OperationEntry, registry: Registry, input: unknown): readonly Snippet[] {
  if (!servedOperations(registry).includes(entry)) return []
  return [
    { surface: 'rest', language: 'sh', code: curl(entry, input) },
    { surface: 'mcp', language: 'json', code: toolCall(entry, registry, input) },
  ]
}

/** The parameters of `tools/call`. */
function toolCall(entry: OperationEntry, registry: Registry, input: unknown): string {
  return JSON.stringify({ name: operationIdOf(entry, registry), arguments: input }, null, 2)
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
