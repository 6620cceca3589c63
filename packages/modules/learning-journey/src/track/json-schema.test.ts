import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { BAD, CONTRADICTORY, FIRST_WIN, GOOD } from '../../test-support/track-documents.ts'
import { parseTrack } from './definition.ts'
import { trackJsonSchema } from './json-schema.ts'

const published = JSON.parse(readFileSync(new URL('../../schema/track.schema.json', import.meta.url), 'utf8'))
const accepts = new Ajv2020({ strict: false }).compile(published)

test('the published schema is that of the code', () => {
  expect(published, 'It drifted: run test-support/write-schema.ts').toEqual(JSON.parse(JSON.stringify(trackJsonSchema())))
})

test('it is a strict 2020-12 schema', () => {
  expect(() => new Ajv2020({ strict: true, allowUnionTypes: true }).compile(published)).not.toThrow()
})

test('the example of the design is accepted', () => {
  expect(accepts(FIRST_WIN)).toBe(true)
  expect(parseTrack(FIRST_WIN).ok).toBe(true)
})

describe('a validator with the published schema agrees with the parser', () => {
  test.each(GOOD)('on %s', (_, definition) => {
    expect(accepts(JSON.parse(JSON.stringify(definition)))).toBe(true)
  })

  test.each(BAD)('on %s', (_, definition) => {
    expect(accepts(JSON.parse(JSON.stringify(definition)))).toBe(false)
  })
})

describe('what no schema can say, it does not say', () => {
  test.each(CONTRADICTORY)('of %s', (_, definition) => {
    expect(accepts(JSON.parse(JSON.stringify(definition)))).toBe(true)
  })
})
