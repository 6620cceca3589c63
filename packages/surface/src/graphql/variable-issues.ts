import { type Issue, toPointer } from '@waymark/contract'
import {
  type GraphQLInputType,
  type GraphQLSchema,
  isInputObjectType,
  isInputType,
  isListType,
  isNonNullType,
  type OperationDefinitionNode,
  typeFromAST,
  type ValueNode,
} from 'graphql'
import { isRecord } from '../rest/is-record.ts'

/** A variable whose value its type does not admit. */
export interface BadVariable {
  /** The field of the root whose argument `input` it is as a whole. */
  readonly inputOf: string | undefined
  readonly value: unknown
  /** Pointers lead into the input where the variable is part of one, else into the variables. */
  readonly issues: readonly Issue[]
}

type Path = readonly (string | number)[]

/** Says what is wrong with the variables of an operation, in the words of a contract. */
export function findBadVariables(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  values: Readonly<Record<string, unknown>>,
): readonly BadVariable[] {
  const uses = findUses(operation)
  return (operation.variableDefinitions ?? []).flatMap(({ variable, type: node, defaultValue }) => {
    const name = variable.name.value
    const type = typeFromAST(schema, node)
    const value = Object.hasOwn(values, name) ? values[name] : undefined
    if (!isInputType(type) || (value === undefined && defaultValue !== undefined)) return []
    const use = uses.get(name)
    const issues = issuesOf(value, type, use?.path ?? [name])
    return issues.length === 0 ? [] : [{ inputOf: use?.path.length === 0 ? use.field : undefined, value, issues }]
  })
}

function issuesOf(value: unknown, type: GraphQLInputType, path: Path): Issue[] {
  if (isNonNullType(type)) {
    return value === undefined || value === null ? [issue(path, type, value)] : issuesOf(value, type.ofType, path)
  }
  if (value === undefined || value === null) return []
  if (isListType(type)) {
    const { ofType } = type
    return Array.isArray(value)
      ? value.flatMap((item, index) => issuesOf(item, ofType, [...path, index]))
      : issuesOf(value, ofType, path)
  }
  if (!isInputObjectType(type)) {
    try {
      return type.coerceInputValue(value) === undefined ? [issue(path, type, value)] : []
    } catch {
      return [issue(path, type, value)]
    }
  }
  if (!isRecord(value)) return [issue(path, type, value)]
  const fields = type.getFields()
  const unknown = Object.keys(value).filter((name) => !Object.hasOwn(fields, name))
  return [
    ...Object.values(fields).flatMap((field) => issuesOf(value[field.name], field.type, [...path, field.name])),
    ...unknown.map((name) => ({
      pointer: toPointer([...path, name]),
      message: 'Unknown field',
      expected: 'no such field',
      received: typeName(value[name]),
    })),
  ]
}

function issue(path: Path, type: GraphQLInputType, value: unknown): Issue {
  const received = typeName(value)
  const message = received === 'nothing' ? 'Missing field' : `Expected ${type}, received ${received}`
  return { pointer: toPointer(path), message, expected: String(type), received }
}

function typeName(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}

/** Where each variable first stands in an `input`. */
function findUses({ selectionSet }: OperationDefinitionNode): Map<string, { readonly field: string; readonly path: Path }> {
  const uses = new Map<string, { readonly field: string; readonly path: Path }>()
  const visit = (node: ValueNode, field: string, path: Path): void => {
    if (node.kind === 'Variable') {
      if (!uses.has(node.name.value)) uses.set(node.name.value, { field, path })
    } else if (node.kind === 'ListValue')
      node.values.forEach((item, index) => {
        visit(item, field, [...path, index])
      })
    else if (node.kind === 'ObjectValue') for (const { name, value } of node.fields) visit(value, field, [...path, name.value])
  }
  for (const selection of selectionSet.selections) {
    if (selection.kind !== 'Field') continue
    for (const { value } of selection.arguments ?? []) visit(value, selection.name.value, [])
  }
  return uses
}
