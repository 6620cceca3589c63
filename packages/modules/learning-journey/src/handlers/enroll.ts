import type { GroupHandler } from '@waymark/contract'
import type { EnrollContract } from '../contracts/onboarding.ts'
import { SubjectRow } from '../engine/index.ts'
import { controlEntry } from '../record/assess.ts'
import { validationProblem } from '../record/validation-problem.ts'
import { refusalOf } from './change-run.ts'
import { enrolmentOf, startOfRun, toEnrolment } from './enrolment.ts'
import { idOfCall, type Journey, toMoment } from './journey.ts'
import { readSubject } from './read-subject.ts'
import { whoseRun } from './whose-run.ts'

/** `learning.onboarding.enroll`: writes a control entry, which starts a run when none is open. */
export function enroll(journey: Journey): GroupHandler<typeof EnrollContract> {
  const { recorder, store, hash } = journey
  return {
    commit: 'group',
    handle: async ({ input, principal, call, fail, check }) => {
      if (input.at !== undefined && principal.kind === 'learner')
        throw fail.FORBIDDEN({ detail: 'Only services and operators may set `at`.' })
      const { track, at, receivedAt } = startOfRun(journey, input, fail)
      const { key: named, actor } = whoseRun(track, input, principal)
      const { key, bytes } = await readSubject(store, named)
      const cutAt = new SubjectRow(bytes).get(track)?.state.cutAt ?? -1
      if (at < cutAt) throw fail.VALIDATION_FAILED(validationProblem([expired(cutAt)]))
      const eventId = idOfCall(journey, call)
      const control = { ...toEnrolment(track, at, input.at), subject: key.subject, actor, eventId }
      return recorder.submit({
        prepared: [controlEntry(control, { principal, channel: call.channel, receivedAt }, hash)],
        rejected: [],
        trace: false,
        finish: ([recorded]) => {
          const detail = refusalOf(recorded, eventId)
          if (detail !== undefined) return { ok: false, error: fail.CONFLICT({ detail }) }
          const { startedAt, run, reason } = enrolmentOf(journey, track, at, recorded)
          return check({ success: true, enrolled: reason === null, reason, startedAt, run, xpEarned: recorded?.xp ?? 0 })
        },
      })
    },
  }
}

function expired(cutAt: number) {
  return {
    pointer: '/at',
    message: 'What happened at that time is no longer kept, so a run cannot start there',
    expected: `a moment from ${toMoment(cutAt)} on`,
    received: 'string',
  }
}
