import type { Streak } from './track.ts'

export interface StreakState {
  /** Dates that a moment of the subject's clock showed. */
  shown: Set<number>
  credited: Set<number>
  /** The last date that is over. */
  over: number
}

export interface StreakResult {
  length: number
  best: number
  freezes: number
  /** Of dates without a credit. */
  verdicts: Map<number, 'frozen' | 'lost'>
}

/** Walks the dates from the first credited one. */
export function walk({ freezes: rule }: Streak, { shown, credited, over }: StreakState): StreakResult {
  const result: StreakResult = { length: 0, best: 0, freezes: rule?.initial ?? 0, verdicts: new Map() }
  if (credited.size === 0) return result
  const last = Math.max(over, ...credited)
  for (let date = Math.min(...credited); date <= last; date++) {
    if (credited.has(date)) {
      result.length++
      result.best = Math.max(result.best, result.length)
      const earns = rule?.earnEvery !== undefined && result.length % rule.earnEvery === 0
      if (earns && result.freezes < (rule?.cap ?? Number.POSITIVE_INFINITY)) result.freezes++
    } else if (shown.has(date) && date <= over && result.length > 0) {
      const isFrozen = result.freezes > 0
      result.verdicts.set(date, isFrozen ? 'frozen' : 'lost')
      if (isFrozen) result.freezes--
      else result.length = 0
    }
  }
  return result
}
