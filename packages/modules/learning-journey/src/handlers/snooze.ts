import type { GroupHandler } from '@waymark/contract'
import type { SnoozeContract } from '../contracts/operations.ts'
import { SNOOZED } from '../engine/index.ts'
import { hideTrack } from './hide-track.ts'
import type { Journey } from './journey.ts'

/** `learning.onboarding.snooze`: hides a track from a learner until a moment. A moment that has passed shows it. */
export function snooze(journey: Journey): GroupHandler<typeof SnoozeContract> {
  return {
    commit: 'group',
    handle: (context) => {
      const { until } = context.input
      const at = until === null ? null : Date.parse(until)
      const snoozedUntil = at !== null && at > journey.now() ? at : null
      const change = { name: SNOOZED, payload: { until: snoozedUntil === null ? null : until } }
      return hideTrack(journey, { ...change, change: (before) => ({ ...before, snoozedUntil }) }, context)
    },
  }
}
