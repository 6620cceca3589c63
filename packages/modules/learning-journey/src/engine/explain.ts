import { isMet, isUnlocked } from './advance.ts'
import { type CompiledTrack, type Leaf, type Matcher, type Node, refusal, type Step } from './compile.ts'
import type { Entry } from './entry.ts'
import type { TrackState } from './state.ts'
import { valueAt } from './where.ts'

/** One node of the tree that says why a step is, or is not, completed. */
export type Detail = AfterDetail | GroupDetail | EventDetail

/** The steps that come first. */
export interface AfterDetail {
  readonly node: 'after'
  readonly met: boolean
  /** Whether one of the steps is enough. */
  readonly any: boolean
  readonly steps: readonly { readonly stepId: string; readonly met: boolean }[]
}

export interface GroupDetail {
  readonly node: 'all' | 'any' | 'sequence'
  readonly met: boolean
  readonly parts: readonly Detail[]
}

/** An event condition: how many it wants, how many were counted, and what this event lacks. */
export interface EventDetail {
  readonly node: 'event'
  readonly event: string
  readonly met: boolean
  /** Events wanted. */
  readonly expected: number
  /** Events counted. */
  readonly actual: number
  readonly distinctBy: string | null
  /** One check for each thing the condition asks of the explained event; empty when it is about another event. */
  readonly checks: readonly DetailCheck[]
}

export interface DetailCheck {
  readonly check: 'version' | 'source' | 'trust' | 'where' | 'distinctBy'
  readonly met: boolean
  readonly operator: string
  readonly expected: unknown
  /** Null when there is no value. */
  readonly actual: unknown
  /** Where the actual value came from: a JSON Pointer into the event as it was reported. */
  readonly from: string
}

/** The condition tree of a step, and what an event means to each of its leaves. */
export function explainStep(track: CompiledTrack, state: TrackState, index: number, entry: Entry | null): Detail {
  const step = track.steps[index] as Step
  const done = (state.doneAt[index] as number) >= 0
  // A finished run, and one that an earlier definition wrote, has forgotten its counts: a completed step without them was met in full.
  const forgotten = done && !isMet(step.condition, state)
  const condition = explainNode(step.condition, state, forgotten, entry)
  return step.after.length === 0
    ? condition
    : {
        node: 'all',
        met: done || (condition.met && isUnlocked(step, state)),
        parts: [explainAfter(track, state, step), condition],
      }
}

function explainAfter(track: CompiledTrack, state: TrackState, step: Step): AfterDetail {
  return {
    node: 'after',
    met: isUnlocked(step, state),
    any: step.afterAny,
    steps: step.after.map((index) => ({ stepId: (track.steps[index] as Step).key, met: (state.doneAt[index] as number) >= 0 })),
  }
}

function explainNode(node: Node, state: TrackState, forgotten: boolean, entry: Entry | null): GroupDetail | EventDetail {
  if (node.kind === 'leaf') return explainLeaf(node.leaf, state, forgotten, entry)
  // Nobody knows any more which part of an `any` it was.
  const parts = forgotten && node.kind === 'any' && node.children.length > 1 ? [] : node.children
  return {
    node: node.kind,
    met: forgotten || isMet(node, state),
    parts: parts.map((child) => explainNode(child, state, forgotten, entry)),
  }
}

function explainLeaf(leaf: Leaf, state: TrackState, forgotten: boolean, entry: Entry | null): EventDetail {
  const actual = forgotten ? leaf.need : (state.counts[leaf.index] as number)
  return {
    node: 'event',
    event: leaf.event,
    met: actual >= leaf.need,
    expected: leaf.need,
    actual,
    distinctBy: leaf.distinctBy ?? null,
    checks: entry !== null && entry.name === leaf.event ? [...matcherChecks(leaf, entry), ...distinctChecks(leaf, entry)] : [],
  }
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

function distinctChecks(leaf: Leaf, entry: Entry): DetailCheck[] {
  if (leaf.distinctPath === undefined) return []
  const actual = valueAt(entry.payload, leaf.distinctPath)
  return [
    {
      check: 'distinctBy',
      met: actual !== undefined,
      operator: 'exists',
      expected: true,
      actual: actual ?? null,
      from: `/eventPayload${leaf.distinctBy}`,
    },
  ]
}
