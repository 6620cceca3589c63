import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Parser } from '@asyncapi/parser'
import { composeRegistry, defineCommand, defineEvent, defineModule, type Registry } from '@waymark/contract'
import { Ajv } from 'ajv'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { registry } from '../../test-support/fixture.ts'
import { toAsyncApi } from './to-async-api.ts'

/** How much a finding of the parser weighs. */
const HINT = 2
const info = { title: 'Shop', version: '1.2.3', license: 'Apache-2.0' }
const file = createRequire(import.meta.url).resolve('@asyncapi/specs/schemas/3.0.0.json')
// The file brings its own copy of the schema of draft 07, which ajv has too.
const validate = new Ajv({ strict: false, validateFormats: false, allErrors: true, meta: false, validateSchema: false }).compile(
  JSON.parse(readFileSync(file, 'utf8')),
)

const meta = <const K extends string, const V extends string>(key: K, version: V) => ({
  stability: 'stable' as const,
  owners: ['shop'],
  tags: ['shop'],
  description: `${key} ${version}.`,
  key,
  version,
})
const Placed = defineEvent({ meta: meta('order.placed', '1.0.0'), payload: z.object({ total: z.number() }) })
const Placed11 = defineEvent({
  meta: meta('order.placed', '1.1.0'),
  payload: z.object({ total: z.number(), note: z.string().optional() }),
})
const Placed2 = defineEvent({ meta: meta('order.placed', '2.0.0'), payload: z.object({ cents: z.int() }) })
const Shipped = defineEvent({ meta: meta('order.shipped', '1.0.0'), payload: z.looseObject({}) })
const Ship = defineCommand({
  meta: meta('shop.ship', '1.0.0'),
  io: { input: z.object({}), output: z.object({}) },
  policy: { auth: 'service' },
  emits: [Shipped],
})
const shop = composeRegistry(defineModule({ key: 'shop', contracts: [Placed, Placed11, Placed2, Shipped, Ship] }))

const REGISTRIES: readonly (readonly [string, Registry])[] = [
  ['the fixture', registry],
  ['two majors', shop],
  ['nothing', composeRegistry()],
]

it.each(REGISTRIES)('gives a document of %s that the schema of AsyncAPI 3.0.0 admits', (_, registry) => {
  validate(toAsyncApi(registry, info))
  expect(validate.errors).toBeNull()
})

it.each(REGISTRIES)('gives a document of %s in which the AsyncAPI parser finds no fault', async (_, registry) => {
  const { document, diagnostics } = await new Parser().parse(JSON.stringify(toAsyncApi(registry, info)))
  // The one hint: that 3.1.0 is there.
  expect(diagnostics.map(({ code, severity }) => [code, severity])).toEqual([['asyncapi-latest-version', HINT]])
  expect(document?.operations().length).toBe(Object.keys(toAsyncApi(registry, info).operations).length)
})

it('refuses a wrong document, so that the check means something', async () => {
  const { channels: _, ...document } = toAsyncApi(shop, info)
  expect(validate({ ...document, channels: [] })).toBe(false)
  const { diagnostics } = await new Parser().parse(JSON.stringify({ ...document, channels: {} }))
  expect(diagnostics.map(({ severity }) => severity)).toContain(0)
})

it('has a channel for each major of an event, and a message for each version', () => {
  const { channels, components } = toAsyncApi(shop, info)
  expect(Object.entries(channels).map(([name, { address, messages }]) => [name, address, Object.keys(messages)])).toEqual([
    ['order.placed', 'order.placed', ['order.placed-1.0.0', 'order.placed-1.1.0']],
    ['order.placed.v2', 'order.placed.v2', ['order.placed-2.0.0']],
    ['order.shipped', 'order.shipped', ['order.shipped-1.0.0']],
  ])
  expect(components.schemas['payload.order.placed-2.0.0']).toMatchObject({ properties: { cents: { type: 'integer' } } })
  expect(components.messages['order.placed-2.0.0']).toMatchObject({
    name: 'order.placed.v2',
    payload: { $ref: '#/components/schemas/payload.order.placed-2.0.0' },
    headers: {
      allOf: [{ $ref: '#/components/schemas/CloudEventHeaders' }, { properties: { 'ce-type': { const: 'order.placed.v2' } } }],
    },
  })
})

it('sends what has handlers, all events where that is not known, and receives nothing', () => {
  const operations = (handled?: readonly string[]) =>
    Object.keys(toAsyncApi(shop, { ...info, ...(handled && { handled: new Set(handled) }) }).operations)
  expect(operations()).toEqual(['send.order.placed', 'send.order.placed.v2', 'send.order.shipped'])
  expect(operations(['order.placed@2', 'order.shipped@1'])).toEqual(['send.order.placed.v2', 'send.order.shipped'])
  expect(operations([])).toEqual([])
})

it('says the license that it is told', () => {
  expect(toAsyncApi(shop, info).info.license).toEqual({ name: 'Apache-2.0' })
  expect(toAsyncApi(shop, { title: 'Shop', version: '1.2.3' }).info).not.toHaveProperty('license')
})

it('refers to nothing that is not there', () => {
  const document = toAsyncApi(registry, info)
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) => path as string)
  expect(references.length).toBeGreaterThan(0)
  for (const path of references) {
    const found = path.split('/').reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], document)
    expect(found, path).toBeDefined()
  }
})
