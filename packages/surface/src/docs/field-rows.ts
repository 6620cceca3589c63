import type { JsonSchema } from '@waymark/contract'
import { alternatives, constantsOf, list, refsWithin, typesOf } from '../rest/json-schema-walk.ts'

/** One field of an input, an output or a payload, wherever it is inside. */
export interface FieldRow {
  /** `items[].sku`; `*` stands for any name. */
  readonly path: string
  /** JSON types, e.g. `string | null`; of an array its items, e.g. `string[]`. */
  readonly type: string
  readonly required: boolean
  readonly description: string
  /** What JSON Schema says besides, e.g. `≥ 1`. */
  readonly rules: readonly string[]
}

const DEEPEST = 8

/** The same while it is gathered: of alternatives, a field is what it is in any of them. */
interface Gathered {
  readonly path: string
  readonly branches: JsonSchema[]
  required: boolean
  description: string
}

/** The fields of a JSON Schema, outermost first, each before those inside it. What contains itself is shown once. */
export function toFieldRows(schema: JsonSchema): readonly FieldRow[] {
  const resolve = refsWithin(schema)
  const rows = new Map<string, Gathered>()
  const visit = (at: unknown, path: string, above: readonly JsonSchema[]) => {
    const objects = alternatives(at, resolve).filter((branch) => !above.includes(branch) && above.length <= DEEPEST)
    const isRequired = (name: string) => objects.every(({ required }) => list(required).includes(name))
    for (const branch of objects) {
      const inside = [...above, branch]
      for (const [name, field] of Object.entries((branch.properties ?? {}) as Readonly<Record<string, JsonSchema>>))
        add(field, path === '' ? name : `${path}.${name}`, isRequired(name), inside)
      if (branch.items !== undefined && path !== '') visit(branch.items, `${path}[]`, inside)
      const rest = branch.additionalProperties
      if (typeof rest === 'object' && rest !== null && Object.keys(rest).length > 0)
        add(rest as JsonSchema, path === '' ? '*' : `${path}.*`, false, inside)
    }
  }
  const add = (field: JsonSchema, path: string, required: boolean, above: readonly JsonSchema[]) => {
    const branches = alternatives(field, resolve)
    const row = rows.get(path) ?? { path, branches: [], required, description: '' }
    rows.set(path, row)
    row.branches.push(...branches)
    row.required &&= required
    const described = [field, ...branches].find(({ description }) => typeof description === 'string')
    if (row.description === '') row.description = String(described?.description ?? '')
    visit(field, path, above)
  }
  visit(schema, '', [])
  return [...rows.values()].map(({ path, branches, required, description }) => ({
    path,
    type: typeText(branches, resolve),
    required,
    description,
    rules: rulesOf(branches),
  }))
}

function typeText(branches: readonly JsonSchema[], resolve: ReturnType<typeof refsWithin>): string {
  const types = branches.flatMap((branch) =>
    typesOf(branch).map((type) => {
      if (type !== 'array') return type
      const items = typeText(alternatives(branch.items, resolve), resolve)
      return items.includes('|') ? `(${items})[]` : `${items}[]`
    }),
  )
  return [...new Set(types)].join(' | ') || 'any'
}

const BOUNDS: readonly (readonly [string, string])[] = [
  ['minimum', '≥ '],
  ['exclusiveMinimum', '> '],
  ['maximum', '≤ '],
  ['exclusiveMaximum', '< '],
  ['minLength', 'length ≥ '],
  ['maxLength', 'length ≤ '],
  ['minItems', 'items ≥ '],
  ['maxItems', 'items ≤ '],
]

function rulesOf(branches: readonly JsonSchema[]): string[] {
  const constants = [...new Set(branches.flatMap(constantsOf).map((value) => JSON.stringify(value)))]
  const others = branches.flatMap((schema) => [
    // The bounds of a safe integer say nothing that a reader wants to know.
    ...BOUNDS.flatMap(([name, sign]) =>
      typeof schema[name] === 'number' && Math.abs(schema[name]) !== Number.MAX_SAFE_INTEGER ? [`${sign}${schema[name]}`] : [],
    ),
    ...(typeof schema.format === 'string' ? [schema.format] : []),
    ...(schema.default === undefined ? [] : [`= ${JSON.stringify(schema.default)}`]),
  ])
  return [...(constants.length === 0 ? [] : [constants.join(' | ')]), ...new Set(others)]
}
