import type { GroupHandler } from '@waymark/contract'
import type { RevokeContract } from '../contracts/operations.ts'
import { COMPLETED, REVOKED } from '../engine/index.ts'
import { changeRun, namedStep, notEnrolled, runAtHand, stepStandOf, unchanged } from './change-run.ts'
import type { Journey } from './journey.ts'

/** `learning.onboarding.revoke`: takes back a completion of the newest run, open or over. One that stands against the journal stays. */
export function revoke(journey: Journey): GroupHandler<typeof RevokeContract> {
  return {
    commit: 'group',
    handle: async (context) => {
      const { input, principal, fail, check } = context
      const run = await runAtHand(journey, input, principal, fail)
      const { track, state } = run
      const step = namedStep(track, input.stepId, fail)
      if (state.run < 0) throw fail.NOT_ENROLLED(notEnrolled(run))
      if (state.how[step.index] !== COMPLETED) return unchanged(stepStandOf(track, state, step), check)
      const payload = { stepId: step.key, reason: input.reason }
      const stand = (after: typeof state) => stepStandOf(track, after, step)
      return changeRun(journey, run, { name: REVOKED, payload, fact: 'step.corrected', stand }, context)
    },
  }
}
