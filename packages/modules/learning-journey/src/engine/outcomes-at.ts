import { advance, hearingOf } from './advance.ts'
import { SubjectRow } from './codec.ts'
import type { CompiledTrack } from './compile.ts'
import type { Entry } from './entry.ts'
import { type EntryOutcome, type FoldInput, foldSubject } from './fold.ts'
import { type History, placeHistory, stateAt } from './place.ts'
import { compareEntries, type TrackState } from './state.ts'

/** The state of the subject that an entry is looked at in. */
export type Surroundings = Pick<FoldInput, 'row' | 'trackOf' | 'calendar'>

/** What an entry does at its own place: folds what comes before it in the order of the track, and then the entry. */
export function outcomesAt(
  track: CompiledTrack,
  history: History,
  entry: Entry,
  { row, trackOf, calendar }: Surroundings,
): readonly EntryOutcome[] {
  const heard = hearingOf(track, entry)
  if (heard === 'deaf') return []
  const states = new SubjectRow(row)
  const known = states.get(track)
  const state = stateBefore(track, history, known?.changed === false ? known.state : undefined)
  const out = { derived: [] }
  for (const { entry: other, listener } of placeHistory(track, state, history.entries, [])) {
    const isBefore =
      typeof heard === 'string'
        ? other.occurredAt <= entry.occurredAt
        : compareEntries(other, listener.place, entry, heard.place) < 0
    if (isBefore) advance(track, state, other, listener, calendar, out)
  }
  states.set(track, state)
  return foldSubject({
    row: states.encode(),
    hasHistory: true,
    entries: [entry],
    tracksOf: () => [track],
    trackOf,
    now: entry.occurredAt,
    calendar,
    trace: true,
  }).outcomes
}

/** Where a rebuild starts whose result is thrown away. */
function stateBefore(track: CompiledTrack, history: History, known: TrackState | undefined): TrackState {
  const state = stateAt(track, history, known?.cutAt ?? -1)
  if (track.after.length > 0) state.gateAt = known?.gateAt ?? Number.POSITIVE_INFINITY
  return state
}
