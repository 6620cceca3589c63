/** A subject without a store: its journal and state in memory, folded as the record path folds them. */
import {
  addDuration,
  type Calendar,
  type CompiledTrack,
  compileTrack,
  type Detail,
  type Entry,
  type EntryOutcome,
  emptyState,
  explainStep,
  foldSubject,
  IDENTIFIED,
  IMPORT,
  isShown,
  STEP_STATES,
  type SubjectFold,
  SubjectRow,
  splitDuration,
  streakOfState,
  TIMEZONE,
  type TrackModel,
  type TrackState,
  traitsOf,
} from '../engine/index.ts'
import { toDate } from '../record/derived-rows.ts'
import { percentOf, trackStatusOf } from '../record/status.ts'

/** What there is to see of a track. */
export interface View {
  readonly track: string
  /** `not_enrolled` before the first run. */
  readonly status: 'not_enrolled' | 'active' | 'completed' | 'missed' | 'exited' | 'reset'
  readonly percent: number
  /** By step: `open` (also while it is locked) or how it was settled. */
  readonly steps: Readonly<Record<string, (typeof STEP_STATES)[number]>>
  /** Completed steps that a late event contradicts. */
  readonly standing: readonly string[]
  readonly streak: number | null
  readonly freezes: number | null
  /** By step: the condition tree. */
  readonly details: Readonly<Record<string, Detail>>
}

/** Something that was announced. */
export interface PlayedFact {
  /** Without `learning.onboarding.`, e.g. `step.completed`. */
  readonly name: string
  readonly track: string
  readonly step: string | null
  /** ISO 8601. */
  readonly at: string
  readonly data: Readonly<Record<string, unknown>>
}

/** What the last event did to each step that listens to it. */
export interface PlayedOutcome {
  readonly track: string
  readonly step: string
  readonly verdict: EntryOutcome['verdict']
  readonly reason: EntryOutcome['reason']
}

export interface PlayedEvent {
  readonly name: string
  readonly version: string
  readonly payload: unknown
  readonly id?: string | undefined
  readonly at?: number | undefined
  readonly source?: string | undefined
  readonly channel?: 'server' | 'client' | 'import' | undefined
}

/** A story so far. */
export interface Played {
  readonly tracks: readonly CompiledTrack[]
  readonly now: number
  readonly facts: readonly PlayedFact[]
  readonly outcomes: readonly PlayedOutcome[]
  readonly xp: number
  readonly badges: readonly string[]
  at(moment: number): Played
  advance(duration: string): Played
  event(event: PlayedEvent): Played
  control(name: string, payload: object): Played
  view(track: CompiledTrack): View
}

interface Memory {
  readonly tracks: readonly CompiledTrack[]
  readonly calendar: Calendar
  readonly now: number
  readonly journal: readonly Entry[]
  readonly row: Uint8Array | null
  readonly facts: readonly PlayedFact[]
  readonly outcomes: readonly PlayedOutcome[]
}

/** Begins with an empty journal. */
export function play(models: readonly TrackModel[], calendar: Calendar, now: number): Played {
  const tracks = models.map((model) => compileTrack(model))
  return played({ tracks, calendar, now, journal: [], row: null, facts: [], outcomes: [] })
}

function played(memory: Memory): Played {
  const { tracks, journal, facts, calendar } = memory
  // What is told later happens later: control entries come before events of the same millisecond.
  const now = journal.at(-1)?.receivedAt === memory.now ? memory.now + 1 : memory.now
  const sum = (name: string) =>
    facts.filter((fact) => fact.name === name).reduce((total, { data }) => total + Number(data.xp ?? 0), 0)
  const badges = new Set<string>()
  for (const { name, data } of facts) {
    if (name === 'badge.granted') badges.add(String(data.badge))
    if (name === 'badge.revoked') badges.delete(String(data.badge))
  }
  return {
    tracks,
    now,
    facts,
    outcomes: memory.outcomes,
    xp: sum('xp.granted') - sum('xp.revoked'),
    badges: [...badges],
    at: (moment) => {
      if (moment < memory.now)
        throw new RangeError(
          `The story is at ${toIso(memory.now)} and cannot go back to ${toIso(moment)}. Report a late event with { at }.`,
        )
      return played(wake({ ...memory, now: moment }))
    },
    advance: (duration) => {
      const parts = splitDuration(duration) ?? { days: 0, ms: 0 }
      return played(wake({ ...memory, now: addDuration(memory.now, parts, zoneOf(memory), calendar) }))
    },
    event: ({ name, version, payload, id, at = now, source = '', channel = 'server' }) =>
      played(
        record(
          { ...memory, now },
          {
            kind: 'event',
            source,
            eventId: id ?? `event-${journal.length + 1}`,
            name,
            version,
            // An event from the future happened when it came.
            occurredAt: Math.min(at, now),
            receivedAt: now,
            channel: channel === 'server' ? 'rest' : channel === 'import' ? IMPORT : 'client',
            track: null,
            payload,
          },
        ),
      ),
    control: (name, payload) =>
      played(
        record(
          { ...memory, now },
          {
            kind: 'control',
            source: 'waymark',
            eventId: `control-${journal.length + 1}`,
            name,
            version: '',
            occurredAt: now,
            receivedAt: now,
            channel: 'rest',
            track: 'trackId' in payload ? String(payload.trackId) : null,
            payload,
          },
        ),
      ),
    view: (track) => toView(track, memory),
  }
}

function record(memory: Memory, entry: Entry): Memory {
  const { journal } = memory
  if (journal.some(({ source, eventId }) => source === entry.source && eventId === entry.eventId))
    return { ...memory, outcomes: [] }
  return fold({ ...memory, journal: [...journal, entry] }, [entry], journal.length > 0)
}

function wake(memory: Memory): Memory {
  return { ...fold(memory, [], memory.journal.length > 0), outcomes: memory.outcomes }
}

function fold(memory: Memory, entries: readonly Entry[], hasHistory: boolean): Memory {
  const { tracks, calendar, now, journal, row } = memory
  const input = {
    row,
    hasHistory,
    entries,
    tracksOf: () => tracks,
    trackOf: (key: string) => tracks.find((track) => track.key === key),
    dependents: (key: string) => tracks.filter(({ after }) => after.includes(key)),
    wake: entries.length === 0,
    now,
    calendar,
    trace: true,
  }
  let result: SubjectFold = foldSubject(input)
  if (result.needs.length > 0) result = foldSubject({ ...input, history: () => ({ checkpoint: null, entries: journal }) })
  return {
    ...memory,
    row: result.row ?? row,
    facts: [...memory.facts, ...result.facts.map(toFact)],
    outcomes: result.outcomes.map(({ track, step, verdict, reason }) => ({
      track: track.key,
      step: track.steps[step]?.key ?? '',
      verdict,
      reason,
    })),
  }
}

function toFact({ name, track, step, at, data }: SubjectFold['facts'][number]): PlayedFact {
  const { day, ...rest } = data
  return {
    name,
    track: track.key,
    step: step < 0 ? null : (track.steps[step]?.key ?? null),
    at: toIso(at),
    data: day === undefined ? rest : { ...rest, day: toDate(day) },
  }
}

function toView(track: CompiledTrack, { row, calendar, journal }: Memory): View {
  const state: TrackState = new SubjectRow(row).get(track)?.state ?? emptyState(track)
  const streak = streakOfState(track, state)
  const traits = Object.assign({}, ...journal.filter(({ name }) => name === IDENTIFIED).map(traitsOf))
  const evidence = { entry: null, traits, calendar }
  return {
    track: track.key,
    status: trackStatusOf(state),
    percent: percentOf(track, state),
    steps: Object.fromEntries(
      track.steps.map(({ key, index }) => [key, isShown(state, index) ? 'completed' : STEP_STATES[state.how[index] ?? 0]]),
    ),
    standing: state.standing.flatMap(({ step }) => track.steps[step]?.key ?? []),
    streak: streak?.length ?? null,
    freezes: streak?.freezes ?? null,
    details: Object.fromEntries(track.steps.map(({ key, index }) => [key, explainStep(track, state, index, evidence)])),
  }
}

/** The zone in which days pass: the subject's own, else that of the first track. */
function zoneOf({ journal, tracks }: Memory): string {
  const zones = journal.filter(({ name }) => name === IDENTIFIED).map((entry) => traitsOf(entry)[TIMEZONE])
  const zone = zones.findLast((value) => typeof value === 'string')
  return typeof zone === 'string' ? zone : (tracks[0]?.zone ?? 'UTC')
}

function toIso(moment: number): string {
  return new Date(moment).toISOString()
}
