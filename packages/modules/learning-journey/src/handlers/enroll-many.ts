import type { GroupHandler } from '@waymark/contract'
import type { EnrollManyContract } from '../contracts/enrolment.ts'
import { controlEntry } from '../record/assess.ts'
import { learnerSubject } from '../record/entry-row.ts'
import type { Recorded } from '../record/round.ts'
import { validationProblem } from '../record/validation-problem.ts'
import { enrolmentOf, startOfRun, toEnrolment } from './enrolment.ts'
import { idOfCall, type Journey } from './journey.ts'

/** `learning.onboarding.enrollMany`: the same as `enroll` for each of many, in one call. */
export function enrollMany(journey: Journey): GroupHandler<typeof EnrollManyContract> {
  const { recorder, hash } = journey
  return {
    commit: 'group',
    handle: async ({ input, principal, call, fail, check }) => {
      const { track, at, receivedAt } = startOfRun(journey, input, fail)
      if (track.subject === 'account') throw fail.VALIDATION_FAILED(validationProblem([ABOUT_ACCOUNTS]))
      const learnerIds = [...new Set(input.learnerIds)]
      // An id is known within its subject, so one for all of them is enough.
      const eventId = idOfCall(journey, call)
      const prepared = learnerIds.map((learnerId) => {
        const control = { ...toEnrolment(track, at, input.at), subject: learnerSubject(learnerId), eventId }
        return controlEntry(control, { principal, channel: call.channel, receivedAt }, hash)
      })
      return recorder.submit({
        prepared,
        rejected: [],
        trace: false,
        finish: (recorded) => {
          const results = learnerIds.map((learnerId, index) => {
            const one = recorded[index] as Recorded
            const { startedAt, reason } = enrolmentOf(journey, track, at, one)
            const refused = one.append === 'conflict' || one.append === 'erased' ? one.append : undefined
            return { learnerId, status: refused ?? reason ?? ('enrolled' as const), startedAt }
          })
          return check({ success: true, enrolled: results.filter(({ status }) => status === 'enrolled').length, results })
        },
      })
    },
  }
}

const ABOUT_ACCOUNTS = {
  pointer: '/trackId',
  message: 'The track is about accounts; enrol each of them with `enroll`',
  expected: 'a track about learners',
  received: 'a track about accounts',
}
