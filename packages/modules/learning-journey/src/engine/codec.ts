/**
 * The packed row of one subject: all its tracks, one after the other, so that a round decodes only the tracks it touches.
 *
 * row   = 0x03, { text key, u32 behaviour, generation, alarm, length, track }*
 * track = head, body
 * head  = flags, number of steps, last entry, cut, run, steps, standing, corrections, revocations, runs before
 * body  = entries folded, then whatever the definition has a use for: clock, days, openings, branches, counts, groups, waiting causes,
 *         traits, zone, streak, tracks that come first
 *
 * The head can be read without the definition that wrote it. Numbers are unsigned LEB128, times are whole milliseconds (a later one as the
 * distance from an earlier), texts are UTF-8 with their length in bytes before them. A run that is over has no counts but those of `ever`
 * leaves. Another first byte is another layout, and is refused.
 */

import { ByteReader, ByteWriter } from './bytes.ts'
import type { CompiledTrack, Leaf } from './compile.ts'
import type { EntryRef } from './entry.ts'
import {
  COMPLETED,
  emptyState,
  emptyTally,
  type How,
  hasCounted,
  isOver,
  NEVER,
  OPEN,
  OUTCOMES,
  type PastRun,
  type Standing,
  type Tally,
  type TrackState,
  UNKNOWN,
} from './state.ts'
import { decodeStreak, encodeStreak } from './streak.ts'

const VERSION = 3
const STARTED = 1
const COMPLETE = 2
const ENDED = 4
const HAS_STANDING = 8
const HAS_CUT = 16
/** More than one run, corrections or revocations. */
const HAS_MORE = 32
const HAS_ACTOR = 64
/** An alarm that is none, or that has to be worked out, is below 0. */
const ALARMS = 2
const COMMANDED = 128
/** West of Greenwich the first moments are of a date before the first. */
const FIRST_DAY = 2

interface Slice {
  readonly behaviour: number
  readonly generation: number
  /** NEVER when there is none. */
  readonly alarm: number
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
      const generation = reader.number()
      const alarm = reader.number() - ALARMS
      this.#slices.set(key, { behaviour, generation, alarm, bytes: reader.slice(reader.number()) })
    }
  }

  /** The keys of the tracks that have a state. */
  get keys(): readonly string[] {
    return [...this.#slices.keys()]
  }

  /** The moment at which passing time changes the state of a track next; below 0 when there is none, or it has to be worked out. */
  alarmOf(key: string): number {
    return this.#slices.get(key)?.alarm ?? NEVER
  }

  /** The `behaviour` of the definition that wrote the state of a track; undefined when there is no state. */
  behaviourOf(key: string): number | undefined {
    return this.#slices.get(key)?.behaviour
  }

  /** The generation in which the state of a track was computed; undefined when there is no state. */
  generationOf(key: string): number | undefined {
    return this.#slices.get(key)?.generation
  }

  /** The state of a track; null when the subject has none. `changed` tells that another definition or generation wrote it. */
  get(track: CompiledTrack): { readonly state: TrackState; readonly changed: boolean } | null {
    const slice = this.#slices.get(track.key)
    if (slice === undefined) return null
    if (slice.behaviour !== track.behaviour || slice.generation !== track.generation)
      return { state: carryOver(track, slice), changed: true }
    const state = decodeTrack(track, slice.bytes)
    state.alarm = slice.alarm
    return { state, changed: false }
  }

  set(track: CompiledTrack, state: TrackState): void {
    const { behaviour, generation } = track
    this.#slices.set(track.key, { behaviour, generation, alarm: state.alarm, bytes: encodeTrack(track, state) })
  }

  encode(): Uint8Array {
    const writer = new ByteWriter()
    writer.byte(VERSION)
    for (const [key, { behaviour, generation, alarm, bytes }] of this.#slices) {
      writer.text(key)
      writer.u32(behaviour)
      writer.number(generation)
      writer.number(alarm + ALARMS)
      writer.number(bytes.length)
      writer.bytes(bytes)
    }
    return writer.done()
  }
}

/** Packs the state of one track; its alarm is kept beside it. */
export function encodeTrack(track: CompiledTrack, state: TrackState): Uint8Array {
  const writer = new ByteWriter()
  writeHead(writer, state)
  writeBody(writer, track, state)
  return writer.done()
}

/** Unpacks what `encodeTrack` packed for the same definition. */
export function decodeTrack(track: CompiledTrack, bytes: Uint8Array): TrackState {
  const reader = new ByteReader(bytes)
  const state = emptyState(track)
  readHead(reader, state, track.steps.length)
  readBody(reader, track, state)
  state.alarm = track.isTimed ? UNKNOWN : NEVER
  return state
}

/**
 * What stays of a state that an earlier definition wrote: the completions, by step key. The fold computes everything else again
 * from the journal, so a carried completion that the new definition no longer gives becomes standing.
 */
function carryOver(track: CompiledTrack, slice: Slice): TrackState {
  const state = emptyState(track)
  const keys = track.known.get(slice.behaviour)
  if (keys === undefined) return state
  const reader = new ByteReader(slice.bytes)
  const old = emptyState(track)
  old.how = keys.map(() => OPEN)
  old.settledAt = keys.map(() => -1)
  old.corrections = keys.map(() => 0)
  old.revoked = keys.map(() => 0)
  old.revokedBefore = keys.map(() => 0)
  old.done = keys.map(() => 0)
  readHead(reader, old, keys.length)
  const indexes = track.steps.map(({ key }) => keys.indexOf(key))
  const carry = <T>(values: readonly T[], none: T): T[] => indexes.map((index) => values[index] ?? none)
  const standing = old.standing.flatMap((mark) => {
    const step = mark.step < 0 ? -1 : track.steps.findIndex(({ key }) => key === keys[mark.step])
    return step < 0 && mark.step >= 0 ? [] : [{ ...mark, step }]
  })
  const { lastAt, lastSource, lastId, lastActor, run, startedAt, completedAt, endedAt, outcome, firstCompletedAt } = old
  return {
    ...state,
    ...{ lastAt, lastSource, lastId, lastActor, run, startedAt, completedAt, endedAt, outcome, firstCompletedAt },
    how: carry(old.how, OPEN),
    settledAt: carry(old.settledAt, -1),
    corrections: carry(old.corrections, 0),
    revoked: carry(old.revoked, 0),
    revokedBefore: carry(old.revokedBefore, 0),
    done: carry(old.done, 0),
    past: old.past.map((past) => ({
      ...past,
      how: carry(past.how, OPEN),
      settledAt: carry(past.settledAt, -1),
      // Another definition numbers its branches in another way.
      chosen: track.steps.map(() => -1),
      openedAt: carry(past.openedAt, -1),
    })),
    standing,
  }
}

function writeHead(writer: ByteWriter, state: TrackState): void {
  const { past, corrections, revoked, startedAt } = state
  const hasMore = past.length > 0 || state.run > 0 || corrections.some((n) => n > 0) || revoked.some((n) => n > 0)
  writer.byte(
    (state.run >= 0 ? STARTED : 0) |
      (state.completedAt >= 0 ? COMPLETE : 0) |
      (state.endedAt >= 0 ? ENDED : 0) |
      (state.standing.length > 0 ? HAS_STANDING : 0) |
      (state.cutAt >= 0 ? HAS_CUT : 0) |
      (hasMore ? HAS_MORE : 0) |
      (state.lastActor === '' ? 0 : HAS_ACTOR) |
      (state.isCommanded ? COMMANDED : 0),
  )
  writer.number(state.how.length)
  writer.number(state.lastAt + 1)
  writer.number(state.lastPlace)
  writer.text(state.lastSource)
  writer.text(state.lastId)
  if (state.lastActor !== '') writer.text(state.lastActor)
  if (state.cutAt >= 0) writer.number(state.cutAt)
  if (state.run >= 0) {
    writer.number(startedAt)
    writeSteps(writer, state.how, state.settledAt, startedAt)
    if (state.completedAt >= 0) writer.number(state.completedAt - startedAt)
    if (state.endedAt >= 0) {
      writer.number(state.endedAt - startedAt)
      writer.byte(OUTCOMES.indexOf(state.outcome))
    }
  }
  if (state.standing.length > 0) {
    writer.number(state.standing.length)
    for (const { step, at, by } of state.standing) {
      writer.number(step + 1)
      writer.number(at)
      writeRef(writer, by)
    }
  }
  if (!hasMore) return
  writer.number(state.run + 1)
  writer.number(state.firstCompletedAt + 1)
  for (const count of corrections) writer.number(count)
  for (const count of revoked) writer.number(count)
  for (const count of state.revokedBefore) writer.number(count)
  for (const count of state.done) writer.number(count)
  writer.number(past.length)
  for (const run of past) {
    writer.number(run.run)
    writer.number(run.startedAt)
    writer.number(run.completedAt + 1)
    writer.number(run.endedAt - run.startedAt)
    writer.byte(OUTCOMES.indexOf(run.outcome))
    writeSteps(writer, run.how, run.settledAt, run.startedAt)
    for (const choice of run.chosen) writer.number(choice + 1)
    for (const at of run.openedAt) writer.byte(at < 0 ? 0 : 1)
  }
}

function readHead(reader: ByteReader, state: TrackState, steps: number): void {
  const flags = reader.byte()
  const written = reader.number()
  if (written !== steps) throw new RangeError(`A track's state has ${written} steps, its definition ${steps}.`)
  state.lastAt = reader.number() - 1
  state.lastPlace = reader.number()
  state.lastSource = reader.text()
  state.lastId = reader.text()
  if ((flags & HAS_ACTOR) !== 0) state.lastActor = reader.text()
  state.isCommanded = (flags & COMMANDED) !== 0
  if ((flags & HAS_CUT) !== 0) state.cutAt = reader.number()
  if ((flags & STARTED) !== 0) {
    state.run = 0
    state.startedAt = reader.number()
    readSteps(reader, state.how, state.settledAt, state.startedAt, steps)
    if ((flags & COMPLETE) !== 0) state.completedAt = state.startedAt + reader.number()
    if ((flags & ENDED) !== 0) {
      state.endedAt = state.startedAt + reader.number()
      state.outcome = OUTCOMES[reader.byte()] ?? 'open'
    }
  }
  state.firstCompletedAt = state.completedAt
  if ((flags & HAS_STANDING) !== 0) state.standing = readStanding(reader)
  if ((flags & HAS_MORE) === 0) return
  state.run = reader.number() - 1
  state.firstCompletedAt = reader.number() - 1
  state.corrections = readNumbers(reader, steps)
  state.revoked = readNumbers(reader, steps)
  state.revokedBefore = readNumbers(reader, steps)
  state.done = readNumbers(reader, steps)
  state.past = Array.from({ length: reader.number() }, () => readPast(reader, steps))
}

function readNumbers(reader: ByteReader, count: number): number[] {
  return Array.from({ length: count }, () => reader.number())
}

function readPast(reader: ByteReader, steps: number): PastRun {
  const run = reader.number()
  const startedAt = reader.number()
  const completedAt = reader.number() - 1
  const endedAt = startedAt + reader.number()
  const outcome = OUTCOMES[reader.byte()] ?? 'open'
  const how = new Array<How>(steps).fill(OPEN)
  const settledAt = new Array<number>(steps).fill(-1)
  readSteps(reader, how, settledAt, startedAt, steps)
  const chosen = readNumbers(reader, steps).map((choice) => choice - 1)
  const openedAt = Array.from({ length: steps }, () => (reader.byte() === 0 ? -1 : startedAt))
  return { run, startedAt, completedAt, endedAt, outcome, how, settledAt, chosen, openedAt }
}

/** 0 is an open step; even, twice the distance from the start and two, a completed one; odd, how another one was settled comes after. */
function writeSteps(writer: ByteWriter, how: readonly How[], settledAt: readonly number[], startedAt: number): void {
  for (let step = 0; step < how.length; step++) {
    const kind = how[step] as How
    const distance = ((settledAt[step] as number) - startedAt + 1) * 2
    writer.number(kind === OPEN ? 0 : kind === COMPLETED ? distance : distance + 1)
    if (kind !== OPEN && kind !== COMPLETED) writer.byte(kind)
  }
}

function readSteps(reader: ByteReader, how: How[], settledAt: number[], startedAt: number, steps: number): void {
  for (let step = 0; step < steps; step++) {
    const distance = reader.number()
    if (distance === 0) continue
    settledAt[step] = startedAt + Math.floor(distance / 2) - 1
    how[step] = distance % 2 === 0 ? COMPLETED : (reader.byte() as How)
  }
}

function writeBody(writer: ByteWriter, track: CompiledTrack, state: TrackState): void {
  const over = isOver(track, state)
  writer.number(state.folded)
  if (track.isTimed) writer.number(state.clockAt + 1)
  if (track.usesDays) {
    writer.number(state.startDay + FIRST_DAY)
    writer.number(state.startRest)
    writer.text(state.zone)
    writer.number(state.zoneSince + 1)
  }
  for (const { index, opens, branches, model } of track.steps) {
    if (opens !== undefined) writer.number((state.openedAt[index] as number) + 1)
    if (branches.length > 0 || model.default !== undefined) writer.number((state.chosen[index] as number) + 1)
    if (!over) writeRef(writer, state.readyBy[index] ?? null)
  }
  for (const leaf of track.leaves) if (isPacked(leaf, over)) writeSlot(writer, leaf, leaf.index, state.tally)
  for (const { index, leaves } of track.correlates) {
    const packed = leaves.filter(({ lookback }) => !over || lookback === 'ever')
    const groups = (state.groups[index] ?? []).filter(({ tally }) => packed.some(({ slot }) => hasCounted(tally, slot)))
    writer.number(groups.length)
    for (const { key, tally } of groups) {
      writer.text(key)
      for (const leaf of packed) writeSlot(writer, leaf, leaf.slot, tally)
    }
  }
  for (const holds of state.holds) writer.byte(holds ? 1 : 0)
  if (track.runKey !== undefined) {
    writer.number(state.runKeys.length)
    for (const key of state.runKeys) writer.text(key)
  }
  if (track.streak !== undefined && state.streak !== null) encodeStreak(writer, state.streak)
  if (track.after.length > 0) writer.number(Number.isFinite(state.gateAt) ? state.gateAt + 1 : 0)
}

function readBody(reader: ByteReader, track: CompiledTrack, state: TrackState): void {
  const over = isOver(track, state)
  state.folded = reader.number()
  if (track.isTimed) state.clockAt = reader.number() - 1
  if (track.usesDays) {
    state.startDay = reader.number() - FIRST_DAY
    state.startRest = reader.number()
    state.zone = reader.text()
    state.zoneSince = reader.number() - 1
  }
  for (const { index, opens, branches, model } of track.steps) {
    if (opens !== undefined) state.openedAt[index] = reader.number() - 1
    if (branches.length > 0 || model.default !== undefined) state.chosen[index] = reader.number() - 1
    if (!over) state.readyBy[index] = readRef(reader)
  }
  for (const leaf of track.leaves) if (isPacked(leaf, over)) readSlot(reader, leaf, leaf.index, state.tally)
  for (const { index, leaves } of track.correlates) {
    const count = reader.number()
    if (count === 0) continue
    const packed = leaves.filter(({ lookback }) => !over || lookback === 'ever')
    state.groups[index] = Array.from({ length: count }, () => {
      const group = { key: reader.text(), tally: emptyTally(leaves.length) }
      for (const leaf of packed) readSlot(reader, leaf, leaf.slot, group.tally)
      return group
    })
  }
  for (const index of state.holds.keys()) state.holds[index] = reader.byte() === 1
  if (track.runKey !== undefined) state.runKeys = Array.from({ length: reader.number() }, () => reader.text())
  if (track.streak !== undefined && state.streak !== null) state.streak = decodeStreak(reader)
  if (track.after.length > 0) {
    const gate = reader.number()
    state.gateAt = gate === 0 ? Number.POSITIVE_INFINITY : gate - 1
  }
}

function isPacked({ group, lookback }: Leaf, over: boolean): boolean {
  return group < 0 && (!over || lookback === 'ever')
}

function writeSlot(writer: ByteWriter, leaf: Leaf, slot: number, { counts, seen, sums, times }: Tally): void {
  const count = counts[slot] as number
  writer.number(count)
  if (leaf.sum !== undefined) writer.text(sums[slot]?.toString() ?? '')
  else if (leaf.sliding !== undefined) {
    if (count < leaf.need) for (const time of times[slot] ?? []) writer.number(time)
  } else if (leaf.distinctPath !== undefined) for (const value of seen[slot] ?? []) writer.text(value)
}

function readSlot(reader: ByteReader, leaf: Leaf, slot: number, tally: Tally): void {
  const count = reader.number()
  tally.counts[slot] = count
  if (leaf.sum !== undefined) {
    const sum = reader.text()
    tally.sums[slot] = sum === '' ? null : BigInt(sum)
  } else if (leaf.sliding !== undefined) {
    if (count > 0 && count < leaf.need) tally.times[slot] = Array.from({ length: count }, () => reader.number())
  } else if (leaf.distinctPath !== undefined && count > 0) tally.seen[slot] = Array.from({ length: count }, () => reader.text())
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
