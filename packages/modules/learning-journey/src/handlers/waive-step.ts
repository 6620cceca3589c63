import type { GroupHandler } from '@waymark/contract'
import type { WaiveStepContract } from '../contracts/operations.ts'
import { isRunning, OPEN, WAIVED } from '../engine/index.ts'
import { changeRun, namedStep, notEnrolled, runAtHand, stepStandOf, unchanged } from './change-run.ts'
import type { Journey } from './journey.ts'

/** `learning.onboarding.waiveStep`: settles an open step, whatever its definition says. */
export function waiveStep(journey: Journey): GroupHandler<typeof WaiveStepContract> {
  return {
    commit: 'group',
    handle: async (context) => {
      const { input, principal, fail, check } = context
      const run = await runAtHand(journey, input, principal, fail)
      const { track, state } = run
      const step = namedStep(track, input.stepId, fail)
      if (state.run >= 0 && state.how[step.index] !== OPEN) return unchanged(stepStandOf(track, state, step), check)
      if (!isRunning(state)) throw fail.NOT_ENROLLED(notEnrolled(run))
      const payload = { stepId: step.key, reason: input.reason }
      const stand = (after: typeof state) => stepStandOf(track, after, step)
      return changeRun(journey, run, { name: WAIVED, payload, fact: 'step.waived', stand }, context)
    },
  }
}
