import { type InvalidCredential, type Principal, type Runtime, toProblem } from '@waymark/contract'
import { type HeaderList, textResponse } from '../rest/respond.ts'
import { createStreamSlots, type StreamSlots } from '../rest/stream-slots.ts'
import type { GraphqlLimits } from './document-limits.ts'
import { toFailure } from './graphql-failure.ts'
import { planSchema } from './plan-schema.ts'

export interface GraphqlOptions {
  readonly runtime: Runtime
  /** Who calls: reads headers only, never the body. */
  readonly authenticate: (request: Request) => Promise<Principal | InvalidCredential>
  /** The places for open streams, shared with other surfaces; those of its own when absent. */
  readonly slots?: StreamSlots
  /** How often an idle stream gives a sign of life, in milliseconds; 15 s when absent. */
  readonly heartbeatMs?: number
  /** The largest body, in bytes after unpacking; 1 MiB when absent. A contract may admit more by its own limit. */
  readonly bodyLimit?: number
  /** How much one document may ask for, where that is not the default. */
  readonly limits?: Partial<GraphqlLimits>
}

export interface Graphql {
  /** Answers a GraphQL request, by GET or POST. Never rejects; a defect answers 500. */
  fetch(request: Request, info?: { readonly requestId?: string }): Promise<Response>
  /** Answers with the schema in its definition language. */
  schema(): Promise<Response>
}

/**
 * Serves every operation of a runtime as a field of one GraphQL schema. The library loads with the first request.
 * @throws DefinitionError naming both places, when two of them would get the same name.
 */
export function createGraphql(options: GraphqlOptions): Graphql {
  const { runtime, heartbeatMs = 15_000, slots = createStreamSlots(), bodyLimit = 1_048_576, limits = {} } = options
  const { registry, ports } = runtime
  const plan = planSchema(registry)
  const largest = Math.max(bodyLimit, ...registry.operations.map(({ operation }) => operation.policy.limits?.inputBytes ?? 0))
  let opened: ReturnType<typeof open> | undefined
  const open = async () => {
    const { createExecutor } = await import('./create-executor.ts')
    return createExecutor(plan, { ...options, heartbeatMs, slots, bodyLimit: largest, limits })
  }
  const executor = () => {
    opened ??= open()
    return opened
  }

  return {
    async fetch(request, info = {}) {
      const requestId = info.requestId ?? ports.newId()
      let response: Response
      try {
        response = await (await executor()).answer(request, requestId)
      } catch (error) {
        ports.onFailure?.({ requestId, operation: 'graphql', error })
        const body = JSON.stringify({ errors: [toFailure(toProblem(undefined, 'INTERNAL', requestId))] })
        response = textResponse(500, body, 'application/graphql-response+json', NO_STORE)
      }
      response.headers.set('x-request-id', requestId)
      return response
    },
    schema: async () => textResponse(200, (await executor()).sdl(), 'text/plain; charset=utf-8'),
  }
}

const NO_STORE: HeaderList = [['cache-control', 'no-store']]
