import { parseDuration, plus } from './time.ts'
import { type Condition, type Entry, type Leaf, leavesOf, partsOf } from './track.ts'
import { deepEqual, valuesAt, whereHolds } from './where.ts'

/** What a condition has counted: a tree of the same shape. Below `correlate` there is one tree for each group. */
export interface Counter {
  readonly condition: Condition
  readonly parts: Counter[]
  /** Of an event leaf. */
  taken: Entry[]
  met: boolean
  /** Of a leaf with a sliding window. */
  times: number[]
  /** Of a leaf with `sum`, in millionths. */
  sum: bigint
  groups: { value: unknown; counter: Counter }[] | undefined
}

const MOST_GROUPS = 100

export function newCounter(condition: Condition): Counter {
  const correlate = 'correlate' in condition ? condition.correlate : undefined
  const parts = correlate === undefined ? partsOf(condition).map(newCounter) : []
  return { condition, parts, taken: [], met: false, times: [], sum: 0n, groups: correlate === undefined ? undefined : [] }
}

export function isMet(counter: Counter, traits: unknown): boolean {
  const { condition, parts, groups } = counter
  if (groups !== undefined) return groups.some((group) => isMet(group.counter, traits))
  if ('trait' in condition) return whereHolds({ [condition.trait]: condition.is }, traits)
  if ('event' in condition) return counter.met
  if ('any' in condition) return parts.some((part) => isMet(part, traits))
  return parts.every((part) => isMet(part, traits))
}

/** Clears everything counted, except by `ever` leaves: another run starts. A group that keeps nothing gives up its place. */
export function clear(counter: Counter): void {
  const { condition } = counter
  if ('event' in condition && condition.lookback !== 'ever') {
    const fresh = newCounter(condition)
    Object.assign(counter, { taken: fresh.taken, met: fresh.met, times: fresh.times, sum: fresh.sum })
  }
  for (const part of counter.parts) clear(part)
  for (const group of counter.groups ?? []) clear(group.counter)
  if (counter.groups !== undefined) counter.groups = counter.groups.filter((group) => hasCounted(group.counter))
}

function hasCounted({ taken, parts, groups }: Counter): boolean {
  return taken.length > 0 || parts.some(hasCounted) || (groups ?? []).some((group) => hasCounted(group.counter))
}

/** Offers an entry, which the leaf passes, to that leaf of the tree; whether it took it. */
export function offer(counter: Counter, leaf: Leaf, entry: Entry, zone: string, traits: unknown): boolean {
  const { condition, parts, groups } = counter
  if (groups !== undefined && 'correlate' in condition) {
    const [value] = valuesAt(entry.payload, condition.correlate ?? '')
    const known = groups.find((group) => deepEqual(group.value, value))
    const group = known ?? { value, counter: newCounter(withoutCorrelate(condition)) }
    if (known === undefined && groups.length >= MOST_GROUPS) return false
    // Below a leaf's own `correlate` the leaf is another object.
    const inside = condition === leaf ? (group.counter.condition as Leaf) : leaf
    const took = offer(group.counter, inside, entry, zone, traits)
    if (took && known === undefined) groups.push(group)
    return took
  }
  if ('event' in condition) return take(counter, condition, entry, zone)
  const holder = parts.findIndex((part) => leavesOf(part.condition).includes(leaf))
  const inside = parts[holder]
  if (inside === undefined) throw new Error('the leaf is not below this node')
  if ('sequence' in condition && !parts.slice(0, holder).every((part) => isMet(part, traits))) return false
  return offer(inside, leaf, entry, zone, traits)
}

function withoutCorrelate(condition: Condition): Condition {
  const copy = { ...condition }
  if ('correlate' in copy) delete copy.correlate
  return copy
}

function take(counter: Counter, leaf: Leaf, entry: Entry, zone: string): boolean {
  if (counter.met) return false
  const { distinctBy } = leaf
  if (distinctBy !== undefined) {
    const value = valuesAt(entry.payload, distinctBy)
    if (counter.taken.some((earlier) => deepEqual(valuesAt(earlier.payload, distinctBy), value))) return false
  }
  counter.taken.push(entry)
  if (leaf.sum !== undefined) {
    counter.sum += millionths(valuesAt(entry.payload, leaf.sum.of)[0] as number)
    counter.met = counter.sum >= millionths(leaf.sum.atLeast)
    return true
  }
  let count = counter.taken.length
  if (leaf.window !== undefined && 'sliding' in leaf.window) {
    const within = parseDuration(leaf.window.sliding)
    counter.times = [...counter.times.filter((time) => plus(time, within, zone) >= entry.occurredAt), entry.occurredAt]
    count = counter.times.length
  }
  counter.met = count >= (leaf.atLeast ?? 1)
  return true
}

const LIMIT = 10n ** 15n * 1_000_000n

/** By its decimal digits, halves up. */
export function millionths(value: number): bigint {
  const [digits = '0', exponent = '0'] = value.toExponential().split('e')
  const [whole = '0', fraction = ''] = digits.replace('-', '').split('.')
  const tens = Number(exponent) - fraction.length + 6
  let scaled = BigInt(whole + fraction) * (value < 0 ? -1n : 1n)
  if (tens >= 0) scaled *= 10n ** BigInt(tens)
  else {
    const divisor = 10n ** BigInt(-tens)
    // Floor of the value plus one half.
    const numerator = 2n * scaled + divisor
    const quotient = numerator / (2n * divisor)
    scaled = numerator < 0n && quotient * 2n * divisor !== numerator ? quotient - 1n : quotient
  }
  return scaled > LIMIT ? LIMIT : scaled < -LIMIT ? -LIMIT : scaled
}

/** By leaf: how many it counted; of a leaf below `correlate` that of the group with most. */
export function countsOf(counter: Counter): number[] {
  const { condition, parts, groups } = counter
  if (groups !== undefined) {
    const zeros = leavesOf(condition).map(() => 0)
    return groups.map((group) => countsOf(group.counter)).reduce((a, b) => a.map((count, i) => Math.max(count, b[i] ?? 0)), zeros)
  }
  if (!('event' in condition)) return parts.flatMap(countsOf)
  if (condition.sum !== undefined) return [counter.met ? 1 : 0]
  const sliding = condition.window !== undefined && 'sliding' in condition.window
  return [sliding && !counter.met ? counter.times.length : Math.min(counter.taken.length, condition.atLeast ?? 1)]
}

/** By leaf: its sum in millionths; null for other leaves and below `correlate`. */
export function sumsOf(counter: Counter): (number | null)[] {
  const { condition, parts, groups } = counter
  if (groups !== undefined) return leavesOf(condition).map(() => null)
  if (!('event' in condition)) return parts.flatMap(sumsOf)
  return [condition.sum === undefined ? null : Number(counter.sum)]
}
