import { composeRegistry, defineModule, defineQuery } from '@waymark/contract'
import { buildSchema, parse, validate } from 'graphql'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { registry } from '../../test-support/fixture.ts'
import { exampleValue } from '../docs/example-value.ts'
import { planSchema } from './plan-schema.ts'
import { toDocument } from './to-document.ts'
import { toSdl } from './to-sdl.ts'

const plan = planSchema(registry)

it.each(plan.operations.map((operation) => [operation.name, operation] as const))(
  'the document of %s fits the schema',
  async (_, operation) => {
    const document = toDocument(plan, operation, exampleValue(operation.entry.inputSchema))
    expect(validate(buildSchema(await toSdl(registry)), parse(document))).toEqual([])
  },
)

it('selects fields inside fields, says which member a union is, and names variables as the schema does', () => {
  const Either = z.union([z.object({ a: z.string() }), z.object({ b: z.string() })])
  const Ask = defineQuery({
    meta: { key: 'a.ask', version: '1.0.0', stability: 'stable', owners: [], tags: [], description: 'Ask.' },
    io: {
      input: z.object({ 'list-of': z.array(z.object({ '1st': z.string() })) }),
      output: z.object({
        either: Either,
        deep: z.object({ list: z.array(z.object({ name: z.string(), more: z.object({ x: z.string() }) })) }),
      }),
    },
    policy: { auth: 'anonymous' },
  })
  const own = planSchema(composeRegistry(defineModule({ key: 'a', contracts: [Ask] })))
  const document = own.operations[0] && toDocument(own, own.operations[0], { 'list-of': [{ '1st': 'x' }] })
  expect(document?.replaceAll(/\s+/g, ' ')).toBe(
    'query ($input: AAskInput!) { aAsk(input: $input) { either { __typename } deep { list { name } } } } # { # "input": { # "list_of": [ # { # "_1st": "x" # } # ] # } # }',
  )
})
