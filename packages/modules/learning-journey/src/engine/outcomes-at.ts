import { advance, hearingOf } from './advance.ts'
import { SubjectRow } from './codec.ts'
import type { CompiledTrack } from './compile.ts'
import type { Entry } from './entry.ts'
import { type EntryOutcome, foldSubject } from './fold.ts'
import { type History, placeHistory, stateAt } from './place.ts'
import { compareEntries } from './state.ts'

/** What an entry does at its own place: folds what comes before it in the order of the track, and then the entry. */
export function outcomesAt(track: CompiledTrack, history: History, cutAt: number, entry: Entry): readonly EntryOutcome[] {
  const heard = hearingOf(track, entry)
  if (heard === 'deaf') return []
  const state = stateAt(track, history, cutAt)
  const out = { started: null, completions: [] }
  for (const { entry: other, listener } of placeHistory(track, state, history.entries, [])) {
    const isBefore =
      typeof heard === 'string'
        ? other.occurredAt <= entry.occurredAt
        : compareEntries(other, listener.place, entry, heard.place) < 0
    if (isBefore) advance(track, state, other, listener, out)
  }
  const row = new SubjectRow(null)
  row.set(track, state)
  return foldSubject({ row: row.encode(), hasHistory: true, entries: [entry], tracksOf: () => [track], trace: true }).outcomes
}
