import { ProtocolError, ProtocolErrorCode, type Server } from '@modelcontextprotocol/server'
import { type OperationEntry, type Problem, type Runtime, toProblem } from '@waymark/contract'
import { callTool, problemResult } from './call-tool.ts'
import type { Caller } from './caller.ts'
import { mayCall } from './may-call.ts'
import { listResources, RESOURCE_TEMPLATES, readResource } from './resources.ts'
import { StrictServer } from './strict-server.ts'
import type { ToolTable } from './tool-table.ts'

/** What a server says of itself. */
export interface ServerIdentity {
  readonly title: string
  readonly version: string
  readonly instructions?: string | undefined
}

/** How long clients of the newer revision may keep what only a new start of the server changes. */
const CACHE = { ttlMs: 60_000, cacheScope: 'private' } as const

/**
 * Makes the server of one request, which shows its caller what the caller may call. The lower of the two layers of the SDK: schemas
 * are the contracts', and `invoke` alone validates.
 */
export function createServerFactory(
  runtime: Runtime,
  tools: ToolTable,
  { title, version, instructions }: ServerIdentity,
): (caller: Caller) => Server {
  const identity = { name: 'waymark', title, version }
  const options = {
    capabilities: { tools: {}, resources: {} },
    cacheHints: { 'tools/list': CACHE, 'resources/templates/list': CACHE },
    ...(instructions === undefined ? {} : { instructions }),
  }

  function listed({ principal }: Caller) {
    const now = runtime.ports.now()
    const isServed = ({ operation: { meta } }: OperationEntry) =>
      meta.deprecation === undefined || now < Date.parse(meta.deprecation.sunset)
    return [...tools.values()].filter(({ entry }) => isServed(entry) && mayCall(principal, entry)).map(({ tool }) => tool)
  }

  return (caller) => {
    const server = new StrictServer(identity, options)
    server.setRequestHandler('tools/list', () => ({ tools: listed(caller) }))
    server.setRequestHandler('tools/call', ({ params }, { mcpReq }) => {
      const found = tools.get(params.name)
      if (found === undefined) {
        const message = `There is no tool ${params.name}. tools/list names those there are.`
        throw new ProtocolError(ProtocolErrorCode.InvalidParams, message)
      }
      const call = { caller, signal: mcpReq.signal }
      const { requestId } = caller
      return callTool(runtime, found.entry, params, call).catch((error) =>
        problemResult(defect(found.entry.id, error, caller), { requestId }),
      )
    })
    const shielded = <T>(method: string, work: Promise<T>) =>
      work.catch((error: unknown) => {
        if (error instanceof ProtocolError) throw error
        const problem = defect(method, error, caller)
        throw new ProtocolError(ProtocolErrorCode.InternalError, problem.detail, problem)
      })
    server.setRequestHandler('resources/list', ({ method, params }) =>
      shielded(method, listResources(runtime, caller, params?.cursor)),
    )
    server.setRequestHandler('resources/templates/list', () => ({ resourceTemplates: RESOURCE_TEMPLATES }))
    server.setRequestHandler('resources/read', ({ method, params }) =>
      shielded(method, readResource(runtime, caller, params.uri)),
    )
    return server
  }

  /** What a caller learns of a defect of ours: that there is one. The SDK would send the text of the error. */
  function defect(operation: string, error: unknown, { requestId }: Caller): Problem {
    runtime.ports.onFailure?.({ requestId, operation, error })
    return toProblem(undefined, 'INTERNAL', requestId)
  }
}
