import { isPage } from '@waymark/contract'
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  getArgumentValues,
  type OperationDefinitionNode,
  OperationTypeNode,
  type SelectionSetNode,
  type ValidatedExecutionArgs,
} from 'graphql'
import { isRecord } from '../rest/is-record.ts'
import type { PlannedOperation } from './schema-plan.ts'

/** A field of the root in a document, with the operation that it calls. */
export interface RootField {
  readonly node: FieldNode
  readonly operation: PlannedOperation
}

/** The calls that an operation of a document is made of, whether or not a directive leaves them out. */
export function rootFields(
  operations: ReadonlyMap<string, PlannedOperation>,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): readonly RootField[] {
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const node of document.definitions) if (node.kind === 'FragmentDefinition') fragments.set(node.name.value, node)
  const collect = ({ selections }: SelectionSetNode): RootField[] =>
    selections.flatMap((selection) => {
      if (selection.kind === 'InlineFragment') return collect(selection.selectionSet)
      if (selection.kind === 'FragmentSpread') {
        const fragment = fragments.get(selection.name.value)
        return fragment === undefined ? [] : collect(fragment.selectionSet)
      }
      const planned = operations.get(selection.name.value)
      return planned === undefined ? [] : [{ node: selection, operation: planned }]
    })
  return collect(operation.selectionSet)
}

/**
 * What each field is called with, in their order.
 * @throws GraphQLError where null comes by a variable to a place that takes none: types alone do not rule that out.
 */
export function inputsOf(fields: readonly RootField[], schema: GraphQLSchema, args: ValidatedExecutionArgs): readonly unknown[] {
  return fields.map(({ node, operation: { root, name } }) => {
    const field = schema.getRootType(OPERATION_TYPES[root])?.getFields()[name]
    return field === undefined ? undefined : getArgumentValues(field, node, args.variableValues).input
  })
}

const OPERATION_TYPES = {
  query: OperationTypeNode.QUERY,
  mutation: OperationTypeNode.MUTATION,
  subscription: OperationTypeNode.SUBSCRIPTION,
} as const

/** How many items the answers to these fields may have together. A call that brings no page counts as one. */
export function itemsOf(fields: readonly RootField[], inputs: readonly unknown[]): number {
  return fields.reduce((items, { operation: { entry } }, index) => {
    if (!isPage(entry.operation.io.output)) return items + 1
    const input = inputs[index]
    const limit = isRecord(input) ? input.limit : undefined
    return items + (typeof limit === 'number' ? Math.max(limit, 1) : defaultLimit(entry.inputSchema))
  }, 0)
}

function defaultLimit({ properties }: PlannedOperation['entry']['inputSchema']): number {
  return Number((properties as { readonly limit: { readonly default: number } }).limit.default)
}
