/**
 * The schemas of a document. Every schema becomes a component under the name of what it describes, and its `$defs` become
 * components beside it, `<name>_<def>`; the references inside are rewritten. Names depend on the contract alone, so adding an
 * operation renames nothing.
 */
import type { JsonSchema } from '@waymark/contract'
import { isRecord } from '../is-record.ts'

export interface SchemaComponents {
  readonly schemas: Readonly<Record<string, JsonSchema>>
  /** Adds a schema under a name that is its own, once, and returns the reference to it. */
  add(name: string, schema: JsonSchema): { readonly $ref: string }
}

/** Keywords whose value is one schema. Everything that is not listed is data and stays as it is. */
const ONE = new Set([
  'items',
  'contains',
  'additionalProperties',
  'propertyNames',
  'unevaluatedItems',
  'unevaluatedProperties',
  'not',
  'if',
  'then',
  'else',
  'contentSchema',
])
const MANY = new Set(['allOf', 'anyOf', 'oneOf', 'prefixItems'])
const NAMED = new Set(['properties', 'patternProperties', 'dependentSchemas'])

export function createSchemaComponents(): SchemaComponents {
  const schemas: Record<string, JsonSchema> = {}
  return {
    schemas,
    add(name, schema) {
      if (!Object.hasOwn(schemas, name)) schemas[name] = rewrite(schema, { root: name, defs: new Map() }, schemas)
      return refTo(name)
    },
  }
}

interface Scope {
  /** The component that `#` means. */
  readonly root: string
  /** The component that each `#/$defs/<key>` means. */
  readonly defs: ReadonlyMap<string, string>
}

function rewrite(schema: unknown, outer: Scope, schemas: Record<string, JsonSchema>): JsonSchema {
  if (!isRecord(schema)) return schema as JsonSchema
  const defs = isRecord(schema.$defs) ? schema.$defs : {}
  const scope = Object.keys(defs).length === 0 ? outer : { ...outer, defs: named(Object.keys(defs), outer, schemas) }
  for (const [key, def] of Object.entries(defs)) {
    // zod repeats the name of a definition as `id`, which is no keyword of this dialect.
    const { id, ...rest } = isRecord(def) ? def : { id: undefined }
    schemas[scope.defs.get(key) as string] = rewrite(id === key ? rest : def, scope, schemas)
  }
  const inner = (value: unknown) => rewrite(value, scope, schemas)
  const entries = Object.entries(schema).flatMap(([keyword, value]): [string, unknown][] => {
    if (keyword === '$defs') return []
    if (keyword === '$ref' && typeof value === 'string') return [[keyword, target(value, scope)]]
    if (ONE.has(keyword)) return [[keyword, inner(value)]]
    if (MANY.has(keyword) && Array.isArray(value)) return [[keyword, value.map(inner)]]
    if (NAMED.has(keyword) && isRecord(value)) {
      return [[keyword, Object.fromEntries(Object.entries(value).map(([key, child]) => [key, inner(child)]))]]
    }
    return [[keyword, value]]
  })
  return Object.fromEntries(entries)
}

/** A name for each definition: of its key where that is free, else with a number. */
function named(
  keys: readonly string[],
  { root, defs }: Scope,
  schemas: Readonly<Record<string, JsonSchema>>,
): Map<string, string> {
  const names = new Map(defs)
  const taken = new Set([...Object.keys(schemas), ...defs.values()])
  for (const key of keys) {
    const plain = `${root}_${key.replace(/[^A-Za-z0-9]+/g, '_').replace(/^_+|_+$/g, '')}`
    let name = plain
    for (let number = 2; taken.has(name); number++) name = `${plain}_${number}`
    taken.add(name)
    names.set(key, name)
  }
  return names
}

function target(ref: string, { root, defs }: Scope): string {
  const found = /^#\/\$defs\/([^/]+)(\/.*)?$/.exec(ref)
  const def = found?.[1] === undefined ? undefined : defs.get(pointerToken(found[1]))
  if (def !== undefined) return `${refTo(def).$ref}${found?.[2] ?? ''}`
  if (ref.startsWith('#/components/')) return ref
  return ref.startsWith('#') ? `${refTo(root).$ref}${ref.slice(1)}` : ref
}

function pointerToken(token: string): string {
  return decodeURIComponent(token).replaceAll('~1', '/').replaceAll('~0', '~')
}

function refTo(name: string) {
  return { $ref: `#/components/schemas/${name}` }
}
