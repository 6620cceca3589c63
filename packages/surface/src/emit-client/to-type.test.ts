import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { toText, toType } from './to-type.ts'

const typeOf = (schema: unknown) => toType(schema, (ref) => ref.replace('#/$defs/', '').replace('#', 'Root'))

describe('the type of a JSON Schema', () => {
  it.each([
    [true, 'unknown'],
    [{}, 'unknown'],
    [false, 'never'],
    [{ type: 'string', format: 'date-time' }, 'string'],
    [{ type: 'integer' }, 'number'],
    [{ type: ['string', 'null'] }, 'string | null'],
    [{ const: 'a' }, "'a'"],
    [{ type: 'string', enum: ['a', 2, null] }, "'a' | 2 | null"],
    [{ anyOf: [{ type: 'string' }, { type: 'number' }, { type: 'string' }] }, 'string | number'],
    [{ anyOf: [{ type: 'string' }, {}] }, 'unknown'],
    [{ oneOf: [] }, 'never'],
    [{ allOf: [{ $ref: '#/$defs/A' }, { $ref: '#/$defs/B' }] }, 'A & B'],
    [{ anyOf: [{ allOf: [{ $ref: '#/$defs/A' }, { $ref: '#' }] }, { type: 'null' }] }, '(A & Root) | null'],
    [{ type: 'array', items: { type: ['string', 'null'] } }, '(string | null)[]'],
    [{ type: 'array' }, 'unknown[]'],
    [{ type: 'array', prefixItems: [{ type: 'string' }], items: false }, '[string]'],
    [{ type: 'array', prefixItems: [{ type: 'string' }], items: { enum: [1, 2] } }, '[string, ...(1 | 2)[]]'],
    [{ type: 'object', properties: {} }, 'Record<string, never>'],
    [{ type: 'object', additionalProperties: { type: 'number' } }, 'Record<string, number>'],
    [{ type: 'object', additionalProperties: {}, propertyNames: { enum: ['a', 'b'] } }, "Partial<Record<'a' | 'b', unknown>>"],
    [{ type: 'object', additionalProperties: {}, propertyNames: { enum: ['a'] }, required: ['a'] }, "Record<'a', unknown>"],
    [{ properties: { a: { type: 'null' } }, required: ['a'] }, '{\n  a: null\n}'],
  ])('%j is %s', (schema, type) => {
    expect(typeOf(schema)).toBe(type)
  })

  it('is written as by hand: names in quotes where they need them, and what is said of a field above it', () => {
    const schema = z.object({
      plain: z.string().describe('Who\n  acted. */'),
      "it's": z.object({ inner: z.int().optional() }).optional(),
      open: z.looseObject({ a: z.string() }),
    })
    expect(typeOf(z.toJSONSchema(schema, { io: 'input' }))).toBe(`{
  /** Who acted. *\\/ */
  plain: string
  'it\\'s'?: {
    inner?: number | undefined
  } | undefined
  open: ({
    a: string
  }) & (Record<string, unknown>)
}`)
  })

  it.each(['plain', "it's", '"', '\\', '\n', '\u2028', ''])('a text stays the same in quotes: %j', (text) => {
    expect(new Function(`return ${toText(text)}`)()).toBe(text)
  })
})
