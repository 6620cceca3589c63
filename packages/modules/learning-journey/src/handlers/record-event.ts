import type { GroupHandler } from '@waymark/contract'
import type { RecordOnboardingEventContract } from '../contracts/onboarding.ts'
import { isHeldOut } from '../engine/index.ts'
import { assess } from '../record/assess.ts'
import { subjectIn } from '../record/entry-row.ts'
import { refusedRow } from '../record/rejected-row.ts'
import { validationProblem } from '../record/validation-problem.ts'
import { nearest } from '../track/nearest.ts'
import { idOfCall, type Journey } from './journey.ts'
import { toOutcome } from './outcomes.ts'
import { trackNotFound } from './track-not-found.ts'

/** `learning.onboarding.recordEvent`: one event, with everything it did. A declared error stores nothing. */
export function recordEvent(journey: Journey): GroupHandler<typeof RecordOnboardingEventContract> {
  const { catalogue, calendar, recorder, now, newId } = journey
  return {
    commit: 'group',
    handle: async ({ input, principal, call, fail, check }) => {
      const { eventName, trackId } = input
      const isLearner = principal.kind === 'learner'
      const report = { principal, channel: call.channel, receivedAt: now(), fallbackId: () => idOfCall(journey, call) }
      const assessed = await assess(journey, input, report)
      if (assessed.verdict === 'forbidden') throw fail.FORBIDDEN({ detail: assessed.detail })
      if (assessed.verdict === 'unknown_track') throw fail.TRACK_NOT_FOUND(trackNotFound(catalogue, trackId ?? ''))
      // Whatever else is wrong with it: an event that no step listens to has no place here.
      if (assessed.verdict === 'unknown' || assessed.verdict === 'unmatched' || !isHeard(journey, eventName, trackId)) {
        throw fail.STEP_NOT_FOUND({
          detail: `No step${trackId === undefined ? '' : ` of ${trackId}`} listens to ${eventName}.`,
          data: { eventName, nearest: nearest(eventName, catalogue.eventNames) },
        })
      }
      if (assessed.verdict === 'too_large') throw fail.PAYLOAD_TOO_LARGE({ detail: assessed.detail })
      if (assessed.verdict === 'invalid') throw fail.VALIDATION_FAILED(validationProblem(assessed.issues))
      const { prepared } = assessed
      const { eventId } = prepared.row
      return recorder.submit({
        prepared: [prepared],
        rejected: [],
        trace: true,
        toRejected: (_, error) => refusedRow({ type: 'event', ...input, eventId }, report, newId(), error),
        finish: ([recorded]) => {
          if (recorded?.append === 'refused') return { ok: false, error: recorded.error as Error }
          if (recorded?.append === 'erased') {
            const detail = `${input.learnerId} was erased after this event happened; it is not recorded.`
            return { ok: false, error: fail.CONFLICT({ detail }) }
          }
          if (recorded?.append === 'conflict') {
            const detail = `The event ${eventId} was recorded before with another content. The first one stands; send a new event under a new id.`
            return { ok: false, error: fail.CONFLICT({ detail }) }
          }
          const outcomes = (recorded?.outcomes ?? [])
            // Those who are held out do not learn of it.
            .filter(({ track }) => !isLearner || !isHeldOut(track, subjectIn(track, recorded?.row ?? prepared.row)))
            .map((outcome) => toOutcome(outcome, prepared.entry, calendar))
          return check({
            success: true,
            eventId,
            duplicate: recorded?.append === 'duplicate',
            xpEarned: recorded?.xp ?? 0,
            outcomes,
          })
        },
      })
    },
  }
}

/** True when some step listens to an event, paused tracks included. */
function isHeard({ catalogue }: Journey, name: string, trackId: string | undefined): boolean {
  const concern = { kind: 'event', name, track: trackId ?? null } as const
  return catalogue.tracksOf(concern).length > 0 || catalogue.paused(concern).length > 0
}
