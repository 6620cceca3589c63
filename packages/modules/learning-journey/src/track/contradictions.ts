import { type ConditionModel, type LeafModel, parseDuration, partsOf, type StepModel, type TrackModel } from '../engine/index.ts'
import { isZone } from '../time/is-zone.ts'
import type { TrackIssue } from './track-issues.ts'
import { placedParts } from './visit-conditions.ts'

const DEEPEST_CONDITION = 8
const DAY_MS = 24 * 60 * 60 * 1_000

/** What no schema can say of a track: fields that do not go together, and names that only a computer knows. */
export function contradictionsOf(track: Omit<TrackModel, 'format'>): TrackIssue[] {
  return [
    ...ofTimezone(track.timezone),
    ...ofStreak(track.streak),
    ...ofReentry(track),
    ...track.steps.flatMap((step, index) => [
      ...ofCondition(step.complete, `/steps/${index}/complete`),
      ...(step.branches ?? []).flatMap(({ when }, place) =>
        when === undefined ? [] : ofCondition(when, `/steps/${index}/branches/${place}/when`),
      ),
      ...ofBranches(step, `/steps/${index}`),
    ]),
  ]
}

function ofTimezone(timezone: string | undefined): TrackIssue[] {
  return timezone === undefined || isZone(timezone)
    ? []
    : [
        {
          pointer: '/timezone',
          message: `Unknown time zone ${JSON.stringify(timezone)}. Expected an IANA name such as Europe/Rome`,
        },
      ]
}

function ofStreak(streak: TrackModel['streak']): TrackIssue[] {
  const issues: TrackIssue[] = []
  if ((parseDuration(streak?.grace ?? '') ?? 0) >= DAY_MS)
    issues.push({ pointer: '/streak/grace', message: `${streak?.grace} is a day or longer. Expected less than PT24H` })
  const { initial = 0, cap } = streak?.freezes ?? {}
  if (cap !== undefined && initial > cap)
    issues.push({
      pointer: '/streak/freezes/initial',
      message: `It starts with ${initial} freezes, and holds at most ${cap} (cap). Raise cap, or lower initial`,
    })
  return issues
}

function ofReentry({ reentry, enrol }: Pick<TrackModel, 'reentry' | 'enrol'>): TrackIssue[] {
  if (reentry?.mode !== 'perKey' || (enrol?.mode !== 'explicit' && enrol?.mode !== 'onSegment')) return []
  const message = `With ${enrol.mode} no event starts a run, so there is no key. Use onEvent, or another re-entry`
  return [{ pointer: '/reentry/mode', message }]
}

function ofCondition(condition: ConditionModel, pointer: string): TrackIssue[] {
  if (depthOf(condition) > DEEPEST_CONDITION)
    return [{ pointer, message: `The condition is nested deeper than ${DEEPEST_CONDITION} levels` }]
  return ofNode(condition, pointer, undefined)
}

function depthOf(condition: ConditionModel): number {
  return 1 + Math.max(0, ...partsOf(condition).map(depthOf))
}

/** @param above pointer of the node above that groups by a value. */
function ofNode(condition: ConditionModel, pointer: string, above: string | undefined): TrackIssue[] {
  const issues: TrackIssue[] = []
  const own = 'correlate' in condition && condition.correlate !== undefined ? `${pointer}/correlate` : undefined
  if (own !== undefined && above !== undefined)
    issues.push({ pointer: own, message: `It stands inside ${above}, which groups the events already. Remove one of the two` })
  const grouped = above ?? own
  if ('event' in condition) return [...issues, ...ofLeaf(condition, pointer, grouped)]
  return [...issues, ...placedParts(condition, pointer).flatMap(([part, place]) => ofNode(part, place, grouped))]
}

function ofLeaf(leaf: LeafModel, pointer: string, grouped: string | undefined): TrackIssue[] {
  const { sum, window, atLeast, distinctBy, lookback, consume } = leaf
  const sliding = window !== undefined && 'sliding' in window
  const issues: TrackIssue[] = []
  const refuse = (field: string, message: string) => issues.push({ pointer: `${pointer}/${field}`, message })
  if (sum !== undefined && atLeast !== undefined)
    refuse('atLeast', 'A leaf with sum does not count events too. Write how much it takes in sum, as atLeast there')
  if (sum !== undefined && distinctBy !== undefined)
    refuse('distinctBy', 'A leaf with sum adds up every event. Remove distinctBy, or count with atLeast instead of sum')
  if (sum !== undefined && sliding)
    refuse(
      'window',
      'A leaf with sum has no sliding window. Use { "since": "enrolment", "within": … }, or atLeast instead of sum',
    )
  if (sliding && distinctBy !== undefined)
    refuse(
      'window',
      'A leaf with distinctBy has no sliding window. Remove distinctBy, or use { "since": "enrolment", "within": … }',
    )
  if (window !== undefined && 'since' in window && window.since === 'unlock' && lookback === 'ever')
    refuse('lookback', 'A window since unlock takes nothing from before it, so lookback cannot be ever. Remove one of the two')
  if (consume === 'exclusive' && grouped !== undefined)
    refuse('consume', `An event that ${grouped} gives to one group cannot be taken from others. Remove consume, or the correlate`)
  return issues
}

function ofBranches({ branches, default: otherwise }: StepModel, pointer: string): TrackIssue[] {
  if (branches === undefined)
    return otherwise === undefined
      ? []
      : [{ pointer: `${pointer}/default`, message: `There are no branches that ${otherwise} could be the default of` }]
  const issues: TrackIssue[] = []
  const keys = branches.map(({ key }) => key)
  for (const [index, { key, when }] of branches.entries()) {
    if (keys.indexOf(key) !== index)
      issues.push({
        pointer: `${pointer}/branches/${index}/key`,
        message: `The branch ${key} is there twice. Give one another key`,
      })
    if (when === undefined && key !== otherwise)
      issues.push({
        pointer: `${pointer}/branches/${index}`,
        message: `The branch ${key} has no when, so nothing leads to it. Add when, or make it the default`,
      })
  }
  if (new Set([...keys, ...(otherwise === undefined ? [] : [otherwise])]).size < 2)
    issues.push({ pointer: `${pointer}/branches`, message: 'There is one way only. Add a branch, or a default of another key' })
  return issues
}
