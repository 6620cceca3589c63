import type { OperationEntry } from '@waymark/contract'
import { describe, expect, it } from 'vitest'
import { registry } from '../../test-support/fixture.ts'
import { createClient } from '../client/create-client.ts'
import { exampleValue } from './example-value.ts'
import { toSnippets } from './snippets.ts'

const entryOf = (id: string) => registry.operation(id) as OperationEntry
const codeOf = (id: string, surface: string, input: unknown) =>
  toSnippets(entryOf(id), registry, input).find((snippet) => snippet.surface === surface)?.code

describe('the calls that a page shows', () => {
  it('are a function of the client, which gets the input that is shown', async () => {
    for (const entry of registry.operations) {
      const input = exampleValue(entry.inputSchema)
      const code = codeOf(entry.id, 'client', input) as string
      const bodies: unknown[] = []
      const fetch = async (_: string, init: RequestInit) => {
        bodies.push(JSON.parse(init.body as string))
        return Response.json({}, { status: 404 })
      }
      const client = createClient(
        { url: 'http://shop.test', fetch },
        registry.operations.map(({ operation }) => operation),
      )
      const silent = { log() {}, error() {} }
      await new Function('client', 'console', `return (async () => { ${code} })()`)(client, silent)
      expect(bodies, entry.id).toEqual([input])
    }
  })

  it('are a command line, with quotes where a shell needs them', () => {
    const input = { learnerId: "it's me", items: [{ sku: 'tea', count: 1 }] }
    expect(codeOf('shop.orders.place', 'cli', input)).toBe(
      ['waymark shop orders place \\', "  --learner-id 'it'\\''s me' \\", `  --items '{"sku":"tea","count":1}'`].join('\n'),
    )
    expect(codeOf('shop.catalog.search', 'cli', { text: 'x', inStock: false, tags: ['a', 'b'] })).toBe(
      ['waymark shop catalog search \\', '  --text x \\', '  --no-in-stock \\', '  --tags a \\', '  --tags b'].join('\n'),
    )
  })

  it('are the tool of MCP and its arguments, under the name that the tool has', () => {
    const snippets = toSnippets(entryOf('shop.orders.cancel@2'), registry, { orderId: 'o1', reason: 'late' })
    const { language, code } = snippets.find(({ surface }) => surface === 'mcp') ?? {}
    expect(language).toBe('json')
    expect(JSON.parse(code ?? '')).toEqual({ name: 'shop.orders.cancelV2', arguments: { orderId: 'o1', reason: 'late' } })
  })
})
