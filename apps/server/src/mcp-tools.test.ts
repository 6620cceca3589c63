import { composeRegistry } from '@waymark/contract'
import { toMcpTools } from '@waymark/surface/mcp'
import { expect, it } from 'vitest'
import { OWN_MODULES } from './modules/own-modules.ts'

it('offers the tools that docs/reference/generated/mcp-tools.json says: vitest -u writes it anew after a change on purpose', async () => {
  const tools = toMcpTools(composeRegistry(...OWN_MODULES))
  const file = '../../../docs/reference/generated/mcp-tools.json'
  await expect(`${JSON.stringify(tools, null, 2)}\n`).toMatchFileSnapshot(file)
})
