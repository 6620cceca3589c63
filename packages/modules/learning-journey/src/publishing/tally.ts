import {
  type CompiledTrack,
  type DerivedFact,
  definitionOf,
  isEnrolled,
  isShown,
  SubjectRow,
  type TrackState,
} from '../engine/index.ts'
import { isCompleted, percentOf } from '../record/status.ts'

/** What a dry run counted so far. */
export interface Tally {
  readonly subjects: number
  readonly enrolled: BeforeAfter
  readonly starting: number
  readonly restarting: number
  readonly exiting: number
  readonly staying: number
  /** By step key. */
  readonly steps: Readonly<Record<string, Newly>>
  readonly completed: Newly
  readonly standing: number
  readonly percent: { readonly up: number; readonly same: number; readonly down: number }
  readonly xp: number
  /** By badge. */
  readonly badges: Readonly<Record<string, number>>
}

interface BeforeAfter {
  readonly before: number
  readonly after: number
}

interface Newly extends BeforeAfter {
  readonly newly: number
}

type Mutable<T> = T extends object ? { -readonly [Key in keyof T]: Mutable<T[Key]> } : T

/** One subject before and after. */
export interface Change {
  /** What is served now; undefined when nothing of this track is. */
  readonly from: CompiledTrack | undefined
  readonly to: CompiledTrack
  readonly before: Uint8Array | null
  readonly after: Uint8Array | null
  /** Facts that would be new. */
  readonly facts: readonly DerivedFact[]
  /** How its open run would end, if publishing ended it. */
  readonly ending: 'restart' | 'exit' | null
}

export function emptyTally({ steps }: CompiledTrack): Tally {
  // Each its own: a copy of the tally keeps what is shared in it.
  const none = () => ({ before: 0, after: 0, newly: 0 })
  return {
    subjects: 0,
    enrolled: { before: 0, after: 0 },
    starting: 0,
    restarting: 0,
    exiting: 0,
    staying: 0,
    steps: Object.fromEntries(steps.map(({ key }) => [key, none()])),
    completed: none(),
    standing: 0,
    percent: { up: 0, same: 0, down: 0 },
    xp: 0,
    badges: {},
  }
}

/** The tally with some more subjects in it. */
export function addToTally(tally: Tally, changes: readonly Change[]): Tally {
  // It is kept as JSON, so nothing else is in it.
  const sum = JSON.parse(JSON.stringify(tally)) as Mutable<Tally>
  for (const change of changes) add(sum, change)
  return sum
}

function add(sum: Mutable<Tally>, { from, to, before, after, facts, ending }: Change): void {
  sum.subjects++
  const rows = { before: new SubjectRow(before), after: new SubjectRow(after) }
  const old = from === undefined ? undefined : definitionOf(from, rows.before)
  const next = definitionOf(to, rows.after)
  const was = old === undefined ? undefined : rows.before.get(old)?.state
  const is = rows.after.get(next)?.state
  const wasIn = was !== undefined && isEnrolled(was)
  const isIn = is !== undefined && isEnrolled(is)
  if (wasIn) sum.enrolled.before++
  if (isIn) sum.enrolled.after++
  if (isIn && !wasIn) sum.starting++
  if (ending === 'restart') sum.restarting++
  if (ending === 'exit') sum.exiting++
  if (next !== to) sum.staying++
  for (const [key, step] of Object.entries(sum.steps)) {
    if (hasDone(old, was, key)) step.before++
    if (hasDone(next, is, key)) step.after++
    if (facts.some(({ name, track, step: index }) => name === 'step.completed' && track.steps[index]?.key === key)) step.newly++
  }
  if (was !== undefined && isCompleted(was)) sum.completed.before++
  if (is !== undefined && isCompleted(is)) sum.completed.after++
  if (facts.some(({ name }) => name === 'track.completed')) sum.completed.newly++
  if (is !== undefined && is.standing.length > 0) sum.standing++
  if (old !== undefined && was !== undefined && is !== undefined && wasIn && isIn) {
    const moved = percentOf(next, is) - percentOf(old, was)
    sum.percent[moved > 0 ? 'up' : moved < 0 ? 'down' : 'same']++
  }
  const granted = new Set<string>()
  for (const { name, data } of facts) {
    if (name === 'xp.granted') sum.xp += data.xp ?? 0
    if (name === 'badge.granted' && data.badge !== undefined) granted.add(data.badge)
  }
  for (const badge of granted) sum.badges[badge] = (sum.badges[badge] ?? 0) + 1
}

function hasDone(track: CompiledTrack | undefined, state: TrackState | undefined, key: string): boolean {
  const index = track?.steps.findIndex((step) => step.key === key) ?? -1
  return state !== undefined && index >= 0 && isShown(state, index)
}
