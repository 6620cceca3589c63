/** Contracts over the Model Context Protocol: operations as tools, contracts and tracks as resources. */
export { IDEMPOTENCY_KEY } from './call-tool.ts'
export { createMcp, type Mcp, type McpOptions } from './create-mcp.ts'
export { toMcpTools } from './tool-table.ts'
