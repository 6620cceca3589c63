import { ProtocolError, ProtocolErrorCode, Server } from '@modelcontextprotocol/server'
import { toPointer } from '@waymark/contract'
import { isRecord } from '../rest/is-record.ts'

type Handler = Parameters<Server['_wrapHandler']>[1]

/**
 * The server of the SDK, with one error more: parameters of the wrong shape, or nested deeper than the stack, are the mistake of who sent them,
 * and are said in a sentence. The SDK calls them a failure of the server, and sends the issues of its schema as they are.
 */
export class StrictServer extends Server {
  protected override _wrapHandler(method: string, handler: Handler): Handler {
    const inner = super._wrapHandler(method, handler)
    return async (request, context) => {
      try {
        return await inner(request, context)
      } catch (error) {
        throw misshapen(method, error) ?? error
      }
    }
  }
}

function misshapen(method: string, error: unknown): ProtocolError | undefined {
  if (error instanceof RangeError && error.message.includes('call stack'))
    return new ProtocolError(ProtocolErrorCode.InvalidParams, `${method}: The parameters are nested too deep.`)
  if (!(error instanceof Error) || error instanceof ProtocolError || !error.message.startsWith('[')) return undefined
  let issues: unknown
  try {
    issues = JSON.parse(error.message)
  } catch {
    return undefined
  }
  const [first] = Array.isArray(issues) ? issues : []
  if (!isRecord(first) || !Array.isArray(first.path) || typeof first.message !== 'string') return undefined
  return new ProtocolError(ProtocolErrorCode.InvalidParams, `${method}: ${toPointer(first.path)}: ${first.message}.`)
}
