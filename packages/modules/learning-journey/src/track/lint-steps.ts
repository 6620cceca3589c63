import { branchOf, type StepModel, type TrackModel } from '../engine/index.ts'
import { deepEqual } from '../engine/where.ts'
import { error, type Finding, hint, info, warning } from './finding.ts'
import { isOverBeforeOpen } from './step-times.ts'
import { conditionsOf, eachLeaf } from './visit-conditions.ts'
import { circles, reachable, type Waiting } from './waiting.ts'

/** Checks steps, their branches and what they wait for, and whether everything can be come to and earned. */
export function lintSteps(track: TrackModel): Finding[] {
  const { steps } = track
  const findings: Finding[] = []
  const dead = new Set(steps.filter(isOverBeforeOpen).map(({ key }) => key))
  const unreachable = new Set<string>()
  for (const [index, step] of steps.entries()) {
    findings.push(...lintKeys(step, index, steps))
    if (dead.has(step.key)) findings.push(deadEnd(step, index))
    for (const { place, isNever, because } of blindBranches(step)) {
      if (isNever) unreachable.add(`${step.key}.${step.branches?.[place]?.key}`)
      findings.push(warning('BRANCH_UNREACHABLE', `/steps/${index}/branches/${place}`, because))
    }
  }
  findings.push(...lintCircles(steps), ...lintRewards(track, dead, unreachable))
  if (steps.every(({ required }) => required === false))
    findings.push(
      warning(
        'NOTHING_REQUIRED',
        '/steps',
        'No step is required, so the track is complete as soon as it starts. Make one of them required.',
      ),
    )
  return [...findings, ...lintStart(track), ...unusedBranches(steps)]
}

function lintStart(track: TrackModel): Finding[] {
  let events = 0
  for (const [condition, pointer] of conditionsOf(track)) eachLeaf(condition, pointer, () => events++)
  if ((track.enrol?.mode ?? 'onFirstMatch') !== 'onFirstMatch' || events > 0) return []
  const message = 'A run starts with the first event that a step counts, and no step counts any. Choose another way to enrol.'
  return [error('NOTHING_STARTS', track.enrol === undefined ? '/steps' : '/enrol', message)]
}

/** The keys of the ways on from a step: its branches, and the default when it is none of them. */
function waysOf({ branches = [], default: otherwise }: StepModel): string[] {
  return [...new Set([...branches.map(({ key }) => key), ...(otherwise === undefined ? [] : [otherwise])])]
}

function lintKeys(step: StepModel, index: number, steps: readonly StepModel[]): Finding[] {
  const findings: Finding[] = []
  const keys = steps.map(({ key }) => key)
  const after = `/steps/${index}/after`
  if (keys.indexOf(step.key) !== index)
    findings.push(
      error('STEP_DUPLICATE', `/steps/${index}/key`, `The step ${step.key} is there twice. Give one of them another key.`),
    )
  for (const kind of ['all', 'any'] as const)
    for (const [place, key] of (step.after?.[kind] ?? []).entries())
      if (!keys.includes(key))
        findings.push(error('STEP_UNKNOWN', `${after}/${kind}/${place}`, `There is no step ${key}.${hint(key, keys)}`))
  const wanted = branchOf(step)
  if (wanted === undefined) return findings
  const { step: key, branch: way } = wanted
  const forked = steps.find((other) => other.key === key)
  if (forked === undefined) {
    findings.push(error('STEP_UNKNOWN', `${after}/branch`, `There is no step ${key}.${hint(key, keys)}`))
  } else if (!waysOf(forked).includes(way)) {
    const ways = waysOf(forked)
    const next = ways.length === 0 ? ' It has none: give it branches.' : hint(way, ways) || ` It has ${ways.join(', ')}.`
    findings.push(error('BRANCH_UNKNOWN', `${after}/branch`, `The step ${key} has no branch ${way}.${next}`))
  }
  return findings
}

function deadEnd({ key, opens, due }: StepModel, index: number): Finding {
  const opening = opens !== undefined && 'onDay' in opens ? `on day ${opens.onDay}` : `${opens?.after} after the start`
  return error(
    'STEP_DEAD_END',
    `/steps/${index}/due`,
    `The step ${key} opens ${opening} and is due ${due?.after} after it, so there is no time to complete it. Make it due later, or open it earlier.`,
  )
}

interface BlindBranch {
  readonly place: number
  /** False: somebody who skips the step can still come to it. */
  readonly isNever: boolean
  readonly because: string
}

/** Branches that nothing leads to, because another one before them is always chosen first. */
function blindBranches({ complete, branches = [], default: otherwise }: StepModel): BlindBranch[] {
  const blind: BlindBranch[] = []
  let first: string | undefined
  for (const [place, { key, when }] of branches.entries()) {
    if (when === undefined) continue
    const twin = branches.slice(0, place).find((other) => deepEqual(other.when, when))
    if (key === otherwise) {
      // Whatever its when is, it is chosen when no other is.
    } else if (twin !== undefined) {
      const because = `The branch ${key} wants what ${twin.key} before it wants, so it is never chosen. Change its when.`
      blind.push({ place, isNever: true, because })
    } else if (first !== undefined) {
      const because = `The branch ${key} stands behind ${first}, which wants what the step wants: whoever completes the step goes there. Make ${first} the default, without when.`
      blind.push({ place, isNever: false, because })
    }
    if (deepEqual(when, complete)) first ??= key
  }
  return blind
}

function lintCircles(steps: readonly StepModel[]): Finding[] {
  return circles(waitingOf(steps)).map((circle) => {
    const index = steps.findIndex(({ key }) => key === circle[0])
    return error(
      'STEP_CYCLE',
      `/steps/${index}/after`,
      `These steps wait for each other, so none can ever open: ${circle.join(' → ')}. Remove one of the prerequisites.`,
    )
  })
}

/** A step of a branch waits for the step that has the branch. */
function waitingOf(steps: readonly StepModel[]): Map<string, Waiting> {
  return new Map(
    steps.map((step) => {
      const { all = [], any = [] } = step.after ?? {}
      const fork = branchOf(step)?.step
      return [step.key, { all: fork === undefined ? all : [...all, fork], any }]
    }),
  )
}

/** Rewards of what cannot be completed. A person can waive a step, but that earns nothing. */
function lintRewards({ steps, completion }: TrackModel, dead: ReadonlySet<string>, unreachable: ReadonlySet<string>): Finding[] {
  const isNeverOpen = ({ after }: StepModel) => after?.branch !== undefined && unreachable.has(after.branch)
  const closed = new Set(steps.filter(isNeverOpen).map(({ key }) => key))
  const reached = reachable(waitingOf(steps), (key) => dead.has(key))
  const findings = steps.flatMap((step, index) =>
    isReward(step.reward) && (closed.has(step.key) || !reached.has(step.key))
      ? [
          warning(
            'REWARD_UNREACHABLE',
            `/steps/${index}/reward`,
            `Nobody can earn the reward of ${step.key}: the step can never be completed. See the findings on it and on what it waits for.`,
          ),
        ]
      : [],
  )
  // A step of a way that is not taken counts as satisfied.
  const blocking = steps.find(({ key, required }) => required !== false && !reached.has(key) && !closed.has(key))
  if (isReward(completion) && blocking !== undefined)
    findings.push(
      warning(
        'REWARD_UNREACHABLE',
        '/completion',
        `Nobody can earn the reward of the track: its step ${blocking.key} is required and can never be completed. See the findings on it and on what it waits for.`,
      ),
    )
  return findings
}

function isReward(reward: StepModel['reward']): boolean {
  return (reward?.xp ?? 0) > 0 || reward?.badge !== undefined
}

function unusedBranches(steps: readonly StepModel[]): Finding[] {
  const used = new Set(steps.map(({ after }) => after?.branch))
  return steps.flatMap((step, index) =>
    waysOf(step)
      .filter((way) => !used.has(`${step.key}.${way}`))
      .map((way) => {
        const place = step.branches?.findIndex(({ key }) => key === way) ?? -1
        return info(
          'BRANCH_UNUSED',
          place < 0 ? `/steps/${index}/default` : `/steps/${index}/branches/${place}`,
          `No step belongs to the branch ${way} of ${step.key}: whoever goes there has nothing more to do on it.`,
        )
      }),
  )
}
