import type { MissingPart } from '../contracts/explain.ts'
import type { ConditionDetail } from '../contracts/outcome.ts'
import { type CompiledTrack, isInAudience, isRunning, type TrackState } from '../engine/index.ts'

type Idle = Extract<MissingPart, { kind: 'run' }>['reason']

/** Why no run is open in which a step could be done; null when one is, or when the first event starts one. */
export function idleReason(track: CompiledTrack, state: TrackState, isPaused: boolean, gateAt: number): Idle | null {
  if (isPaused) return 'paused'
  if (isRunning(state)) return null
  if (state.run >= 0) return state.outcome === 'open' ? null : state.outcome
  if (gateAt === Number.POSITIVE_INFINITY) return 'prerequisite'
  if (!isInAudience(track, state)) return 'audience'
  return track.mode === 'onFirstMatch' ? null : 'not_enrolled'
}

/** What has to come before a step is completed, out of its condition tree. */
export function missingOf(status: string, detail: ConditionDetail, idle: Idle | null): MissingPart[] {
  // A settled step counts as met, whatever there is below.
  const parts = detail.node === 'all' ? detail.parts.flatMap(unmetParts) : unmetParts(detail)
  switch (status) {
    case 'open':
    case 'locked':
      return idle === null ? parts : [{ kind: 'run', reason: idle }, ...parts]
    case 'missed':
      return parts.filter(({ kind }) => kind === 'due')
    case 'closed':
      return parts.filter(({ kind }) => kind === 'branch')
    default:
      return []
  }
}

function unmetParts(detail: ConditionDetail): MissingPart[] {
  if (detail.met) return []
  switch (detail.node) {
    case 'after': {
      const stepIds = detail.steps.filter(({ met }) => !met).map(({ stepId }) => stepId)
      return [{ kind: 'steps', stepIds, any: detail.any }]
    }
    case 'branch':
      return [{ kind: 'branch', stepId: detail.stepId, expected: detail.expected, actual: detail.actual }]
    case 'opens':
    case 'due':
      return [{ kind: detail.node, at: detail.at }]
    case 'trait':
      return detail.checks
        .filter(({ met }) => !met)
        .map(({ operator, expected, actual, from }) => ({
          kind: 'trait',
          trait: from.slice('/traits'.length),
          operator,
          expected,
          actual,
        }))
    case 'event': {
      const { event, expected, actual, distinctBy, sumOf, until, sliding } = detail
      return [{ kind: 'event', event, more: expected - actual, distinctBy, sumOf, until, sliding }]
    }
    case 'any': {
      const options = detail.parts.map(unmetParts)
      return options.length === 1 ? (options[0] ?? []) : [{ kind: 'oneOf', options }]
    }
    default:
      return detail.parts.flatMap(unmetParts)
  }
}
