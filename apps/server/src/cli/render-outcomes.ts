import type { ConditionDetail, Reason, Verdict } from '@waymark/learning-journey'
import { tint } from './print.ts'

/** What an event did to one step, as `recordEvent` and `explain` answer. */
export interface Outcome {
  readonly trackId: string
  readonly stepId: string
  readonly verdict: Verdict
  readonly reason: Reason | null
  readonly detail: ConditionDetail
}

/** A step as it stands, as `explain` answers without an event. */
export interface Standing {
  readonly trackId: string
  readonly stepId: string
  readonly status: 'locked' | 'open' | 'completed'
  readonly standing: boolean
  readonly detail: ConditionDetail
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

function renderDetail(detail: ConditionDetail, depth: number): string[] {
  const line = (text: string) => `${'  '.repeat(depth)}${mark(detail.met)} ${text}`
  switch (detail.node) {
    case 'after': {
      const steps = detail.steps.map(({ stepId, met }) => `${stepId} (${met ? 'done' : 'not done'})`)
      return [line(`after ${detail.any ? 'one of ' : ''}${steps.join(', ')}`)]
    }
    case 'branch':
      return [line(`on the way ${detail.expected} of ${detail.stepId}: ${detail.actual ?? 'none is'} chosen`)]
    case 'opens':
      return [line(detail.at === null ? 'opens some time after the start' : `opens at ${detail.at}`)]
    case 'due':
      return [line(detail.at === null ? 'due some time after the start' : `due at ${detail.at}`)]
    case 'trait':
      return [line('traits of the learner'), ...detail.checks.map((check) => renderCheck(check, depth + 1))]
    case 'event':
      return [line(eventText(detail)), ...detail.checks.map((check) => renderCheck(check, depth + 1))]
    default:
      return [
        line(
          `${GROUPS[detail.node]}${detail.correlate === null ? '' : `, grouped by ${detail.correlate}`}${groupText(detail.group)}`,
        ),
        ...detail.parts.flatMap((part) => renderDetail(part, depth + 1)),
      ]
  }
}

function eventText({ event, actual, expected, distinctBy, sumOf, sliding, until }: EventDetail): string {
  return [
    `${event}: ${actual} of ${expected} ${sumOf === null ? 'counted' : `in ${sumOf}`}`,
    ...(distinctBy === null ? [] : [`each with another ${distinctBy}`]),
    ...(sliding === null ? [] : [`all within ${sliding}`]),
    ...(until === null ? [] : [`until ${until}`]),
  ].join(', ')
}

function groupText(group: string | null): string {
  return group === null ? '' : `; nearest is ${group}`
}

function renderCheck({ check, met, operator, expected, actual, from }: EventDetail['checks'][number], depth: number): string {
  const wanted = `${OPERATORS[operator] ?? `${operator} `}${JSON.stringify(expected)}`
  return `${'  '.repeat(depth)}${mark(met)} ${check}: expected ${wanted}, actual ${JSON.stringify(actual)} from ${from}`
}

type EventDetail = Extract<ConditionDetail, { readonly node: 'event' }>

const GROUPS = { all: 'all of', any: 'one of', sequence: 'one after the other' } as const
const OPERATORS: Readonly<Record<string, string>> = { eq: '', ne: 'not ', gt: '> ', gte: '≥ ', lt: '< ', lte: '≤ ' }

function mark(met: boolean): string {
  return met ? tint('green', '✓') : tint('red', '✗')
}
