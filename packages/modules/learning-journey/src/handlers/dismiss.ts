import type { GroupHandler } from '@waymark/contract'
import type { DismissContract } from '../contracts/operations.ts'
import { DISMISSED } from '../engine/index.ts'
import { hideTrack } from './hide-track.ts'
import type { Journey } from './journey.ts'

/** `learning.onboarding.dismiss`: hides a track from a learner, or shows it again. */
export function dismiss(journey: Journey): GroupHandler<typeof DismissContract> {
  return {
    commit: 'group',
    handle: (context) => {
      const undo = context.input.undo === true
      const change = { name: DISMISSED, payload: { undo } }
      return hideTrack(journey, { ...change, change: (before) => ({ ...before, dismissed: !undo }) }, context)
    },
  }
}
