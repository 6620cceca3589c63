import { isStream, type Problem, type Runtime } from '@waymark/contract'
import { createMcp, IDEMPOTENCY_KEY } from '@waymark/surface/mcp'
import { operationIdOf } from '../../packages/surface/src/rest/openapi/operation-name.ts'
import { authenticate, registry } from '../../packages/surface/test-support/fixture.ts'
import { type SurfaceAnswer, type SurfaceCaller, toAnswer } from './surface-call.ts'

const REVISION = '2026-07-28'

/** Each call as the tool of its operation, in a message of the revision without sessions. */
export const mcpCaller: SurfaceCaller = {
  name: 'MCP',
  call: ({ runtime }, { id, input, as, idempotencyKey }) => {
    const name = toolOf(id)
    const params = {
      name,
      arguments: input,
      _meta: {
        'io.modelcontextprotocol/protocolVersion': REVISION,
        'io.modelcontextprotocol/clientCapabilities': {},
        ...(idempotencyKey === undefined ? {} : { [IDEMPOTENCY_KEY]: idempotencyKey }),
      },
    }
    const headers = { 'mcp-protocol-version': REVISION, 'mcp-method': 'tools/call', 'mcp-name': name, ...credential(as) }
    return call(runtime, id, params, headers)
  },
}

/** The same, in a message of the revision before. */
export const olderMcpCaller: SurfaceCaller = {
  name: 'MCP, revision 2025-11-25',
  call: ({ runtime }, { id, input, as, idempotencyKey }) => {
    const meta = idempotencyKey === undefined ? {} : { _meta: { [IDEMPOTENCY_KEY]: idempotencyKey } }
    const headers = { 'mcp-protocol-version': '2025-11-25', ...credential(as) }
    return call(runtime, id, { name: toolOf(id), arguments: input, ...meta }, headers)
  },
}

async function call(
  runtime: Runtime,
  id: string,
  params: object,
  headers: Readonly<Record<string, string>>,
): Promise<SurfaceAnswer> {
  const mcp = createMcp({ runtime, authenticate })
  const response = await mcp.fetch(
    new Request('http://shop.test/mcp', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }),
    }),
    'a request',
  )
  const body = (await response.json()) as { readonly result: ToolResult }
  if (response.status === 401) return toAnswer(body as unknown as Problem)
  const { isError, structuredContent } = body.result
  if (isError === true) return toAnswer(structuredContent as Problem)
  // What there is of a stream comes with the place to read on, which is null at its end.
  return { ok: true, data: isEnded(id, structuredContent) ? structuredContent.items : structuredContent }
}

interface ToolResult {
  readonly isError?: boolean
  readonly structuredContent: { readonly items?: unknown; readonly nextCursor?: unknown }
}

function isEnded(id: string, { nextCursor }: ToolResult['structuredContent']): boolean {
  const operation = registry.operation(id)?.operation
  return operation !== undefined && isStream(operation.io.output) && nextCursor === null
}

function credential(as: string | undefined): Record<string, string> {
  return as === undefined ? {} : { authorization: `Bearer ${as}` }
}

function toolOf(id: string): string {
  const entry = registry.operation(id)
  if (entry === undefined) throw new Error(`The fixture has no operation ${id}.`)
  return operationIdOf(entry, registry)
}
