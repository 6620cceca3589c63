import { composeRegistry, defineModule, defineQuery } from '@waymark/contract'
import { graphql } from 'graphql'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { buildSchema } from './build-schema.ts'
import { planSchema } from './plan-schema.ts'

const Either = z.union([z.object({ kind: z.literal('a'), text: z.string() }), z.object({ kind: z.literal('b'), more: z.int() })])
const Ask = defineQuery({
  meta: { key: 'a.ask', version: '1.0.0', stability: 'stable', owners: [], tags: [], description: 'Ask.' },
  io: {
    input: z.object({ 'given-name': z.string().optional() }),
    output: z.object({
      'given-name': z.string().optional(),
      all: z.array(Either),
      large: z.int(),
      at: z.iso.datetime().nullable(),
    }),
  },
  policy: { auth: 'anonymous' },
})
const plan = planSchema(composeRegistry(defineModule({ key: 'a', contracts: [Ask] })))

const ask = (answer: object) =>
  graphql({
    schema: buildSchema(plan, { resolve: () => answer, subscribe: () => Promise.reject(new Error('There is no stream.')) }),
    source:
      '{ aAsk { given_name large at all { __typename ... on AAskOutputAllA { kind text } ... on AAskOutputAllB { kind more } } } }',
  })

it('answers have the values of the handler, nothing as null, and each alternative as its own type', async () => {
  const all = [
    { kind: 'b', more: 2 },
    { kind: 'a', text: 'x' },
  ]
  const { data, errors } = await ask({ all, large: 2 ** 53 - 1, at: null })
  expect(errors).toBeUndefined()
  expect(JSON.parse(JSON.stringify(data))).toEqual({
    aAsk: {
      given_name: null,
      large: 2 ** 53 - 1,
      at: null,
      all: [
        { __typename: 'AAskOutputAllB', kind: 'b', more: 2 },
        { __typename: 'AAskOutputAllA', kind: 'a', text: 'x' },
      ],
    },
  })
  const named = await ask({ 'given-name': 'Ada', all: [], large: 1, at: '2026-01-01T00:00:00Z' })
  expect(named.data?.aAsk).toMatchObject({ given_name: 'Ada', at: '2026-01-01T00:00:00Z' })
})

it('a value that is none of the alternatives is an error of that field alone', async () => {
  const { data, errors } = await ask({ all: [{ kind: 'c' }], large: 1, at: null })
  expect([data, errors?.length]).toEqual([{ aAsk: null }, 1])
})
