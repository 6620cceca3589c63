import type { OperationEntry, Registry } from '@waymark/contract'
import { componentName } from '../rest/openapi/operation-name.ts'

/** The field of an operation: `crm.deals.list` is `crmDealsList`, its second major `crmDealsListV2`. */
export function fieldName(entry: OperationEntry, registry: Registry): string {
  const name = componentName(entry, registry)
  return `${name.charAt(0).toLowerCase()}${name.slice(1)}`
}

/** True for a text that can be a name as it stands. Names with two underscores in front belong to introspection. */
export function isLegalName(text: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(text) && !text.startsWith('__')
}

/** The name of a field that is called so in JSON: what a name cannot have becomes `_`. */
export function legalName(text: string): string {
  if (isLegalName(text)) return text
  const plain = text.replace(/[^A-Za-z0-9_]/g, '_').replace(/^_{2,}/, '_')
  return /^[A-Za-z_]/.test(plain) ? plain : `_${plain}`
}

/** A part of the name of a type: `not-met` is `NotMet`. */
export function typeNamePart(text: string): string {
  return text
    .split(/[^A-Za-z0-9]+/)
    .map((part) => `${part.charAt(0).toUpperCase()}${part.slice(1)}`)
    .join('')
}
