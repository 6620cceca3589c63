import type { Registry } from '@waymark/contract'
import type { Graphql, GraphqlOptions } from '@waymark/surface/graphql'
import type { OtherEndpoint } from '@waymark/surface/rest'
import { OWN_MODULES } from './modules/own-modules.ts'

/**
 * The paths of GraphQL. It loads with the first request, unless there are operations whose names nobody has compared yet.
 * @throws DefinitionError naming both places, when two of them would get the same name.
 */
export async function graphqlEndpoints(options: GraphqlOptions): Promise<readonly OtherEndpoint[]> {
  let loading: Promise<Graphql> | undefined
  const load = () => {
    loading ??= import('@waymark/surface/graphql').then(({ createGraphql }) => createGraphql(options))
    return loading
  }
  if (hasForeignOperations(options.runtime.registry)) await load()
  const answer = async (request: Request, requestId: string) => (await load()).fetch(request, { requestId })
  return [
    { method: 'GET', path: '/graphql', answer },
    { method: 'POST', path: '/graphql', answer },
    { method: 'GET', path: '/schema.graphql', answer: async () => (await load()).schema() },
  ]
}

function hasForeignOperations({ modules }: Registry): boolean {
  return modules.some((module) => !OWN_MODULES.includes(module) && module.contracts.some(({ kind }) => kind !== 'event'))
}
