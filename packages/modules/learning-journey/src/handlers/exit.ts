import type { GroupHandler } from '@waymark/contract'
import type { ExitContract } from '../contracts/operations.ts'
import { EXITED, isRunning } from '../engine/index.ts'
import { changeRun, notEnrolled, runAtHand, standOf, unchanged } from './change-run.ts'
import type { Journey } from './journey.ts'

/** `learning.onboarding.exit`: ends the open run. */
export function exit(journey: Journey): GroupHandler<typeof ExitContract> {
  return {
    commit: 'group',
    handle: async (context) => {
      const { input, principal, fail, check } = context
      const run = await runAtHand(journey, input, principal, fail)
      const { track, state } = run
      if (state.run >= 0 && state.outcome === 'exited') return unchanged(standOf(track, state), check)
      if (!isRunning(state)) throw fail.NOT_ENROLLED(notEnrolled(run))
      const payload = input.reason === undefined ? {} : { reason: input.reason }
      const stand = (after: typeof state) => standOf(track, after)
      return changeRun(journey, run, { name: EXITED, payload, fact: 'exited', stand }, context)
    },
  }
}
