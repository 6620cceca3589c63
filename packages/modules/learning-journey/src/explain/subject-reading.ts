/** One subject as it is stored, for those who look at entries of it and change nothing. */
import {
  type Calendar,
  type CompiledTrack,
  type Entry,
  type EntryOutcome,
  emptyState,
  gateOf,
  horizonOf,
  IDENTIFIED,
  isNext,
  outcomesAt,
  SubjectRow,
  traitsOf,
  verdictsOfAll,
} from '../engine/index.ts'
import type { JournalStore, SubjectKey } from '../ports/index.ts'
import type { Catalogue } from '../record/catalogue.ts'
import { toHistory, toHistoryRequest } from '../record/derived-rows.ts'
import { toEntry } from '../record/entry-row.ts'

/** What a reading is done with. */
export interface ReadingContext {
  readonly store: JournalStore
  readonly catalogue: Catalogue
  readonly calendar: Calendar
}

export interface SubjectReading {
  readonly key: SubjectKey
  /** The packed state. */
  readonly bytes: Uint8Array | null
  readonly states: SubjectRow
  /** What said who the subject is, in order; empty where none of the tracks asks. */
  readonly identified: readonly Entry[]
}

export async function readJournal(
  { store }: ReadingContext,
  key: SubjectKey,
  tracks: readonly CompiledTrack[],
): Promise<SubjectReading> {
  const asksTraits = tracks.some(({ usesTraits }) => usesTraits)
  const [bytes, rows] = await Promise.all([store.readState(key), asksTraits ? store.readEntries(key, [IDENTIFIED]) : []])
  const identified = rows.filter(({ payload }) => payload !== null).map((row) => toEntry(row, undefined, key.subject))
  return { key, bytes, states: new SubjectRow(bytes), identified }
}

/** The traits of the subject at a moment, as a track knows them. */
export function traitsAt(
  { identified }: SubjectReading,
  track: CompiledTrack,
  moment: number,
): Readonly<Record<string, unknown>> {
  const traits: Record<string, unknown> = Object.create(null)
  for (const entry of identified)
    if (entry.occurredAt <= moment && (entry.track === null || entry.track === track.key)) Object.assign(traits, traitsOf(entry))
  return traits
}

/** What entries did, or do, in a track at their places in its order: reads no more of the journal than that takes. */
export async function outcomesOf(
  context: ReadingContext,
  { key, states }: SubjectReading,
  track: CompiledTrack,
  wanted: readonly Entry[],
): Promise<readonly EntryOutcome[]> {
  const { store, catalogue, calendar } = context
  const found = states.get(track)
  const known = found === null || found.changed ? null : found.state
  if (catalogue.running(track.key) === undefined) {
    // What came after the pause is kept for later.
    const held = new Set(wanted.filter((entry) => known === null || isNext(track, known, entry)))
    const paused = pausedOutcomes(track, wanted, held)
    const rest = wanted.filter((entry) => !held.has(entry))
    if (rest.length === 0) return paused
    const others = await outcomesOf(
      { ...context, catalogue: { ...catalogue, running: catalogue.track } },
      { key, bytes: null, states, identified: [] },
      track,
      rest,
    )
    return [...paused, ...others.map((outcome) => ({ ...outcome, entry: wanted.indexOf(rest[outcome.entry] as Entry) }))]
  }
  const surroundings = { cutAt: known?.cutAt ?? -1, gateAt: gateOf(track, states, { trackOf: catalogue.track }), calendar }
  if (known !== null && wanted.every((entry) => isNext(track, known, entry)))
    return outcomesAt(track, wanted, { ...surroundings, from: known })
  const before = Math.min(...wanted.map(({ occurredAt }) => occurredAt))
  const until = Math.max(...wanted.map(horizonOf))
  const request = toHistoryRequest(key, { track, before })
  const since = request.since === undefined ? {} : { since: { ...request.since, until } }
  const history = await store.readHistory({ ...request, ...since })
  return outcomesAt(track, wanted, { ...surroundings, from: toHistory(history, key.subject) })
}

function pausedOutcomes(track: CompiledTrack, wanted: readonly Entry[], held: ReadonlySet<Entry>): EntryOutcome[] {
  return wanted.flatMap((entry, index) => {
    if (!held.has(entry) || (entry.track !== null && entry.track !== track.key)) return []
    return verdictsOfAll(track, entry, 'paused').map((verdict) => ({ ...verdict, entry: index, track, state: emptyState(track) }))
  })
}
