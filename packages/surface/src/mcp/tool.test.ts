import {
  composeRegistry,
  defineCommand,
  defineModule,
  defineQuery,
  type Operation,
  type Policy,
  type Schema,
  stream,
} from '@waymark/contract'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { registry } from '../../test-support/fixture.ts'
import { toMcpTools } from './tool-table.ts'

const meta = (key: string) =>
  ({ key, version: '1.0.0', stability: 'stable', owners: [], tags: [], description: 'What it does.' }) as const
const toolOf = (operation: Operation) => toMcpTools(composeRegistry(defineModule({ key: 'a', contracts: [operation] }))).tools[0]

function command(rest: { policy?: Omit<Policy, 'auth'>; input?: Schema; output?: Schema } = {}) {
  const { policy = {}, input = z.object({}), output = z.object({}) } = rest
  return defineCommand({ meta: meta('a.doIt'), io: { input, output }, policy: { auth: 'user', ...policy } })
}

describe('a tool', () => {
  const tools = new Map(toMcpTools(registry).tools.map((tool) => [tool.name, tool]))

  it('has the name of the key, and the major version behind it where the plain key is taken', () => {
    const names = [...tools.keys()].filter((name) => name.startsWith('shop.orders.cancel'))
    expect(names).toEqual(['shop.orders.cancelV0', 'shop.orders.cancel', 'shop.orders.cancelV2'])
    for (const name of tools.keys()) expect(name).toMatch(/^[A-Za-z0-9_.-]{1,128}$/)
  })

  it('says what it does, why and when, and which contract it is', () => {
    expect(tools.get('shop.orders.place')).toMatchObject({
      title: 'Place',
      description: 'shop.orders.place.\n\nSell.\n\nAt the checkout.',
      _meta: { 'waymark/contract': 'shop.orders.place@1.0.0' },
    })
    expect(toolOf(command())?.title).toBe('Do it')
  })

  it('says when it goes away, and what to call instead', () => {
    const { description } = tools.get('shop.orders.cancel') ?? {}
    expect(description).toContain('Deprecated since 2026-01-01')
    expect(description).toContain('2027-01-01T00:00:00Z')
    expect(description).toContain('Use shop.orders.cancelV2 instead.')
  })

  it.each<[Policy | Omit<Policy, 'auth'>, object]>([
    [{}, { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false }],
    [{ idempotent: true }, { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false }],
    [{ destructive: true }, { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: false }],
  ])('of a command with the policy %j has its hints', (policy, annotations) => {
    expect(toolOf(command({ policy }))?.annotations).toEqual(annotations)
  })

  it('of a query only reads', () => {
    const query = defineQuery({
      meta: meta('a.look'),
      io: { input: z.object({}), output: z.object({}) },
      policy: { auth: 'user' },
    })
    expect(toolOf(query)?.annotations).toEqual({ readOnlyHint: true, openWorldHint: false })
  })
})

describe('the schemas of a tool', () => {
  it('are those of the contract where they are objects', () => {
    const input = z.strictObject({ id: z.string() })
    const output = z.union([z.object({ a: z.string() }), z.object({ b: z.string() })])
    const tool = toolOf(command({ input, output }))
    expect(tool?.inputSchema).toEqual({
      type: 'object',
      properties: { id: { type: 'string' } },
      required: ['id'],
      additionalProperties: false,
    })
    expect(tool?.outputSchema).toMatchObject({ type: 'object', anyOf: [{ type: 'object' }, { type: 'object' }] })
  })

  it('put any other output under the name result, with its references intact', () => {
    expect(toolOf(command({ output: z.string() }))?.outputSchema).toEqual({
      type: 'object',
      properties: { result: { type: 'string' } },
      required: ['result'],
      additionalProperties: false,
    })
    const Tree: Schema = z.array(
      z.object({
        get children() {
          return z.array(Tree as never)
        },
      }),
    )
    const text = JSON.stringify(toolOf(command({ output: Tree }))?.outputSchema)
    expect(JSON.parse(text)).toMatchObject({
      properties: { result: { $ref: '#/$defs/Result' } },
      $defs: { Result: { type: 'array' } },
    })
    for (const [, reference] of text.matchAll(/"\$ref":"([^"]*)"/g)) expect(reference).toMatch(/^#\/\$defs\/Result/)
  })

  it('of a stream are a part of it and the place to read on', () => {
    const output = stream(z.object({ cursor: z.string() }))
    const watch = defineQuery({ meta: meta('a.watch'), io: { input: z.object({}), output }, policy: { auth: 'user' } })
    const tool = toolOf(watch)
    expect(tool?.inputSchema.properties).toHaveProperty('after')
    expect(tool?.outputSchema).toMatchObject({
      properties: {
        items: { type: 'array', items: { type: 'object', properties: { cursor: { type: 'string' } } } },
        nextCursor: { type: ['string', 'null'] },
      },
      required: ['items', 'nextCursor'],
    })
  })
})
