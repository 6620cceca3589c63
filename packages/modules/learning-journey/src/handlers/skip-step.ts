import type { GroupHandler } from '@waymark/contract'
import type { SkipStepContract } from '../contracts/operations.ts'
import { isRunning, OPEN, SKIPPED } from '../engine/index.ts'
import { changeRun, namedStep, notEnrolled, runAtHand, stepStandOf, unchanged } from './change-run.ts'
import type { Journey } from './journey.ts'

/** `learning.onboarding.skipStep`: settles an open step that says that it may be skipped. */
export function skipStep(journey: Journey): GroupHandler<typeof SkipStepContract> {
  return {
    commit: 'group',
    handle: async (context) => {
      const { input, principal, fail, check } = context
      const run = await runAtHand(journey, input, principal, fail)
      const { track, state } = run
      const step = namedStep(track, input.stepId, fail)
      if (step.model.skippable !== true) {
        throw fail.STEP_NOT_SKIPPABLE({
          detail: `The step ${step.key} of ${track.key} cannot be skipped. Set skippable: true on it, or waive it for this person.`,
          data: { trackId: track.key, stepId: step.key },
        })
      }
      if (state.run >= 0 && state.how[step.index] !== OPEN) return unchanged(stepStandOf(track, state, step), check)
      if (!isRunning(state)) throw fail.NOT_ENROLLED(notEnrolled(run))
      const stand = (after: typeof state) => stepStandOf(track, after, step)
      return changeRun(journey, run, { name: SKIPPED, payload: { stepId: step.key }, fact: 'step.skipped', stand }, context)
    },
  }
}
