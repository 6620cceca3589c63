import type { OperationEntry } from '@waymark/contract'
import { expect, it } from 'vitest'
import { registry } from '../../test-support/fixture.ts'
import { toSnippets } from './snippets.ts'

const entryOf = (id: string) => registry.operation(id) as OperationEntry

it('shows a call by MCP as the tool and its arguments, under the name that the tool has', () => {
  const snippets = toSnippets(entryOf('shop.orders.cancel@2'), registry, { orderId: 'o1', reason: 'late' })
  const { language, code } = snippets.find(({ surface }) => surface === 'mcp') ?? {}
  expect(language).toBe('json')
  expect(JSON.parse(code ?? '')).toEqual({ name: 'shop.orders.cancelV2', arguments: { orderId: 'o1', reason: 'late' } })
})
