/**
 * MCP on standard input and output, for programs that start their servers: a bridge to `/mcp` of a running server. The newer revision
 * has no sessions, so each request becomes one POST, whatever revision the program speaks; what there is, and who may see it, is said
 * by the server alone.
 */
import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  type Implementation,
  PROTOCOL_VERSION_META_KEY,
  ProtocolError,
  ProtocolErrorCode,
  type Result,
} from '@modelcontextprotocol/server'
import { type StdioServerHandle, serveStdio } from '@modelcontextprotocol/server/stdio'
import { isRecord } from '../rest/is-record.ts'
import { StrictServer } from './strict-server.ts'

export interface StdioBridgeOptions {
  /**
   * Sends one JSON-RPC message to `/mcp` with these headers and the caller's credential, and resolves with the JSON of the answer.
   * Rejects when there is none: the message of the error then goes to the program.
   */
  readonly send: (message: unknown, headers: Readonly<Record<string, string>>, signal?: AbortSignal) => Promise<unknown>
  readonly version: string
  /** Told of messages that could not be read or written. */
  readonly onError?: (error: Error) => void
}

const REVISION = '2026-07-28'

/** Serves until the input ends. Rejects as `send` does when the server cannot be reached at the start. */
export async function serveStdioBridge({ send, version, onError }: StdioBridgeOptions): Promise<StdioServerHandle> {
  const discovered = await forward(send, version, 'server/discover', {})
  const { instructions, _meta = {} } = discovered as { readonly instructions?: string; readonly _meta?: Result['_meta'] }
  const identity = (_meta as Record<string, unknown>)['io.modelcontextprotocol/serverInfo'] as Implementation | undefined
  return serveStdio(
    () => {
      const server = new StrictServer(identity ?? { name: 'waymark', version }, {
        capabilities: { tools: {}, resources: {} },
        ...(instructions === undefined ? {} : { instructions }),
      })
      for (const method of FORWARDED) {
        server.setRequestHandler(method, async ({ params }, { mcpReq }) => {
          try {
            return (await forward(send, version, method, params ?? {}, mcpReq.signal)) as never
          } catch (error) {
            if (error instanceof ProtocolError || error instanceof RangeError) throw error
            throw new ProtocolError(ProtocolErrorCode.InternalError, error instanceof Error ? error.message : String(error))
          }
        })
      }
      return server
    },
    onError === undefined ? {} : { onerror: onError },
  )
}

const FORWARDED = ['tools/list', 'tools/call', 'resources/list', 'resources/templates/list', 'resources/read'] as const

async function forward(
  send: StdioBridgeOptions['send'],
  version: string,
  method: string,
  params: Readonly<Record<string, unknown>>,
  signal?: AbortSignal,
): Promise<Record<string, unknown>> {
  const meta = {
    ...(isRecord(params._meta) ? params._meta : {}),
    [PROTOCOL_VERSION_META_KEY]: REVISION,
    [CLIENT_INFO_META_KEY]: { name: 'waymark-stdio', version },
    [CLIENT_CAPABILITIES_META_KEY]: {},
  }
  const name = method === 'tools/call' ? params.name : method === 'resources/read' ? params.uri : undefined
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': REVISION,
    'mcp-method': method,
    ...(typeof name === 'string' ? { 'mcp-name': headerText(name) } : {}),
  }
  const answer = await send({ jsonrpc: '2.0', id: 1, method, params: { ...params, _meta: meta } }, headers, signal)
  if (isRecord(answer) && isRecord(answer.error)) {
    const { code, message, data } = answer.error
    throw new ProtocolError(Number(code), String(message), data)
  }
  if (!isRecord(answer) || !isRecord(answer.result))
    throw new Error(`The server answered ${method} with neither a result nor an error.`)
  // The revision that the program speaks says whether it is there.
  const { resultType: _, ...result } = answer.result
  return result
}

/** A header carries visible ASCII; anything else travels encoded. */
function headerText(text: string): string {
  if (/^[\x21-\x7e]+$/.test(text) && !text.startsWith('=?')) return text
  const bytes = Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte))
  return `=?base64?${btoa(bytes.join(''))}?=`
}
