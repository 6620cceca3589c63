/**
 * The packed row of one subject: all its tracks, one after the other, so that a round decodes only the tracks it touches.
 *
 * row   = 0x02, { text key, u32 behaviour, length, track }*
 * track = flags, number of steps, last entry, cut, start, completion times, standing, [entries folded, counts, seen values, waiting causes]
 *
 * Numbers are unsigned LEB128, times are whole milliseconds (a later one as the distance from an earlier), texts are UTF-8 with
 * their length in bytes before them. A finished run has no counts. Another first byte is another layout, and is refused.
 */

import { ByteReader, ByteWriter } from './bytes.ts'
import type { CompiledTrack } from './compile.ts'
import type { EntryRef } from './entry.ts'
import { emptyState, type Standing, type TrackState } from './state.ts'

const VERSION = 2
const STARTED = 1
const FINISHED = 2
const HAS_STANDING = 4
const HAS_CUT = 8

interface Slice {
  readonly behaviour: number
  readonly bytes: Uint8Array
}

/** The state row of one subject, decoded track by track on demand. */
export class SubjectRow {
  readonly #slices = new Map<string, Slice>()

  /** @throws RangeError when the bytes are not a row of this layout. */
  constructor(bytes: Uint8Array | null) {
    if (bytes === null || bytes.length === 0) return
    const reader = new ByteReader(bytes)
    const version = reader.byte()
    if (version !== VERSION)
      // `elsewhere`: a process of the other release can do it, so nothing is wrong with the events.
      throw Object.assign(
        new RangeError(
          `A subject's state has the layout ${version}; this release reads ${VERSION}. Start the release that wrote it, or a newer one.`,
        ),
        { outlook: 'elsewhere' },
      )
    while (reader.more()) {
      const key = reader.text()
      const behaviour = reader.u32()
      this.#slices.set(key, { behaviour, bytes: reader.slice(reader.number()) })
    }
  }

  /** The state of a track; null when the subject has none. `changed` tells that another definition wrote it. */
  get(track: CompiledTrack): { readonly state: TrackState; readonly changed: boolean } | null {
    const slice = this.#slices.get(track.key)
    if (slice === undefined) return null
    if (slice.behaviour === track.behaviour) return { state: decodeTrack(track, slice.bytes), changed: false }
    return { state: carryOver(track, slice), changed: true }
  }

  set(track: CompiledTrack, state: TrackState): void {
    this.#slices.set(track.key, { behaviour: track.behaviour, bytes: encodeTrack(state) })
  }

  encode(): Uint8Array {
    const writer = new ByteWriter()
    writer.byte(VERSION)
    for (const [key, slice] of this.#slices) {
      writer.text(key)
      writer.u32(slice.behaviour)
      writer.number(slice.bytes.length)
      writer.bytes(slice.bytes)
    }
    return writer.done()
  }
}

/** Packs the state of one track. */
export function encodeTrack(state: TrackState): Uint8Array {
  const writer = new ByteWriter()
  const finished = state.completedAt >= 0
  writer.byte(
    (state.startedAt >= 0 ? STARTED : 0) |
      (finished ? FINISHED : 0) |
      (state.standing.length > 0 ? HAS_STANDING : 0) |
      (state.cutAt >= 0 ? HAS_CUT : 0),
  )
  writer.number(state.doneAt.length)
  writer.number(state.lastAt + 1)
  writer.number(state.lastPlace)
  writer.text(state.lastSource)
  writer.text(state.lastId)
  if (state.cutAt >= 0) writer.number(state.cutAt)
  if (state.startedAt >= 0) {
    writer.number(state.startedAt)
    for (const at of state.doneAt) writer.number(at < 0 ? 0 : at - state.startedAt + 1)
    if (finished) writer.number(state.completedAt - state.startedAt)
  }
  if (state.standing.length > 0) {
    writer.number(state.standing.length)
    for (const { step, at, by } of state.standing) {
      writer.number(step + 1)
      writer.number(at)
      writeRef(writer, by)
    }
  }
  if (!finished) {
    writer.number(state.folded)
    for (const [leaf, count] of state.counts.entries()) {
      writer.number(count)
      for (const value of state.seen[leaf] ?? []) writer.text(value)
    }
    for (const cause of state.readyBy) writeRef(writer, cause)
  }
  return writer.done()
}

/** Unpacks what `encodeTrack` packed for the same definition. */
export function decodeTrack(track: CompiledTrack, bytes: Uint8Array): TrackState {
  const reader = new ByteReader(bytes)
  const state = emptyState(track)
  const flags = readHead(reader, state, track.steps.length)
  if ((flags & FINISHED) === 0) {
    state.folded = reader.number()
    for (const leaf of track.leaves) {
      const count = reader.number()
      state.counts[leaf.index] = count
      if (leaf.distinctPath !== undefined && count > 0)
        state.seen[leaf.index] = Array.from({ length: count }, () => reader.text())
    }
    for (const step of track.steps) state.readyBy[step.index] = readRef(reader)
  }
  return state
}

/**
 * What stays of a state that an earlier definition wrote: the completions, by step key. The fold computes everything else again
 * from the journal, so a carried completion that the new definition no longer gives becomes standing.
 */
function carryOver(track: CompiledTrack, slice: Slice): TrackState {
  const state = emptyState(track)
  const keys = track.earlier.get(slice.behaviour)
  if (keys === undefined) return state
  const reader = new ByteReader(slice.bytes)
  const old: TrackState = { ...emptyState(track), doneAt: keys.map(() => -1) }
  readHead(reader, old, keys.length)
  state.startedAt = old.startedAt
  state.lastAt = old.lastAt
  state.lastSource = old.lastSource
  state.lastId = old.lastId
  for (const step of track.steps) state.doneAt[step.index] = old.doneAt[keys.indexOf(step.key)] ?? -1
  state.standing = old.standing.flatMap((mark) => {
    const step = mark.step < 0 ? -1 : track.steps.findIndex(({ key }) => key === keys[mark.step])
    return step < 0 && mark.step >= 0 ? [] : [{ ...mark, step }]
  })
  // Finished stays finished: the completion of the track is carried like that of a step.
  state.completedAt = old.completedAt
  return state
}

function readHead(reader: ByteReader, state: TrackState, steps: number): number {
  const flags = reader.byte()
  const written = reader.number()
  if (written !== steps) throw new RangeError(`A track's state has ${written} steps, its definition ${steps}.`)
  state.lastAt = reader.number() - 1
  state.lastPlace = reader.number()
  state.lastSource = reader.text()
  state.lastId = reader.text()
  if ((flags & HAS_CUT) !== 0) state.cutAt = reader.number()
  if ((flags & STARTED) !== 0) {
    state.startedAt = reader.number()
    for (let step = 0; step < steps; step++) {
      const distance = reader.number()
      state.doneAt[step] = distance === 0 ? -1 : state.startedAt + distance - 1
    }
    if ((flags & FINISHED) !== 0) state.completedAt = state.startedAt + reader.number()
  }
  if ((flags & HAS_STANDING) !== 0) state.standing = readStanding(reader)
  return flags
}

function readStanding(reader: ByteReader): Standing[] {
  return Array.from({ length: reader.number() }, () => ({
    step: reader.number() - 1,
    at: reader.number(),
    by: readRef(reader) ?? { source: '', eventId: '' },
  }))
}

/** Event ids are never empty, so an empty one says that there is none. */
function writeRef(writer: ByteWriter, ref: EntryRef | null): void {
  writer.text(ref === null ? '' : ref.eventId)
  if (ref !== null) writer.text(ref.source)
}

function readRef(reader: ByteReader): EntryRef | null {
  const eventId = reader.text()
  return eventId === '' ? null : { eventId, source: reader.text() }
}
