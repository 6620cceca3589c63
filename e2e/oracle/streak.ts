import type { Streak } from './track.ts'

export interface StreakState {
  /** Dates that a moment of the subject's clock showed. */
  shown: Set<number>
  credited: Set<number>
  /** The date that it shows now. */
  present: number
  /** Dates of which it was said that they are over and have no credit. */
  told: Set<number>
}

export interface StreakResult {
  length: number
  best: number
  freezes: number
  /** Of dates without a credit, with the length that a freeze kept or that was lost. */
  verdicts: Map<number, { name: 'frozen' | 'lost'; length: number }>
}

/** Walks the dates from the first credited one to `present`. */
export function walk({ freezes: rule }: Streak, { shown, credited }: StreakState, present: number): StreakResult {
  const cap = rule?.cap ?? Math.max(rule?.initial ?? 0, rule?.earnEvery === undefined ? 0 : 1)
  const result: StreakResult = { length: 0, best: 0, freezes: rule?.initial ?? 0, verdicts: new Map() }
  for (let date = Math.min(...credited, present); date <= present; date++) {
    if (credited.has(date)) {
      result.length++
      result.best = Math.max(result.best, result.length)
      const earns = rule?.earnEvery !== undefined && result.length % rule.earnEvery === 0
      if (earns && result.freezes < cap) result.freezes++
    } else if (shown.has(date) && date < present && result.length > 0) {
      const isFrozen = result.freezes > 0
      result.verdicts.set(date, { name: isFrozen ? 'frozen' : 'lost', length: result.length })
      if (isFrozen) result.freezes--
      else result.length = 0
    }
  }
  return result
}
