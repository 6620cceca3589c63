import { describe, expect, it } from 'vitest'
import { createSchemaComponents } from './schema-components.ts'

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })

function componentsOf(...schemas: readonly [string, object][]) {
  const components = createSchemaComponents()
  for (const [name, schema] of schemas) components.add(name, schema as never)
  return components.schemas
}

describe('createSchemaComponents', () => {
  it('hoists definitions under the name of their schema', () => {
    const money = { type: 'object', id: 'Money' }
    const schema = {
      properties: { a: { $ref: '#/$defs/Money' }, b: { items: { $ref: '#/$defs/Money' } } },
      $defs: { Money: money },
    }
    expect(componentsOf(['AInput', schema], ['BInput', schema])).toEqual({
      AInput: { properties: { a: ref('AInput_Money'), b: { items: ref('AInput_Money') } } },
      AInput_Money: { type: 'object' },
      BInput: { properties: { a: ref('BInput_Money'), b: { items: ref('BInput_Money') } } },
      BInput_Money: { type: 'object' },
    })
  })

  it('lets # mean the schema itself, also from a definition', () => {
    const schema = {
      properties: { child: { $ref: '#' }, part: { $ref: '#/properties/child' }, other: { $ref: '#/$defs/__schema0' } },
      $defs: { __schema0: { anyOf: [{ $ref: '#' }, { $ref: '#/$defs/__schema0' }, { $ref: '#/$defs/__schema0/anyOf/0' }] } },
    }
    expect(componentsOf(['Tree', schema])).toEqual({
      Tree: {
        properties: { child: ref('Tree'), part: ref('Tree/properties/child'), other: ref('Tree_schema0') },
      },
      Tree_schema0: { anyOf: [ref('Tree'), ref('Tree_schema0'), ref('Tree_schema0/anyOf/0')] },
    })
  })

  it('gives definitions of a part their own names', () => {
    const part = { items: { $ref: '#/$defs/X' }, $defs: { X: { type: 'string' } } }
    const schema = { properties: { a: part, b: { ...part, $defs: { X: { type: 'number' } } } } }
    expect(componentsOf(['A', schema])).toEqual({
      A: { properties: { a: { items: ref('A_X') }, b: { items: ref('A_X_2') } } },
      A_X: { type: 'string' },
      A_X_2: { type: 'number' },
    })
  })

  it('makes every definition name a legal one', () => {
    const schema = { anyOf: [{ $ref: '#/$defs/a~1b' }, { $ref: '#/$defs/a%20b' }], $defs: { 'a/b': {}, 'a b': { type: 'null' } } }
    expect(componentsOf(['A', schema])).toEqual({
      A: { anyOf: [ref('A_a_b'), ref('A_a_b_2')] },
      A_a_b: {},
      A_a_b_2: { type: 'null' },
    })
  })

  it('leaves data alone, and fields that are named like keywords', () => {
    const schema = {
      const: { $ref: '#' },
      default: { $defs: {} },
      enum: [{ $ref: '#' }],
      properties: { $ref: { type: 'string' }, $defs: { type: 'number' } },
      patternProperties: { x: { $ref: '#' } },
      additionalProperties: false,
      prefixItems: [true, { not: { $ref: '#' } }],
    }
    expect(componentsOf(['A', schema])).toEqual({
      A: { ...schema, patternProperties: { x: ref('A') }, prefixItems: [true, { not: ref('A') }] },
    })
  })
})
