import { jsonResponse } from '../rest/respond.ts'

/** The answer to a message that was not taken: an HTTP status, and a JSON-RPC error that belongs to no request unless told which. */
export function rpcErrorResponse(status: number, code: number, message: string, id: string | number | null = null): Response {
  return jsonResponse(status, { jsonrpc: '2.0', id, error: { code, message } })
}

/** What JSON-RPC has no code for: a code of the range that is free. */
export const NOT_TAKEN = -32_000
