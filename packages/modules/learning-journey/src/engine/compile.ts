/** A compiler: a track as data → a track ready to fold, with everything worked out that does not depend on a subject. */
import { type Duration, splitDuration } from './calendar.ts'
import { hash32, sortedJson } from './distinct.ts'
import { parseDuration } from './duration.ts'
import type { Entry } from './entry.ts'
import type { ConditionModel, LeafModel, MatchModel, StepModel, TrackModel, TraitModel } from './model.ts'
import type { StreakRule } from './streak.ts'
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
  /** Whether the sequence is within the leaf's correlate node, and so looks at its group. */
  readonly inGroup: boolean
}

export interface Leaf extends Matcher {
  readonly index: number
  readonly step: number
  /** The correlate node above it, −1 when there is none, and its place in the tally of a group or of the track. */
  readonly group: number
  readonly slot: number
  /** How many entries; 1 with a sum. */
  readonly need: number
  readonly distinctBy: string | undefined
  readonly distinctPath: readonly string[] | undefined
  readonly sum: { readonly pointer: string; readonly path: readonly string[]; readonly need: bigint } | undefined
  readonly sliding: Duration | undefined
  /** The same as it was written. */
  readonly slidingText: string | undefined
  readonly window: { readonly since: 'enrolment' | 'unlock'; readonly within: Duration } | undefined
  readonly correlatePath: readonly string[] | undefined
  readonly lookback: 'sinceEnrolment' | 'ever' | 'afterUnlock'
  readonly exclusive: boolean
  readonly gates: readonly Gate[]
  /** True when other leaves wait until this one is met: it is in a part of a sequence that is not the last. */
  readonly opensGate: boolean
}

/** Operators on one trait. */
export interface Predicate {
  readonly pointer: string
  /** The trait as a whole, which an `identified` replaces. */
  readonly key: string
  readonly checks: readonly Check[]
}

export type Node =
  | { readonly kind: 'leaf'; readonly leaf: Leaf }
  | { readonly kind: 'trait'; readonly predicate: number }
  | { readonly kind: 'all' | 'any' | 'sequence'; readonly children: readonly Node[] }
  | CorrelateNode

/** Met when its child is met in one group. */
export interface CorrelateNode {
  readonly kind: 'correlate'
  readonly index: number
  readonly pointer: string
  readonly child: Node
  readonly leaves: readonly Leaf[]
}

export interface Step {
  readonly index: number
  readonly key: string
  readonly model: StepModel
  readonly condition: Node
  /** True when it can stop being met. */
  readonly usesTraits: boolean
  readonly required: boolean
  /** Indexes of the steps in `after`. */
  readonly after: readonly number[]
  readonly afterAny: boolean
  /** The branch it belongs to. */
  readonly branchOf: { readonly step: number; readonly choice: number } | undefined
  /** The first moment of the n-th date, or a duration after the start. */
  readonly opens: number | Duration | undefined
  readonly due: Duration | undefined
  readonly branches: readonly { readonly key: string; readonly when: Node | undefined }[]
  /** What is chosen when no `when` is met: the index of a branch, or their number where the default is none of them. */
  readonly otherwise: number
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
  readonly streak: Matcher | undefined
  /** One leaf, and nothing else. */
  readonly isSole: boolean
}

/** A track ready to fold. Immutable. */
export interface CompiledTrack {
  readonly key: string
  readonly version: string
  readonly model: TrackModel
  readonly subject: 'learner' | 'account'
  /** Changes when the definition changes in a way that the fold can see. */
  readonly behaviour: number
  /** Changes when everything computed so far has to be computed again. */
  readonly generation: number
  readonly mode: 'onFirstMatch' | 'onEvent' | 'explicit' | 'onSegment'
  readonly latenessMs: number
  readonly reentry: 'never' | 'afterExit' | 'perKey' | Duration
  /** Of `perKey`: where the entry that starts a run says what it is for. */
  readonly runKey: readonly string[] | undefined
  /** Keys of the tracks that come first. */
  readonly after: readonly string[]
  readonly afterAny: boolean
  readonly zone: string
  readonly predicates: readonly Predicate[]
  /** Indexes of the predicates that are the audience. */
  readonly audience: readonly number[]
  readonly usesTraits: boolean
  readonly usesDays: boolean
  /** True when passing time alone can change the state. */
  readonly isTimed: boolean
  /** True when it only counts: no times, traits, groups, branches, optional steps or further runs. */
  readonly isPlain: boolean
  readonly streak: { readonly on: Matcher; readonly rule: StreakRule; readonly xp: number } | undefined
  readonly steps: readonly Step[]
  readonly leaves: readonly Leaf[]
  readonly correlates: readonly CorrelateNode[]
  readonly listeners: ReadonlyMap<string, Listener>
  /** The arrays of a state before any entry. What rarely changes is shared between states, and replaced instead of changed. */
  readonly blank: Blank
  /** Step keys of all known definitions of this track, by their `behaviour`. */
  readonly known: ReadonlyMap<number, readonly string[]>
  /** Earlier definitions on which the runs stay that are open in them, by their `behaviour`. */
  readonly pinned: ReadonlyMap<number, CompiledTrack>
}

export interface Blank {
  readonly counts: readonly number[]
  readonly leafNulls: readonly null[]
  readonly stepNulls: readonly null[]
  readonly zeros: readonly number[]
  readonly unset: readonly number[]
  readonly groups: readonly null[]
  readonly holds: readonly boolean[]
  /** Whether the track has conditions with these, so that a state needs arrays of its own for them. */
  readonly hasSums: boolean
  readonly hasTimes: boolean
  readonly hasSeen: boolean
  readonly hasOpenings: boolean
  readonly hasBranches: boolean
}

/** Place of a control entry, and of an event that no leaf listens to, in the total order. Leaves follow. */
export const CONTROL_PLACE = 0
const LEAFLESS_PLACE = 1
const FIRST_LEAF_PLACE = 2
/** Of a track that does not say its own. */
export const DEFAULT_LATENESS = 'P7D'

/** Where a compilation gathers what the trees of a track share. */
interface Parts {
  readonly leaves: Leaf[]
  readonly correlates: CorrelateNode[]
  readonly predicates: Predicate[]
}

/** What a leaf inherits from the nodes above it. */
interface Above {
  readonly step: number
  readonly gates: readonly Gate[]
  readonly opensGate: boolean
  readonly correlate: { readonly index: number; readonly path: readonly string[]; readonly first: number } | undefined
}

/**
 * Compiles a valid definition. What makes one valid is for `parseTrack` and the lints to say.
 * @param earlier definitions of the track that may have written states.
 * @param pins whether open runs stay on the earlier definition that wrote their state.
 */
export function compileTrack(
  model: TrackModel,
  earlier: readonly TrackModel[] = [],
  generation = 0,
  pins = false,
): CompiledTrack {
  const parts: Parts = { leaves: [], correlates: [], predicates: [] }
  const indexOf = new Map(model.steps.map((step, index) => [step.key, index]))
  const steps = model.steps.map((step, index) => compileStep(step, index, indexOf, model.steps, parts))
  const isConditional = parts.predicates.length > 0
  const audience = Object.entries(model.audience ?? {}).map(([trait, is]) => compileTrait({ trait, is }, parts))
  const { leaves, correlates, predicates } = parts
  const enrol = model.enrol ?? { mode: 'onFirstMatch' }
  const { keys: after, any: afterAny } = listed(model.after)
  const start = enrol.mode === 'onEvent' ? matcher(enrol) : undefined
  const streak = compileStreak(model)
  const reentry = compileReentry(model)
  const usesDays =
    streak !== undefined ||
    (typeof reentry === 'object' && reentry.days > 0) ||
    steps.some(({ opens, due }) => isDays(opens) || isDays(due)) ||
    leaves.some(({ sliding, window }) => isDays(sliding) || isDays(window?.within))
  const isTimed = streak !== undefined || steps.some(({ opens, due }) => opens !== undefined || due !== undefined)
  const isPlain =
    !isTimed &&
    !isConditional &&
    audience.length === 0 &&
    after.length === 0 &&
    reentry === 'never' &&
    correlates.length === 0 &&
    steps.every(({ required, branches, branchOf }) => required && branches.length === 0 && branchOf === undefined) &&
    leaves.every(({ sum, sliding, window }) => sum === undefined && sliding === undefined && window === undefined)
  return {
    key: model.key,
    version: model.version,
    model,
    subject: model.subject ?? 'learner',
    behaviour: behaviourOf(model),
    generation,
    mode: enrol.mode,
    latenessMs: parseDuration(model.lateness ?? DEFAULT_LATENESS) ?? 0,
    reentry,
    runKey: model.reentry?.mode === 'perKey' ? toPath(model.reentry.key) : undefined,
    after,
    afterAny,
    zone: model.timezone ?? 'UTC',
    predicates,
    audience,
    usesTraits: predicates.length > 0,
    usesDays,
    isTimed,
    isPlain,
    streak,
    steps,
    leaves,
    correlates,
    listeners: listenersOf(steps, leaves, start, streak?.on),
    blank: {
      counts: leaves.map(() => 0),
      leafNulls: leaves.map(() => null),
      stepNulls: steps.map(() => null),
      zeros: steps.map(() => 0),
      unset: steps.map(() => -1),
      groups: correlates.map(() => null),
      holds: predicates.map(({ checks }) => checks.every(({ holds }) => holds(undefined))),
      hasSums: leaves.some(({ sum }) => sum !== undefined),
      hasTimes: leaves.some(({ sliding }) => sliding !== undefined),
      hasSeen: leaves.some(({ distinctPath }) => distinctPath !== undefined),
      hasOpenings: steps.some(({ opens }) => opens !== undefined),
      hasBranches: steps.some(({ branches, model }) => branches.length > 0 || model.default !== undefined),
    },
    known: new Map([...earlier, model].map((definition) => [behaviourOf(definition), definition.steps.map(({ key }) => key)])),
    pinned: pins ? compilePinned(model, earlier, generation) : NO_PINNED,
  }
}

const NO_PINNED: CompiledTrack['pinned'] = new Map()

function compilePinned(model: TrackModel, earlier: readonly TrackModel[], generation: number): CompiledTrack['pinned'] {
  const own = behaviourOf(model)
  const tracks = earlier
    .filter((other) => other.subject === model.subject && behaviourOf(other) !== own)
    .map((other) => compileTrack(other, [...earlier, model], generation))
  return new Map(tracks.map((track) => [track.behaviour, track]))
}

/** The keys of what comes first, and whether one of them is enough. */
export function prerequisites(step: Pick<StepModel, 'after'>): { readonly keys: readonly string[]; readonly any: boolean } {
  return listed(step.after)
}

/** The branch that a step belongs to, as `step.branch` names it. */
export function branchOf({ after }: StepModel): { readonly step: string; readonly branch: string } | undefined {
  if (after?.branch === undefined) return undefined
  const dot = after.branch.indexOf('.')
  return { step: after.branch.slice(0, dot), branch: after.branch.slice(dot + 1) }
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
    (leaf.distinctPath === undefined || valueAt(entry.payload, leaf.distinctPath) !== undefined) &&
    (leaf.correlatePath === undefined || valueAt(entry.payload, leaf.correlatePath) !== undefined) &&
    (leaf.sum === undefined || typeof valueAt(entry.payload, leaf.sum.path) === 'number')
  )
}

function compileStep(
  step: StepModel,
  index: number,
  indexOf: ReadonlyMap<string, number>,
  models: readonly StepModel[],
  parts: Parts,
): Step {
  const { keys, any } = prerequisites(step)
  const above: Above = { step: index, gates: [], opensGate: false, correlate: undefined }
  const before = parts.predicates.length
  const condition = compileNode(step.complete, above, parts)
  const usesTraits = parts.predicates.length > before
  return {
    index,
    key: step.key,
    model: step,
    condition,
    usesTraits,
    required: step.required !== false,
    after: keys.map((key) => indexOf.get(key) ?? -1),
    afterAny: any,
    branchOf: compileBranch(step, indexOf, models),
    opens: step.opens === undefined ? undefined : 'onDay' in step.opens ? step.opens.onDay : duration(step.opens.after),
    due: step.due === undefined ? undefined : duration(step.due.after),
    branches: (step.branches ?? []).map(({ key, when }) => ({
      key,
      when: when === undefined ? undefined : compileNode(when, above, parts),
    })),
    otherwise: choiceOf(step, step.default),
  }
}

function compileBranch(step: StepModel, indexOf: ReadonlyMap<string, number>, models: readonly StepModel[]): Step['branchOf'] {
  const branch = branchOf(step)
  if (branch === undefined) return undefined
  const index = indexOf.get(branch.step) ?? -1
  return { step: index, choice: choiceOf(models[index], branch.branch) }
}

function choiceOf(step: StepModel | undefined, branch: string | undefined): number {
  const branches = step?.branches ?? []
  const index = branches.findIndex(({ key }) => key === branch)
  return index < 0 ? branches.length : index
}

/** The key of a branch by its index. */
export function branchKey({ model }: Step, choice: number): string {
  return model.branches?.[choice]?.key ?? model.default ?? ''
}

function compileNode(condition: ConditionModel, above: Above, parts: Parts): Node {
  if ('trait' in condition) return { kind: 'trait', predicate: compileTrait(condition, parts) }
  if (condition.correlate === undefined) return compileInner(condition, above, parts)
  const { leaves, correlates } = parts
  const first = leaves.length
  const index = correlates.length
  const own: Leaf[] = []
  const node: CorrelateNode & { child: Node } = {
    kind: 'correlate',
    index,
    pointer: condition.correlate,
    child: { kind: 'all', children: [] },
    leaves: own,
  }
  correlates.push(node)
  node.child = compileInner(condition, { ...above, correlate: { index, path: toPath(condition.correlate), first } }, parts)
  own.push(...leaves.slice(first))
  return node
}

function compileInner(condition: Exclude<ConditionModel, TraitModel>, above: Above, parts: Parts): Node {
  if ('event' in condition) {
    const leaf = compileLeaf(condition, parts.leaves.length, above)
    parts.leaves.push(leaf)
    return { kind: 'leaf', leaf }
  }
  const kind = 'all' in condition ? 'all' : 'any' in condition ? 'any' : 'sequence'
  const inner = partsOf(condition)
  // The gates of a sequence point at the node they are part of, so its list of children is filled after it exists.
  const children: Node[] = []
  const node: Node = { kind, children }
  const inGroup = above.correlate !== undefined
  for (const [index, part] of inner.entries()) {
    const isGated = kind === 'sequence' && index > 0
    const isWaitedFor = kind === 'sequence' && index < inner.length - 1
    const gates = isGated ? [...above.gates, { sequence: node, before: index, inGroup }] : above.gates
    children.push(compileNode(part, { ...above, gates, opensGate: above.opensGate || isWaitedFor }, parts))
  }
  return node
}

/** The conditions right below one; none below a leaf. */
export function partsOf(condition: ConditionModel): readonly ConditionModel[] {
  if ('all' in condition) return condition.all
  if ('any' in condition) return condition.any
  return 'sequence' in condition ? condition.sequence : []
}

function compileLeaf(model: LeafModel, index: number, { step, gates, opensGate, correlate }: Above): Leaf {
  const { sum, window } = model
  return {
    ...matcher(model),
    index,
    step,
    group: correlate?.index ?? -1,
    slot: index - (correlate?.first ?? 0),
    need: sum === undefined ? (model.atLeast ?? 1) : 1,
    distinctBy: model.distinctBy,
    distinctPath: model.distinctBy === undefined ? undefined : toPath(model.distinctBy),
    sum: sum === undefined ? undefined : { pointer: sum.of, path: toPath(sum.of), need: toMillionths(sum.atLeast) },
    sliding: window !== undefined && 'sliding' in window ? duration(window.sliding) : undefined,
    slidingText: window !== undefined && 'sliding' in window ? window.sliding : undefined,
    window: window !== undefined && 'since' in window ? { since: window.since, within: duration(window.within) } : undefined,
    correlatePath: correlate?.path,
    lookback: model.lookback ?? 'sinceEnrolment',
    exclusive: model.consume === 'exclusive',
    gates,
    opensGate,
  }
}

const LARGEST_SUMMAND = 1e15

/** What a number adds to a sum: whole millionths, halves rounded up. */
export function toMillionths(value: number): bigint {
  return BigInt(Math.round(Math.min(Math.max(value, -LARGEST_SUMMAND), LARGEST_SUMMAND) * 1e6))
}

function compileTrait({ trait, is }: TraitModel, { predicates }: Parts): number {
  const [key = ''] = toPath(trait)
  return predicates.push({ pointer: trait, key, checks: compileWhere({ [trait]: is }) }) - 1
}

function compileStreak({ streak }: TrackModel): CompiledTrack['streak'] {
  if (streak === undefined) return undefined
  const { on, grace, freezes, xp = 0 } = streak
  const rule = {
    graceMs: grace === undefined ? 0 : (parseDuration(grace) ?? 0),
    initial: freezes?.initial ?? 0,
    earnEvery: freezes?.earnEvery ?? 0,
    cap: freezes?.cap ?? Math.max(freezes?.initial ?? 0, freezes?.earnEvery === undefined ? 0 : 1),
  }
  return { on: matcher(on), rule, xp }
}

function compileReentry({ reentry }: TrackModel): CompiledTrack['reentry'] {
  if (reentry === undefined) return 'never'
  return reentry.mode === 'afterDuration' ? duration(reentry.wait) : reentry.mode
}

function duration(text: string): Duration {
  return splitDuration(text) ?? { days: 0, ms: 0 }
}

function isDays(value: number | Duration | undefined): boolean {
  return typeof value === 'number' || (value !== undefined && value.days > 0)
}

function listed(
  after: { readonly all?: readonly string[] | undefined; readonly any?: readonly string[] | undefined } | undefined,
) {
  return after?.any === undefined ? { keys: after?.all ?? [], any: false } : { keys: after.any, any: true }
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

function listenersOf(
  steps: readonly Step[],
  leaves: readonly Leaf[],
  start: Matcher | undefined,
  streak: Matcher | undefined,
): Map<string, Listener> {
  const names = new Set(leaves.map(({ event }) => event))
  if (start !== undefined) names.add(start.event)
  if (streak !== undefined) names.add(streak.event)
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
      const crediting = streak?.event === name ? streak : undefined
      return [
        name,
        {
          place: first === undefined ? LEAFLESS_PLACE : FIRST_LEAF_PLACE + first.index,
          steps: byStep,
          start: starting,
          streak: crediting,
          isSole: listening.length === 1 && starting === undefined && crediting === undefined,
        },
      ]
    }),
  )
}

function behaviourOf({ audience, enrol, reentry, after, timezone, lateness, streak, steps }: TrackModel): number {
  return hash32(
    sortedJson({
      audience,
      enrol,
      reentry,
      after,
      timezone,
      lateness,
      streak: streak === undefined ? undefined : { ...streak, xp: undefined },
      steps: steps.map(({ key, required, after, opens, due, complete, branches, default: other }) => ({
        key,
        required,
        after,
        opens,
        due,
        complete,
        branches,
        default: other,
      })),
    }),
    0x811c9dc5,
  )
}
