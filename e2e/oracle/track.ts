/** The oracle's own picture of a track and a journal; the published form, and nothing of the engine. */

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

export interface Match {
  event: string
  version?: string
  source?: string
  where?: Where
  trust?: 'server' | 'client'
}

export interface Leaf extends Match {
  distinctBy?: string
  atLeast?: number
  sum?: { of: string; atLeast: number }
  window?: { since: 'enrolment' | 'unlock'; within: string } | { sliding: string }
  correlate?: string
  lookback?: 'sinceEnrolment' | 'afterUnlock' | 'ever'
  consume?: 'shared' | 'exclusive'
}

export interface TraitLeaf {
  trait: string
  is: string | number | boolean | null | Operators
}

export type Condition =
  | Leaf
  | TraitLeaf
  | { all: Condition[]; correlate?: string }
  | { any: Condition[]; correlate?: string }
  | { sequence: Condition[]; correlate?: string }

export interface Reward {
  xp?: number
  badge?: string
}

export interface Step {
  key: string
  required?: boolean
  skippable?: boolean
  after?: { all?: string[]; any?: string[]; branch?: string }
  opens?: { after: string } | { onDay: number }
  due?: { after: string }
  complete: Condition
  branches?: { key: string; when?: Condition }[]
  default?: string
  reward?: Reward
}

export type Enrol = { mode: 'onFirstMatch' } | { mode: 'explicit' } | { mode: 'onSegment' } | ({ mode: 'onEvent' } & Match)

export interface Streak {
  on: Match
  period: 'day'
  grace?: string
  freezes?: { initial?: number; earnEvery?: number; cap?: number }
  xp?: number
}

export interface Track {
  format?: 'waymark.track/1'
  key: string
  version: string
  subject?: 'learner' | 'account'
  audience?: Where
  enrol?: Enrol
  reentry?: { mode: 'never' } | { mode: 'afterExit' } | { mode: 'afterDuration'; wait: string } | { mode: 'perKey'; key: string }
  after?: { all: string[] } | { any: string[] }
  timezone?: string
  lateness?: string
  rewards?: 'once' | 'perRun'
  completion?: Reward
  streak?: Streak
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

export function partsOf(condition: Condition): Condition[] {
  if ('all' in condition) return condition.all
  if ('any' in condition) return condition.any
  if ('sequence' in condition) return condition.sequence
  return []
}

/** The event leaves of a condition, depth first. */
export function leavesOf(condition: Condition): Leaf[] {
  return 'event' in condition ? [condition] : partsOf(condition).flatMap(leavesOf)
}

/** What a step counts: `complete`, then each `when`. */
export function conditionsOf(step: Step): Condition[] {
  return [step.complete, ...(step.branches ?? []).flatMap(({ when }) => (when === undefined ? [] : [when]))]
}

/** All leaves of a track by their number. */
export function numberedLeaves(track: Track): Leaf[] {
  return track.steps.flatMap(conditionsOf).flatMap(leavesOf)
}
