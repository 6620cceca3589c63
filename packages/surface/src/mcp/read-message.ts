import { isJsonContentType, ProtocolErrorCode } from '@modelcontextprotocol/server'
import { toPointer } from '@waymark/contract'
import { isRecord } from '../rest/is-record.ts'
import { type Flaw, parseJson } from '../rest/parse-json.ts'
import { readBody } from '../rest/read-body.ts'
import { refusalResponse } from '../rest/respond.ts'
import { refuse } from '../rest/wire-input.ts'
import { NOT_TAKEN, rpcErrorResponse } from './rpc-error.ts'

/** The one JSON-RPC message of a request. */
export interface Message {
  readonly body: Readonly<Record<string, unknown>>
  /** The tool that it calls. */
  readonly tool: string | undefined
  /** What is wrong with the arguments as JSON, by its place in them: that is for the answer of the tool to say. */
  readonly flaws: readonly Flaw[]
}

/** Of all messages but calls of tools, which alone carry much: the SDK says everything that is wrong with them. */
const MOST_BYTES = 32_768

/**
 * Reads the message of a request, or says why it is not taken.
 * @param limit in bytes.
 */
export async function readMessage(request: Request, limit: number, requestId: string): Promise<Message | Response> {
  if (!isJsonContentType(request.headers.get('content-type'))) {
    return rpcErrorResponse(415, NOT_TAKEN, 'The message has to come with Content-Type: application/json.')
  }
  const read = await readBody(request, limit)
  if (!read.ok) return refusalResponse(read, requestId)
  const parsed = parseJson(read.bytes)
  if (!parsed.ok) return rpcErrorResponse(400, ProtocolErrorCode.ParseError, `${parsed.issue.message}.`)
  const body = parsed.value
  if (!isRecord(body)) {
    const message = 'Expected one JSON-RPC message, an object. Send each message in a request of its own.'
    return rpcErrorResponse(400, ProtocolErrorCode.InvalidRequest, message)
  }
  const isArgument = ({ path: [outer, inner] }: Flaw) => outer === 'params' && inner === 'arguments'
  const stray = parsed.flaws.find((flaw) => !isArgument(flaw))
  if (stray !== undefined) {
    return rpcErrorResponse(400, ProtocolErrorCode.InvalidRequest, `${stray.pointer}: ${stray.message}.`, idOf(body))
  }
  const { method, params } = body
  if (method !== 'tools/call' && read.bytes.byteLength > MOST_BYTES) {
    const detail = `The message has ${read.bytes.byteLength} bytes; all but tools/call have at most ${MOST_BYTES}.`
    return refusalResponse(refuse('PAYLOAD_TOO_LARGE', { detail }), requestId)
  }
  const isCall = method === 'tools/call' && isRecord(params) && typeof params.name === 'string'
  return { body, tool: isCall ? (params.name as string) : undefined, flaws: parsed.flaws.map(inArguments) }
}

function inArguments(flaw: Flaw): Flaw {
  const path = flaw.path.slice(2)
  return { ...flaw, path, pointer: toPointer(path) }
}

function idOf({ id }: Message['body']): string | number | null {
  return typeof id === 'string' || typeof id === 'number' ? id : null
}
