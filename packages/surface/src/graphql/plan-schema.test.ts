import { toStandardJsonSchema } from '@valibot/to-json-schema'
import {
  composeRegistry,
  DefinitionError,
  defineCommand,
  defineModule,
  defineQuery,
  type Operation,
  page,
  type Schema,
} from '@waymark/contract'
import { type } from 'arktype'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { planSchema } from './plan-schema.ts'
import { toSdl } from './to-sdl.ts'

const meta = (key: string, version = '1.0.0') => ({
  key,
  version,
  stability: 'stable' as const,
  owners: ['shop'],
  tags: [],
  description: `${key}.`,
})

const query = (key: string, output: Schema, input: Schema = z.object({}), version?: string) =>
  defineQuery({ meta: meta(key, version), io: { input, output }, policy: { auth: 'anonymous' } })
const compose = (...contracts: Operation[]) => composeRegistry(defineModule({ key: 'shop', contracts }))

/** The lines of a type of the schema of one query `a.b`. */
async function typeOf(name: string, output: Schema, input?: Schema): Promise<string[]> {
  const sdl = await toSdl(compose(query('a.b', output, input)))
  const found = new RegExp(`^(?:type|input|enum|union) ${name}\\b[^{\\n]*(?:\\{([^}]*)\\}|$)`, 'm').exec(sdl)
  if (found === null) throw new Error(`There is no ${name} in:\n${sdl}`)
  return (found[1] ?? found[0])
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

function refusal(call: () => unknown): string {
  try {
    call()
  } catch (error) {
    if (error instanceof DefinitionError) return `${error.code}: ${error.message}`
    throw error
  }
  throw new Error('Nothing was refused.')
}

const Fields = {
  text: z.string(),
  moment: z.iso.datetime(),
  day: z.iso.date(),
  mail: z.email(),
  flag: z.boolean(),
  small: z.int().min(0).max(100),
  large: z.int(),
  half: z.number(),
  grade: z.union([z.literal(1), z.literal(2)]),
  kind: z.enum(['a', 'b']),
  odd: z.enum(['not-met', 'met']),
  fixed: z.literal('x'),
  nothing: z.string().nullable(),
  list: z.array(z.int().max(9).min(0).nullable()),
  pair: z.tuple([z.string(), z.string()]),
  free: z.record(z.string(), z.number()),
  open: z.looseObject({ a: z.string() }),
  mixed: z.union([z.string(), z.number()]),
  unknown: z.unknown(),
}
const TYPES = [
  'text: String!',
  'moment: DateTime!',
  'day: Date!',
  'mail: String!',
  'flag: Boolean!',
  'small: Int!',
  'large: SafeInt!',
  'half: Float!',
  'grade: Int!',
]
const MORE_TYPES = [
  'odd: String!',
  'nothing: String',
  'list: [Int]!',
  'pair: [String!]!',
  'free: JSON!',
  'open: JSON!',
  'mixed: JSON!',
  'unknown: JSON',
]

describe('a field', () => {
  it('has the type and the nullability that its contract says', async () => {
    const out = await typeOf('ABOutput', z.object(Fields))
    expect(out).toEqual(expect.arrayContaining([...TYPES, ...MORE_TYPES, 'kind: ABOutputKind!', 'fixed: ABOutputFixed!']))
    const input = await typeOf('ABInput', z.string(), z.object(Fields))
    expect(input).toEqual(expect.arrayContaining([...TYPES, ...MORE_TYPES, 'kind: ABInputKind!', 'fixed: ABInputFixed!']))
  })

  it('that may be absent is nullable, and says its default', async () => {
    const shape = z.object({ a: z.string().optional(), b: z.int().min(1).max(9).default(3).describe('How many.') })
    expect(await typeOf('ABInput', z.string(), shape)).toEqual(['a: String', '"""How many. Default: 3."""', 'b: Int'])
    expect(await typeOf('ABOutput', shape)).toEqual(['a: String', '"""How many. Default: 3."""', 'b: Int!'])
  })

  it('has a legal name, and two that would have one name are refused', async () => {
    const odd = z.object({ 'a-b': z.string(), '1st': z.string(), __typename: z.string() })
    expect(await typeOf('ABOutput', odd)).toEqual(['a_b: String!', '_1st: String!', '_typename: String!'])
    const both = z.object({ list: z.array(z.object({ 'a-b': z.string(), 'a.b': z.string() })) })
    expect(refusal(() => planSchema(compose(query('a.b', both))))).toBe(
      'CONTRACT_NAME_COLLISION: The fields "a-b" and "a.b" of the output of a.b@1.0.0 at /list are both a_b on GraphQL. Rename one of them.',
    )
  })
})

describe('alternatives of objects', () => {
  const Card = z.object({ kind: z.literal('card'), last4: z.string() })
  const Bill = z.object({ kind: z.literal('bill'), days: z.int().min(1).max(90), last4: z.string().optional() })

  it('are a union in an output, with one type for what tells them apart', async () => {
    const output = z.object({ by: z.union([Card, Bill]).nullable() })
    expect(await typeOf('ABOutputBy', output)).toEqual(['union ABOutputBy = ABOutputByCard | ABOutputByBill'])
    expect(await typeOf('ABOutputByBill', output)).toEqual(['kind: ABOutputByKind!', 'days: Int!', 'last4: String'])
    expect(await typeOf('ABOutputByKind', output)).toEqual(['card', 'bill'])
    expect(await typeOf('ABOutput', output)).toEqual(['by: ABOutputBy'])
  })

  it('know their values, by constants, fields and types', () => {
    const output = z.union([
      Card,
      z.object({ a: z.string() }),
      z.object({ a: z.number().nullable() }),
      z.object({ a: z.string(), b: z.int() }),
    ])
    const type = planSchema(compose(query('a.b', output))).types.get('ABOutput')
    const of = (value: unknown) => (type?.kind === 'union' ? type.members.find(({ matches }) => matches(value))?.name : undefined)
    expect([{ kind: 'card', last4: '1' }, { a: '' }, { a: 1 }, { a: null }, { a: '', b: 1 }, { a: true }, 1].map(of)).toEqual([
      'ABOutput1',
      'ABOutput2',
      'ABOutput3',
      'ABOutput3',
      'ABOutput4',
      undefined,
      undefined,
    ])
  })

  it('are one input with the fields of all of them', async () => {
    const input = z.object({ by: z.union([Card, Bill]) })
    expect(await typeOf('ABInputBy', z.string(), input)).toEqual(['kind: ABInputByKind!', 'last4: String', 'days: Int'])
    expect(await typeOf('ABInputByKind', z.string(), input)).toEqual(['card', 'bill'])
  })

  it('with something else among them are JSON', async () => {
    expect(await typeOf('ABOutput', z.object({ by: z.union([Card, z.string()]) }))).toEqual(['by: JSON!'])
  })
})

describe('a type', () => {
  const Money = z.object({ amount: z.number() }).meta({ id: 'Money' })

  it('with a name of its own is one wherever it is used, and in inputs another', async () => {
    const contracts = [
      query('a.b', z.object({ x: Money, y: Money.nullable() })),
      query('c.d', page(Money), z.object({ z: Money })),
    ]
    const sdl = await toSdl(compose(...contracts))
    expect(sdl.match(/^(type|input) Money.*$/gm)).toEqual(['type Money {', 'input MoneyInput {'])
    expect(sdl).toContain('items: [Money!]!')
  })

  it('with the name of another one is refused, naming both places', () => {
    const other = { '~standard': describedByHand } as unknown as Schema
    expect(refusal(() => planSchema(compose(query('a.b', z.object({ x: Money, y: Money })), query('c.d', other))))).toBe(
      'CONTRACT_NAME_COLLISION: the output of a.b@1.0.0 at /x and the output of c.d@1.0.0 at /x are both the type Money on GraphQL. Rename one of them.',
    )
    const place = query('a.b', z.object({ output: z.string(), kind: z.enum(['x']) }))
    expect(refusal(() => planSchema(compose(place, query('a.bOutput', z.string(), z.enum(['y']), '1.0.0'), kindOf())))).toContain(
      'are both the type ABOutputKind on GraphQL',
    )
  })

  /** Of a schema only its description of itself matters here. */
  const cents = { type: 'object', properties: { cents: { type: 'integer' } } }
  const description = { type: 'object', properties: { x: { $ref: '#/$defs/Money' } }, $defs: { Money: cents } }
  const describedByHand = { ...Money['~standard'], jsonSchema: { input: () => description, output: () => description } }

  /** An operation whose own name makes that of another place. */
  function kindOf(): Operation {
    const Kind = z.object({ a: z.string() }).meta({ id: 'ABOutputKind' })
    return query('e.f', z.object({ x: Kind, y: Kind }))
  }

  it('can refer to itself', async () => {
    const Node = z.object({
      name: z.string(),
      get children() {
        return z.array(Node).nullable()
      },
    })
    expect(await typeOf('ABOutput', Node)).toEqual(['name: String!', 'children: [ABOutput!]'])
    expect(await typeOf('ABInput', z.string(), Node)).toEqual(['name: String!', 'children: [ABInput!]'])
  })

  it('is the same whichever library declares it', async () => {
    const expected = ['id: String!', 'count: Float!', 'note: String', 'tags: [String!]!']
    const valibot = v.object({ id: v.string(), count: v.number(), note: v.optional(v.string()), tags: v.array(v.string()) })
    const arktype = type({ id: 'string', count: 'number', 'note?': 'string', tags: 'string[]' })
    for (const schema of [toStandardJsonSchema(valibot) as Schema, arktype as unknown as Schema]) {
      const lines = await typeOf('ABOutput', schema)
      expect([...lines].sort()).toEqual([...expected].sort())
    }
  })
})

describe('an operation', () => {
  it('takes no argument where its contract takes nothing', async () => {
    const sdl = await toSdl(compose(query('a.b', z.string())))
    expect(sdl).toContain('aB: String\n')
  })

  it('has its major behind its name, and a schema without queries is one too', async () => {
    const command = (version: string) =>
      defineCommand({
        meta: meta('a.b', version),
        io: { input: z.object({}), output: z.boolean() },
        policy: { auth: 'anonymous' },
      })
    const sdl = await toSdl(compose(command('1.0.0'), command('1.2.0'), command('2.0.0')))
    expect(sdl.match(/^ {2}\w+: Boolean$/gm)).toEqual(['  _empty: Boolean', '  aB: Boolean', '  aBV2: Boolean'])
  })

  it('needs no input where no field of it is required', async () => {
    const sdl = await toSdl(compose(query('a.b', z.string(), z.object({ x: z.string().optional() }))))
    expect(sdl).toContain('aB(input: ABInput): String')
  })
})
