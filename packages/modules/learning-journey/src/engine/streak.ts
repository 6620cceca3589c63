/**
 * A streak: how many local dates in a row somebody did something. It is a function of three things: the set of credited dates, the set of
 * lived dates (those that the person's clock showed), and the current date. All dates are walked from the first to the current one:
 *
 * - credited: the length grows by one; at each multiple of `earnEvery` there is a freeze more, up to `cap`;
 * - not lived (jumped over by a traveller or by the zone itself): nothing;
 * - over and not credited, with a length above 0: a freeze is spent; without one the streak is lost, and the length is 0;
 * - the current date, while it is not credited: nothing.
 *
 * The clock goes back when somebody travels west, so closed dates open again. Invariants:
 * - since 1970 no two clocks were more than two dates apart, so of what the walk was through, only the last KEPT dates can change;
 * - `length`, `best`, `freezes`, `last` are the walk before those, and `dates` has the flags of those: `top` in the lowest bits;
 * - `top − KEPT < current ≤ top`; `dates` is 0 only before the first move.
 */

import type { ByteReader, ByteWriter } from './bytes.ts'

/** The numbers of a streak; the grace is elapsed milliseconds. */
export interface StreakRule {
  /** A date ends this long after its local midnight. */
  readonly graceMs: number
  /** Freezes at the beginning. */
  readonly initial: number
  /** A freeze is earned at every multiple of this length; 0 is never. */
  readonly earnEvery: number
  /** How many freezes can be held by earning. */
  readonly cap: number
}

/** One streak. Dates are days since 1970-01-01. */
export interface StreakState {
  /** The latest date that the clock has shown. */
  top: number
  /** The date that the clock shows now. */
  current: number
  /** The moment of the last move, epoch ms. */
  at: number
  /** Lived, credited and told, of the last dates. */
  dates: number
  length: number
  best: number
  freezes: number
  /** The latest credited date before the kept ones; null when there is none. */
  last: number | null
}

/** A date that ended without credit, at a moment. `length` is what a freeze kept, or what was lost. */
export interface StreakClose {
  readonly at: number
  readonly day: number
  readonly kind: 'frozen' | 'lost'
  readonly length: number
}

/** What a streak is on its current date. */
export interface StreakView {
  readonly length: number
  /** The greatest length on the walk through every date that the clock has shown. */
  readonly best: number
  readonly freezes: number
  /** The latest credited date; null when there is none. */
  readonly day: number | null
  /** The current date is credited. */
  readonly credited: boolean
}

const KEPT = 3
const BITS = 3
const LIVED = 1
const CREDITED = 2
/** That it was frozen or lost has been told. */
const TOLD = 4
const ALL = (1 << (KEPT * BITS)) - 1

/** A streak before its first date. */
export function emptyStreak(rule: StreakRule): StreakState {
  return { top: 0, current: 0, at: 0, dates: 0, length: 0, best: 0, freezes: rule.initial, last: null }
}

/**
 * Makes `day` the current date, at a moment. Dates that it jumps over were not lived: who passes through dates moves to each of them. Returns the dates
 * that ended without credit and cost a freeze or the streak, each once, however often the clock comes back to it.
 */
export function moveTo(rule: StreakRule, state: StreakState, day: number, at: number): readonly StreakClose[] {
  state.at = at
  if (state.dates === 0) {
    state.top = day
    state.current = day
    state.dates = LIVED
    return []
  }
  // No clock goes further back. A date before the kept ones is taken for the first of them.
  const target = Math.max(day, state.top - KEPT + 1)
  const closes = target > state.current ? closeUpTo(rule, state, target, at) : []
  const ahead = target - state.top
  for (let i = Math.min(ahead, KEPT); i > 0; i--) forgetOldest(rule, state)
  if (ahead > 0) state.top = target
  state.current = target
  state.dates |= LIVED << shiftOf(state, target)
  return closes
}

/** Credits the current date. Null when it was credited before. */
export function creditStreak(
  rule: StreakRule,
  state: StreakState,
): { readonly day: number; readonly length: number; readonly freezes: number } | null {
  const bit = CREDITED << shiftOf(state, state.current)
  if ((state.dates & bit) !== 0) return null
  state.dates |= bit
  const { length, freezes } = walk(rule, state, state.current)
  return { day: state.current, length, freezes }
}

/** The streak on its current date. */
export function streakOf(rule: StreakRule, state: StreakState): StreakView {
  const shown = walk(rule, state, state.current)
  const far = state.top === state.current ? shown : walk(rule, state, state.top)
  let day = state.last
  for (let date = state.top - KEPT + 1; date <= state.top; date++) if ((flagsOf(state, date) & CREDITED) !== 0) day = date
  return {
    length: shown.length,
    best: far.best,
    freezes: shown.freezes,
    day,
    credited: (flagsOf(state, state.current) & CREDITED) !== 0,
  }
}

/** True when no date that ends without credit can cost anything, until one is credited. */
export function isIdle(rule: StreakRule, state: StreakState): boolean {
  return (
    walk(rule, state, state.current).length === 0 && (state.top === state.current || walk(rule, state, state.top).length === 0)
  )
}

/** Appends the streak: less than twenty bytes as a rule, whatever its history. */
export function encodeStreak(writer: ByteWriter, state: StreakState): void {
  writer.number(state.dates)
  // A date can lie before 1970: even numbers are from there on, odd ones before.
  writer.number(state.top < 0 ? -2 * state.top - 1 : 2 * state.top)
  writer.number(state.top - state.current)
  writer.number(state.at)
  writer.number(state.length)
  writer.number(state.best)
  writer.number(state.freezes)
  writer.number(state.last === null ? 0 : state.top - state.last)
}

/** Reads what `encodeStreak` appended. */
export function decodeStreak(reader: ByteReader): StreakState {
  const dates = reader.number()
  const zigzag = reader.number()
  const top = zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2
  const current = top - reader.number()
  const at = reader.number()
  const length = reader.number()
  const best = reader.number()
  const freezes = reader.number()
  const sinceLast = reader.number()
  return { top, current, at, dates, length, best, freezes, last: sinceLast === 0 ? null : top - sinceLast }
}

interface Walked {
  length: number
  best: number
  freezes: number
}

/** One date of the walk that is over, or credited. */
function pass(rule: StreakRule, walked: Walked, flags: number): 'frozen' | 'lost' | undefined {
  if ((flags & CREDITED) !== 0) {
    walked.length += 1
    if (walked.length > walked.best) walked.best = walked.length
    // Who was given more than the cap at the beginning keeps it.
    if (rule.earnEvery > 0 && walked.length % rule.earnEvery === 0 && walked.freezes < rule.cap) walked.freezes += 1
    return undefined
  }
  if ((flags & LIVED) === 0 || walked.length === 0) return undefined
  if (walked.freezes > 0) {
    walked.freezes -= 1
    return 'frozen'
  }
  walked.length = 0
  return 'lost'
}

/** The walk up to a date, which is not over. */
function walk(rule: StreakRule, state: StreakState, until: number): Walked {
  const walked = { length: state.length, best: state.best, freezes: state.freezes }
  for (let date = state.top - KEPT + 1; date < until; date++) pass(rule, walked, flagsOf(state, date))
  const flags = flagsOf(state, until)
  if ((flags & CREDITED) !== 0) pass(rule, walked, flags)
  return walked
}

/** Tells what the dates from the current one up to `day`, which is not over, cost. */
function closeUpTo(rule: StreakRule, state: StreakState, day: number, at: number): StreakClose[] {
  const closes: StreakClose[] = []
  const walked = walk(rule, state, state.current)
  // The walk has counted the current date if it is credited; else it is still to pass.
  const first = (flagsOf(state, state.current) & CREDITED) !== 0 ? state.current + 1 : state.current
  for (let date = first; date < day && date <= state.top; date++) {
    const { length } = walked
    const flags = flagsOf(state, date)
    const kind = pass(rule, walked, flags)
    if (kind === undefined || (flags & TOLD) !== 0) continue
    state.dates |= TOLD << shiftOf(state, date)
    closes.push({ at, day: date, kind, length })
  }
  return closes
}

/** Moves the kept dates on by one: the oldest becomes part of the summary. */
function forgetOldest(rule: StreakRule, state: StreakState): void {
  const oldest = state.top - KEPT + 1
  const flags = flagsOf(state, oldest)
  pass(rule, state, flags)
  if ((flags & CREDITED) !== 0) state.last = oldest
  state.dates = (state.dates << BITS) & ALL
  state.top += 1
}

function shiftOf(state: StreakState, date: number): number {
  return (state.top - date) * BITS
}

function flagsOf(state: StreakState, date: number): number {
  return (state.dates >> shiftOf(state, date)) & (LIVED | CREDITED | TOLD)
}
