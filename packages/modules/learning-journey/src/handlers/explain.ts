import type { Handler } from '@waymark/contract'
import type { ExplainContract } from '../contracts/onboarding.ts'
import {
  type CompiledTrack,
  type Entry,
  type EntryOutcome,
  emptyState,
  explainStep,
  isEnrolled,
  outcomesAt,
  SubjectRow,
  type TrackState,
  verdictsOfAll,
} from '../engine/index.ts'
import { toHistory, toHistoryRequest } from '../record/derived-rows.ts'
import { learnerSubject, toEntry } from '../record/entry-row.ts'
import { toDetail } from './detail.ts'
import { statusOf } from './get-progress.ts'
import { type Journey, toMoment, toMomentOrNull } from './journey.ts'
import { toOutcome } from './outcomes.ts'
import { trackNotFound } from './track-not-found.ts'

/** `learning.onboarding.explain`: computed from the journal, so it needs nothing that was stored for it. */
export function explain({ catalogue, store, calendar }: Journey): Handler<typeof ExplainContract> {
  return async ({ input, principal, fail }) => {
    const named = input.trackId === undefined ? undefined : catalogue.track(input.trackId)
    if (input.trackId !== undefined && named === undefined) throw fail.TRACK_NOT_FOUND(trackNotFound(catalogue, input.trackId))
    const key = { tenant: principal.tenant, subject: learnerSubject(input.learnerId) }
    const tracks = named === undefined ? catalogue.tracks : [named]
    if (input.eventId === undefined) {
      const row = new SubjectRow(await store.readState(key))
      const steps = tracks.flatMap((track) => {
        const state = row.get(track)?.state ?? emptyState(track)
        if (named === undefined && !isEnrolled(state)) return []
        return track.steps.map(({ index, key: stepId }) => ({
          trackId: track.key,
          stepId,
          status: statusOf(track, state, index),
          standing: state.standing.some(({ step }) => step === index),
          detail: toDetail(explainStep(track, state, index, { entry: null, calendar })),
        }))
      })
      return { event: null, outcomes: [], steps }
    }
    const rows = await store.readEntries(key)
    const found = rows.find(
      (row) => row.eventId === input.eventId && (input.sourceModule === undefined || row.source === input.sourceModule),
    )
    if (found === undefined) throw fail.EVENT_NOT_FOUND({ detail: `${input.learnerId} has no recorded event ${input.eventId}.` })
    const entry = toEntry(found)
    const row = await store.readState(key)
    const states = new SubjectRow(row)
    const outcomes: EntryOutcome[] = []
    for (const track of tracks) {
      const known = states.get(track)
      if (found.payload === null) {
        outcomes.push(...expiredOutcomes(track, entry, known?.state ?? emptyState(track)))
        continue
      }
      const history = await store.readHistory(toHistoryRequest(key, { track, before: entry.occurredAt }))
      const around = { row, trackOf: catalogue.running, calendar }
      outcomes.push(...outcomesAt(track, toHistory(history, key.subject), entry, around))
    }
    return {
      event: {
        eventId: found.eventId,
        sourceModule: found.source === '' ? null : found.source,
        eventName: found.name,
        eventVersion: found.version,
        occurredAt: toMoment(found.occurredAt),
        receivedAt: toMoment(found.receivedAt),
        claimedAt: toMomentOrNull(found.claimedAt),
        channel: found.channel,
      },
      outcomes: outcomes.map((outcome) => toOutcome(outcome, entry, calendar)),
      steps: [],
    }
  }
}

/** An event that has expired says no more than its name. */
function expiredOutcomes(track: CompiledTrack, entry: Entry, state: TrackState): EntryOutcome[] {
  if (entry.track !== null && entry.track !== track.key) return []
  return verdictsOfAll(track, entry, 'evidence_expired').map((verdict) => ({ ...verdict, entry: -1, track, state }))
}
