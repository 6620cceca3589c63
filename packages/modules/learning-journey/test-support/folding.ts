import { type Calendar, utcCalendar } from '../src/engine/calendar.ts'
import { SubjectRow } from '../src/engine/codec.ts'
import type { CompiledTrack } from '../src/engine/compile.ts'
import type { Entry } from '../src/engine/entry.ts'
import { foldSubject, type SubjectFold } from '../src/engine/fold.ts'
import type { TrackState } from '../src/engine/state.ts'

/** One subject and its journal: folds round after round as the record path does, and remembers how often the journal was read. */
export class Learner {
  tracks: readonly CompiledTrack[]
  row: Uint8Array | null = null
  readonly journal: Entry[] = []
  rebuilds = 0
  /** Epoch milliseconds; the newest arrival at least. */
  now = 0
  calendar: Calendar = utcCalendar

  constructor(...tracks: readonly CompiledTrack[]) {
    this.tracks = tracks
  }

  /** Takes entries in one round, or, with none, passes the clock on. */
  fold(...entries: readonly Entry[]): SubjectFold {
    const hasHistory = this.journal.length > 0
    this.journal.push(...entries)
    this.now = Math.max(this.now, ...entries.map(({ receivedAt }) => receivedAt))
    const input = {
      row: this.row,
      hasHistory,
      entries,
      tracksOf: () => this.tracks,
      trackOf: (key: string) => this.tracks.find((track) => track.key === key),
      dependents: (key: string) => this.tracks.filter(({ after }) => after.includes(key)),
      now: this.now,
      calendar: this.calendar,
      wake: entries.length === 0,
      trace: true,
    }
    let result = foldSubject(input)
    if (result.needs.length > 0) {
      this.rebuilds += 1
      result = foldSubject({ ...input, history: () => ({ checkpoint: null, entries: this.journal }) })
    }
    this.row = result.row ?? this.row
    return result
  }

  state(track = this.tracks[0] as CompiledTrack): TrackState {
    const known = new SubjectRow(this.row).get(track)
    if (known === null) throw new Error(`There is no state of ${track.key}`)
    return known.state
  }
}

/** `step: verdict reason` of every outcome, in order; the index of the entry before it where there are several. */
export function verdicts({ outcomes }: Pick<SubjectFold, 'outcomes'>): string[] {
  return outcomes.map(
    ({ track, step, verdict, reason }) => `${track.steps[step]?.key}: ${verdict}${reason === null ? '' : ` ${reason}`}`,
  )
}

/** `name step` of every fact, in order. */
export function facts({ facts }: Pick<SubjectFold, 'facts'>): string[] {
  return facts.map(({ track, step, name }) => (step < 0 ? name : `${name} ${track.steps[step]?.key}`))
}

/** What a fold needs beside entries where no time passes. */
export const untimed = { trackOf: () => undefined, now: 0, calendar: utcCalendar }
