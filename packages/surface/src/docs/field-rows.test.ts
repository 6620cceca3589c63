import { expect, it } from 'vitest'
import { z } from 'zod'
import { toFieldRows } from './field-rows.ts'

const rows = (schema: z.ZodType) => toFieldRows(z.toJSONSchema(schema)).map((row) => [row.path, row.type, row.required])

it('names the fields inside objects, lists and records', () => {
  const schema = z.object({
    items: z.array(z.object({ sku: z.string() })),
    traits: z.record(z.string(), z.object({ at: z.string() })).optional(),
  })
  expect(rows(schema)).toEqual([
    ['items', 'object[]', true],
    ['items[].sku', 'string', true],
    ['traits', 'object', false],
    ['traits.*', 'object', false],
    ['traits.*.at', 'string', true],
  ])
})

it('shows of alternatives a field as what it is in any of them, required where it is in all', () => {
  const schema = z.object({
    how: z.union([
      z.object({ kind: z.literal('a'), size: z.number(), name: z.string() }),
      z.object({ kind: z.literal('b'), size: z.string().nullable() }),
    ]),
  })
  expect(rows(schema)).toEqual([
    ['how', 'object', true],
    ['how.kind', 'string', true],
    ['how.size', 'number | string | null', true],
    ['how.name', 'string', false],
  ])
  expect(toFieldRows(z.toJSONSchema(schema))[1]?.rules).toEqual(['"a" | "b"'])
})

it('shows what contains itself once', () => {
  interface Tree {
    readonly name: string
    readonly children: readonly Tree[]
  }
  const tree: z.ZodType<Tree> = z.object({
    name: z.string(),
    get children() {
      return z.array(tree)
    },
  })
  expect(rows(tree).map(([path]) => path)).toEqual(['name', 'children'])
})

it('says bounds, formats and defaults', () => {
  const schema = z.object({ limit: z.int().min(1).max(200).default(50), at: z.iso.datetime(), any: z.unknown() })
  expect(toFieldRows(z.toJSONSchema(schema, { io: 'input' })).map(({ type, rules }) => [type, rules])).toEqual([
    ['integer', ['≥ 1', '≤ 200', '= 50']],
    ['string', ['date-time']],
    ['any', []],
  ])
})
