import { hash32, sortedJson } from './distinct.ts'
import { parseDuration } from './duration.ts'
import type { Entry } from './entry.ts'
import type { ConditionModel, LeafModel, MatchModel, StepModel, TrackModel } from './model.ts'
import { type Check, compileWhere, toPath, valueAt } from './where.ts'

/** What decides whether an event passes, worked out once. */
export interface Matcher {
  readonly event: string
  /** `''` any version, `1.` a major, `1.2.0` exactly. */
  readonly version: string
  readonly source: string | undefined
  readonly trustsClient: boolean
  readonly where: readonly Check[]
}

/** A sequence above a leaf: the parts before `before` have to be met. */
export interface Gate {
  readonly sequence: Node
  readonly before: number
}

export interface Leaf extends Matcher {
  readonly index: number
  readonly step: number
  readonly need: number
  readonly distinctBy: string | undefined
  readonly distinctPath: readonly string[] | undefined
  readonly lookback: 'sinceEnrolment' | 'ever' | 'afterUnlock'
  readonly exclusive: boolean
  readonly gates: readonly Gate[]
  /** True when other leaves wait until this one is met: it is in a part of a sequence that is not the last. */
  readonly opensGate: boolean
}

export type Node =
  | { readonly kind: 'leaf'; readonly leaf: Leaf }
  | { readonly kind: 'all' | 'any' | 'sequence'; readonly children: readonly Node[] }

export interface Step {
  readonly index: number
  readonly key: string
  readonly model: StepModel
  readonly condition: Node
  /** Indexes of the steps in `after`. */
  readonly after: readonly number[]
  readonly afterAny: boolean
}

/** The leaves of one step that listen to a name, last first: so one event never meets two parts of a sequence. */
export interface StepListener {
  readonly step: Step
  readonly leaves: readonly Leaf[]
  /** True when an exclusive leaf of a later step listens to the name too, so that it matters who takes what. */
  readonly contested: boolean
}

/** Everything of a track that listens to one event name. */
export interface Listener {
  /** Rank of the name in the total order of the track. */
  readonly place: number
  readonly steps: readonly StepListener[]
  readonly start: Matcher | undefined
  /** One leaf, and no start. */
  readonly isSole: boolean
}

/** A track ready to fold. Immutable. */
export interface CompiledTrack {
  readonly key: string
  readonly version: string
  readonly model: TrackModel
  /** Changes when the definition changes in a way that the fold can see. */
  readonly behaviour: number
  readonly mode: 'onFirstMatch' | 'onEvent' | 'explicit'
  readonly latenessMs: number
  readonly steps: readonly Step[]
  readonly leaves: readonly Leaf[]
  readonly listeners: ReadonlyMap<string, Listener>
  /** The arrays of a state before any entry, to be copied. */
  readonly blank: Blank
  /** Step keys of earlier definitions of this track, by their `behaviour`. */
  readonly earlier: ReadonlyMap<number, readonly string[]>
}

export interface Blank {
  readonly counts: readonly number[]
  readonly seen: readonly null[]
  readonly doneAt: readonly number[]
  readonly readyBy: readonly null[]
}

/** Place of a control entry, and of a start event that no leaf listens to, in the total order. Leaves follow. */
export const CONTROL_PLACE = 0
const START_PLACE = 1
const FIRST_LEAF_PLACE = 2
/** Of a track that does not say its own. */
export const DEFAULT_LATENESS = 'P7D'

/** Compiles a valid definition. What makes one valid is for `parseTrack` and the lints to say. */
export function compileTrack(model: TrackModel, earlier: readonly TrackModel[] = []): CompiledTrack {
  const leaves: Leaf[] = []
  const indexOf = new Map(model.steps.map((step, index) => [step.key, index]))
  const steps = model.steps.map((step, index): Step => {
    const { keys, any } = prerequisites(step)
    return {
      index,
      key: step.key,
      model: step,
      condition: compileNode(step.complete, index, leaves, [], false),
      after: keys.map((key) => indexOf.get(key) ?? -1),
      afterAny: any,
    }
  })
  const enrol = model.enrol ?? { mode: 'onFirstMatch' }
  return {
    key: model.key,
    version: model.version,
    model,
    behaviour: behaviourOf(model),
    mode: enrol.mode,
    latenessMs: parseDuration(model.lateness ?? DEFAULT_LATENESS) ?? 0,
    steps,
    leaves,
    listeners: listenersOf(steps, leaves, enrol.mode === 'onEvent' ? matcher(enrol) : undefined),
    blank: {
      counts: leaves.map(() => 0),
      seen: leaves.map(() => null),
      doneAt: steps.map(() => -1),
      readyBy: steps.map(() => null),
    },
    earlier: new Map(earlier.map((definition) => [behaviourOf(definition), definition.steps.map(({ key }) => key)])),
  }
}

/** The keys of the steps that come first, and whether one of them is enough. */
export function prerequisites(step: StepModel): { readonly keys: readonly string[]; readonly any: boolean } {
  if (step.after === undefined) return { keys: [], any: false }
  return 'any' in step.after ? { keys: step.after.any, any: true } : { keys: step.after.all, any: false }
}

/** Why a matcher refuses an entry of its event; undefined when it passes. `where` names the first check that fails. */
export function refusal(match: Matcher, entry: Entry): 'version' | 'source' | 'trust' | Check | undefined {
  if (
    match.version !== '' &&
    !(match.version.endsWith('.') ? entry.version.startsWith(match.version) : entry.version === match.version)
  )
    return 'version'
  if (match.source !== undefined && match.source !== entry.source) return 'source'
  if (entry.channel === 'client' && !match.trustsClient) return 'trust'
  for (const check of match.where) if (!check.holds(valueAt(entry.payload, check.path))) return check
  return undefined
}

/** True when a leaf passes an entry of its event. */
export function passes(leaf: Leaf, entry: Entry): boolean {
  return (
    refusal(leaf, entry) === undefined &&
    (leaf.distinctPath === undefined || valueAt(entry.payload, leaf.distinctPath) !== undefined)
  )
}

function compileNode(condition: ConditionModel, step: number, leaves: Leaf[], gates: readonly Gate[], opensGate: boolean): Node {
  if ('event' in condition) {
    const leaf: Leaf = { ...compileLeaf(condition, leaves.length, step), gates, opensGate }
    leaves.push(leaf)
    return { kind: 'leaf', leaf }
  }
  const kind = 'all' in condition ? 'all' : 'any' in condition ? 'any' : 'sequence'
  const parts = 'all' in condition ? condition.all : 'any' in condition ? condition.any : condition.sequence
  // The gates of a sequence point at the node they are part of, so its list of children is filled after it exists.
  const children: Node[] = []
  const node: Node = { kind, children }
  for (const [index, part] of parts.entries()) {
    const isGated = kind === 'sequence' && index > 0
    const isWaitedFor = kind === 'sequence' && index < parts.length - 1
    children.push(
      compileNode(part, step, leaves, isGated ? [...gates, { sequence: node, before: index }] : gates, opensGate || isWaitedFor),
    )
  }
  return node
}

function compileLeaf(model: LeafModel, index: number, step: number): Omit<Leaf, 'gates' | 'opensGate'> {
  return {
    ...matcher(model),
    index,
    step,
    need: model.atLeast ?? 1,
    distinctBy: model.distinctBy,
    distinctPath: model.distinctBy === undefined ? undefined : toPath(model.distinctBy),
    lookback: model.lookback ?? 'sinceEnrolment',
    exclusive: model.consume === 'exclusive',
  }
}

function matcher(model: MatchModel): Matcher {
  return {
    event: model.event,
    version: model.version === undefined ? '' : model.version.includes('.') ? model.version : `${model.version}.`,
    source: model.source,
    trustsClient: model.trust === 'client',
    where: compileWhere(model.where),
  }
}

function listenersOf(steps: readonly Step[], leaves: readonly Leaf[], start: Matcher | undefined): Map<string, Listener> {
  const names = new Set(leaves.map(({ event }) => event))
  if (start !== undefined) names.add(start.event)
  return new Map(
    [...names].map((name) => {
      const listening = leaves.filter(({ event }) => event === name)
      const [first] = listening
      const byStep = steps
        .map((step) => ({
          step,
          leaves: listening.filter((leaf) => leaf.step === step.index).reverse(),
          contested: listening.some((leaf) => leaf.exclusive && leaf.step > step.index),
        }))
        .filter((listener) => listener.leaves.length > 0)
      const starting = start?.event === name ? start : undefined
      return [
        name,
        {
          place: first === undefined ? START_PLACE : FIRST_LEAF_PLACE + first.index,
          steps: byStep,
          start: starting,
          isSole: listening.length === 1 && starting === undefined,
        },
      ]
    }),
  )
}

function behaviourOf({ enrol, lateness, steps }: TrackModel): number {
  return hash32(
    sortedJson({ enrol, lateness, steps: steps.map(({ key, after, complete }) => ({ key, after, complete })) }),
    0x811c9dc5,
  )
}
