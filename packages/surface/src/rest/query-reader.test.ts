import { jsonSchemaOf } from '@waymark/contract'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createQueryReader } from './query-reader.ts'

const Point = z.object({ x: z.number(), y: z.number() })
const Input = z.object({
  text: z.string(),
  number: z.number(),
  integer: z.int(),
  flag: z.boolean(),
  nothing: z.number().nullable(),
  mode: z.enum(['1', 'b']),
  grade: z.union([z.literal(1), z.literal(2)]),
  texts: z.array(z.string()),
  numbers: z.array(z.number()),
  pair: z.tuple([z.number(), z.string()]),
  object: Point,
  objects: z.array(Point),
  matrix: z.array(z.array(z.number())),
  either: z.union([z.string(), z.number()]),
  oneOrMany: z.union([z.number(), z.array(z.number())]),
  optional: z.number().default(3),
  shared: Point.meta({ id: 'Point' }),
})

function read(search: string, schema: z.ZodType = Input): unknown {
  const wire = createQueryReader(jsonSchemaOf(schema, 'input'))?.(search)
  return wire?.ok ? wire.input : wire
}

describe('createQueryReader', () => {
  it.each<[string, unknown]>([
    ['text=5', { text: '5' }],
    ['text=a+b%20c%26', { text: 'a b c&' }],
    ['text=', { text: '' }],
    ['number=1.5', { number: 1.5 }],
    ['number=-2e3', { number: -2000 }],
    ['number=', { number: '' }],
    ['number=0x10', { number: '0x10' }],
    ['number=%201', { number: ' 1' }],
    ['number=Infinity', { number: 'Infinity' }],
    ['number=1e999', { number: '1e999' }],
    ['integer=7', { integer: 7 }],
    ['integer=9007199254740993', { integer: '9007199254740993' }],
    ['integer=many', { integer: 'many' }],
    ['flag=true', { flag: true }],
    ['flag=false', { flag: false }],
    ['flag=1', { flag: '1' }],
    ['nothing=null', { nothing: null }],
    ['nothing=4', { nothing: 4 }],
    ['mode=1', { mode: '1' }],
    ['grade=2', { grade: 2 }],
    ['grade=3', { grade: 3 }],
    ['texts=a&texts=b', { texts: ['a', 'b'] }],
    ['texts=a', { texts: ['a'] }],
    ['texts=a,b', { texts: ['a,b'] }],
    ['numbers=1&numbers=2', { numbers: [1, 2] }],
    ['numbers=1&numbers=x', { numbers: [1, 'x'] }],
    ['pair=1&pair=2', { pair: [1, '2'] }],
    ['object={"x":1,"y":2}', { object: { x: 1, y: 2 } }],
    ['object={"x":1', { object: '{"x":1' }],
    ['object={"__proto__":1}', { object: '{"__proto__":1}' }],
    ['shared={"x":1,"y":2}', { shared: { x: 1, y: 2 } }],
    [
      'objects={"x":1,"y":2}&objects={"x":3,"y":4}',
      {
        objects: [
          { x: 1, y: 2 },
          { x: 3, y: 4 },
        ],
      },
    ],
    ['matrix=[1,2]&matrix=[3]', { matrix: [[1, 2], [3]] }],
    ['either=5', { either: '5' }],
    ['oneOrMany=5', { oneOrMany: 5 }],
    ['oneOrMany=5&oneOrMany=6', { oneOrMany: [5, 6] }],
    ['optional=4', { optional: 4 }],
    ['text=a&text=b', { text: ['a', 'b'] }],
    ['other=5', { other: '5' }],
    ['', {}],
  ])('reads ?%s', (search, input) => {
    expect(read(search)).toEqual(input)
    expect(read(`?${search}`)).toEqual(input)
  })

  it('reads the fields of every branch of a union, and of an intersection', () => {
    const union = z.union([
      z.object({ kind: z.literal('a'), n: z.number() }),
      z.object({ kind: z.literal('b'), flag: z.boolean() }),
    ])
    expect(read('kind=a&n=1&flag=true', union)).toEqual({ kind: 'a', n: 1, flag: true })
    expect(read('a=1&b=2', z.object({ a: z.number() }).and(z.object({ b: z.number() })))).toEqual({ a: 1, b: 2 })
  })

  it('reads the open fields of a record', () => {
    expect(read('a=1&b=x', z.record(z.string(), z.number()))).toEqual({ a: 1, b: 'x' })
  })

  it.each(['__proto__', 'constructor', 'prototype'])('refuses the parameter %s', (name) => {
    expect(read(`${name}=1`)).toMatchObject({ ok: false, code: 'VALIDATION_FAILED', init: { errors: [{ pointer: `/${name}` }] } })
  })

  it('does not exist for an input that is no object', () => {
    expect(createQueryReader(jsonSchemaOf(z.string(), 'input'))).toBeUndefined()
    expect(createQueryReader(jsonSchemaOf(z.unknown(), 'input'))).toBeUndefined()
  })
})
