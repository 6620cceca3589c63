/**
 * How the rollup counts facts. It keeps no time but a bucket of a log scale: eight for each doubling of the seconds from the start of the
 * run, so that the middle of a bucket is at most 4.5 % off, and a year has 200 of them.
 */
import type { FactRow } from '@waymark/learning-journey/ports'

const PREFIX = 'learning.onboarding.'
const COUNTED = new Set(
  ['enrolled', 'exited', 'step.opened', 'step.completed', 'step.skipped', 'step.waived', 'step.missed']
    .concat('track.completed', 'track.ended')
    .map((name) => PREFIX + name),
)
const TIMED = new Set([`${PREFIX}step.completed`, `${PREFIX}track.completed`])

/** The bucket in which the rollup counts a fact of which it asks no time. */
export const NO_BUCKET = -1
const BUCKETS_PER_DOUBLING = 8
const SECOND = 1_000
/** In milliseconds. */
export const DAY = 86_400_000

/** The bucket in which a fact is counted; null when the rollup does not count it. What took less than a second is in the first one. */
export function toBucket({
  name,
  occurredAt,
  runStartedAt,
}: Pick<FactRow, 'name' | 'occurredAt' | 'runStartedAt'>): number | null {
  if (!COUNTED.has(name)) return null
  if (!TIMED.has(name)) return NO_BUCKET
  return Math.floor(BUCKETS_PER_DOUBLING * Math.log2(Math.max(1, (occurredAt - runStartedAt) / SECOND)))
}

/** The time in the middle of a bucket, in whole milliseconds; null when it has none. */
export function fromBucket(bucket: number): number | null {
  return bucket === NO_BUCKET ? null : Math.round(SECOND * 2 ** ((bucket + 0.5) / BUCKETS_PER_DOUBLING))
}

/** Days from 1970 to the UTC day of a time. */
export function toDay(time: number): number {
  return Math.floor(time / DAY)
}
