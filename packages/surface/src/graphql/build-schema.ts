import {
  GraphQLEnumType,
  type GraphQLFieldConfig,
  type GraphQLInputFieldConfig,
  GraphQLInputObjectType,
  type GraphQLInputType,
  GraphQLList,
  type GraphQLNamedType,
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLOutputType,
  GraphQLSchema,
  GraphQLUnionType,
} from 'graphql'
import { SCALARS } from './scalars.ts'
import type { PlannedField, PlannedOperation, PlannedType, SchemaPlan, TypeUse } from './schema-plan.ts'

/** What a field of a root type does: `resolve` answers a call, `subscribe` opens a stream. */
export interface FieldActions<Context> {
  readonly resolve: (operation: PlannedOperation, input: unknown, context: Context) => unknown
  readonly subscribe: (operation: PlannedOperation, input: unknown, context: Context) => Promise<AsyncIterable<unknown>>
}

/** The executable schema of a plan. */
export function buildSchema<Context>(plan: SchemaPlan, actions: FieldActions<Context>): GraphQLSchema {
  const types = new Map<string, GraphQLNamedType>(SCALARS)
  for (const type of plan.types.values()) types.set(type.name, build(type))

  function build(type: PlannedType): GraphQLNamedType {
    const { name, description } = type
    const said = description === undefined ? {} : { description }
    switch (type.kind) {
      case 'enum':
        return new GraphQLEnumType({ name, ...said, values: Object.fromEntries(type.values.map((value) => [value, { value }])) })
      case 'union':
        return new GraphQLUnionType({
          name,
          ...said,
          types: () => type.members.map((member) => types.get(member.name) as GraphQLObjectType),
          resolveType: (value) => type.members.find(({ matches }) => matches(value))?.name,
        })
      case 'input':
        return new GraphQLInputObjectType({
          name,
          ...said,
          fields: () =>
            Object.fromEntries(type.fields.map((field): [string, GraphQLInputFieldConfig] => [field.name, inputField(field)])),
        })
      case 'object':
        return new GraphQLObjectType({
          name,
          ...said,
          fields: () =>
            Object.fromEntries(
              type.fields.map((field): [string, GraphQLFieldConfig<unknown, Context>] => [field.name, outputField(field)]),
            ),
        })
    }
  }

  function typeOf(use: TypeUse): GraphQLOutputType & GraphQLInputType {
    const type = 'items' in use ? new GraphQLList(typeOf(use.items)) : types.get(use.name)
    return (use.nullable ? type : new GraphQLNonNull(type as never)) as GraphQLOutputType & GraphQLInputType
  }

  function inputField({ use, description }: PlannedField): GraphQLInputFieldConfig {
    return { type: typeOf(use), description }
  }

  function outputField({ use, wire, description }: PlannedField): GraphQLFieldConfig<unknown, Context> {
    return { type: typeOf(use), description, resolve: (source) => (source as Readonly<Record<string, unknown>>)[wire] }
  }

  function rootField(operation: PlannedOperation): GraphQLFieldConfig<unknown, Context, { readonly input?: unknown }> {
    const { input, output, deprecated, root } = operation
    return {
      // One call that fails leaves the others of its document as they are.
      type: typeOf({ ...output, nullable: true }),
      description: descriptionOf(operation),
      deprecationReason: deprecated,
      args: input === undefined ? {} : { input: { type: typeOf(input) } },
      ...(root === 'subscription'
        ? {
            subscribe: (_source, args, context) => actions.subscribe(operation, args.input, context),
            resolve: (item) => item,
          }
        : { resolve: (_source, args, context) => actions.resolve(operation, args.input, context) }),
    }
  }

  function rootType(root: PlannedOperation['root'], name: string): GraphQLObjectType | undefined {
    const own = plan.operations.filter((operation) => operation.root === root)
    if (own.length === 0) return undefined
    return new GraphQLObjectType({
      name,
      fields: Object.fromEntries(own.map((operation) => [operation.name, rootField(operation)])),
    })
  }

  return new GraphQLSchema({
    query: rootType('query', 'Query') ?? EMPTY_QUERY,
    mutation: rootType('mutation', 'Mutation') ?? null,
    subscription: rootType('subscription', 'Subscription') ?? null,
  })
}

/** Every schema has queries; where no contract is one, there is a field that says nothing. */
const EMPTY_QUERY = new GraphQLObjectType({
  name: 'Query',
  fields: { _empty: { type: SCALARS.get('Boolean') as GraphQLOutputType, description: 'No contract here is a query.' } },
})

function descriptionOf({ entry: { operation } }: PlannedOperation): string {
  const { description, goal, context } = operation.meta
  return [description, goal, context].filter((text) => text !== undefined).join('\n\n')
}
