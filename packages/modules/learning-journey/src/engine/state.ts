import type { CompiledTrack, Node, Step } from './compile.ts'
import type { Entry, EntryRef } from './entry.ts'
import { emptyStreak, type StreakState } from './streak.ts'
import { compareText } from './text-order.ts'

/**
 * The state of one (subject, track). Invariants:
 * - it is a function of the set of entries that matter to the track and of how far its clock was passed on, whatever order they arrived in,
 *   apart from `standing`, `corrections` and `cutAt`;
 * - its size depends on the track, never on how many entries there were;
 * - where a run is over and no other can follow, product events change nothing, `last…` included; the counts are then forgotten when it is
 *   packed.
 */
export interface TrackState {
  /** The newest entry that was folded, as its place in the total order; `lastAt` is −1 before the first. */
  lastAt: number
  lastPlace: number
  lastSource: string
  lastId: string
  lastActor: string
  /** How many entries were folded. */
  folded: number
  /** The moment of the last deadline that fired; −1 before the first. */
  clockAt: number
  /** When passing time next changes something; NEVER, or UNKNOWN when it has to be worked out. */
  alarm: number
  /** Evidence before this moment has expired: what it brought is in here, and no other entry before it is taken. −1: all is there. */
  cutAt: number
  /** Whether a control entry was folded that does more than start a run: then it matters when the run started. */
  isCommanded: boolean
  /** Number of the newest run, from 0; −1 before the first. */
  run: number
  /** Where there is a run for each value of a field: the values that had one, oldest first. */
  runKeys: readonly string[]
  /** Start of the newest run in epoch milliseconds; −1 when there is none. */
  startedAt: number
  /** Its local date then and the time since midnight; both 0 in a track that uses no days. */
  startDay: number
  startRest: number
  /** −1 until its required steps are satisfied. */
  completedAt: number
  /** −1 while it is open. */
  endedAt: number
  outcome: Outcome
  /** When the track was first completed, over all runs; −1 before. */
  firstCompletedAt: number
  /** What was counted by leaves outside of groups. */
  tally: Tally
  /** By correlate node: the groups, in the order in which they came; null before the first. */
  groups: (Group[] | null)[]
  /** By step: how and when it was settled; −1 while open. */
  how: How[]
  settledAt: number[]
  /** By step: when its `opens` passed; −1 before. */
  openedAt: number[]
  /** By step: index of the chosen branch, the number of branches for the default; −1 before. */
  chosen: number[]
  /** By step: the entry that met the condition of a step which still waits for something else. */
  readyBy: (EntryRef | null)[]
  /** By step: how often its completion was revoked, by now and by the start of the newest run. Replaced, never changed, like the next and `corrections`. */
  revoked: readonly number[]
  revokedBefore: readonly number[]
  /** By step: how often it was completed in earlier runs and up to its last revocation; between two revocations only once. */
  done: readonly number[]
  /** By predicate: whether it holds of the traits. */
  holds: boolean[]
  /** The zone in force, `''` where the subject has none of its own, and since when. */
  zone: string
  zoneSince: number
  streak: StreakState | null
  /** From when the tracks that come first are completed: no run starts before. */
  gateAt: number
  /** Runs before the newest one, oldest first; the last few of them. */
  past: readonly PastRun[]
  /** Completions that were announced and that the fold no longer gives. `step` −1 is the track itself. */
  standing: readonly Standing[]
  /** By step: how many announced misses were taken back in the newest run. */
  corrections: readonly number[]
}

export const OPEN = 0
export const COMPLETED = 1
export const SKIPPED_STEP = 2
export const WAIVED_STEP = 3
export const CLOSED = 4
export const MISSED = 5
/** How a step was settled; OPEN while it is not. */
export type How = typeof OPEN | typeof COMPLETED | typeof SKIPPED_STEP | typeof WAIVED_STEP | typeof CLOSED | typeof MISSED

/** How a run ended, by number; the first is an open one. */
export const OUTCOMES = ['open', 'completed', 'missed', 'exited', 'reset'] as const
export type Outcome = (typeof OUTCOMES)[number]

/** Alarms that are none. */
export const NEVER = -1
export const UNKNOWN = -2

/** What leaves counted, each at its slot. */
export interface Tally {
  /** Entries taken; of a sum 1 when it is reached. */
  counts: number[]
  /** With `distinctBy`: the values counted so far, sorted; null before the first. */
  seen: (string[] | null)[]
  /** With `sum`: millionths; null before the first. */
  sums: (bigint | null)[]
  /** With a sliding window: the times that are in it; null before the first, and once it is met. */
  times: (number[] | null)[]
}

export interface Group {
  readonly key: string
  readonly tally: Tally
}

export interface PastRun {
  readonly run: number
  readonly startedAt: number
  readonly completedAt: number
  readonly endedAt: number
  readonly outcome: Outcome
  readonly how: readonly How[]
  readonly settledAt: readonly number[]
  readonly chosen: readonly number[]
  /** Only whether it did is kept: −1 where it did not. */
  readonly openedAt: readonly number[]
}

export interface Standing {
  readonly step: number
  /** Epoch milliseconds of the announced completion. */
  readonly at: number
  /** The entry that contradicts it. */
  readonly by: EntryRef
}

/** Most values of a field that have a run of their own. */
export const MOST_RUN_KEYS = 1_000

/** How many runs before the newest are kept. */
export const PAST_RUNS = 20

/** The state before any entry. */
export function emptyState(track: CompiledTrack): TrackState {
  const { blank } = track
  return {
    lastAt: -1,
    lastPlace: 0,
    lastSource: '',
    lastId: '',
    lastActor: '',
    folded: 0,
    clockAt: -1,
    alarm: NEVER,
    cutAt: -1,
    isCommanded: false,
    run: -1,
    runKeys: NO_KEYS,
    startedAt: -1,
    startDay: 0,
    startRest: 0,
    completedAt: -1,
    endedAt: -1,
    outcome: 'open',
    firstCompletedAt: -1,
    tally: blankTally(track),
    groups: blank.groups.length === 0 ? (blank.groups as null[]) : blank.groups.slice(),
    how: blank.zeros.slice() as How[],
    settledAt: blank.unset.slice(),
    openedAt: blank.hasOpenings ? blank.unset.slice() : (blank.unset as number[]),
    chosen: blank.hasBranches ? blank.unset.slice() : (blank.unset as number[]),
    readyBy: blank.stepNulls.slice(),
    revoked: blank.zeros,
    revokedBefore: blank.zeros,
    done: blank.zeros,
    holds: blank.holds.length === 0 ? (blank.holds as boolean[]) : blank.holds.slice(),
    zone: '',
    zoneSince: -1,
    streak: track.streak === undefined ? null : emptyStreak(track.streak.rule),
    gateAt: -1,
    past: NO_RUNS,
    standing: NO_STANDING,
    corrections: blank.zeros,
  }
}

const NO_STANDING: readonly Standing[] = []
const NO_RUNS: readonly PastRun[] = []
const NO_KEYS: readonly string[] = []

/** The counts of a track before any entry; arrays that no leaf has a use for are shared. */
export function blankTally({ blank }: CompiledTrack): Tally {
  const nulls = blank.leafNulls as null[]
  return {
    counts: blank.counts.slice(),
    seen: blank.hasSeen ? nulls.slice() : nulls,
    sums: blank.hasSums ? nulls.slice() : nulls,
    times: blank.hasTimes ? nulls.slice() : nulls,
  }
}

/** The counts of a group before its first entry. */
export function emptyTally(leaves: number): Tally {
  return { counts: filled(leaves, 0), seen: filled(leaves, null), sums: filled(leaves, null), times: filled(leaves, null) }
}

/** True when a leaf has taken something. */
export function hasCounted({ counts, sums }: Tally, slot: number): boolean {
  return (counts[slot] as number) > 0 || (sums[slot] ?? null) !== null
}

function filled<T>(length: number, value: T): T[] {
  return new Array<T>(length).fill(value)
}

/** Where an entry stands beside the newest folded one: below 0 when it sorts before it, 0 when it is that one. */
export function compareToLast(state: TrackState, entry: Entry, place: number): number {
  return (
    entry.occurredAt - state.lastAt ||
    place - state.lastPlace ||
    compareText(entry.source, state.lastSource) ||
    compareText(entry.eventId, state.lastId) ||
    compareText(entry.actor ?? '', state.lastActor)
  )
}

/** The total order of a track's entries. */
export function compareEntries(a: Entry, placeA: number, b: Entry, placeB: number): number {
  return (
    a.occurredAt - b.occurredAt ||
    placeA - placeB ||
    compareText(a.source, b.source) ||
    compareText(a.eventId, b.eventId) ||
    compareText(a.actor ?? '', b.actor ?? '')
  )
}

/** How often the completion of a step was revoked in the newest run. */
export function revokedInRun({ revoked, revokedBefore }: TrackState, step: number): number {
  return (revoked[step] as number) - (revokedBefore[step] as number)
}

/** True while a run is open. */
export function isRunning(state: TrackState): boolean {
  return state.run >= 0 && state.endedAt < 0
}

/** True when nothing that happens in the product can change the state any more. */
export function isOver(track: CompiledTrack, state: TrackState): boolean {
  return state.run >= 0 && state.endedAt >= 0 && track.reentry === 'never'
}

/** True when there is a run, or completions of one that a later definition no longer gives. */
export function isEnrolled(state: TrackState): boolean {
  return state.run >= 0 || state.standing.length > 0
}

/** True when a step lets those after it begin. */
export function isSatisfied(how: How | undefined): boolean {
  return how !== undefined && how !== OPEN && how !== MISSED
}

/** True when a step counts as completed for everyone outside: derived, or standing. */
export function isShown(state: { readonly how: readonly How[]; readonly standing: readonly Standing[] }, step: number): boolean {
  return state.how[step] === COMPLETED || state.standing.some((mark) => mark.step === step)
}

/** True when an open step of an open run can be completed now. */
export function isUnlocked(step: Step, state: TrackState): boolean {
  if (step.opens !== undefined && (state.openedAt[step.index] as number) < 0) return false
  if (step.branchOf !== undefined && !isOnBranch(step, state)) return false
  return isAfterMet(step, state)
}

/** True when the steps that come first are satisfied. */
export function isAfterMet({ after, afterAny }: Step, state: TrackState): boolean {
  if (after.length === 0) return true
  for (const index of after) if (isSatisfied(state.how[index]) === afterAny) return afterAny
  return !afterAny
}

/** True when the branch of a step was chosen. */
export function isOnBranch({ branchOf }: Step, state: TrackState): boolean {
  return branchOf === undefined || state.chosen[branchOf.step] === branchOf.choice
}

/** True when a condition is met by what was counted. */
export function isMet(node: Node, state: TrackState, tally: Tally = state.tally): boolean {
  switch (node.kind) {
    case 'leaf':
      return (tally.counts[node.leaf.slot] as number) >= node.leaf.need
    case 'trait':
      return state.holds[node.predicate] as boolean
    case 'correlate':
      return state.groups[node.index]?.some((group) => isMet(node.child, state, group.tally)) ?? false
    default:
      for (const child of node.children) if (isMet(child, state, tally) === (node.kind === 'any')) return node.kind === 'any'
      return node.kind !== 'any'
  }
}
