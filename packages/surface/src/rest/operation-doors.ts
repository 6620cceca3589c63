import type { OperationEntry, Registry } from '@waymark/contract'
import type { Door } from './door.ts'
import { ingestOperation, spoilItems } from './ingest-item.ts'
import { lifecycleHeaders } from './lifecycle-headers.ts'
import { operationPath, servedOperations } from './operation-path.ts'
import { createQueryReader } from './query-reader.ts'
import { readJsonInput } from './read-json.ts'

/** The doors of every operation: commands by POST, queries by GET and POST. */
export function operationDoors(
  registry: Registry,
  bodyLimit: number,
): readonly { readonly method: 'GET' | 'POST'; readonly path: string; readonly door: Door }[] {
  return servedOperations(registry).flatMap((entry) => {
    const path = operationPath(entry)
    const common = { entry, channel: 'rest', headers: lifecycleHeaders(entry, registry) }
    const limit = Math.max(bodyLimit, entry.operation.policy.limits?.inputBytes ?? 0)
    const setAside = entry === ingestOperation(registry) ? spoilItems : undefined
    const post: Door = { ...common, read: (request) => readJsonInput(request, limit, setAside) }
    const readQuery = queryReaderOf(entry)
    if (readQuery === undefined) return [{ method: 'POST', path, door: post } as const]
    const get: Door = { ...common, read: ({ url }) => readQuery(searchOf(url)) }
    return [{ method: 'GET', path, door: get } as const, { method: 'POST', path, door: post } as const]
  })
}

function queryReaderOf({ operation, inputSchema }: OperationEntry) {
  return operation.kind === 'query' ? createQueryReader(inputSchema) : undefined
}

function searchOf(url: string): string {
  const start = url.indexOf('?')
  if (start === -1) return ''
  const end = url.indexOf('#', start)
  return end === -1 ? url.slice(start) : url.slice(start, end)
}
