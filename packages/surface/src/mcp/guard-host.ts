import { localhostAllowedHostnames, validateHostHeader, validateOriginHeader } from '@modelcontextprotocol/server'
import { NOT_TAKEN, rpcErrorResponse } from './rpc-error.ts'

/**
 * Refuses with 403 what a web page of somewhere else sends to a server on this machine: its `Origin` names another host or, after
 * DNS rebinding, its `Host` does. Programs send no `Origin`.
 * @param origins whose pages may call.
 */
export function refuseForeignHost({ headers }: Request, origins: readonly string[]): Response | undefined {
  const names = localhostAllowedHostnames()
  const origin = headers.get('origin')
  for (const [header, check] of [
    ['Host', validateHostHeader(headers.get('host'), names)],
    ['Origin', origin !== null && origins.includes(origin) ? ADMITTED : validateOriginHeader(origin, names)],
  ] as const) {
    if (!check.ok) {
      const message = `This server listens on this machine alone, and the header ${header} is ${JSON.stringify(headers.get(header))}. Expected ${names.join(', ')}. Call it by one of these names; a proxy in front of it has to send one.`
      return rpcErrorResponse(403, NOT_TAKEN, message)
    }
  }
  return undefined
}

const ADMITTED = { ok: true } as const
