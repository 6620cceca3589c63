/**
 * Contracts over the Model Context Protocol, by Streamable HTTP. Both live revisions are served without sessions: each request has a
 * server object of its own, made for its caller, and its answer is one JSON document.
 */
import {
  createMcpHandler,
  isLegacyRequest,
  type McpRequestContext,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server'
import { type InvalidCredential, invoke, type Principal, type Runtime, toProblem } from '@waymark/contract'
import { problemResponse } from '../rest/respond.ts'
import type { Caller } from './caller.ts'
import { createServerFactory } from './create-server-factory.ts'
import { refuseForeignHost } from './guard-host.ts'
import { readMessage } from './read-message.ts'
import { createToolTable } from './tool-table.ts'

export interface McpOptions {
  readonly runtime: Runtime
  /** Who calls: reads headers only, never the body. */
  readonly authenticate: (request: Request) => Promise<Principal | InvalidCredential>
  /** What clients show of the server. */
  readonly title?: string
  readonly version?: string
  /** What a model should know before it chooses a tool. */
  readonly instructions?: string
  /** True for a server on a loopback address: a request that names another host is refused. */
  readonly loopbackOnly?: boolean
  /** With `loopbackOnly`: origins of other hosts whose pages may call all the same. */
  readonly corsOrigins?: readonly string[]
  /** The largest message, in bytes after unpacking; 1 MiB when absent. */
  readonly bodyLimit?: number
}

export interface Mcp {
  /** Answers a POST; the id is that of the request in the log. Rejects when a port fails. */
  fetch(request: Request, requestId: string): Promise<Response>
}

/** Open streams of clients that want to hear of changes. There are none to hear of yet, so few are enough. */
const MOST_SUBSCRIPTIONS = 100

/** Serves every operation of a runtime as a tool, and its contracts and tracks as resources. */
export function createMcp(options: McpOptions): Mcp {
  const { runtime, authenticate, title = 'Waymark', version = '0.0.0', instructions, loopbackOnly = false } = options
  const { bodyLimit = 1_048_576, corsOrigins = [] } = options
  const tools = createToolTable(runtime.registry)
  const serverFor = createServerFactory(runtime, tools, { title, version, instructions })
  const admitsAnybody = [...tools.values()].some(({ entry }) => entry.operation.policy.auth === 'anonymous')
  const callers = new WeakMap<Request, Caller>()
  const modern = createMcpHandler(({ requestInfo }) => serverFor(callerOf(requestInfo)), {
    legacy: 'reject',
    maxSubscriptions: MOST_SUBSCRIPTIONS,
  })

  function callerOf(request: McpRequestContext['requestInfo']): Caller {
    return callers.get(request as Request) as Caller
  }

  /** The 401 of somebody who has to say who they are, as the pipeline says it of the tool that is called. */
  async function challenge(principal: Principal, tool: string | undefined, requestId: string): Promise<Response | undefined> {
    if (principal.kind !== 'anonymous') return undefined
    const entry = tool === undefined ? undefined : tools.get(tool)?.entry
    if (entry === undefined) return admitsAnybody ? undefined : unauthenticated(requestId, NO_CREDENTIAL)
    if (entry.operation.policy.auth === 'anonymous') return undefined
    const result = await invoke(runtime, entry.id, undefined, { principal, channel: 'mcp', requestId })
    return !result.ok && result.problem.status === 401 ? problemResponse(result.problem, NO_STORE) : undefined
  }

  return {
    async fetch(request, requestId) {
      const foreign = loopbackOnly ? refuseForeignHost(request, corsOrigins) : undefined
      if (foreign !== undefined) return foreign
      const principal = await authenticate(request)
      if (principal.kind === 'invalid') return unauthenticated(requestId, principal.detail)
      const message = await readMessage(request, bodyLimit, requestId)
      if (message instanceof Response) return message
      const refusal = await challenge(principal, message.tool, requestId)
      if (refusal !== undefined) return refusal
      const caller = { principal, requestId, flaws: message.flaws }
      if (await isLegacyRequest(request, message.body)) return answerLegacy(request, message.body, serverFor(caller))
      callers.set(request, caller)
      return modern.fetch(request, { parsedBody: message.body })
    },
  }
}

const NO_STORE = [['cache-control', 'no-store']] as const
const NO_CREDENTIAL = 'This server needs a credential: send `Authorization: Bearer <key or learner token>`.'

function unauthenticated(requestId: string, detail: string): Response {
  return problemResponse(toProblem(undefined, 'UNAUTHENTICATED', requestId, { detail }), NO_STORE)
}

/** The SDK's own way for the older revision streams each answer, and a stream is cut off when the server stops. */
async function answerLegacy(
  request: Request,
  body: unknown,
  server: ReturnType<ReturnType<typeof createServerFactory>>,
): Promise<Response> {
  const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true })
  await server.connect(transport)
  const { signal } = request
  const gone = Promise.withResolvers<Response>()
  // Nobody reads it. Without it this would wait for an answer that a closed transport never gives.
  const leave = () => gone.resolve(new Response(null, { status: 499 }))
  signal.addEventListener('abort', leave, { once: true })
  try {
    return await Promise.race([transport.handleRequest(request, { parsedBody: body }), gone.promise])
  } finally {
    signal.removeEventListener('abort', leave)
    server.close().catch(() => {})
  }
}
