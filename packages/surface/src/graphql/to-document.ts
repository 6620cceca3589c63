import { isRecord } from '../rest/is-record.ts'
import type { PlannedOperation, SchemaPlan, TypeUse } from './schema-plan.ts'

/** How deep a document for readers selects. */
const LEVELS = 3

/** A document that calls an operation and selects what it answers, with its variables below as a comment. */
export function toDocument(plan: SchemaPlan, { root, name, input, output }: PlannedOperation, example: unknown): string {
  const selection = selectionOf(plan, output, LEVELS, '  ')
  if (input === undefined) return `${root} {\n  ${name}${selection}\n}`
  const variables = JSON.stringify({ input: fromWire(plan, input, example) }, null, 2).replaceAll(/^/gm, '# ')
  return `${root} ($input: ${written(input)}) {\n  ${name}(input: $input)${selection}\n}\n\n${variables}`
}

function selectionOf({ types }: Pick<SchemaPlan, 'types'>, use: TypeUse, levels: number, indent: string): string {
  if ('items' in use) return selectionOf({ types }, use.items, levels, indent)
  const type = types.get(use.name)
  if (type === undefined || type.kind === 'enum') return ''
  const inner = `${indent}  `
  const fields =
    type.kind === 'object'
      ? type.fields
          .filter((field) => levels > 1 || !hasFields({ types }, field.use))
          .map((field) => `${field.name}${selectionOf({ types }, field.use, levels - 1, inner)}`)
      : []
  const lines = fields.length === 0 ? ['__typename'] : fields
  return ` {\n${lines.map((line) => `${inner}${line}\n`).join('')}${indent}}`
}

function hasFields({ types }: Pick<SchemaPlan, 'types'>, use: TypeUse): boolean {
  if ('items' in use) return hasFields({ types }, use.items)
  const type = types.get(use.name)
  return type !== undefined && type.kind !== 'enum'
}

function written(use: TypeUse): string {
  return `${'items' in use ? `[${written(use.items)}]` : use.name}${use.nullable ? '' : '!'}`
}

/** The input with the names that its fields have in the schema. */
function fromWire(plan: SchemaPlan, use: TypeUse, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => fromWire(plan, 'items' in use ? use.items : use, item))
  const type = 'name' in use ? plan.types.get(use.name) : undefined
  if (!isRecord(value) || type?.kind !== 'input') return value
  const fields = new Map(type.fields.map((field) => [field.wire, field]))
  return Object.fromEntries(
    Object.entries(value).map(([wire, item]) => {
      const field = fields.get(wire)
      return field === undefined ? [wire, item] : [field.name, fromWire(plan, field.use, item)]
    }),
  )
}
