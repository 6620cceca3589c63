import type { Handler } from '@waymark/contract'
import type { GetProgressContract } from '../contracts/onboarding.ts'
import { type CompiledTrack, emptyState, isEnrolled, isShown, isUnlocked, SubjectRow, type TrackState } from '../engine/index.ts'
import { learnerSubject } from '../record/entry-row.ts'
import { type Journey, toMomentOrNull } from './journey.ts'
import { textFor } from './texts.ts'
import { trackNotFound } from './track-not-found.ts'

/** `learning.onboarding.getProgress`: derived and standing completions, and the sums of the learner's facts. */
export function getProgress({ catalogue, store }: Journey): Handler<typeof GetProgressContract> {
  return async ({ input, principal, fail }) => {
    const named = input.trackId === undefined ? undefined : catalogue.track(input.trackId)
    if (input.trackId !== undefined && named === undefined) throw fail.TRACK_NOT_FOUND(trackNotFound(catalogue, input.trackId))
    const key = { tenant: principal.tenant, subject: learnerSubject(input.learnerId) }
    const row = new SubjectRow(await store.readState(key))
    const tracks = (named === undefined ? catalogue.tracks : [named]).flatMap((track) => {
      const state = row.get(track)?.state ?? emptyState(track)
      return named === undefined && !isEnrolled(state) ? [] : [toTrack(track, state, input.locale)]
    })
    let xp = 0
    const badges = new Set<string>()
    for (const fact of await store.readFactsOf(key)) {
      const data = JSON.parse(fact.data) as { xp?: number; badge?: string }
      if (fact.name === 'learning.onboarding.xp.granted') xp += data.xp ?? 0
      if (fact.name === 'learning.onboarding.badge.granted' && data.badge !== undefined) badges.add(data.badge)
    }
    return { learnerId: input.learnerId, xp, badges: [...badges], tracks }
  }
}

function toTrack(track: CompiledTrack, state: TrackState, locale: string | undefined) {
  const steps = track.steps.map((step) => {
    const done = state.doneAt[step.index] as number
    const mark = done >= 0 ? undefined : state.standing.find((standing) => standing.step === step.index)
    return {
      stepId: step.key,
      title: textFor(step.model.title, locale) ?? step.key,
      description: textFor(step.model.description, locale) ?? null,
      status: statusOf(track, state, step.index),
      completedAt: toMomentOrNull(mark?.at ?? done),
      standing: mark !== undefined,
      contradictedBy:
        mark === undefined ? null : { eventId: mark.by.eventId, sourceModule: mark.by.source === '' ? null : mark.by.source },
      xp: step.model.reward?.xp ?? 0,
    }
  })
  const finished = state.completedAt >= 0 ? state.completedAt : (state.standing.find(({ step }) => step < 0)?.at ?? -1)
  return {
    trackId: track.key,
    version: track.version,
    title: textFor(track.model.title, locale) ?? track.key,
    status: finished >= 0 ? ('completed' as const) : state.startedAt >= 0 ? ('active' as const) : ('not_enrolled' as const),
    startedAt: toMomentOrNull(state.startedAt),
    completedAt: toMomentOrNull(finished),
    percent: Math.floor((100 * steps.filter(({ status }) => status === 'completed').length) / steps.length),
    steps,
  }
}

/** What a step looks like from outside. */
export function statusOf(track: CompiledTrack, state: TrackState, index: number): 'locked' | 'open' | 'completed' {
  const step = track.steps[index]
  if (step === undefined || isShown(state, index)) return 'completed'
  return state.startedAt >= 0 && isUnlocked(step, state) ? 'open' : 'locked'
}
