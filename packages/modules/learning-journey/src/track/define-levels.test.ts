import { describe, expect, test } from 'vitest'
import { defineLevels, levelAt } from './define-levels.ts'

describe('levels', () => {
  test('begin at their thresholds', () => {
    const levels = defineLevels([100, 250])
    expect([-5, 0, 99, 100, 249, 250, 9_999].map((xp) => levelAt(levels, xp))).toEqual([
      { number: 1, xp: 0, nextAt: 100 },
      { number: 1, xp: 0, nextAt: 100 },
      { number: 1, xp: 0, nextAt: 100 },
      { number: 2, xp: 100, nextAt: 250 },
      { number: 2, xp: 100, nextAt: 250 },
      { number: 3, xp: 250, nextAt: null },
      { number: 3, xp: 250, nextAt: null },
    ])
  })

  test('of a curve take more points each, in whole numbers', () => {
    expect(defineLevels({ base: 100, growth: 1.5 }).thresholds.slice(0, 4)).toEqual([100, 250, 475, 813])
    expect(defineLevels({ base: 10, growth: 1 }).thresholds).toHaveLength(999)
    const steep = defineLevels({ base: 1, growth: 100 }).thresholds
    expect(steep.every((points) => Number.isSafeInteger(points))).toBe(true)
  })

  test.each([
    ['none', [], 'at least one'],
    ['one at 0', [0], 'Level 2 begins at 0'],
    ['one that does not ascend', [5, 5], 'Level 3 begins at 5'],
    ['half a point', [1.5], 'whole number'],
    ['too many', Array.from({ length: 1_000 }, (_, index) => index + 1), '1000 thresholds'],
    ['a curve from 0', { base: 0, growth: 2 }, 'base is 0'],
    ['a curve that falls', { base: 5, growth: 0.5 }, 'growth is 0.5'],
    ['a curve of no number', { base: 5, growth: Number.NaN }, 'growth is NaN'],
  ])('%s are refused', (_, spec, message) => {
    expect(() => defineLevels(spec)).toThrow(message)
  })
})
