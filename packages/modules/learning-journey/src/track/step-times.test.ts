import { expect, test } from 'vitest'
import { isOverBeforeOpen } from './step-times.ts'

const step = (opens: string | number, due: string) => ({
  key: 'a',
  complete: { event: 'a' },
  opens: typeof opens === 'number' ? { onDay: opens } : { after: opens },
  due: { after: due },
})

test.each([
  ['PT48H', 'PT24H'],
  ['P1W', 'P6D'],
  ['P2DT2H', 'P2DT1H'],
  ['P5D', 'PT48H'],
  ['PT120H', 'P2D'],
  [4, 'P2D'],
  [30, 'PT24H'],
])('what opens after %s and is due after %s is over before', (opens, due) => {
  expect(isOverBeforeOpen(step(opens, due))).toBe(true)
})

test.each([
  ['PT23H', 'PT24H'],
  ['P1D', 'P2D'],
  // What was done before is completed as it opens.
  ['PT24H', 'PT24H'],
  ['P2D', 'P2D'],
  // Clocks change, and people travel.
  ['P2D', 'PT48H'],
  ['P2D', 'PT24H'],
  ['PT49H', 'P2D'],
  ['P2DT1H', 'P1DT25H'],
  // From midnight of day 3 to a moment of day 3.
  [3, 'P2D'],
  [3, 'PT24H'],
  [1, 'PT1H'],
])('what opens after %s and is due after %s may have its time', (opens, due) => {
  expect(isOverBeforeOpen(step(opens, due))).toBe(false)
})

test('a step that has only one of the two always has its time', () => {
  expect(isOverBeforeOpen({ key: 'a', complete: { event: 'a' }, due: { after: 'PT0S' } })).toBe(false)
  expect(isOverBeforeOpen({ key: 'a', complete: { event: 'a' }, opens: { onDay: 366 } })).toBe(false)
})
