/** What `dismiss` and `snooze` share: the track, what the learner said of it before, and the control entry that says it anew. */
import type { CallInfo, CheckedOutput, ContractError, OutputCheck, Principal } from '@waymark/contract'
import { controlEntry } from '../record/assess.ts'
import { learnerSubject } from '../record/entry-row.ts'
import { refusalOf } from './change-run.ts'
import { type Hiding, readHidden, SHOWN } from './hidden-tracks.ts'
import { idOfCall, type Journey, toMomentOrNull } from './journey.ts'
import { readSubject } from './read-subject.ts'
import { trackNotFound } from './track-not-found.ts'

interface Answer {
  readonly success: true
  readonly changed: boolean
  readonly dismissed: boolean
  readonly snoozedUntil: string | null
}

/** Writes the entry where it changes something, and answers how the track is hidden from then on. */
export async function hideTrack(
  journey: Journey,
  { name, payload, change }: { readonly name: string; readonly payload: object; readonly change: (before: Hiding) => Hiding },
  context: {
    readonly input: { readonly learnerId: string; readonly trackId: string }
    readonly principal: Exclude<Principal, { kind: 'invalid' }>
    readonly call: CallInfo
    readonly fail: {
      TRACK_NOT_FOUND(init: ReturnType<typeof trackNotFound>): ContractError
      CONFLICT(init: { detail: string }): ContractError
    }
    readonly check: OutputCheck<Answer>
  },
): Promise<CheckedOutput> {
  const { input, principal, call, fail, check } = context
  const { catalogue, store, recorder, now, hash } = journey
  if (catalogue.track(input.trackId) === undefined) throw fail.TRACK_NOT_FOUND(trackNotFound(catalogue, input.trackId))
  const { key } = await readSubject(store, { tenant: principal.tenant, subject: learnerSubject(input.learnerId) })
  const before = (await readHidden(store, key)).get(input.trackId) ?? SHOWN
  const after = change(before)
  const answer = (changed: boolean) =>
    check({ success: true, changed, dismissed: after.dismissed, snoozedUntil: toMomentOrNull(after.snoozedUntil) })
  if (before.dismissed === after.dismissed && before.snoozedUntil === after.snoozedUntil) {
    const checked = answer(false)
    if (!checked.ok) throw checked.error
    return checked.output
  }
  const receivedAt = now()
  const eventId = idOfCall(journey, call)
  const control = {
    name,
    subject: key.subject,
    track: input.trackId,
    eventId,
    occurredAt: receivedAt,
    claimedAt: null,
    payload: { trackId: input.trackId, ...payload },
  }
  return recorder.submit({
    prepared: [controlEntry(control, { principal, channel: call.channel, receivedAt }, hash)],
    rejected: [],
    trace: false,
    finish: ([recorded]) => {
      const detail = refusalOf(recorded, eventId)
      return detail === undefined ? answer(recorded?.append === 'recorded') : { ok: false, error: fail.CONFLICT({ detail }) }
    },
  })
}
