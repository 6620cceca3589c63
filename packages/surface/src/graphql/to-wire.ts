import { isRecord } from '../rest/is-record.ts'
import type { SchemaPlan, TypeUse } from './schema-plan.ts'

/** An input as the contract knows it: its fields under their own names, in plain objects. */
export function toWire({ types }: Pick<SchemaPlan, 'types'>, use: TypeUse, value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = 'items' in use ? use.items : use
    return value.map((item) => toWire({ types }, items, item))
  }
  if (!isRecord(value)) return value
  const type = 'name' in use ? types.get(use.name) : undefined
  const fields = new Map(type?.kind === 'input' ? type.fields.map((field) => [field.name, field]) : [])
  const entries = Object.entries(value).map(([name, item]): [string, unknown] => {
    const field = fields.get(name)
    return [field?.wire ?? name, toWire({ types }, field?.use ?? use, item)]
  })
  return Object.fromEntries(entries)
}
