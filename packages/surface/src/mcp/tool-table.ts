import type { Tool } from '@modelcontextprotocol/server'
import type { OperationEntry, Registry } from '@waymark/contract'
import { servedOperations } from '../rest/operation-path.ts'
import { toTool } from './tool.ts'

/** The tools of a registry by name, in the order of their operations. */
export type ToolTable = ReadonlyMap<string, { readonly entry: OperationEntry; readonly tool: Tool }>

/** One tool for each key and major version: its latest. */
export function createToolTable(registry: Registry): ToolTable {
  return new Map(
    servedOperations(registry).map((entry) => {
      const tool = toTool(entry, registry)
      return [tool.name, { entry, tool }]
    }),
  )
}

/** What `tools/list` answers somebody who may call everything, for a file that shows what a change does to it. */
export function toMcpTools(registry: Registry): { readonly tools: readonly Tool[] } {
  return { tools: [...createToolTable(registry).values()].map(({ tool }) => tool) }
}
