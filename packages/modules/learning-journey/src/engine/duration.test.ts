import { expect, test } from 'vitest'
import { parseDuration } from './duration.ts'

test.each([
  ['PT0S', 0],
  ['PT1S', 1_000],
  ['PT90M', 90 * 60_000],
  ['PT168H', 7 * 86_400_000],
  ['P7D', 7 * 86_400_000],
  ['P2W', 14 * 86_400_000],
  ['P1W1DT1H1M1S', (((8 * 24 + 1) * 60 + 1) * 60 + 1) * 1_000],
])('%s is a duration', (text, milliseconds) => {
  expect(parseDuration(text)).toBe(milliseconds)
})

test.each(['', 'P', 'PT', 'P1DT', 'P1Y', 'P1M', 'P1.5D', 'P-1D', '-P1D', 'PT1S1M', 'P1D1W', 'P7D ', '7 days', 'p7d', 'P7D\n'])(
  '%j is none',
  (text) => {
    expect(parseDuration(text)).toBeUndefined()
  },
)
