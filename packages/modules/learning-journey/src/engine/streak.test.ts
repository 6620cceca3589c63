import { describe, expect, it } from 'vitest'
import { ByteReader, ByteWriter } from './bytes.ts'
import {
  creditStreak,
  decodeStreak,
  emptyStreak,
  encodeStreak,
  isIdle,
  moveTo,
  type StreakRule,
  type StreakState,
  streakOf,
} from './streak.ts'

/** Moves have a moment, which the dates do not depend on. */
const NOON = 1_700_000_000_000
const plain: StreakRule = { graceMs: 0, initial: 0, earnEvery: 0, cap: 0 }

/** A streak that was moved through dates; those in `credited` are credited. */
function streakThrough(rule: StreakRule, days: readonly number[], credited: readonly number[]): StreakState {
  const state = emptyStreak(rule)
  for (const day of days) {
    moveTo(rule, state, day, NOON)
    if (credited.includes(day)) creditStreak(rule, state)
  }
  return state
}

describe('a streak', () => {
  it('is empty before its first date', () => {
    const state = emptyStreak({ ...plain, initial: 2 })
    expect(streakOf(plain, state)).toEqual({ length: 0, best: 0, freezes: 2, day: null, credited: false })
    expect(isIdle(plain, state)).toBe(true)
  })

  it('grows by one for each credited date, however often it is credited', () => {
    const state = streakThrough(plain, [10, 11], [10, 11])
    expect(creditStreak(plain, state)).toBeNull()
    moveTo(plain, state, 12, NOON)
    expect(streakOf(plain, state)).toEqual({ length: 2, best: 2, freezes: 0, day: 11, credited: false })
    expect(creditStreak(plain, state)).toEqual({ day: 12, length: 3, freezes: 0 })
    expect(streakOf(plain, state)).toEqual({ length: 3, best: 3, freezes: 0, day: 12, credited: true })
  })

  it('is lost with the end of a date without credit, and its best stays', () => {
    const state = streakThrough(plain, [10, 11, 12], [10, 11])
    expect(streakOf(plain, state).length).toBe(2)
    expect(moveTo(plain, state, 13, NOON)).toEqual([{ at: NOON, day: 12, kind: 'lost', length: 2 }])
    expect(streakOf(plain, state)).toEqual({ length: 0, best: 2, freezes: 0, day: 11, credited: false })
    expect(isIdle(plain, state)).toBe(true)
    expect(moveTo(plain, state, 14, NOON)).toEqual([])
    expect(creditStreak(plain, state)).toEqual({ day: 14, length: 1, freezes: 0 })
  })

  it('is kept by a freeze, which is spent first', () => {
    const rule = { ...plain, initial: 1 }
    const state = streakThrough(rule, [10, 11], [10])
    expect(moveTo(rule, state, 12, NOON)).toEqual([{ at: NOON, day: 11, kind: 'frozen', length: 1 }])
    expect(streakOf(rule, state)).toMatchObject({ length: 1, freezes: 0 })
    expect(moveTo(rule, state, 13, NOON)).toEqual([{ at: NOON, day: 12, kind: 'lost', length: 1 }])
  })

  it('spends no freeze while there is nothing to keep', () => {
    const rule = { ...plain, initial: 1 }
    expect(streakOf(rule, streakThrough(rule, [10, 11, 12, 13, 14, 15], [])).freezes).toBe(1)
  })

  it('earns a freeze at every multiple, up to the cap, and keeps what it was given above it', () => {
    const days = [1, 2, 3, 4, 5, 6]
    const rule = { ...plain, earnEvery: 2, cap: 2 }
    expect(streakOf(rule, streakThrough(rule, days, days)).freezes).toBe(2)
    expect(streakOf(rule, streakThrough({ ...rule, initial: 5 }, days, days)).freezes).toBe(5)
  })

  it('asks for no date that was jumped over', () => {
    const state = streakThrough(plain, [10, 12], [10])
    expect(streakOf(plain, state).length).toBe(1)
    expect(creditStreak(plain, state)).toEqual({ day: 12, length: 2, freezes: 0 })
    expect(moveTo(plain, state, 400, NOON)).toEqual([])
    expect(streakOf(plain, state).length).toBe(2)
  })

  it('A28: is 1 for two dates with one between them, alternated ten times, and earns nothing', () => {
    const rule = { ...plain, earnEvery: 2, cap: 9 }
    const state = emptyStreak(rule)
    const credits = Array.from({ length: 20 }, (_, i) => {
      moveTo(rule, state, 11, NOON)
      moveTo(rule, state, i % 2 === 0 ? 10 : 12, NOON)
      return creditStreak(rule, state)
    })
    expect(credits.filter((credit) => credit !== null)).toEqual([
      { day: 10, length: 1, freezes: 0 },
      { day: 12, length: 1, freezes: 0 },
    ])
    expect(streakOf(rule, state)).toMatchObject({ length: 1, best: 1, freezes: 0 })
  })

  it('opens a date again when the clock goes back to it: a loss is undone, and told once', () => {
    const state = streakThrough(plain, [10, 11, 12], [10, 11])
    expect(moveTo(plain, state, 13, NOON)).toEqual([{ at: NOON, day: 12, kind: 'lost', length: 2 }])
    expect(moveTo(plain, state, 12, NOON)).toEqual([])
    expect(streakOf(plain, state).length).toBe(2)
    expect(isIdle(plain, state)).toBe(false)
    expect(moveTo(plain, state, 13, NOON)).toEqual([])
    expect(streakOf(plain, state).length).toBe(0)
    moveTo(plain, state, 12, NOON)
    expect(creditStreak(plain, state)).toEqual({ day: 12, length: 3, freezes: 0 })
    expect(moveTo(plain, state, 13, NOON)).toEqual([])
    expect(streakOf(plain, state).length).toBe(3)
  })

  it('does not count a date ahead of the clock, and counts it again when the clock comes to it', () => {
    const state = streakThrough(plain, [10, 11, 10], [10, 11])
    expect(streakOf(plain, state)).toEqual({ length: 1, best: 2, freezes: 0, day: 11, credited: true })
    moveTo(plain, state, 11, NOON)
    expect(streakOf(plain, state)).toMatchObject({ length: 2, credited: true })
  })

  it('takes a date further back than any clock goes for the last that it keeps', () => {
    const state = streakThrough(plain, [10, 11, 12, 3], [])
    expect(creditStreak(plain, state)).toEqual({ day: 10, length: 1, freezes: 0 })
  })

  it('comes back from its packed form, which does not grow', () => {
    const rule = { ...plain, initial: 1, earnEvery: 3, cap: 2 }
    for (const state of [
      emptyStreak(rule),
      streakThrough(rule, [-2, -1, -3], [-2]),
      streakThrough(rule, [10, 11, 12, 13, 14, 15, 14], [10, 11, 13]),
      streakThrough(
        rule,
        Array.from({ length: 3_000 }, (_, i) => 20_000 + i),
        Array.from({ length: 2_990 }, (_, i) => 20_000 + i),
      ),
    ]) {
      const writer = new ByteWriter()
      encodeStreak(writer, state)
      const bytes = writer.done()
      expect(bytes.length).toBeLessThanOrEqual(20)
      const reader = new ByteReader(bytes)
      expect(decodeStreak(reader)).toEqual(state)
      expect(reader.more()).toBe(false)
    }
  })
})
