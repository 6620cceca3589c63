import { toStandardJsonSchema } from '@valibot/to-json-schema'
import { type } from 'arktype'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { definitionError } from '../test-support/definition-error.ts'
import { meta } from '../test-support/meta.ts'
import { createTestRuntime, envelope } from '../test-support/test-runtime.ts'
import { defineCommand, defineEvent, defineModule } from './define.ts'
import { implement } from './implement.ts'
import { invoke } from './invoke.ts'
import { composeRegistry } from './registry.ts'
import type { Schema } from './schema.ts'

interface DealInput {
  title: string
  amounts: number[]
  note?: string | undefined
}
interface Deal {
  id: string
  total: number
}

const libraries: Readonly<Record<string, { readonly input: Schema<DealInput>; readonly output: Schema<Deal> }>> = {
  zod: {
    input: z.strictObject({ title: z.string().min(1), amounts: z.array(z.number()), note: z.string().optional() }),
    output: z.strictObject({ id: z.string(), total: z.number() }),
  },
  Valibot: {
    input: toStandardJsonSchema(
      v.strictObject({ title: v.pipe(v.string(), v.minLength(1)), amounts: v.array(v.number()), note: v.optional(v.string()) }),
    ),
    output: toStandardJsonSchema(v.strictObject({ id: v.string(), total: v.number() })),
  },
  ArkType: {
    input: type({ '+': 'reject', title: 'string >= 1', amounts: 'number[]', 'note?': 'string | undefined' }),
    output: type({ '+': 'reject', id: 'string', total: 'number' }),
  },
}

describe.each(Object.entries(libraries))('a contract in %s', (library, { input, output }) => {
  const Create = defineCommand({ meta: meta('crm.deals.create'), io: { input, output }, policy: { auth: 'service' } })
  const crm = defineModule({ key: 'crm', contracts: [Create] })
  const implementation = implement(crm).handlers({
    'crm.deals.create': async ({ input: { title, amounts } }) =>
      (title === 'broken' ? { id: 1 } : { id: title, total: amounts.reduce((sum, amount) => sum + amount, 0) }) as Deal,
  })
  const { runtime, failures } = createTestRuntime(implementation)

  test('answers a good input', async () => {
    const result = await invoke(runtime, Create, { title: 'd1', amounts: [1, 2] }, envelope())
    expect(result).toMatchObject({ ok: true, data: { id: 'd1', total: 3 } })
  })

  test('points at everything that is wrong with a bad one', async () => {
    const bad = { title: 7, amounts: [1, 'two'], extra: true }
    const result = await invoke(runtime, 'crm.deals.create', bad, envelope())
    if (result.ok) throw new Error('Expected a refusal')
    expect(result.problem).toMatchObject({ status: 422, code: 'VALIDATION_FAILED' })
    const issues = new Map(result.problem.errors?.map(({ pointer, ...issue }) => [pointer, issue]))
    expect([...issues.keys()].sort()).toEqual(['/amounts/1', '/extra', '/title'])
    expect(issues.get('/title')).toMatchObject({ expected: expect.stringContaining('string'), received: 'number' })
    expect(issues.get('/amounts/1')).toMatchObject({ expected: expect.stringContaining('number'), received: 'string' })
    expect(issues.get('/extra')).toEqual({ message: 'Unknown field', expected: 'no such field', received: 'boolean' })
  })

  test('says what is missing', async () => {
    const result = await invoke(runtime, 'crm.deals.create', { title: 'd1' }, envelope())
    expect(result).toMatchObject({ ok: false, problem: { errors: [{ pointer: '/amounts', received: 'nothing' }] } })
    expect(JSON.stringify(result)).not.toContain('"expected":"\\"amounts')
  })

  test('takes a bad output for a defect of ours', async () => {
    const result = await invoke(runtime, 'crm.deals.create', { title: 'broken', amounts: [] }, envelope())
    expect(result).toMatchObject({ ok: false, problem: { code: 'INTERNAL', status: 500 } })
    expect(String(failures.at(-1)?.error)).toContain('/id expected')
  })

  test('describes itself as JSON Schema', () => {
    const { inputSchema, outputSchema } = runtime.registry.operation('crm.deals.create') ?? {}
    expect(inputSchema).toMatchObject({
      type: 'object',
      properties: { title: { type: 'string', minLength: 1 }, amounts: { type: 'array', items: { type: 'number' } } },
      additionalProperties: false,
    })
    expect(new Set(inputSchema?.required as string[])).toEqual(new Set(['amounts', 'title']))
    expect(outputSchema).toMatchObject({ properties: { id: { type: 'string' }, total: { type: 'number' } } })
  })

  test(`is told from other libraries by its vendor (${library})`, () => {
    expect(input['~standard'].vendor).toBe(library.toLowerCase())
  })
})

const composePayload = (payload: Schema) =>
  composeRegistry(defineModule({ key: 'crm', contracts: [defineEvent({ meta: meta('deal.created'), payload })] }))

const valibot = (entries: v.ObjectEntries) => toStandardJsonSchema(v.object(entries))
const coded = z.codec(z.string(), z.string(), { decode: (text) => text, encode: (text) => text })

describe('a payload that changes what it validates is refused', () => {
  test.each<[string, Schema, string]>([
    ['a default in zod', z.object({ a: z.string().default('x') }), '/a (a default)'],
    ['a prefault in zod', z.object({ a: z.string().prefault('x') }), '/a (a default)'],
    ['a catch in zod', z.object({ a: z.string().catch('x') }), '/a (a fallback)'],
    ['a transform in zod', z.object({ a: z.string().transform(Number).pipe(z.number()) }), '/a (a pipe)'],
    ['a pipe in zod', z.object({ a: z.string().pipe(z.string().min(3)) }), '/a (a pipe)'],
    ['a preprocessing in zod', z.object({ a: z.preprocess((text) => text, z.string()) }), '/a (a pipe)'],
    ['a codec in zod', z.object({ a: coded }), '/a (a pipe)'],
    ['a coercion in zod', z.object({ a: z.coerce.number() }), '/a (a coercion)'],
    ['a trim in zod', z.object({ a: z.string().trim() }), '/a (a transform)'],
    ['a normalized address in zod', z.object({ a: z.url({ normalize: true }) }), '/a (a transform)'],
    [
      'something deep in zod',
      z.object({ a: z.array(z.union([z.null(), z.object({ 'b/c': z.coerce.number() })])) }),
      '/a/b~1c (a coercion)',
    ],
    ['a lazy default in zod', z.object({ a: z.lazy(() => z.object({ b: z.string().default('') })) }), '/a/b (a default)'],
    ['a default in Valibot', valibot({ a: v.optional(v.string(), 'x') }), '/a (a default)'],
    ['a default in ArkType', type({ a: { b: 'string = "x"' } }), '/a (a default or a transform)'],
    ['a morph in ArkType', type({ a: 'string.numeric.parse' }), '/a (a default or a transform)'],
    ['a trim in ArkType', type({ a: 'string.trim' }), '/a (a default or a transform)'],
    ['a pipe in ArkType', type({ a: type('string').pipe((text) => text.length) }), '/a (a default or a transform)'],
  ])('%s', (_, payload, where) => {
    const error = definitionError(() => composePayload(payload))
    expect(error.code).toBe('CONTRACT_PAYLOAD_TRANSFORMS')
    expect(error.message).toContain(where)
    expect(error.message).toContain('deal.created@1.0.0')
  })

  test.each<[string, Schema]>([
    ['a bare transform in zod', z.object({ a: z.string().transform((text) => text.length) })],
    ['a transform in Valibot', valibot({ a: v.pipe(v.string(), v.transform(Number)) })],
  ])('%s, which has no JSON Schema on its way out', (_, payload) => {
    expect(definitionError(() => composePayload(payload)).code).toBe('CONTRACT_PAYLOAD_TRANSFORMS')
  })

  test('a trim in Valibot has no JSON Schema at all', () => {
    const error = definitionError(() => composePayload(valibot({ a: v.pipe(v.string(), v.trim()) })))
    expect(error.code).toBe('CONTRACT_SCHEMA_UNDESCRIBED')
    expect(error.message).toContain('trim')
  })
})

describe('a payload that only validates is taken', () => {
  const Tree = z.object({
    name: z.string(),
    get children() {
      return z.array(Tree).optional()
    },
  })

  test.each<[string, Schema]>([
    ['an object in zod', z.object({ a: z.string(), b: z.int().min(1), c: z.iso.datetime(), d: z.email(), e: z.uuid() })],
    ['a strict and a loose object in zod', z.strictObject({ a: z.looseObject({ b: z.string() }) })],
    [
      'optional and nullable fields in zod',
      z.object({ a: z.string().optional(), b: z.number().nullable(), c: z.string().nullish() }),
    ],
    ['unions in zod', z.object({ a: z.union([z.string(), z.object({ b: z.string() })]), c: z.enum(['x', 'y']) })],
    ['records in zod', z.object({ a: z.record(z.string(), z.object({ b: z.number() })) })],
    [
      'discriminated unions in zod',
      z.discriminatedUnion('k', [z.object({ k: z.literal('a') }), z.object({ k: z.literal('b'), n: z.number() })]),
    ],
    ['arrays and tuples in zod', z.object({ a: z.array(z.object({ b: z.string() })), t: z.tuple([z.string(), z.number()]) })],
    [
      'refinements and intersections in zod',
      z.object({ a: z.string().refine((text) => text !== '') }).and(z.object({ b: z.string() })),
    ],
    ['any JSON in zod', z.object({ a: z.unknown(), b: z.json() })],
    ['a schema that contains itself in zod', Tree],
    ['named parts in zod', z.object({ a: z.object({ b: z.string() }).meta({ id: 'Part' }) })],
    ['fields with the names of keywords in zod', z.object({ default: z.string(), required: z.object({ default: z.number() }) })],
    ['words about a default in zod', z.object({ a: z.string().describe('Has no "default": it is required.') })],
    ['an object in Valibot', valibot({ a: v.pipe(v.string(), v.minLength(1)), b: v.optional(v.nullable(v.number())) })],
    ['unions and records in Valibot', valibot({ a: v.union([v.string(), v.number()]), b: v.record(v.string(), v.number()) })],
    ['an object in ArkType', type({ a: 'string', 'b?': 'number | null', c: "'x' | 'y'", d: { e: 'string[]' } })],
    ['a closed object in ArkType', type({ '+': 'reject', a: 'Record<string, number>' })],
  ])('%s', (_, payload) => {
    expect(composePayload(payload).events).toHaveLength(1)
  })
})

test('a Valibot schema that was not wrapped is refused with what to do', () => {
  const error = definitionError(() => composePayload(v.object({ a: v.string() }) as unknown as Schema))
  expect(error.code).toBe('CONTRACT_SCHEMA_UNDESCRIBED')
  expect(error.message).toContain('wrap it with toStandardJsonSchema')
})
