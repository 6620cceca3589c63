import type { Detail, Reason, Verdict } from '@waymark/learning-journey'
import { tint } from './print.ts'

/** What an event did to one step, as `recordEvent` and `explain` answer. */
export interface Outcome {
  readonly trackId: string
  readonly stepId: string
  readonly verdict: Verdict
  readonly reason: Reason | null
  readonly detail: Detail
}

/** A step as it stands, as `explain` answers without an event. */
export interface Standing {
  readonly trackId: string
  readonly stepId: string
  readonly status: 'locked' | 'open' | 'completed'
  readonly standing: boolean
  readonly detail: Detail
}

/** One paragraph for each step: verdict, reason in words, and the condition tree with expected, actual and where from. */
export function renderOutcomes(outcomes: readonly Outcome[]): string[] {
  if (outcomes.length === 0) return ['No step listens to it.']
  return outcomes.flatMap(({ trackId, stepId, verdict, reason, detail }) => [
    `${tint('bold', `${trackId} / ${stepId}`)}  ${tint(verdict === 'completed' ? 'green' : 'yellow', verdict)}${
      reason === null ? '' : `: ${REASONS[reason]} (${reason})`
    }`,
    ...renderDetail(detail, 1),
  ])
}

/** One paragraph for each step as it stands. */
export function renderStandings(steps: readonly Standing[]): string[] {
  return steps.flatMap(({ trackId, stepId, status, standing, detail }) => [
    `${tint('bold', `${trackId} / ${stepId}`)}  ${tint(status === 'completed' ? 'green' : 'yellow', status)}${
      standing ? ': announced, and a late event contradicts it' : ''
    }`,
    ...renderDetail(detail, 1),
  ])
}

const REASONS: Readonly<Record<Reason, string>> = {
  count_short: 'it takes more events',
  condition_false: 'the event is not like the one that the step wants',
  window_expired: 'it happened after the time in which it counts',
  prerequisite: 'another step comes first',
  not_open_yet: 'the step opens later',
  branch_closed: 'another way was chosen',
  missed: 'the step was due before',
  audience: 'the learner is not one of those the track is for',
  exited: 'the run was exited',
  paused: 'the track is paused',
  already_done: 'the step was done before',
  before_start: 'it happened before the learner started',
  consumed: 'an earlier step has taken the event',
  not_enrolled: 'the learner is not enrolled in the track',
  source_untrusted: 'the step counts events of the server only, and this one came from the learner’s app',
  version_unsupported: 'the step wants another version of the event',
  too_late: 'it arrived later than the track allows',
  evidence_expired: 'what happened at its time is no longer kept',
}

function renderDetail(detail: Detail, depth: number): string[] {
  const line = (text: string) => `${'  '.repeat(depth)}${mark(detail.met)} ${text}`
  switch (detail.node) {
    case 'after': {
      const steps = detail.steps.map(({ stepId, met }) => `${stepId} (${met ? 'done' : 'not done'})`)
      return [line(`after ${detail.any ? 'one of ' : ''}${steps.join(', ')}`)]
    }
    case 'event': {
      const counted = `${detail.event}: ${detail.actual} of ${detail.expected} counted`
      return [
        line(detail.distinctBy === null ? counted : `${counted}, each with another ${detail.distinctBy}`),
        ...detail.checks.map(
          ({ check, met, operator, expected, actual, from }) =>
            `${'  '.repeat(depth + 1)}${mark(met)} ${check}: expected ${OPERATORS[operator] ?? `${operator} `}${JSON.stringify(expected)}, actual ${JSON.stringify(actual)} from ${from}`,
        ),
      ]
    }
    default:
      return [line(GROUPS[detail.node]), ...detail.parts.flatMap((part) => renderDetail(part, depth + 1))]
  }
}

const GROUPS = { all: 'all of', any: 'one of', sequence: 'one after the other' } as const
const OPERATORS: Readonly<Record<string, string>> = { eq: '', ne: 'not ', gt: '> ', gte: '≥ ', lt: '< ', lte: '≤ ' }

function mark(met: boolean): string {
  return met ? tint('green', '✓') : tint('red', '✗')
}
