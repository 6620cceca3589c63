import type { OperationEntry, Registry } from '@waymark/contract'

/** Where an operation is called: `/v1/` and its key with slashes for dots. */
export function operationPath({ operation, major }: OperationEntry): string {
  return `/v${major}/${operation.meta.key.replaceAll('.', '/')}`
}

/** The operations that have a path: of each key and major the latest version. */
export function servedOperations(registry: Registry): readonly OperationEntry[] {
  return registry.operations.filter((entry) => registry.operation(`${entry.operation.meta.key}@${entry.major}`) === entry)
}
