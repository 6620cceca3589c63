/** What the engine derived, and what it needs, as the store has it. */
import {
  type ChangedRuns,
  type DerivedFact,
  type History,
  isHeldOut,
  isRunning,
  isUnlocked,
  type Need,
  namesOf,
  OPEN,
  type SubjectCut,
  type SubjectFold,
  type TrackState,
} from '../engine/index.ts'
import type {
  CheckpointRange,
  CheckpointRow,
  Derived,
  EnrolmentRow,
  FactRow,
  HistoryRequest,
  StateWrite,
  History as StoredHistory,
  SubjectKey,
  TimerRow,
} from '../ports/index.ts'
import { toEntry } from './entry-row.ts'
import { completedAtOf, percentOf, runStatusOf } from './status.ts'

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] extends readonly (infer Item)[] ? Item[] : T[Key] }

/** Gathers what is written at the end of a round. */
export type Writing = Mutable<Derived>

export function emptyWriting(): Writing {
  return {
    states: [],
    facts: [],
    rejected: [],
    redriven: [],
    outdated: [],
    checkpoints: [],
    expired: [],
    timers: [],
    enrolments: [],
    memberships: [],
    outgoing: [],
  }
}

/** How a round looks at one subject. */
export interface Reading {
  readonly hash: (text: string) => string
  /** Epoch milliseconds. */
  readonly now: number
  /** The version of the state that was read. */
  readonly version: number
  /** Whether a fact is one of the past that was brought in. */
  readonly isBackfilled: (fact: DerivedFact) => boolean
  /** Whether the alarm has to be written even where it is the same. */
  readonly isWoken: boolean
}

/** Adds what the fold of one subject derived. Subjects have to come sorted. Returns the rows of its facts, in the fold's order. */
export function addFold(
  writing: Writing,
  key: SubjectKey,
  fold: Omit<SubjectFold, 'outcomes' | 'needs'>,
  { hash, now, version, isBackfilled, isWoken }: Reading,
): readonly FactRow[] {
  const { tenant, subject } = key
  if (fold.row !== null) writing.states.push({ tenant, subject, expected: version, state: fold.row } satisfies StateWrite)
  const facts = fold.facts.map((fact) => toFactRow(key, fact, isBackfilled(fact), hash))
  writing.facts.push(...facts)
  const { checkpoints, outdated } = toCheckpointRows(key, fold)
  writing.checkpoints.push(...checkpoints)
  writing.outdated.push(...outdated)
  if (isWoken || fold.alarm !== fold.alarmBefore)
    writing.timers.push({ tenant, subject, at: fold.alarm < 0 ? null : fold.alarm } satisfies TimerRow)
  for (const runs of fold.runs) writing.enrolments.push(...toEnrolmentRows(key, runs, now))
  return facts
}

/** Brings what was gathered into the order in which rows are locked. */
export function sorted(writing: Writing): Derived {
  writing.enrolments.sort(
    (a, b) =>
      compareText(a.tenant, b.tenant) || compareText(a.track, b.track) || compareText(a.subject, b.subject) || a.run - b.run,
  )
  writing.timers.sort((a, b) => compareText(a.tenant, b.tenant) || compareText(a.subject, b.subject))
  writing.redriven.sort((a, b) => compareText(a.tenant, b.tenant) || compareText(a.id, b.id))
  return writing
}

export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Rewards count once over all runs unless the track says otherwise, so the run is no part of their id then. */
export function toFactRow(
  { tenant, subject }: SubjectKey,
  fact: DerivedFact,
  backfilled: boolean,
  hash: (text: string) => string,
): FactRow {
  const { track, run, name, ordinal, isOnce, heldOut, at, runStartedAt, cause } = fact
  const step = fact.step < 0 ? null : (track.steps[fact.step]?.key ?? null)
  const { day, ...data } = fact.data
  const isOfRun = step === null && !('xp' in data) && !('badge' in data)
  return {
    tenant,
    subject,
    factId: hash([tenant, subject, track.key, isOnce ? '*' : String(run), step ?? '', name, ordinal].join('\0')),
    name: `learning.onboarding.${name}`,
    track: track.key,
    run,
    step,
    causeSource: cause.source,
    causeId: cause.eventId,
    occurredAt: at,
    runStartedAt,
    backfilled,
    heldOut,
    data: JSON.stringify({
      trackId: track.key,
      run,
      ...(isOfRun ? {} : { stepId: step }),
      ...data,
      ...(day === undefined ? {} : { day: toDate(day) }),
      ...(heldOut ? { holdout: true } : {}),
    }),
  }
}

const DAY_MS = 24 * 60 * 60 * 1_000

/** A local date as ISO 8601 writes it. */
export function toDate(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10)
}

/** The rows of the runs that changed, in the order of the runs. */
function toEnrolmentRows({ tenant, subject }: SubjectKey, { track, state, from }: ChangedRuns, now: number): EnrolmentRow[] {
  const common = {
    tenant,
    subject,
    track: track.key,
    version: track.version,
    heldOut: isHeldOut(track, subject),
    changedAt: now,
  }
  const row = (run: Pick<TrackState, 'run' | 'startedAt' | 'completedAt' | 'endedAt' | 'outcome'>) => ({
    run: run.run,
    status: runStatusOf(run),
    startedAt: run.startedAt,
    completedAt: run.completedAt < 0 ? null : run.completedAt,
    endedAt: run.endedAt < 0 ? null : run.endedAt,
  })
  const past = state.past
    .filter(({ run }) => run >= from)
    .map((run) => ({ ...common, ...row(run), percent: percentOf(track, { ...run, standing: [] }), openStep: null }))
  const newest = { ...state, completedAt: completedAtOf(state) }
  const open = track.steps.find((step) => state.how[step.index] === OPEN && isRunning(state) && isUnlocked(step, state))
  return [...past, { ...common, ...row(newest), percent: percentOf(track, state), openStep: open?.key ?? null }]
}

/** The checkpoints of a subject that were made, and those that no longer hold. */
function toCheckpointRows(
  { tenant, subject }: SubjectKey,
  { checkpoints, outdated }: Pick<SubjectCut, 'checkpoints' | 'outdated'>,
): { readonly checkpoints: readonly CheckpointRow[]; readonly outdated: readonly CheckpointRange[] } {
  const rows = new Map<string, CheckpointRow>()
  // Of several in one moment the last holds most.
  for (const { track, at, state } of checkpoints)
    rows.set(`${track.key}\0${at}`, { tenant, subject, track: track.key, at, behaviour: track.behaviour, state })
  return {
    checkpoints: [...rows.values()],
    outdated: outdated.map(({ track, from, before }) => ({ tenant, subject, track: track.key, from, before })),
  }
}

export function toHistoryRequest({ tenant, subject }: SubjectKey, { track, before }: Need): HistoryRequest {
  const request = { tenant, subject, names: namesOf(track) }
  return before === null ? request : { ...request, since: { track: track.key, behaviour: track.behaviour, before } }
}

/** What can still be read of the history of a subject. */
export function toHistory({ checkpoint, entries }: StoredHistory, subject: string): History {
  return {
    checkpoint,
    entries: entries.filter(({ payload }) => payload !== null).map((row) => toEntry(row, undefined, subject)),
  }
}
