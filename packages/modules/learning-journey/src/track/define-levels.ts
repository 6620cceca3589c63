/** What experience points amount to: level 1 from the first point on, and each further one from so many points on. */
export interface Levels {
  readonly kind: 'levels'
  /** From how many points on level 2 begins, level 3, and so on; ascending. */
  readonly thresholds: readonly number[]
}

/** Each level takes so many times the points of the one before; the first one takes `base`. */
export interface LevelCurve {
  readonly base: number
  readonly growth: number
}

/** The highest level. */
export const MOST_LEVELS = 1_000

/**
 * Declares levels, by the points at which they begin, or by a curve.
 * @throws RangeError when they do not ascend, are no whole numbers, or are more than 1,000.
 */
export function defineLevels(spec: readonly number[] | LevelCurve): Levels {
  const thresholds = 'base' in spec ? onCurve(spec) : [...spec]
  if (thresholds.length === 0)
    throw new RangeError('Levels need at least one threshold. Give the points at which level 2 begins.')
  if (thresholds.length >= MOST_LEVELS)
    throw new RangeError(`There are ${thresholds.length} thresholds; at most ${MOST_LEVELS} levels have ${MOST_LEVELS - 1}.`)
  for (const [index, points] of thresholds.entries()) {
    const before = thresholds[index - 1] ?? 0
    if (Number.isSafeInteger(points) && points > before) continue
    throw new RangeError(`Level ${index + 2} begins at ${points} points. Expected a whole number above ${before}.`)
  }
  return Object.freeze({ kind: 'levels', thresholds: Object.freeze(thresholds) })
}

function onCurve({ base, growth }: LevelCurve): number[] {
  if (!(Number.isSafeInteger(base) && base > 0)) throw new RangeError(`base is ${base}. Expected a whole number above 0.`)
  if (!(growth >= 1 && growth <= 100)) throw new RangeError(`growth is ${growth}. Expected a number from 1 to 100.`)
  const thresholds: number[] = []
  let total = 0
  for (let cost = base; thresholds.length < MOST_LEVELS - 1; cost *= growth) {
    total += Math.round(cost)
    if (!Number.isSafeInteger(total)) break
    thresholds.push(total)
  }
  return thresholds
}

/** The level that points amount to. */
export function levelAt(
  { thresholds }: Levels,
  xp: number,
): { readonly number: number; readonly xp: number; readonly nextAt: number | null } {
  const above = thresholds.findIndex((points) => points > xp)
  const number = above < 0 ? thresholds.length + 1 : above + 1
  return { number, xp: thresholds[number - 2] ?? 0, nextAt: thresholds[number - 1] ?? null }
}
