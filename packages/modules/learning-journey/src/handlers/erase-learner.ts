import type { GroupHandler } from '@waymark/contract'
import { type EraseLearnerContract, KEPT } from '../contracts/people.ts'
import { learnerSubject } from '../record/entry-row.ts'
import { type Journey, toMoment } from './journey.ts'

/** `learning.onboarding.eraseLearner`: forgets a person. Again it finds nothing, and moves the moment up to which events are refused. */
export function eraseLearner({ forget }: Journey): GroupHandler<typeof EraseLearnerContract> {
  return {
    commit: 'group',
    handle: async ({ input: { learnerId, reason }, principal: { tenant }, check }) => {
      const { erasedAt, kept } = await forget({ tenant, subject: learnerSubject(learnerId) })
      const erased = Object.fromEntries(KEPT.map((part) => [part, kept[part].length])) as {
        [Part in (typeof KEPT)[number]]: number
      }
      const checked = check({ success: true, erasedAt: toMoment(erasedAt), reason, erased })
      if (!checked.ok) throw checked.error
      return checked.output
    },
  }
}
