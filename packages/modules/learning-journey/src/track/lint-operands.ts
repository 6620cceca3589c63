import type { JsonSchema } from '@waymark/contract'
import { error, type Finding } from './finding.ts'
import { fieldTypes } from './schema-fields.ts'

/** Checks what a field is compared with against the types that it may have. */
export function lintOperands(schema: JsonSchema, field: string, wanted: unknown, pointer: string): Finding[] {
  const types = fieldTypes(schema, field)
  if (types === undefined) return []
  const isBare = typeof wanted !== 'object' || wanted === null
  const operators = isBare ? [['eq', wanted] as const] : Object.entries(wanted)
  return operators.flatMap(([operator, value]) => {
    const operands =
      operator === 'in' || operator === 'nin' ? (value as unknown[]) : ['exists', 'contains'].includes(operator) ? [] : [value]
    const wrong = operands.find((operand) => !types.includes(typeOf(operand)))
    return wrong === undefined
      ? []
      : [
          error(
            'OPERAND_MISMATCH',
            isBare ? pointer : `${pointer}/${operator}`,
            `${field} is ${types.join(' or ')}, so ${operator} ${JSON.stringify(wrong)} can never be what you mean.`,
          ),
        ]
  })
}

/** The declared personal data that a field holds, is part of, or has a part of. */
export function personalOf(field: string, pii: readonly string[]): string | undefined {
  return pii.find((path) => field === path || field.startsWith(`${path}/`) || path.startsWith(`${field}/`))
}

function typeOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value
}
