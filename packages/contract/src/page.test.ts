import { expect, test } from 'vitest'
import { z } from 'zod'
import { meta } from '../test-support/meta.ts'
import { defineQuery } from './define.ts'
import { isPage, page } from './page.ts'
import { jsonSchemaOf } from './schema.ts'
import { type Validated, validate } from './validation.ts'

const Deal = z.object({ id: z.string() })
const List = defineQuery({
  meta: meta('crm.deals.list'),
  io: { input: z.strictObject({ q: z.string().optional() }), output: page(Deal) },
  policy: { auth: 'user' },
})
const { input, output } = List.io
const LateDeal = Deal.refine(async ({ id }) => id !== 'gone', 'Gone')

function pointers(result: Validated<unknown>): readonly string[] {
  return result.ok ? [] : result.issues.map(({ pointer }) => pointer)
}

test('a request without cursor and limit starts at the front, with 50 items', () => {
  expect(validate(input, { q: 'x' })).toEqual({ ok: true, value: { q: 'x', cursor: null, limit: 50 } })
})

test.each([1, 50, 200])('a limit of %s is taken', async (limit) => {
  expect(await validate(input, { limit })).toMatchObject({ ok: true, value: { limit } })
})

test.each([0, 201, -1, 1.5, '10', null, Number.NaN])('a limit of %s is refused', async (limit) => {
  expect(await validate(input, { limit })).toMatchObject({ ok: false, issues: [{ pointer: '/limit', expected: 'integer' }] })
})

test('a cursor is text', async () => {
  expect(await validate(input, { cursor: 'abc' })).toMatchObject({ ok: true, value: { cursor: 'abc' } })
  expect(await validate(input, { cursor: 7 })).toMatchObject({ ok: false, issues: [{ pointer: '/cursor', received: 'number' }] })
})

test('all issues come at once: those of the declared input, of the cursor and of the limit', async () => {
  expect(pointers(await validate(input, { q: 1, other: 2, cursor: 3, limit: 4000 }))).toEqual([
    '/q',
    '/other',
    '/cursor',
    '/limit',
  ])
})

test('an input that is no object is left to the declared schema', async () => {
  expect(pointers(await validate(input, 'text'))).toEqual([''])
  expect(pointers(await validate(input, undefined))).toEqual([''])
})

test('every bad item of an output is named by its place', () => {
  const result = validate(output, { items: [{ id: 'a' }, { id: 1 }, {}], nextCursor: null })
  expect(result).toMatchObject({
    ok: false,
    issues: [
      { pointer: '/items/1/id', expected: 'string', received: 'number' },
      { pointer: '/items/2/id', expected: 'string', received: 'nothing' },
    ],
  })
})

test('an output is items with a next cursor that is text or null', async () => {
  const answer = { items: [{ id: 'a' }], nextCursor: 'b' }
  expect(await validate(output, answer)).toEqual({ ok: true, value: answer })
  expect(pointers(await validate(output, [{ id: 'a' }]))).toEqual(['/items'])
  expect(pointers(await validate(output, { items: [] }))).toEqual(['/nextCursor'])
  expect(pointers(await validate(output, { items: [], nextCursor: 1 }))).toEqual(['/nextCursor'])
})

test('validation is synchronous when the item is, and waits when it is not', async () => {
  expect(validate(input, {})).not.toBeInstanceOf(Promise)
  expect(validate(output, { items: [], nextCursor: null })).not.toBeInstanceOf(Promise)
  const late = validate(page(LateDeal), { items: [{ id: 'a' }, { id: 'gone' }], nextCursor: null })
  expect(late).toBeInstanceOf(Promise)
  expect(pointers(await late)).toEqual(['/items/1'])
})

test('a declared input that validates late still gets its cursor and limit', async () => {
  const Late = defineQuery({
    meta: meta('crm.deals.late'),
    io: { input: z.object({ id: z.string() }).refine(async () => true), output: page(Deal) },
    policy: { auth: 'user' },
  })
  expect(await validate(Late.io.input, { id: 'a', limit: 2 })).toEqual({ ok: true, value: { id: 'a', cursor: null, limit: 2 } })
})

test('both sides describe themselves as JSON Schema', () => {
  expect(jsonSchemaOf(input, 'input')).toMatchObject({
    type: 'object',
    properties: {
      q: { type: 'string' },
      cursor: { type: 'string' },
      limit: { type: 'integer', minimum: 1, maximum: 200, default: 50 },
    },
    additionalProperties: false,
  })
  expect(jsonSchemaOf(output, 'output')).toMatchObject({
    properties: {
      items: { type: 'array', items: { properties: { id: { type: 'string' } } } },
      nextCursor: { type: ['string', 'null'] },
    },
    required: ['items', 'nextCursor'],
  })
})

test('a page can be told from any other schema', () => {
  expect(isPage(output)).toBe(true)
  expect(isPage(Deal)).toBe(false)
})

test('the references of a recursive item still lead to it from inside the page', () => {
  const Folder = z.object({
    name: z.string(),
    get folders() {
      return z.array(Folder)
    },
  })
  const schema = jsonSchemaOf(page(Folder), 'output')
  expect(schema).toMatchObject({
    properties: { items: { items: { $ref: '#/$defs/Item' } } },
    $defs: { Item: { properties: { folders: { items: { $ref: '#/$defs/Item' } } } } },
  })
})
