import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseJson } from './parse-json.ts'

const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)

function flawsOf(text: string): [pointer: string, message: string][] {
  const parsed = parseJson(text)
  if (!parsed.ok) throw new Error(`not JSON: ${text}`)
  return parsed.flaws.map(({ pointer, message }) => [pointer, message])
}

describe('parseJson', () => {
  it('takes every JSON document as it is', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        const text = JSON.stringify(value)
        fc.pre(!/__proto__|constructor|prototype/.test(text))
        expect(parseJson(text)).toEqual({ ok: true, value: JSON.parse(text), flaws: [] })
      }),
    )
  })

  it('names the position of a mistake and nothing of the text', () => {
    const parsed = parseJson('{"secret": 1,}')
    expect(parsed).toMatchObject({ ok: false, issue: { pointer: '', expected: 'JSON', received: 'malformed text' } })
    expect(!parsed.ok && parsed.issue.message).toMatch(/at position \d+/)
    expect(JSON.stringify(parseJson('secret'))).not.toContain('secret')
  })

  it.each(['', '  ', '{', '{"a":1', '"open', '{"a" 1}', 'NaN', '[1 2]', '\\', '"\\"'])('refuses %j', (text) => {
    expect(parseJson(text).ok).toBe(false)
  })

  it('refuses bytes that are not UTF-8', () => {
    expect(parseJson(Uint8Array.of(0x22, 0xff, 0x22))).toMatchObject({
      ok: false,
      issue: { message: 'The body is not UTF-8 text' },
    })
  })

  it.each(['__proto__', 'constructor', 'prototype'])('finds the key %s wherever it is, also written with escapes', (key) => {
    expect(flawsOf(`{"a":[{"${key}":{}}]}`)).toEqual([[`/a/0/${key}`, 'A field must not have this name']])
    const escaped = [...key].map((char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')
    expect(flawsOf(`{"${escaped}":1}`)).toEqual([[`/${key}`, 'A field must not have this name']])
    expect(flawsOf(`["${key}"]`)).toEqual([])
  })

  it('takes 32 levels and finds the 33rd', () => {
    expect(flawsOf(nested(32))).toEqual([])
    expect(flawsOf(nested(33))).toEqual([['/0'.repeat(32), 'Nested more than 32 levels deep']])
  })

  it('survives nesting as deep as a body is long', () => {
    expect(flawsOf(nested(500_000))).toHaveLength(1)
    const objects = `${'{"a":'.repeat(150_000)}1${'}'.repeat(150_000)}`
    expect(flawsOf(objects)).toHaveLength(1)
  })

  it.each([
    ['{"a":1,"a":2}', ['/a']],
    ['{"a":{"b":1,"c":[{"d":1,"d":1}],"b":2}}', ['/a/c/0/d', '/a/b']],
    ['[{"a":1},{"a":1,"x":"{,:","a":2}]', ['/1/a']],
    ['{"a":1,"\\u0061":2}', ['/a']],
    ['{"a/b":"\\\\","a/b":"\\""}', ['/a~1b']],
  ])('finds the keys that come twice in %s', (text, pointers) => {
    expect(flawsOf(text)).toEqual(pointers.map((pointer) => [pointer, 'The field comes twice']))
  })

  it('is not misled by colons, quotes and braces inside texts', () => {
    expect(flawsOf('{"a:b":"{\\"c\\":1}","d":["a:","\\\\"],"e":"\\\\\\":"}')).toEqual([])
  })

  it('finds numbers that no double holds', () => {
    expect(flawsOf('{"a":1e999}')).toEqual([['/a', 'The number is too large']])
  })

  it('takes 100,000 values and refuses more, and tells no more than a thousand flaws', () => {
    expect(parseJson(`[${'0,'.repeat(99_998)}0]`).ok).toBe(true)
    expect(parseJson(`[${'0,'.repeat(99_999)}0]`)).toMatchObject({
      ok: false,
      issue: { pointer: '', message: expect.stringContaining('more than 100000 values'), received: 'more' },
    })
    expect(flawsOf(`[${'1e999,'.repeat(999)}1e999]`)).toHaveLength(1_000)
    for (const body of [`[${'1e999,'.repeat(1_000)}1e999]`, `{"a":0${',"a":0'.repeat(1_001)}}`]) {
      expect(parseJson(body)).toMatchObject({
        ok: false,
        issue: { message: expect.stringMatching(/^More than 1000 flaws, the first at \/\w+: /) },
      })
    }
  })
})
