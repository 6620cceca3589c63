/** Entries that did not happen, folded as the record path would, with nothing stored. */
import { type CompiledTrack, type Entry, foldSubject, type History, type SubjectFold } from '../engine/index.ts'
import { toHistory, toHistoryRequest } from '../record/derived-rows.ts'
import type { ReadingContext, SubjectReading } from './subject-reading.ts'

export interface Hypothesis {
  /** The packed state before it. */
  readonly row: Uint8Array | null
  /** Null: a subject that has no journal. */
  readonly reading: SubjectReading | null
  /** What was supposed before, and is part of the journal now. */
  readonly supposed: readonly Entry[]
  /** What is supposed; with none, time passes. */
  readonly entries: readonly Entry[]
  readonly tracks: readonly CompiledTrack[]
  /** Brings the tracks up to date first, whoever wrote their state. */
  readonly isRefresh?: boolean
  readonly now: number
}

/** Reads the journal only where the fold asks for it. */
export async function foldHypothesis(
  { store, catalogue, calendar }: ReadingContext,
  { row, reading, supposed, entries, tracks, isRefresh = false, now }: Hypothesis,
): Promise<SubjectFold> {
  const own = new Map(tracks.map((track) => [track.key, track]))
  const histories = new Map<CompiledTrack, History>()
  for (;;) {
    const fold = foldSubject({
      row,
      hasHistory: reading !== null || supposed.length > 0,
      entries,
      tracksOf: ({ track: named }) => tracks.filter(({ key }) => named === null || named === key),
      trackOf: (key) => own.get(key) ?? catalogue.track(key),
      isPaused: (key) => !own.has(key) && catalogue.running(key) === undefined,
      ...(reading === null ? {} : { subject: reading.key.subject }),
      now,
      calendar,
      refresh: isRefresh ? tracks : [],
      wake: entries.length === 0,
      history: (track) => histories.get(track),
      trace: true,
    })
    if (fold.needs.length === 0) return fold
    for (const need of fold.needs) {
      const stored =
        reading === null
          ? { checkpoint: null, entries: [] }
          : toHistory(await store.readHistory(toHistoryRequest(reading.key, need)), reading.key.subject)
      histories.set(need.track, { ...stored, entries: [...stored.entries, ...supposed, ...entries] })
    }
  }
}
