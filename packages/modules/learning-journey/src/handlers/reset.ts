import type { GroupHandler } from '@waymark/contract'
import type { ResetContract } from '../contracts/operations.ts'
import { RESET } from '../engine/index.ts'
import { changeRun, notEnrolled, runAtHand, standOf } from './change-run.ts'
import type { Journey } from './journey.ts'

/** `learning.onboarding.reset`: ends the open run, if one is open, and begins the next. */
export function reset(journey: Journey): GroupHandler<typeof ResetContract> {
  return {
    commit: 'group',
    handle: async (context) => {
      const { input, principal, fail } = context
      const run = await runAtHand(journey, input, principal, fail)
      const { track, state } = run
      if (state.run < 0) throw fail.NOT_ENROLLED(notEnrolled(run))
      const payload = input.reason === undefined ? {} : { reason: input.reason }
      const stand = (after: typeof state) => standOf(track, after)
      return changeRun(journey, run, { name: RESET, payload, fact: 'enrolled', stand }, context)
    },
  }
}
