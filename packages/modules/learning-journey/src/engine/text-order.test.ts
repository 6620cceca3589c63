import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareText } from './text-order.ts'

const wellFormed = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('a', 'z', 'é', '\u{7ff}', '\u{d7ff}', '\u{e000}', '\u{ffff}', '\u{10000}', '\u{10ffff}') }),
)

test('texts are ordered as the bytes of their UTF-8 form', () => {
  fc.assert(
    fc.property(wellFormed, wellFormed, (a, b) => {
      expect(Math.sign(compareText(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)))
    }),
    { numRuns: 2_000 },
  )
})

test('a character beyond the basic plane sorts after one from U+E000 up, unlike in JavaScript', () => {
  expect(compareText('\u{1f600}', '\u{fffd}')).toBeGreaterThan(0)
  expect('\u{1f600}' < '\u{fffd}').toBe(true)
})

test('a text sorts after its own beginning, and as itself', () => {
  expect(compareText('ab', 'a')).toBeGreaterThan(0)
  expect(compareText('', 'a')).toBeLessThan(0)
  expect(compareText('a', 'a')).toBe(0)
})
