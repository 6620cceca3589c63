import { ContractError, type GroupHandler } from '@waymark/contract'
import type { RecordOnboardingEventContract } from '../contracts/onboarding.ts'
import { assess, LARGEST_EVENT, type Prepared } from '../record/assess.ts'
import { QueueFull } from '../record/recorder.ts'
import { nearest } from '../track/nearest.ts'
import type { Journey } from './journey.ts'
import { toOutcome } from './outcomes.ts'

/** `learning.onboarding.recordEvent`: one event, with everything it did. A declared error stores nothing. */
export function recordEvent(journey: Journey): GroupHandler<typeof RecordOnboardingEventContract> {
  const { catalogue, recorder, now, newId } = journey
  return {
    commit: 'group',
    handle: async ({ input, principal, call, fail, check }) => {
      const report = { principal, channel: call.channel, receivedAt: now(), fallbackId: () => call.idempotencyKey ?? newId() }
      const assessed = await assess(journey, input, report)
      let prepared: Prepared
      switch (assessed.verdict) {
        case 'ready':
          prepared = assessed.prepared
          break
        case 'forbidden':
          throw fail.FORBIDDEN({ detail: assessed.detail })
        case 'unknown_track': {
          const trackId = input.trackId ?? ''
          throw fail.TRACK_NOT_FOUND({
            detail: `There is no track ${trackId}.`,
            data: {
              trackId,
              nearest: nearest(
                trackId,
                catalogue.tracks.map(({ key }) => key),
              ),
            },
          })
        }
        case 'unmatched':
        case 'unknown':
          throw fail.STEP_NOT_FOUND({
            detail: `No step${input.trackId === undefined ? '' : ` of ${input.trackId}`} listens to ${input.eventName}.`,
            data: { eventName: input.eventName, nearest: nearest(input.eventName, catalogue.eventNames) },
          })
        case 'invalid':
          // Not `fail`: the issues have to go with it.
          if (catalogue.tracksOf({ kind: 'event', name: input.eventName, track: input.trackId ?? null }).length === 0) {
            throw fail.STEP_NOT_FOUND({
              detail: `No step listens to ${input.eventName}.`,
              data: { eventName: input.eventName, nearest: nearest(input.eventName, catalogue.eventNames) },
            })
          }
          throw new ContractError('VALIDATION_FAILED', {
            detail: `${assessed.issues[0]?.pointer}: ${assessed.issues[0]?.message}`,
            errors: assessed.issues,
          })
        case 'too_large':
          throw fail.PAYLOAD_TOO_LARGE({
            detail: `The payload has ${assessed.bytes} bytes; an event takes at most ${LARGEST_EVENT}.`,
          })
      }
      const { eventId } = prepared.row
      return recorder
        .submit({
          prepared: [prepared],
          rejected: [],
          trace: true,
          finish: ([recorded]) => {
            if (recorded?.append === 'conflict') {
              return {
                ok: false,
                error: new ContractError('CONFLICT', {
                  detail: `The event ${eventId} was recorded before with another content. The first one stands; send a new event under a new id.`,
                }),
              }
            }
            const outcomes = (recorded?.outcomes ?? []).map((outcome) => toOutcome(outcome, prepared.entry))
            return check({
              success: true,
              eventId,
              duplicate: recorded?.append === 'duplicate',
              xpEarned: recorded?.xp ?? 0,
              outcomes,
            })
          },
        })
        .catch((error: unknown) => {
          throw error instanceof QueueFull ? fail.RATE_LIMITED({ detail: error.message, retryAfter: 1 }) : error
        })
    },
  }
}
