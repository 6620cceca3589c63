import type { OperationEntry, Registry } from '@waymark/contract'

/** The `operationId`: the key, with the major behind it where version 1 has the plain key. */
export function operationIdOf({ operation, major }: OperationEntry, registry: Registry): string {
  const { key } = operation.meta
  const isPlain = major === 1 || (major === 0 && registry.operation(`${key}@1`) === undefined)
  return isPlain ? key : `${key}V${major}`
}

/** The name of an operation's components: `crm.deals.list` is `CrmDealsList`. */
export function componentName(entry: OperationEntry, registry: Registry): string {
  return operationIdOf(entry, registry)
    .split('.')
    .map((part) => `${part.charAt(0).toUpperCase()}${part.slice(1)}`)
    .join('')
}
