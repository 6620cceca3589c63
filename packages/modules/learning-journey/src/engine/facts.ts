/** What was derived → what is announced: each thing once, corrections included. */
import { branchKey, type CompiledTrack } from './compile.ts'
import type { Derived } from './derivation.ts'
import { hash32 } from './distinct.ts'
import type { EntryRef } from './entry.ts'
import type { RewardModel } from './model.ts'
import { COMPLETED, MISSED, OPEN, revokedInRun, type Standing, type TrackState } from './state.ts'

/** Something that the fold derived, to be appended once. */
export interface DerivedFact {
  readonly track: CompiledTrack
  readonly run: number
  readonly runStartedAt: number
  /** −1: the whole track. */
  readonly step: number
  readonly name: FactName
  readonly at: number
  readonly cause: EntryRef
  /** Index of the new entry whose arrival brought it about; −1 when it was none, but the clock or a track that was brought up to date. */
  readonly trigger: number
  /** True when it is of the past, and what is new is only the track or its definition. */
  readonly isPast: boolean
  /** Tells facts of one name, run and step apart. */
  readonly ordinal: string
  /** True when it is granted once over all runs. */
  readonly isOnce: boolean
  /** True when the subject is held out: nothing is granted then. */
  readonly heldOut: boolean
  readonly data: FactData
}

export type FactName =
  | 'enrolled'
  | 'exited'
  | 'step.opened'
  | 'step.completed'
  | 'step.skipped'
  | 'step.waived'
  | 'step.missed'
  | 'step.corrected'
  | 'branch.chosen'
  | 'track.completed'
  | 'track.ended'
  | 'xp.granted'
  | 'xp.revoked'
  | 'badge.granted'
  | 'badge.revoked'
  | 'streak.advanced'
  | 'streak.frozen'
  | 'streak.lost'

export interface FactData {
  readonly xp?: number
  readonly badge?: string
  readonly reason?: string
  readonly outcome?: string
  readonly branch?: string
  readonly from?: string
  readonly to?: string
  /** Days since 1970-01-01. */
  readonly day?: number
  readonly length?: number
}

/** How a step is settled, as facts and answers say it. */
export const STEP_STATES = ['open', 'completed', 'skipped', 'waived', 'closed', 'missed'] as const

/** Something derived, and what brought it about. */
export interface Occurrence {
  readonly derived: Derived
  readonly trigger: number
  readonly isPast: boolean
}

/** The facts to append: what was derived and was not announced before. */
export function announce(
  track: CompiledTrack,
  before: TrackState,
  after: TrackState,
  occurrences: readonly Occurrence[],
  by: { readonly at: number; readonly cause: EntryRef; readonly trigger: number; readonly isPast: boolean },
  heldOut: boolean,
): DerivedFact[] {
  const facts: DerivedFact[] = []
  const granted = new Set<string>()
  const perRun = track.model.rewards === 'perRun'
  // Of which run the corrections are; one that is gone can come back, and then it is the same one.
  const corrected = before.run < 0 ? after.run : before.run
  for (const { derived, trigger, isPast } of occurrences) {
    if (isAnnounced(track, before, derived)) continue
    const { kind, run, startedAt, step, at, cause, ordinal, again, text, day, length } = derived
    const add = (name: FactName, data: FactData = {}, number = String(again), isOnce = false) =>
      facts.push({
        track,
        run,
        runStartedAt: startedAt,
        step,
        name,
        at,
        cause,
        trigger,
        isPast,
        ordinal: number,
        isOnce,
        heldOut,
        data,
      })
    const reason = text === '' ? {} : { reason: text }
    switch (kind) {
      case 'enrolled':
        add('enrolled')
        break
      case 'exited':
        add('exited', reason)
        break
      case 'ended':
        add('track.ended', { outcome: text })
        break
      case 'opened':
        add('step.opened')
        break
      case 'skipped':
        add('step.skipped', reason)
        break
      case 'waived':
        add('step.waived', reason)
        break
      case 'missed':
        add('step.missed', {}, String(run === corrected ? before.corrections[step] : 0))
        break
      case 'branch':
        add('branch.chosen', { branch: text }, text)
        break
      case 'completed': {
        add(step < 0 ? 'track.completed' : 'step.completed')
        const reward = rewardOf(track, step, heldOut)
        const grant = `${step} ${ordinal}`
        if (!perRun && (granted.has(grant) || wasGranted(before, step, ordinal))) break
        granted.add(grant)
        if (reward?.xp !== undefined && reward.xp > 0) add('xp.granted', { xp: reward.xp }, String(ordinal), !perRun)
        if (reward?.badge !== undefined) add('badge.granted', { badge: reward.badge }, String(ordinal), !perRun)
        break
      }
      case 'revoked': {
        add('step.corrected', { from: 'completed', to: 'open', ...reason }, `r${ordinal}`)
        const reward = rewardOf(track, step, heldOut)
        if (reward?.xp !== undefined && reward.xp > 0) add('xp.revoked', { xp: reward.xp }, String(ordinal), !perRun)
        if (reward?.badge !== undefined) add('badge.revoked', { badge: reward.badge }, String(ordinal), !perRun)
        break
      }
      case 'advanced':
        add('streak.advanced', { day, length }, String(day))
        if (!heldOut && track.streak !== undefined && track.streak.xp > 0)
          add('xp.granted', { xp: track.streak.xp, day }, `day${day}`, !perRun)
        break
      case 'frozen':
        add('streak.frozen', { day, length }, String(day))
        break
      case 'lost':
        add('streak.lost', { day, length }, String(day))
        break
    }
  }
  // What was announced as missed of the newest run and is not any more; of a run that is gone every step is open.
  if (after.run <= before.run || before.run < 0) after.corrections = before.corrections
  const is = before.run === after.run ? after : after.past.find(({ run }) => run === before.run)
  for (const { index } of track.steps) {
    const how = is?.how[index] ?? OPEN
    // A miss of what stands was never announced.
    if (before.how[index] !== MISSED || how === MISSED || isStanding(before, before.run, index)) continue
    const ordinal = before.corrections[index] as number
    if (is === after || is === undefined) after.corrections = after.corrections.with(index, ordinal + 1)
    facts.push({
      track,
      run: before.run,
      runStartedAt: is?.startedAt ?? before.startedAt,
      step: index,
      name: 'step.corrected',
      at: how === OPEN ? by.at : (is?.settledAt[index] ?? by.at),
      cause: by.cause,
      trigger: by.trigger,
      isPast: by.isPast,
      ordinal: String(ordinal),
      isOnce: false,
      heldOut,
      data: { from: 'missed', to: STEP_STATES[how] },
    })
  }
  return facts
}

/** The completions that were announced of what is the newest run now, or of runs that are gone, and that the fold no longer gives. */
export function standingAfter(before: TrackState, after: TrackState, by: EntryRef): readonly Standing[] {
  if (after.run > before.run) return NO_STANDING
  const standing = new Map<number, Standing>()
  const keep = (run: number, mark: Standing) => {
    const { step } = mark
    const isSame = run === after.run
    if (isSame && (step < 0 ? after.completedAt >= 0 : after.how[step] === COMPLETED)) return
    if (isSame && step >= 0 && revokedInRun(after, step) > (run === before.run ? revokedInRun(before, step) : 0)) return
    if (!standing.has(step)) standing.set(step, mark)
  }
  for (const mark of before.standing) keep(before.run, mark)
  for (const run of [before, ...before.past]) {
    if (run.run < after.run || run.run < 0) continue
    if (run.completedAt >= 0) keep(run.run, { step: -1, at: run.completedAt, by })
    for (const [step, how] of run.how.entries())
      if (how === COMPLETED) keep(run.run, { step, at: run.settledAt[step] as number, by })
  }
  return standing.size === 0 ? NO_STANDING : [...standing.values()].sort((a, b) => a.step - b.step)
}

const NO_STANDING: readonly Standing[] = []

function rewardOf(track: CompiledTrack, step: number, heldOut: boolean): RewardModel | undefined {
  if (heldOut) return undefined
  return step < 0 ? track.model.completion : track.steps[step]?.model.reward
}

function isAnnounced(track: CompiledTrack, before: TrackState, derived: Derived): boolean {
  const { kind, run, step, ordinal, again, text } = derived
  if (run > before.run) return false
  if (kind === 'enrolled') return true
  if (kind === 'advanced' || kind === 'frozen' || kind === 'lost') return false
  if (kind === 'revoked') return ordinal < (before.revoked[step] as number)
  const state = run === before.run ? before : before.past.find((past) => past.run === run)
  // So long ago that only the facts know.
  if (state === undefined) return true
  switch (kind) {
    case 'exited':
      return state.outcome === 'exited' || state.outcome === 'reset'
    case 'ended':
      return state.outcome === 'missed'
    case 'completed':
      if (step < 0) return state.completedAt >= 0 || isStanding(before, run, step)
      if (run === before.run && again !== revokedInRun(before, step)) return again < revokedInRun(before, step)
      return state.how[step] === COMPLETED || isStanding(before, run, step)
    case 'missed': {
      // Nor is what is shown as completed, as long as that was not revoked.
      const isShown = state.how[step] === COMPLETED || isStanding(before, run, step)
      return state.how[step] === MISSED || (isShown && again === (run === before.run ? revokedInRun(before, step) : 0))
    }
    case 'opened':
      return (state.openedAt[step] as number) >= 0
    case 'branch':
      return isChosen(track, state, step, text)
    default:
      return state.how[step] !== OPEN && STEP_STATES[state.how[step] ?? OPEN] === kind
  }
}

function isChosen({ steps }: CompiledTrack, run: { readonly chosen: readonly number[] }, index: number, branch: string): boolean {
  const chosen = run.chosen[index] as number
  const step = steps[index]
  return step !== undefined && chosen >= 0 && branchKey(step, chosen) === branch
}

function isStanding(before: TrackState, run: number, step: number): boolean {
  return run === before.run && before.standing.some((mark) => mark.step === step)
}

function wasGranted(before: TrackState, step: number, ordinal: number): boolean {
  if (before.standing.some((mark) => mark.step === step)) return true
  if (step < 0) return before.firstCompletedAt >= 0
  if ((before.done[step] as number) > ordinal) return true
  return before.how[step] === COMPLETED && (before.revoked[step] as number) >= ordinal
}

/** Whether a subject is one of those that a track sets apart for comparison: the same for ever, and another choice in every track. */
export function isHeldOut(track: CompiledTrack, subject: string | undefined): boolean {
  const { holdout = 0 } = track.model
  return holdout > 0 && subject !== undefined && hash32(`${track.key}\0${subject}`, HOLDOUT_SEED) % 100 < holdout
}

const HOLDOUT_SEED = 0x2545f491
