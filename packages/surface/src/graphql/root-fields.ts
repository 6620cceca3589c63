import { isPage } from '@waymark/contract'
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  getArgumentValues,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValidatedExecutionArgs,
} from 'graphql'
import { isRecord } from '../rest/is-record.ts'
import type { PlannedOperation, SchemaPlan } from './schema-plan.ts'

/** A field of the root in a document, with the operation that it calls. */
export interface RootField {
  readonly node: FieldNode
  readonly operation: PlannedOperation
}

/** The calls that an operation of a document is made of, whether or not a directive leaves them out. */
export function rootFields(plan: SchemaPlan, document: DocumentNode, operation: OperationDefinitionNode): readonly RootField[] {
  const byName = new Map(plan.operations.map((planned) => [planned.name, planned]))
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const node of document.definitions) if (node.kind === 'FragmentDefinition') fragments.set(node.name.value, node)
  const collect = ({ selections }: SelectionSetNode): RootField[] =>
    selections.flatMap((selection) => {
      if (selection.kind === 'InlineFragment') return collect(selection.selectionSet)
      if (selection.kind === 'FragmentSpread') {
        const fragment = fragments.get(selection.name.value)
        return fragment === undefined ? [] : collect(fragment.selectionSet)
      }
      const planned = byName.get(selection.name.value)
      return planned === undefined ? [] : [{ node: selection, operation: planned }]
    })
  return collect(operation.selectionSet)
}

/** How many items the answers to these fields may have together. A call that brings no page counts as one. */
export function itemsOf(fields: readonly RootField[], schema: GraphQLSchema, { variableValues }: ValidatedExecutionArgs): number {
  return fields.reduce((items, { node, operation: { root, entry, name } }) => {
    const type = root === 'mutation' ? schema.getMutationType() : schema.getQueryType()
    const field = type?.getFields()[name]
    if (field === undefined || !isPage(entry.operation.io.output)) return items + 1
    const { input } = getArgumentValues(field, node, variableValues) as { readonly input?: unknown }
    const limit = isRecord(input) ? input.limit : undefined
    return items + (typeof limit === 'number' ? limit : defaultLimit(entry.inputSchema))
  }, 0)
}

function defaultLimit({ properties }: PlannedOperation['entry']['inputSchema']): number {
  return Number((properties as { readonly limit: { readonly default: number } }).limit.default)
}
