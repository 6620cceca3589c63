import type { Handler } from '@waymark/contract'
import type { GetProgressContract } from '../contracts/onboarding.ts'
import {
  branchKey,
  type Calendar,
  type CompiledTrack,
  definitionOf,
  dueAt,
  emptyState,
  isEnrolled,
  isHeldOut,
  isShown,
  OPEN,
  opensAt,
  type Step,
  SubjectRow,
  streakOfState,
  type TrackState,
} from '../engine/index.ts'
import type { JournalStore, SubjectKey } from '../ports/index.ts'
import { toDate } from '../record/derived-rows.ts'
import { isAbout, learnerOf, learnerSubject } from '../record/entry-row.ts'
import { findAccount } from '../record/people.ts'
import { completedAtOf, percentOf, stepStatusOf, trackStatusOf } from '../record/status.ts'
import { type Levels, levelAt } from '../track/define-levels.ts'
import { type Hiding, isHidden, readHidden, SHOWN } from './hidden-tracks.ts'
import { type Journey, toMomentOrNull } from './journey.ts'
import { readSubject } from './read-subject.ts'
import { linkFor, textFor } from './texts.ts'
import { trackNotFound } from './track-not-found.ts'

/** `learning.onboarding.getProgress`: derived and standing completions, and the sums of the learner's facts. */
export function getProgress({ catalogue, store, calendar, levels, now }: Journey): Handler<typeof GetProgressContract> {
  return async ({ input, principal, fail }) => {
    const named = input.trackId === undefined ? undefined : catalogue.track(input.trackId)
    if (input.trackId !== undefined && named === undefined) throw fail.TRACK_NOT_FOUND(trackNotFound(catalogue, input.trackId))
    const wanted = named === undefined ? catalogue.tracks : [named]
    const learner = await readSubject(store, { tenant: principal.tenant, subject: learnerSubject(input.learnerId) })
    const asksAccount = input.accountId !== undefined || wanted.some(({ subject }) => subject === 'account')
    const accountKey = asksAccount ? await findAccount(store, learner.key, input.accountId, principal) : null
    const [hidden, own, account] = await Promise.all([
      readHidden(store, learner.key),
      standingOf(store, learner.key, learner.bytes),
      accountKey === null ? null : store.readState(accountKey).then((bytes) => standingOf(store, accountKey, bytes)),
    ])
    const tracks = wanted.flatMap((served) => {
      const side = isAbout(served, own.key.subject) ? own : account
      if (side !== null && isHeldOut(served, side.key.subject)) return []
      const track = side === null ? served : definitionOf(served, side.row)
      const state = side?.row.get(track)?.state ?? emptyState(track)
      const hiding = hidden.get(track.key) ?? SHOWN
      const isLeftOut = !isEnrolled(state) || (input.hidden !== true && isHidden(hiding, now()))
      return named === undefined && isLeftOut ? [] : [toTrack(track, state, hiding, input.locale, calendar)]
    })
    return {
      learnerId: input.learnerId,
      ...own.totals,
      level: levelOf(levels, own.totals.xp),
      account:
        account === null
          ? null
          : { accountId: learnerOf(account.key.subject), ...account.totals, level: levelOf(levels, account.totals.xp) },
      tracks,
    }
  }
}

function levelOf(levels: Levels | undefined, xp: number) {
  return levels === undefined ? null : levelAt(levels, xp)
}

async function standingOf(store: Pick<JournalStore, 'readFactsOf'>, key: SubjectKey, bytes: Uint8Array | null) {
  return { key, row: new SubjectRow(bytes), totals: totalsOf(await store.readFactsOf(key)) }
}

/** What a subject holds: totals are sums of facts. */
function totalsOf(facts: readonly { readonly name: string; readonly data: string }[]) {
  let xp = 0
  const badges = new Set<string>()
  for (const fact of facts) {
    const data = JSON.parse(fact.data) as { xp?: number; badge?: string }
    if (fact.name === 'learning.onboarding.xp.granted') xp += data.xp ?? 0
    if (fact.name === 'learning.onboarding.xp.revoked') xp -= data.xp ?? 0
    if (fact.name === 'learning.onboarding.badge.granted' && data.badge !== undefined) badges.add(data.badge)
    if (fact.name === 'learning.onboarding.badge.revoked' && data.badge !== undefined) badges.delete(data.badge)
  }
  return { xp, badges: [...badges] }
}

/** How far a subject is in one track. */
export function toTrack(track: CompiledTrack, state: TrackState, hiding: Hiding, locale: string | undefined, calendar: Calendar) {
  return {
    trackId: track.key,
    version: track.version,
    title: textFor(track.model.title, locale) ?? track.key,
    subject: track.subject,
    status: trackStatusOf(state),
    run: state.run < 0 ? null : state.run,
    startedAt: toMomentOrNull(state.startedAt),
    completedAt: toMomentOrNull(completedAtOf(state)),
    endedAt: toMomentOrNull(state.endedAt),
    percent: percentOf(track, state),
    dismissed: hiding.dismissed,
    snoozedUntil: toMomentOrNull(hiding.snoozedUntil),
    streak: toStreak(track, state),
    steps: track.steps.map((step) => toStep(track, state, step, locale, calendar)),
  }
}

function toStep(track: CompiledTrack, state: TrackState, step: Step, locale: string | undefined, calendar: Calendar) {
  const { index, model } = step
  const settled = state.how[index] === OPEN ? -1 : (state.settledAt[index] as number)
  const mark = isShown(state, index) ? state.standing.find((standing) => standing.step === index) : undefined
  const opened = state.openedAt[index] as number
  const chosen = state.chosen[index] as number
  return {
    stepId: step.key,
    title: textFor(model.title, locale) ?? step.key,
    description: textFor(model.description, locale) ?? null,
    status: stepStatusOf(track, state, index),
    required: step.required,
    skippable: model.skippable === true,
    completedAt: toMomentOrNull(mark?.at ?? settled),
    opensAt:
      step.opens === undefined || state.run < 0
        ? null
        : toMomentOrNull(opened >= 0 ? opened : opensAt(track, step, state, calendar)),
    dueAt: step.due === undefined || state.run < 0 ? null : toMomentOrNull(dueAt(track, step, state, calendar)),
    branch: chosen < 0 ? null : branchKey(step, chosen),
    standing: mark !== undefined,
    contradictedBy:
      mark === undefined ? null : { eventId: mark.by.eventId, sourceModule: mark.by.source === '' ? null : mark.by.source },
    xp: model.reward?.xp ?? 0,
    action: linkFor(model.action, locale),
    help: linkFor(model.help, locale),
  }
}

function toStreak(track: CompiledTrack, state: TrackState) {
  const streak = streakOfState(track, state)
  if (streak === null) return null
  const { length, best, freezes, day, credited } = streak
  return { length, best, freezes, lastDay: day === null ? null : toDate(day), creditedToday: credited }
}
