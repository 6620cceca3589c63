/**
 * The registry as a GraphQL schema, still without the library: names, types and how values find their type. Types are named after
 * the place where they stand, so adding an operation renames nothing; a schema that has a name of its own is one type wherever it is
 * used. This file is the compiler; what it reads is `json-type.ts`, what it writes is `schema-plan.ts`.
 */
import { DefinitionError, isStream, type JsonSchema, type OperationEntry, type Registry, toPointer } from '@waymark/contract'
import { isRecord } from '../rest/is-record.ts'
import { constantsOf, list, type ResolveRef, refsWithin } from '../rest/json-schema-walk.ts'
import { componentName } from '../rest/openapi/operation-name.ts'
import { servedOperations } from '../rest/operation-path.ts'
import { fieldName, isLegalName, legalName, typeNamePart } from './graphql-name.ts'
import { type Alternative, createJsonTypes, type JsonType, matchesType } from './json-type.ts'
import type { PlannedField, PlannedOperation, PlannedType, SchemaPlan, TypeUse } from './schema-plan.ts'

type Direction = 'input' | 'output'

/** Where a schema stands: what a type there is called, and how to say the place. */
interface Place {
  readonly name: string
  readonly operation: string
  readonly path: readonly string[]
}

const INT_MIN = -(2 ** 31)
const INT_MAX = 2 ** 31 - 1
const OWN_NAMES = [
  ...['Query', 'Mutation', 'Subscription', 'String', 'Int', 'Float', 'Boolean', 'ID'],
  ...['SafeInt', 'DateTime', 'Date', 'JSON'],
]
const FORMATS: Readonly<Record<string, string>> = { 'date-time': 'DateTime', date: 'Date' }

/**
 * Plans the schema of every operation that is served.
 * @throws DefinitionError naming both places, when two of them would get the same name.
 */
export function planSchema(registry: Registry): SchemaPlan {
  const types = new Map<string, PlannedType>()
  const owners = new Map(OWN_NAMES.map((name) => [name, { place: 'GraphQL itself', content: name }]))
  const operations = servedOperations(registry).map((entry): PlannedOperation => {
    const name = componentName(entry, registry)
    const plan = (direction: Direction) => {
      const schema = direction === 'input' ? entry.inputSchema : entry.outputSchema
      const place = { name: `${name}${direction === 'input' ? 'Input' : 'Output'}`, operation: entry.id, path: [direction] }
      return createPlanner(schema, direction, types, owners)(schema, place)
    }
    const { kind, io } = entry.operation
    return {
      entry,
      root: kind === 'command' ? 'mutation' : isStream(io.output) ? 'subscription' : 'query',
      name: fieldName(entry, registry),
      input: takesNothing(entry.inputSchema) ? undefined : argument(plan('input'), entry.inputSchema),
      output: plan('output'),
      deprecated: deprecationOf(entry, registry),
    }
  })
  return { operations, types }
}

type Owners = Map<string, { readonly place: string; readonly content: string }>

/** Plans the types of one document, in one direction. */
function createPlanner(document: JsonSchema, direction: Direction, types: Map<string, PlannedType>, owners: Owners) {
  const resolve = refsWithin(document)
  const read = createJsonTypes(resolve)
  const planned = new Map<JsonSchema, string>()
  const merged = new Map<JsonSchema, JsonSchema>()
  const suffix = direction === 'input' ? 'Input' : ''

  function use(schema: unknown, at: Place): TypeUse {
    const type = read(schema)
    const { nullable, alternatives } = type
    const kinds = new Set(alternatives.map((alternative) => kindOf(alternative.type)))
    const [kind] = kinds
    if (kinds.size !== 1) return { nullable, name: 'JSON' }
    switch (kind) {
      case 'boolean':
        return { nullable, name: 'Boolean' }
      case 'number':
        return { nullable, name: numberType(alternatives) }
      case 'string':
        return { nullable, name: textType(type, at) }
      case 'array':
        return { nullable, items: use(itemsOf(alternatives), at) }
      default:
        return { nullable, name: objectType(type, at) }
    }
  }

  function textType(type: JsonType, at: Place): string {
    const { alternatives, description } = type
    const values = [...new Set(alternatives.flatMap(({ schema }) => constantsOf(schema)))] as string[]
    const isClosed = alternatives.every(({ schema }) => constantsOf(schema).length > 0)
    // A value has to arrive as it was sent, so one that is no name keeps all of them texts.
    if (isClosed && values.every(isEnumValue)) {
      return declare(type, at, (name) => ({ kind: 'enum', name, description, values }))
    }
    const formats = new Set(alternatives.map(({ schema }) => schema.format))
    const [format] = formats
    return (formats.size === 1 && typeof format === 'string' && FORMATS[format]) || 'String'
  }

  function objectType(type: JsonType, at: Place): string {
    const { alternatives, description } = type
    if (alternatives.some(({ schema }) => isFree(schema))) return 'JSON'
    const [only, ...others] = alternatives
    if (only === undefined) return 'JSON'
    if (others.length > 0) return direction === 'input' ? mergedType(type, at) : unionType(type, at)
    return declare({ ...type, node: only.schema, id: only.id ?? type.id }, at, (name, place) => {
      return { kind: direction === 'input' ? 'input' : 'object', name, description, fields: fields(only.schema, place) }
    })
  }

  function fields(schema: JsonSchema, at: Place, given: ReadonlyMap<string, TypeUse> = new Map()): PlannedField[] {
    const required = new Set(list(schema.required))
    const names = new Map<string, string>()
    return Object.entries(schema.properties as Record<string, unknown>).map(([wire, property]) => {
      const name = legalName(wire)
      const other = names.get(name)
      if (other !== undefined) {
        throw collision(`The fields ${JSON.stringify(other)} and ${JSON.stringify(wire)} of ${placeOf(at)} are both ${name}`)
      }
      names.set(name, wire)
      const own = given.get(wire) ?? use(property, inside(at, wire))
      const isNullable = own.nullable || !required.has(wire)
      return { name, wire, use: { ...own, nullable: isNullable }, description: described(property) }
    })
  }

  /** GraphQL has no unions of inputs: one input has the fields of all alternatives, and the contract says which go together. */
  function mergedType(type: JsonType, at: Place): string {
    const known = merged.get(type.node) ?? mergeObjects(type.alternatives.map(({ schema }) => schema))
    merged.set(type.node, known)
    const { description } = type
    return declare(type, at, (name, place) => ({ kind: 'input', name, description, fields: fields(known, place) }))
  }

  function unionType(type: JsonType, at: Place): string {
    const { alternatives, description } = type
    return declare(type, at, (name, place) => {
      const shared = sharedEnums(alternatives, place)
      const labels = labelsOf(alternatives)
      const members = alternatives.map((alternative, index) => {
        const { schema, id } = alternative
        const at = { ...place, name: `${name}${labels[index]}` }
        const member = declare({ node: schema, id }, at, (name, place) => {
          return { kind: 'object', name, description: described(schema), fields: fields(schema, place, shared) }
        })
        return { name: member, matches: matcherOf(schema, resolve) }
      })
      return { kind: 'union', name, description, members: members.filter(isFirst) }
    })
  }

  /** A field that tells alternatives apart has one type in all of them, so that one query can select it of each. */
  function sharedEnums(alternatives: readonly Alternative[], at: Place): Map<string, TypeUse> {
    const [first, ...others] = alternatives.map(({ schema }) => schema.properties as Record<string, JsonSchema>)
    const names = Object.keys(first ?? {}).filter((name) => others.every((properties) => name in properties))
    const shared = new Map<string, TypeUse>()
    for (const name of names) {
      const all = [first, ...others].map((properties) => read(properties?.[name]))
      const isTag = all.every(
        ({ alternatives, nullable }) =>
          !nullable && alternatives.length === 1 && constantsOf(alternatives[0]?.schema ?? {}).every(isEnumValue),
      )
      const values = all.flatMap(({ alternatives }) => alternatives.flatMap(({ schema }) => constantsOf(schema)))
      if (isTag && values.length >= all.length) shared.set(name, use({ type: 'string', enum: values }, inside(at, name)))
    }
    return shared
  }

  /** Declares the type of a node once, before it is looked into, because it may refer to itself. */
  function declare(
    { node, id }: Pick<JsonType, 'node' | 'id'>,
    at: Place,
    make: (name: string, place: Place) => PlannedType,
  ): string {
    const known = planned.get(node)
    if (known !== undefined) return known
    const name = id === undefined ? at.name : `${typeNamePart(id)}${suffix}`
    const content = id === undefined ? placeOf(at) : contentOf(node, resolve)
    const owner = owners.get(name)
    planned.set(node, name)
    if (owner !== undefined) {
      if (id !== undefined && owner.content === content) return name
      throw collision(`${owner.place} and ${placeOf(at)} are both the type ${name}`)
    }
    owners.set(name, { place: placeOf(at), content })
    types.set(name, make(name, { ...at, name }))
    return name
  }

  return use
}

function collision(what: string): DefinitionError {
  return new DefinitionError('CONTRACT_NAME_COLLISION', `${what} on GraphQL. Rename one of them.`)
}

function inside(at: Place, wire: string): Place {
  return { ...at, name: `${at.name}${typeNamePart(wire)}`, path: [...at.path, wire] }
}

function placeOf({ operation, path: [direction = '', ...path] }: Place): string {
  return `the ${direction} of ${operation}${path.length === 0 ? '' : ` at ${toPointer(path)}`}`
}

function kindOf(type: Alternative['type']): string {
  return type === 'integer' ? 'number' : type
}

function isEnumValue(value: unknown): boolean {
  return typeof value === 'string' && isLegalName(value) && !['true', 'false', 'null'].includes(value)
}

function numberType(alternatives: readonly Alternative[]): string {
  const isWhole = alternatives.every(({ type, schema }) => type === 'integer' || isOfIntegers(schema))
  if (!isWhole) return 'Float'
  const isSmall = ({ schema }: Alternative) => {
    const { minimum, exclusiveMinimum, maximum, exclusiveMaximum } = schema as Readonly<Record<string, number | undefined>>
    const constants = constantsOf(schema) as number[]
    const low = constants.length > 0 ? Math.min(...constants) : (minimum ?? exclusiveMinimum ?? Number.NEGATIVE_INFINITY)
    const high = constants.length > 0 ? Math.max(...constants) : (maximum ?? exclusiveMaximum ?? Number.POSITIVE_INFINITY)
    return low >= INT_MIN && high <= INT_MAX
  }
  return alternatives.every(isSmall) ? 'Int' : 'SafeInt'
}

function isOfIntegers(schema: JsonSchema): boolean {
  const constants = constantsOf(schema)
  return constants.length > 0 && constants.every(Number.isInteger)
}

/** What may stand in a list, whether it is a tuple or not. */
function itemsOf(alternatives: readonly Alternative[]): unknown {
  const all = alternatives.flatMap(({ schema }) => [
    ...list(schema.prefixItems),
    ...(isRecord(schema.items) ? [schema.items] : []),
  ])
  return all.length === 1 ? all[0] : { anyOf: all.length === 0 ? [{}] : all }
}

/** An object with fields that nobody can name. */
function isFree({ properties, additionalProperties, patternProperties }: JsonSchema): boolean {
  const isOpen = additionalProperties !== undefined && additionalProperties !== false
  return !isRecord(properties) || Object.keys(properties).length === 0 || isOpen || patternProperties !== undefined
}

function takesNothing({ type, properties, additionalProperties }: JsonSchema): boolean {
  const isEmpty = properties === undefined || Object.keys(properties as object).length === 0
  return type === 'object' && isEmpty && (additionalProperties === undefined || additionalProperties === false)
}

/** Who wants nothing of an operation may leave its input out. */
function argument(use: TypeUse, schema: JsonSchema): TypeUse {
  const isOptional = isRecord(schema.properties) && list(schema.required).length === 0
  return isOptional ? { ...use, nullable: true } : use
}

function described(schema: unknown): string | undefined {
  if (!isRecord(schema)) return undefined
  const texts = [schema.description, 'default' in schema ? `Default: ${JSON.stringify(schema.default)}.` : undefined]
  const text = texts.filter((text) => typeof text === 'string').join(' ')
  return text === '' ? undefined : text
}

function mergeObjects(schemas: readonly JsonSchema[]): JsonSchema {
  const byName = new Map<string, unknown[]>()
  for (const { properties } of schemas) {
    for (const [name, schema] of Object.entries(properties as object)) byName.set(name, [...(byName.get(name) ?? []), schema])
  }
  const isRequired = (name: string) => schemas.every(({ required }) => list(required).includes(name))
  return {
    type: 'object',
    properties: Object.fromEntries([...byName].map(([name, all]) => [name, eitherOf(all)])),
    required: [...byName.keys()].filter(isRequired),
  }
}

function eitherOf(schemas: readonly unknown[]): unknown {
  const [first, ...others] = [...new Map(schemas.map((schema) => [JSON.stringify(schema), schema])).values()]
  if (others.length === 0) return first
  const description = schemas.map(described).find((text) => text !== undefined)
  return { anyOf: [first, ...others], ...(description === undefined ? {} : { description }) }
}

/** What the alternatives of a union are called: by the field that tells them apart, else by number. */
function labelsOf(alternatives: readonly Alternative[]): string[] {
  const all = alternatives.map(({ schema }) => schema.properties as Record<string, JsonSchema>)
  for (const name of Object.keys(all[0] ?? {})) {
    const labels = all.map((properties) =>
      constantsOf(properties[name] ?? {})
        .map((value) => typeNamePart(String(value)))
        .join(''),
    )
    if (labels.every((label) => label !== '') && new Set(labels).size === labels.length) return labels
  }
  return alternatives.map((_, index) => String(index + 1))
}

/** Whether a value is of this alternative: has what it requires, nothing it does not know, and its constants and types. */
function matcherOf(schema: JsonSchema, resolve: ResolveRef): (value: unknown) => boolean {
  const read = createJsonTypes(resolve)
  const required = list(schema.required).map(String)
  const properties = new Map(Object.entries(schema.properties as object).map(([name, property]) => [name, read(property)]))
  const admits = (name: string, value: unknown) => {
    const type = properties.get(name)
    if (type === undefined) return false
    if (value === null ? type.nullable : type.alternatives.length === 0) return true
    return type.alternatives.some(({ type, schema }) => {
      const constants = constantsOf(schema)
      return matchesType(value, type) && (constants.length === 0 || constants.includes(value))
    })
  }
  return (value) =>
    isRecord(value) &&
    required.every((name) => Object.hasOwn(value, name)) &&
    Object.entries(value).every(([name, item]) => item === undefined || admits(name, item))
}

function isFirst<T extends { readonly name: string }>(item: T, index: number, all: readonly T[]): boolean {
  return all.findIndex(({ name }) => name === item.name) === index
}

/** All that a named schema says, with what it refers to: two that say the same are one type. */
function contentOf(schema: JsonSchema, resolve: ResolveRef): string {
  const seen = new Set<string>()
  const expand = (key: string, value: unknown): unknown => {
    if (key !== '$ref' || typeof value !== 'string') return value
    const name = value.split('/').at(-1) ?? ''
    if (seen.has(value)) return name
    seen.add(value)
    return `${name}: ${JSON.stringify(resolve(value), expand)}`
  }
  return JSON.stringify(schema, expand)
}

function deprecationOf({ operation: { meta } }: OperationEntry, registry: Registry): string | undefined {
  const { deprecation, stability } = meta
  if (deprecation === undefined) return stability === 'deprecated' ? 'Deprecated.' : undefined
  const successor = deprecation.successor === undefined ? undefined : registry.operation(deprecation.successor)
  const next = successor === undefined ? '' : ` Use ${fieldName(successor, registry)}.`
  return `Deprecated since ${deprecation.since}; answers GONE from ${deprecation.sunset} on.${next}`
}
