import { hearingOf } from './advance.ts'
import { decodeTrack } from './codec.ts'
import type { CompiledTrack, Listener } from './compile.ts'
import type { Entry } from './entry.ts'
import { compareEntries, compareToLast, emptyState, type TrackState } from './state.ts'
import type { Unheard } from './verdict.ts'

/** The journal of a track as far as a rebuild needs it. */
export interface History {
  /** The packed state that it starts from; null: from the beginning. */
  readonly checkpoint: Uint8Array | null
  /** At least all entries after the checkpoint that can still be read, the new ones included, for the names of the track. */
  readonly entries: readonly Entry[]
}

/** An entry that matters to a track. */
export interface Placed {
  readonly entry: Entry
  readonly listener: Listener
  /** Index among the new entries; −1 for one that was in the journal already. */
  readonly index: number
}

/** Where a rebuild starts. */
export function stateAt(track: CompiledTrack, { checkpoint }: History, cutAt: number): TrackState {
  const state = checkpoint === null ? emptyState(track) : decodeTrack(track, checkpoint)
  state.cutAt = cutAt
  return state
}

/** The entries that matter to a track, in its order. */
export function place(
  track: CompiledTrack,
  entries: readonly (readonly [number, Entry])[],
  cutAt: number,
  unheard: Map<number, Unheard>,
): Placed[] {
  const placed: Placed[] = []
  for (const [index, entry] of entries) {
    const heard = hearingOf(track, entry)
    if (heard === 'too_late') unheard.set(index, heard)
    if (typeof heard === 'string') continue
    if (entry.occurredAt < cutAt) unheard.set(index, 'evidence_expired')
    else placed.push({ entry, listener: heard, index })
  }
  return placed.length < 2 ? placed : placed.sort((a, b) => compareEntries(a.entry, a.listener.place, b.entry, b.listener.place))
}

/** What the journal has after the entries that a state holds; the new entries in it keep their index. */
export function placeHistory(
  track: CompiledTrack,
  state: TrackState,
  journal: readonly Entry[],
  fresh: readonly Placed[],
): Placed[] {
  const indexOf = new Map(fresh.map(({ entry, index }) => [keyOf(entry), index]))
  const placed = place(
    track,
    journal.map((entry) => [indexOf.get(keyOf(entry)) ?? -1, entry]),
    state.cutAt,
    new Map(),
  )
  return state.lastAt < 0 ? placed : placed.filter(({ entry, listener }) => compareToLast(state, entry, listener.place) > 0)
}

/** True when two are one entry of a journal. */
export function sameEntry(a: Entry, b: Entry): boolean {
  return a.eventId === b.eventId && a.source === b.source && a.actor === b.actor
}

/** Source and id can hold any text but NUL. */
function keyOf({ source, eventId, actor = '' }: Entry): string {
  return `${source}\0${eventId}\0${actor}`
}
