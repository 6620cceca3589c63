/**
 * A deliberately naive second implementation of docs/reference/track-semantics.md, written from that page alone.
 * Everything is sorted and recomputed from scratch; nothing is shared with the engine it checks.
 */

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json }

export interface Operators {
  eq?: Json
  ne?: Json
  in?: Json[]
  nin?: Json[]
  gt?: number | string
  gte?: number | string
  lt?: number | string
  lte?: number | string
  exists?: boolean
  contains?: Json
  startsWith?: string
}

export type Where = { [pointer: string]: string | number | boolean | null | Operators }

export interface Leaf {
  event: string
  version?: string
  source?: string
  where?: Where
  distinctBy?: string
  atLeast?: number
  lookback?: 'sinceEnrolment' | 'afterUnlock' | 'ever'
  consume?: 'shared' | 'exclusive'
  trust?: 'server' | 'client'
}

export type Condition = Leaf | { all: Condition[] } | { any: Condition[] } | { sequence: Condition[] }

export interface Reward {
  xp?: number
  badge?: string
}

export interface Step {
  key: string
  after?: { all: string[] } | { any: string[] }
  complete: Condition
  reward?: Reward
}

export interface Enrol {
  mode: 'onFirstMatch' | 'onEvent' | 'explicit'
  event?: string
  version?: string
  source?: string
  where?: Where
  trust?: 'server' | 'client'
}

export interface Track {
  format?: 'waymark.track/1'
  key: string
  version: string
  subject: 'learner' | 'account'
  enrol?: Enrol
  lateness?: string
  completion?: Reward
  steps: Step[]
}

export interface Entry {
  source: string
  eventId: string
  kind: 'event' | 'control'
  name: string
  version: string
  occurredAt: number
  receivedAt: number
  channel: string
  track: string | null
  payload: unknown
}

export interface Key {
  source: string
  eventId: string
}

export interface Expected {
  startedAt: number | null
  start: Key | null
  completedAt: number | null
  steps: { [key: string]: null | { completedAt: number; cause: Key } }
  /** Per leaf, in definition order, depth first. */
  counts: number[]
  xp: number
  /** Of the completed steps in definition order, then of the track. */
  badges: string[]
}

export interface Shown {
  /** Derived plus standing. */
  steps: { [key: string]: boolean }
  /** Steps shown that the derived state no longer has, in definition order. */
  standing: string[]
  /** The track was announced as completed at some moment. */
  completed: boolean
  xp: number
  badges: string[]
  /** `name:step`, each once, sorted; the step is empty for facts of the run and the track. */
  facts: string[]
}

// --- Order of strings, durations ------------------------------------------------------------------------------------------

export function compareUtf8(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left, 'utf8'), Buffer.from(right, 'utf8'))
}

function compareCodePoints(left: string, right: string): number {
  const a = [...left].map((character) => character.codePointAt(0) ?? 0)
  const b = [...right].map((character) => character.codePointAt(0) ?? 0)
  for (let i = 0; i < a.length && i < b.length; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

export function milliseconds(duration: string): number {
  const match = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(duration)
  if (!match) throw new Error(`not a duration: ${duration}`)
  const [weeks, days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
  ]
  return ((((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000
}

// --- `where` --------------------------------------------------------------------------------------------------------------

/** All values at a JSON Pointer (RFC 6901): one, or none when absent. */
export function valuesAt(payload: unknown, pointer: string): unknown[] {
  if (payload === undefined) return []
  if (pointer === '') return [payload]
  if (!pointer.startsWith('/')) throw new Error(`not a JSON Pointer: ${pointer}`)
  let value: unknown = payload
  for (const token of pointer.slice(1).split('/')) {
    const name = token.replaceAll('~1', '/').replaceAll('~0', '~')
    if (typeof value !== 'object' || value === null) return []
    if (Array.isArray(value) && !/^(0|[1-9]\d*)$/.test(name)) return []
    if (!Object.hasOwn(value, name)) return []
    value = (value as Record<string, unknown>)[name]
    if (value === undefined) return []
  }
  return [value]
}

export function deepEqual(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, i) => deepEqual(item, b[i]))
  }
  if (typeof a === 'object' && a !== null && typeof b === 'object' && b !== null) {
    const names = Object.keys(a)
    return (
      names.length === Object.keys(b).length &&
      names.every((name) => Object.hasOwn(b, name) && deepEqual(Reflect.get(a, name), Reflect.get(b, name)))
    )
  }
  return a === b
}

/** Negative, zero or positive; NaN when unordered. */
function difference(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (typeof a === 'string' && typeof b === 'string') return compareCodePoints(a, b)
  return Number.NaN
}

function operatorHolds(name: string, operand: unknown, found: unknown[]): boolean {
  if (name === 'exists') return operand === (found.length === 1)
  if (found.length === 0) return false
  const value = found[0]
  switch (name) {
    case 'eq':
      return deepEqual(value, operand)
    case 'ne':
      return !deepEqual(value, operand)
    case 'in':
      return (operand as unknown[]).some((item) => deepEqual(value, item))
    case 'nin':
      return !(operand as unknown[]).some((item) => deepEqual(value, item))
    case 'gt':
      return difference(value, operand) > 0
    case 'gte':
      return difference(value, operand) >= 0
    case 'lt':
      return difference(value, operand) < 0
    case 'lte':
      return difference(value, operand) <= 0
    case 'contains':
      if (typeof value === 'string') return typeof operand === 'string' && value.includes(operand)
      return Array.isArray(value) && value.some((item) => deepEqual(item, operand))
    case 'startsWith':
      return typeof value === 'string' && typeof operand === 'string' && value.startsWith(operand)
    default:
      throw new Error(`unknown operator ${name}`)
  }
}

export function whereHolds(where: Where | undefined, payload: unknown): boolean {
  return Object.entries(where ?? {}).every(([pointer, test]) => {
    const operators = typeof test === 'object' && test !== null ? test : { eq: test }
    return Object.entries(operators).every(([name, operand]) => operatorHolds(name, operand, valuesAt(payload, pointer)))
  })
}

// --- Which entries matter -------------------------------------------------------------------------------------------------

function partsOf(condition: Condition): Condition[] {
  if ('all' in condition) return condition.all
  if ('any' in condition) return condition.any
  if ('sequence' in condition) return condition.sequence
  return []
}

export function leavesOf(condition: Condition): Leaf[] {
  return 'event' in condition ? [condition] : partsOf(condition).flatMap(leavesOf)
}

function allLeaves(track: Track): Leaf[] {
  return track.steps.flatMap((step) => leavesOf(step.complete))
}

function listens(leaf: { event?: string }, entry: Entry): boolean {
  return entry.kind === 'event' && leaf.event === entry.name
}

function versionFits(wanted: string | undefined, version: string): boolean {
  if (wanted === undefined) return true
  if (/^\d+$/.test(wanted)) return version.split('.')[0] === wanted
  return version === wanted
}

function passes(leaf: Leaf | Enrol, entry: Entry): boolean {
  return (
    listens(leaf, entry) &&
    versionFits(leaf.version, entry.version) &&
    (leaf.source === undefined || leaf.source === entry.source) &&
    (entry.channel !== 'client' || leaf.trust === 'client') &&
    whereHolds(leaf.where, entry.payload) &&
    (!('distinctBy' in leaf) || leaf.distinctBy === undefined || valuesAt(entry.payload, leaf.distinctBy).length === 1)
  )
}

function passesALeaf(track: Track, entry: Entry): boolean {
  return allLeaves(track).some((leaf) => passes(leaf, entry))
}

function passesEnrol(track: Track, entry: Entry): boolean {
  return track.enrol?.mode === 'onEvent' && passes(track.enrol, entry)
}

function isEnrolment(track: Track, entry: Entry): boolean {
  if (entry.kind !== 'control' || entry.name !== 'waymark.enrolled') return false
  return deepEqual(valuesAt(entry.payload, '/trackId'), [track.key])
}

function matters(track: Track, entry: Entry): boolean {
  if (entry.track !== null && entry.track !== track.key) return false
  if (
    entry.kind === 'event' &&
    entry.channel !== 'import' &&
    entry.receivedAt - entry.occurredAt > milliseconds(track.lateness ?? 'P7D')
  )
    return false
  return passesALeaf(track, entry) || passesEnrol(track, entry) || isEnrolment(track, entry)
}

function starts(track: Track, entry: Entry): boolean {
  const mode = track.enrol?.mode ?? 'onFirstMatch'
  if (mode === 'onEvent') return passesEnrol(track, entry)
  if (mode === 'explicit') return isEnrolment(track, entry)
  return passesALeaf(track, entry)
}

// --- Order ----------------------------------------------------------------------------------------------------------------

function place(track: Track, entry: Entry): number {
  if (entry.kind === 'control') return 0
  const index = allLeaves(track).findIndex((leaf) => listens(leaf, entry))
  return index === -1 ? 1 : 2 + index
}

function compare(track: Track, a: Entry, b: Entry): number {
  if (a.occurredAt !== b.occurredAt) return a.occurredAt - b.occurredAt
  if (place(track, a) !== place(track, b)) return place(track, a) - place(track, b)
  if (a.source !== b.source) return compareUtf8(a.source, b.source)
  return compareUtf8(a.eventId, b.eventId)
}

/** The entries that matter to a track, in their order; of a repeated key the first arrival. */
export function orderedEntries(track: Track, entries: readonly Entry[]): Entry[] {
  const journal = entries.filter(
    (entry, i) => entries.findIndex((other) => other.source === entry.source && other.eventId === entry.eventId) === i,
  )
  return journal.filter((entry) => matters(track, entry)).sort((a, b) => compare(track, a, b))
}

// --- Derived state --------------------------------------------------------------------------------------------------------

/** What every leaf took so far. Leaves are objects of one track, so each is its own key. */
type Taken = Map<Leaf, Entry[]>

function isMet(condition: Condition, taken: Taken): boolean {
  if ('event' in condition) return (taken.get(condition) ?? []).length >= (condition.atLeast ?? 1)
  if ('any' in condition) return condition.any.some((part) => isMet(part, taken))
  return partsOf(condition).every((part) => isMet(part, taken))
}

/** For every `sequence` above the leaf: all parts before the part that holds the leaf are met. */
function sequencesAllow(condition: Condition, leaf: Leaf, taken: Taken): boolean {
  if ('event' in condition) return true
  const parts = partsOf(condition)
  const holder = parts.findIndex((part) => leavesOf(part).includes(leaf))
  const before = 'sequence' in condition ? parts.slice(0, holder) : []
  const inside = parts[holder]
  if (inside === undefined) throw new Error('the leaf is not below this node')
  return before.every((part) => isMet(part, taken)) && sequencesAllow(inside, leaf, taken)
}

export function expectedOf(given: Track, entries: readonly Entry[]): Expected {
  // A copy, because one leaf object used twice in a track would be one key of `Taken`.
  const track = JSON.parse(JSON.stringify(given)) as Track
  const ordered = orderedEntries(track, entries)
  const startIndex = ordered.findIndex((entry) => starts(track, entry))
  const start = ordered[startIndex]

  const taken: Taken = new Map(allLeaves(track).map((leaf) => [leaf, []]))
  const completed = new Map<string, { completedAt: number; cause: Key }>()
  const metBy = new Map<string, Entry>()
  let completedAt: number | null = null

  const afterHolds = (step: Step): boolean => {
    if (step.after === undefined) return true
    if ('all' in step.after) return step.after.all.every((key) => completed.has(key))
    return step.after.any.some((key) => completed.has(key))
  }

  for (const [index, entry] of ordered.entries()) {
    const startedNow = startIndex !== -1 && index >= startIndex
    let exclusiveTakenBy: number | null = null

    for (const [stepIndex, step] of track.steps.entries()) {
      for (const leaf of leavesOf(step.complete).reverse()) {
        const mine = taken.get(leaf) ?? []
        if (!passes(leaf, entry)) continue
        if (completed.has(step.key)) continue
        if (mine.length >= (leaf.atLeast ?? 1)) continue
        if (leaf.distinctBy !== undefined) {
          const pointer = leaf.distinctBy
          const value = valuesAt(entry.payload, pointer)
          if (mine.some((earlier) => deepEqual(valuesAt(earlier.payload, pointer), value))) continue
        }
        const lookback = leaf.lookback ?? 'sinceEnrolment'
        if (lookback === 'sinceEnrolment' && !startedNow) continue
        // Nothing completes while an entry is offered, so `afterHolds` is still what it was before this entry.
        if (lookback === 'afterUnlock' && !(startedNow && afterHolds(step))) continue
        if (!sequencesAllow(step.complete, leaf, taken)) continue
        if (leaf.consume === 'exclusive' && exclusiveTakenBy !== null && exclusiveTakenBy < stepIndex) continue
        mine.push(entry)
        if (leaf.consume === 'exclusive') exclusiveTakenBy = exclusiveTakenBy ?? stepIndex
      }
    }

    for (const step of track.steps) {
      if (!metBy.has(step.key) && isMet(step.complete, taken)) metBy.set(step.key, entry)
    }

    for (let again = startedNow; again; ) {
      again = false
      for (const step of track.steps) {
        const cause = metBy.get(step.key)
        if (completed.has(step.key) || !afterHolds(step) || cause === undefined) continue
        completed.set(step.key, {
          completedAt: entry.occurredAt,
          cause: { source: cause.source, eventId: cause.eventId },
        })
        again = true
      }
    }

    if (track.steps.every((step) => completed.has(step.key))) {
      completedAt = entry.occurredAt
      break
    }
  }

  const rewards = track.steps.filter((step) => completed.has(step.key)).map((step) => step.reward)
  if (completedAt !== null) rewards.push(track.completion)
  return {
    startedAt: start === undefined ? null : start.occurredAt,
    start: start === undefined ? null : { source: start.source, eventId: start.eventId },
    completedAt,
    steps: Object.fromEntries(track.steps.map((step) => [step.key, completed.get(step.key) ?? null])),
    counts: allLeaves(track).map((leaf) => (taken.get(leaf) ?? []).length),
    xp: rewards.reduce((sum, reward) => sum + Math.max(0, reward?.xp ?? 0), 0),
    badges: rewards.flatMap((reward) => (reward?.badge === undefined ? [] : [reward.badge])),
  }
}

// --- Facts and standing ---------------------------------------------------------------------------------------------------

const PREFIX = 'learning.onboarding.'

function rewardFacts(reward: Reward | undefined, step: string): string[] {
  const facts: string[] = []
  if ((reward?.xp ?? 0) > 0) facts.push(`${PREFIX}xp.granted:${step}`)
  if (reward?.badge !== undefined) facts.push(`${PREFIX}badge.granted:${step}`)
  return facts
}

/** The facts that a derived state gives. */
export function factsOf(track: Track, state: Expected): string[] {
  const facts: string[] = []
  if (state.startedAt !== null) facts.push(`${PREFIX}enrolled:`)
  for (const step of track.steps) {
    if (state.steps[step.key] === null) continue
    facts.push(`${PREFIX}step.completed:${step.key}`, ...rewardFacts(step.reward, step.key))
  }
  if (state.completedAt !== null) facts.push(`${PREFIX}track.completed:`, ...rewardFacts(track.completion, ''))
  return facts
}

/** Replays the arrivals one by one: what was ever announced stays announced. */
export function shownAfter(track: Track, entries: readonly Entry[]): Shown {
  const states = [0, ...entries.map((_, i) => i + 1)].map((length) => expectedOf(track, entries.slice(0, length)))
  const facts = [...new Set(states.flatMap((state) => factsOf(track, state)))].sort(compareUtf8)
  const last = states.at(-1)
  const shown = (step: Step) => states.some((state) => state.steps[step.key] !== null)
  const granted = (name: string, step: string) => facts.includes(`${PREFIX}${name}:${step}`)
  const rewarded = [...track.steps, { key: '', reward: track.completion }]
  return {
    steps: Object.fromEntries(track.steps.map((step) => [step.key, shown(step)])),
    standing: track.steps.filter((step) => shown(step) && last?.steps[step.key] === null).map((step) => step.key),
    completed: granted('track.completed', ''),
    xp: rewarded.reduce((sum, { key, reward }) => sum + (granted('xp.granted', key) ? (reward?.xp ?? 0) : 0), 0),
    badges: rewarded.flatMap(({ key, reward }) =>
      granted('badge.granted', key) && reward?.badge !== undefined ? [reward.badge] : [],
    ),
    facts,
  }
}
