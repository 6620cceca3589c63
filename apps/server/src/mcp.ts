import type { Mcp, McpOptions } from '@waymark/surface/mcp'
import type { OtherEndpoint } from '@waymark/surface/rest'

/** `/mcp`, which is loaded when it is first asked for: most servers start without it. */
export function mcpEndpoint(options: McpOptions): OtherEndpoint {
  let mcp: Promise<Mcp> | undefined
  return {
    method: 'POST',
    path: '/mcp',
    async answer(request, requestId) {
      mcp ??= import('@waymark/surface/mcp').then(({ createMcp }) => createMcp({ ...options, instructions: INSTRUCTIONS }))
      return (await mcp).fetch(request, requestId)
    },
  }
}

const INSTRUCTIONS = `Waymark derives how far people are in onboarding tracks from the events of a product. Nothing is marked as done by hand: report what happened with learning.onboarding.recordEvent, and read what followed with learning.onboarding.getProgress. learning.onboarding.explain says why a step is done or not. The resources under waymark://tracks/ are the tracks, those under waymark://contracts/ the operations and events with their schemas.`
