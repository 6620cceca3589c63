import type { GroupHandler } from '@waymark/contract'
import type { EnrollContract } from '../contracts/onboarding.ts'
import { ENROLLED, SubjectRow } from '../engine/index.ts'
import { controlEntry } from '../record/assess.ts'
import { learnerSubject } from '../record/entry-row.ts'
import { idOfCall, type Journey, toMoment } from './journey.ts'
import { trackNotFound } from './track-not-found.ts'
import { validationProblem } from './validation-problem.ts'

/** `learning.onboarding.enroll`: writes a control entry, which starts a run when there is none. */
export function enroll(journey: Journey): GroupHandler<typeof EnrollContract> {
  const { catalogue, recorder, store, now, hash } = journey
  return {
    commit: 'group',
    handle: async ({ input, principal, call, fail, check }) => {
      const track = catalogue.track(input.trackId)
      if (track === undefined) throw fail.TRACK_NOT_FOUND(trackNotFound(catalogue, input.trackId))
      if (track.mode !== 'explicit')
        throw fail.ENROLMENT_NOT_EXPLICIT({ detail: `${track.key} enrols ${track.mode}; enrolling has no effect on it.` })
      if (input.at !== undefined && principal.kind === 'learner')
        throw fail.FORBIDDEN({ detail: 'Only services and operators may set `at`.' })
      const receivedAt = now()
      const at = input.at === undefined ? receivedAt : Math.floor(Date.parse(input.at))
      if (at > receivedAt) throw fail.VALIDATION_FAILED(validationProblem([IN_THE_FUTURE]))
      const key = { tenant: principal.tenant, subject: learnerSubject(input.learnerId) }
      const known = new SubjectRow(await store.readState(key)).get(track)?.state
      const running = known?.startedAt ?? -1
      if (known !== undefined && at < known.cutAt) throw fail.VALIDATION_FAILED(validationProblem([expired(known.cutAt)]))
      const control = {
        name: ENROLLED,
        subject: key.subject,
        track: track.key,
        eventId: idOfCall(journey, call),
        occurredAt: at,
        claimedAt: input.at === undefined ? null : at,
        payload: { trackId: track.key },
      }
      return recorder.submit({
        prepared: [controlEntry(control, { principal, channel: call.channel, receivedAt }, hash)],
        rejected: [],
        trace: false,
        finish: ([recorded]) => {
          if (recorded?.append === 'conflict') {
            const detail = `The id ${control.eventId} was used before for something else. Send another Idempotency-Key.`
            return { ok: false, error: fail.CONFLICT({ detail }) }
          }
          const started = recorded?.facts.find(({ name }) => name === 'learning.onboarding.enrolled')
          // An earlier `at` moves the start of a run that is there; a repeated call moves nothing.
          const earlier = recorded?.append === 'recorded' ? Math.min(running, at) : running
          const startedAt = started?.occurredAt ?? (running < 0 ? at : earlier)
          return check({
            success: true,
            enrolled: started !== undefined,
            startedAt: toMoment(startedAt),
            xpEarned: recorded?.xp ?? 0,
          })
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

const IN_THE_FUTURE = {
  pointer: '/at',
  message: 'A run cannot start in the future',
  expected: 'a moment that has passed',
  received: 'string',
}
