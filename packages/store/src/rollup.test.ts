import { assert, integer, property } from 'fast-check'
import { expect, it } from 'vitest'
import { fromBucket, NO_BUCKET, toBucket, toDay } from './rollup.ts'

const completed = (time: number) =>
  toBucket({ name: 'learning.onboarding.step.completed', runStartedAt: 5, occurredAt: 5 + time }) as number

it('keeps a time of up to a century within 4.5 %, and longer times in later buckets', () => {
  const time = integer({ min: 1_000, max: 100 * 366 * 86_400_000 })
  assert(
    property(time, time, (a, b) => {
      expect(Math.abs((fromBucket(completed(a)) as number) / a - 1)).toBeLessThan(0.045)
      expect(Math.sign(completed(a) - completed(b)) * Math.sign(a - b)).toBeGreaterThanOrEqual(0)
    }),
  )
})

it('has no time for facts that are only counted, and no bucket for others', () => {
  expect(toBucket({ name: 'learning.onboarding.step.opened', runStartedAt: 0, occurredAt: 9_000 })).toBe(NO_BUCKET)
  expect(fromBucket(NO_BUCKET)).toBeNull()
  expect(toBucket({ name: 'learning.onboarding.xp.granted', runStartedAt: 0, occurredAt: 9_000 })).toBeNull()
})

it('knows the UTC day of a time', () => {
  expect(['1970-01-01T23:59:59.999Z', '1970-01-02T00:00:00Z'].map((text) => toDay(Date.parse(text)))).toEqual([0, 1])
})
