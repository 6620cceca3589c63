import { serveStdioBridge } from '@waymark/surface/mcp/stdio'
import { version } from '../version.ts'
import { say } from './print.ts'
import { createServerClient } from './server-client.ts'

/** `waymark mcp`: MCP on standard input and output, until the input ends. */
export async function mcp(): Promise<void> {
  const client = createServerClient()
  await serveStdioBridge({
    version,
    send: (message, headers, signal) => client.rpc('/mcp', message, headers, signal),
    onError: (error) => say(error.message),
  })
  say(`MCP on standard input and output, for the server at ${client.url}.`)
}
