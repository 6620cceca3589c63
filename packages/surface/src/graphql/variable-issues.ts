import { type Issue, MOST_ISSUES, toPointer } from '@waymark/contract'
import {
  type GraphQLEnumType,
  type GraphQLInputType,
  type GraphQLScalarType,
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
    const issues: Issue[] = []
    collect(value, type, use?.path ?? [name], issues)
    return issues.length === 0 ? [] : [{ inputOf: use?.path.length === 0 ? use.field : undefined, value, issues }]
  })
}

/** Adds what is wrong, until that is more than a problem lists. */
function collect(value: unknown, type: GraphQLInputType, path: Path, issues: Issue[]): void {
  if (issues.length > MOST_ISSUES) return
  if (isNonNullType(type)) {
    if (value === undefined || value === null) issues.push(issue(path, type, value))
    else collect(value, type.ofType, path, issues)
    return
  }
  if (value === undefined || value === null) return
  if (isListType(type)) {
    if (!Array.isArray(value)) collect(value, type.ofType, path, issues)
    else
      for (let index = 0; index < value.length && issues.length <= MOST_ISSUES; index++)
        collect(value[index], type.ofType, [...path, index], issues)
    return
  }
  if (!isInputObjectType(type)) {
    if (!isLeafValue(value, type)) issues.push(issue(path, type, value))
    return
  }
  if (!isRecord(value)) {
    issues.push(issue(path, type, value))
    return
  }
  const fields = type.getFields()
  for (const field of Object.values(fields)) collect(value[field.name], field.type, [...path, field.name], issues)
  for (const name of Object.keys(value)) {
    if (issues.length > MOST_ISSUES) return
    if (Object.hasOwn(fields, name)) continue
    const pointer = toPointer([...path, name])
    issues.push({ pointer, message: 'Unknown field', expected: 'no such field', received: typeName(value[name]) })
  }
}

function isLeafValue(value: unknown, type: GraphQLScalarType | GraphQLEnumType): boolean {
  try {
    return type.coerceInputValue(value) !== undefined
  } catch {
    return false
  }
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
