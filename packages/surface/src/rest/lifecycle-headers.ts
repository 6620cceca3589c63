import type { OperationEntry, Registry } from '@waymark/contract'
import { operationPath } from './operation-path.ts'
import type { HeaderList } from './respond.ts'

/**
 * What every answer of a deprecated operation carries: when it was deprecated, when it ends, what replaces it.
 * @see https://www.rfc-editor.org/rfc/rfc9745
 * @see https://www.rfc-editor.org/rfc/rfc8594
 */
export function lifecycleHeaders(entry: OperationEntry, registry: Registry): HeaderList {
  const { deprecation } = entry.operation.meta
  if (deprecation === undefined) return []
  const successor = deprecation.successor === undefined ? undefined : registry.operation(deprecation.successor)
  return [
    ['deprecation', `@${Math.floor(Date.parse(deprecation.since) / 1_000)}`],
    ['sunset', new Date(deprecation.sunset).toUTCString()],
    ...(successor === undefined ? [] : [['link', `<${operationPath(successor)}>; rel="successor-version"`] as const]),
  ]
}
