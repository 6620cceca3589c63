import type { Calendar } from './calendar.ts'
import { opensAt } from './clock.ts'
import { branchKey, type CompiledTrack, type Leaf, type Matcher, type Node, refusal, type Step } from './compile.ts'
import type { Entry } from './entry.ts'
import { windowEnd } from './offer.ts'
import { dueAt } from './settle.ts'
import { isAfterMet, isMet, isOnBranch, isRunning, isSatisfied, OPEN, type Tally, type TrackState } from './state.ts'
import { valueAt } from './where.ts'

/** One node of the tree that says why a step is, or is not, completed. */
export type Detail = AfterDetail | BranchDetail | TimeDetail | GroupDetail | TraitDetail | EventDetail

/** The steps that come first. */
export interface AfterDetail {
  readonly node: 'after'
  readonly met: boolean
  /** Whether one of the steps is enough. */
  readonly any: boolean
  readonly steps: readonly { readonly stepId: string; readonly met: boolean }[]
}

/** The branch that the step belongs to. */
export interface BranchDetail {
  readonly node: 'branch'
  readonly met: boolean
  readonly stepId: string
  readonly expected: string
  /** The branch that was chosen; null before. */
  readonly actual: string | null
}

/** When the step opens, or until when it can be done; epoch milliseconds, null while no run says. */
export interface TimeDetail {
  readonly node: 'opens' | 'due'
  readonly met: boolean
  readonly at: number | null
}

export interface GroupDetail {
  readonly node: 'all' | 'any' | 'sequence'
  readonly met: boolean
  /** JSON Pointer whose values tell groups of events apart; null when there are none. The parts are those of the group that is nearest. */
  readonly correlate: string | null
  /** The value of the group, as text; null when there is no group yet. */
  readonly group: string | null
  readonly parts: readonly Detail[]
}

/** A condition on a trait. */
export interface TraitDetail {
  readonly node: 'trait'
  readonly met: boolean
  readonly checks: readonly DetailCheck[]
}

/** An event condition: how much it wants, how much was counted, and what this event lacks. */
export interface EventDetail {
  readonly node: 'event'
  readonly event: string
  readonly met: boolean
  /** Events wanted, or with `sumOf` what they have to add up to. */
  readonly expected: number
  /** Events counted, or what they add up to. */
  readonly actual: number
  readonly distinctBy: string | null
  readonly sumOf: string | null
  /** The last moment at which an event counts, epoch milliseconds; null without a window, and while no run says. */
  readonly until: number | null
  /** Within how long all of them have to be, ISO 8601. */
  readonly sliding: string | null
  /** One check for each thing the condition asks of the explained event; empty when it is about another event. */
  readonly checks: readonly DetailCheck[]
}

export interface DetailCheck {
  readonly check: 'version' | 'source' | 'trust' | 'where' | 'distinctBy' | 'correlate' | 'sum' | 'trait'
  readonly met: boolean
  readonly operator: string
  readonly expected: unknown
  /** Null when there is no value. */
  readonly actual: unknown
  /** Where the actual value came from: a JSON Pointer into the event as it was reported, or into the traits. */
  readonly from: string
}

/** What an explanation looks at. */
export interface Evidence {
  /** The event that is explained; null when none is. */
  readonly entry: Entry | null
  /** The traits of the subject, where they are known. */
  readonly traits?: Readonly<Record<string, unknown>> | undefined
  readonly calendar: Calendar
}

/** The condition tree of a step, and what an event means to each of its leaves. */
export function explainStep(track: CompiledTrack, state: TrackState, index: number, evidence: Evidence): Detail {
  const step = track.steps[index] as Step
  const done = isSatisfied(state.how[index])
  // A run that is over, and one that an earlier definition wrote, has forgotten its counts: a completed step without them was met in full.
  const forgotten = done && !isMet(step.condition, state)
  const view: View = { track, state, step, forgotten, ...evidence }
  const condition = explainNode(step.condition, view, state.tally)
  const first = [...explainAfter(view), ...explainBranch(view), ...explainTimes(view)]
  if (first.length === 0) return condition
  const met = done || (condition.met && first.every((part) => part.met))
  return { node: 'all', met, correlate: null, group: null, parts: [...first, condition] }
}

interface View extends Evidence {
  readonly track: CompiledTrack
  readonly state: TrackState
  readonly step: Step
  readonly forgotten: boolean
}

function explainAfter({ track, state, step }: View): AfterDetail[] {
  if (step.after.length === 0) return []
  const steps = step.after.map((index) => ({
    stepId: (track.steps[index] as Step).key,
    met: isSatisfied(state.how[index]),
  }))
  return [{ node: 'after', met: isAfterMet(step, state), any: step.afterAny, steps }]
}

function explainBranch({ track, state, step }: View): BranchDetail[] {
  if (step.branchOf === undefined) return []
  const fork = track.steps[step.branchOf.step] as Step
  const chosen = state.chosen[fork.index] as number
  return [
    {
      node: 'branch',
      met: isOnBranch(step, state),
      stepId: fork.key,
      expected: branchKey(fork, step.branchOf.choice),
      actual: chosen < 0 ? null : branchKey(fork, chosen),
    },
  ]
}

function explainTimes({ track, state, step, calendar }: View): TimeDetail[] {
  const started = state.run >= 0
  const details: TimeDetail[] = []
  if (step.opens !== undefined) {
    const opened = state.openedAt[step.index] as number
    const at = opened >= 0 ? opened : started ? opensAt(track, step, state, calendar) : null
    details.push({ node: 'opens', met: opened >= 0, at })
  }
  if (step.due !== undefined) {
    const how = state.how[step.index]
    const at = started ? dueAt(track, step, state, calendar) : null
    details.push({ node: 'due', met: how === OPEN || isSatisfied(how), at })
  }
  return details
}

function explainNode(node: Node, view: View, tally: Tally): GroupDetail | EventDetail | TraitDetail {
  const { state, forgotten } = view
  switch (node.kind) {
    case 'leaf':
      return explainLeaf(node.leaf, view, tally)
    case 'trait':
      return explainTrait(node.predicate, view)
    case 'correlate': {
      const groups = state.groups[node.index] ?? []
      const nearest = groups.reduce<(typeof groups)[number] | undefined>(
        (best, group) =>
          best === undefined || progressOf(node.leaves, group.tally) > progressOf(node.leaves, best.tally) ? group : best,
        undefined,
      )
      const child = explainNode(node.child, view, nearest?.tally ?? state.tally)
      const group = { correlate: node.pointer, group: nearest === undefined ? null : nearest.key.slice(1) }
      const met = forgotten || isMet(node, state)
      return child.node === 'all' || child.node === 'any' || child.node === 'sequence'
        ? { ...child, ...group, met }
        : { node: 'all', met, ...group, parts: [child] }
    }
    default: {
      // Nobody knows any more which part of an `any` it was.
      const parts = forgotten && node.kind === 'any' && node.children.length > 1 ? [] : node.children
      return {
        node: node.kind,
        met: forgotten || isMet(node, state, tally),
        correlate: null,
        group: null,
        parts: parts.map((child) => explainNode(child, view, tally)),
      }
    }
  }
}

/** How far a group is: the share of what its leaves want. */
function progressOf(leaves: readonly Leaf[], tally: Tally): number {
  return leaves.reduce((sum, { slot, need }) => sum + Math.min(tally.counts[slot] as number, need) / need, 0)
}

function explainTrait(index: number, { track, state, traits }: View): TraitDetail {
  return { node: 'trait', met: state.holds[index] as boolean, checks: traitChecks(track, state, index, traits) }
}

/** What a track asks of the traits before a run starts; empty when it is for everybody. */
export function explainAudience(track: CompiledTrack, state: TrackState, traits: Evidence['traits']): DetailCheck[] {
  return track.audience.flatMap((index) => traitChecks(track, state, index, traits))
}

function traitChecks(track: CompiledTrack, { holds }: TrackState, index: number, traits: Evidence['traits']): DetailCheck[] {
  const { pointer, checks } = track.predicates[index] as CompiledTrack['predicates'][number]
  return checks.map((check) => {
    const actual = traits === undefined ? undefined : valueAt(traits, check.path)
    return {
      check: 'trait',
      met: traits === undefined ? (holds[index] as boolean) : check.holds(actual),
      operator: check.operator,
      expected: check.expected,
      actual: actual ?? null,
      from: `/traits${pointer}`,
    }
  })
}

function explainLeaf(leaf: Leaf, { track, state, step, forgotten, entry, calendar }: View, tally: Tally): EventDetail {
  const { sum, window } = leaf
  const count = (tally.counts[leaf.slot] as number | undefined) ?? 0
  const met = forgotten || count >= leaf.need
  const wanted = sum === undefined ? leaf.need : fromMillionths(sum.need)
  const actual = sum === undefined ? count : fromMillionths(tally.sums[leaf.slot] ?? 0n)
  const counts = isRunning(state) && (window?.since === 'enrolment' || (isAfterMet(step, state) && isOnBranch(step, state)))
  return {
    node: 'event',
    event: leaf.event,
    met,
    expected: wanted,
    actual: forgotten && actual < wanted ? wanted : actual,
    distinctBy: leaf.distinctBy ?? null,
    sumOf: sum?.pointer ?? null,
    until: window !== undefined && counts ? windowEnd(track, state, step, leaf, calendar) : null,
    sliding: leaf.slidingText ?? null,
    checks: entry !== null && entry.name === leaf.event ? [...matcherChecks(leaf, entry), ...valueChecks(leaf, entry)] : [],
  }
}

function fromMillionths(value: bigint): number {
  return Number(value) / 1e6
}

/** What a matcher asks of an entry, check by check. */
function matcherChecks(match: Matcher, entry: Entry): DetailCheck[] {
  const refused = refusal(match, entry)
  const checks: DetailCheck[] = []
  if (match.version !== '') {
    const expected = match.version.endsWith('.') ? match.version.slice(0, -1) : match.version
    checks.push({
      check: 'version',
      met: refused !== 'version',
      operator: 'eq',
      expected,
      actual: entry.version,
      from: '/eventVersion',
    })
  }
  if (match.source !== undefined) {
    checks.push({
      check: 'source',
      met: match.source === entry.source,
      operator: 'eq',
      expected: match.source,
      actual: entry.source === '' ? null : entry.source,
      from: '/sourceModule',
    })
  }
  if (entry.channel === 'client') {
    checks.push({
      check: 'trust',
      met: match.trustsClient,
      operator: 'eq',
      expected: match.trustsClient ? 'client' : 'server',
      actual: 'client',
      from: 'channel',
    })
  }
  for (const { pointer, path, operator, expected, holds } of match.where) {
    const actual = valueAt(entry.payload, path)
    checks.push({
      check: 'where',
      met: holds(actual),
      operator,
      expected,
      actual: actual ?? null,
      from: `/eventPayload${pointer}`,
    })
  }
  return checks
}

/** The values that a leaf needs beside its operators. */
function valueChecks({ distinctBy, distinctPath, sum, correlatePath }: Leaf, entry: Entry): DetailCheck[] {
  const checks: DetailCheck[] = []
  const exists = (check: DetailCheck['check'], path: readonly string[], from: string) => {
    const actual = valueAt(entry.payload, path)
    checks.push({ check, met: actual !== undefined, operator: 'exists', expected: true, actual: actual ?? null, from })
  }
  if (distinctPath !== undefined) exists('distinctBy', distinctPath, `/eventPayload${distinctBy}`)
  if (correlatePath !== undefined) exists('correlate', correlatePath, `/eventPayload${toPointer(correlatePath)}`)
  if (sum !== undefined) {
    const actual = valueAt(entry.payload, sum.path)
    const met = typeof actual === 'number'
    checks.push({
      check: 'sum',
      met,
      operator: 'type',
      expected: 'number',
      actual: actual ?? null,
      from: `/eventPayload${sum.pointer}`,
    })
  }
  return checks
}

function toPointer(path: readonly string[]): string {
  return path.map((token) => `/${token.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
