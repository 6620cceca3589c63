import type { DetailCheck, Reason } from '../engine/index.ts'

/** Reasons in words that need no knowledge of the engine. */
export const REASON_WORDS: Readonly<Record<Reason, string>> = {
  count_short: 'it takes more events',
  condition_false: 'the event is not like the one that the step wants',
  window_expired: 'it happened after the time in which it counts',
  prerequisite: 'something else comes first',
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

/** What a check found: `amount is 400, wants ≥ 1000`. */
export function checkWords({ check, operator, expected, actual, from }: DetailCheck): string {
  if (check === 'trust') return 'it came from the learner’s app, wants the server'
  const is = `${fieldWords(from)} ${actual === null ? 'has no value' : `is ${JSON.stringify(actual)}`}`
  return operator === 'unseen' ? `${is}, which was counted before` : `${is}, wants ${operandWords(operator, expected)}`
}

/** The name of a field, out of the place that its value came from. */
export function fieldWords(from: string): string {
  if (from === '/eventVersion') return 'the version'
  if (from === '/sourceModule') return 'the source'
  const tokens = from
    .replace(/^\/(eventPayload|traits)/, '')
    .split('/')
    .slice(1)
  const field = tokens.map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~')).join('.')
  return field === '' ? 'the whole' : field
}

function operandWords(operator: string, expected: unknown): string {
  const value = JSON.stringify(expected)
  const list = () => (expected as readonly unknown[]).map((item) => JSON.stringify(item)).join(', ')
  switch (operator) {
    case 'eq':
      return value
    case 'ne':
      return `anything but ${value}`
    case 'in':
      return `one of ${list()}`
    case 'nin':
      return `none of ${list()}`
    case 'exists':
      return expected === true ? 'a value' : 'no value'
    case 'contains':
      return `something that contains ${value}`
    case 'startsWith':
      return `something that starts with ${value}`
    case 'type':
      return `a ${expected}`
    default:
      return `${COMPARISONS[operator] ?? operator} ${value}`
  }
}

const COMPARISONS: Readonly<Record<string, string>> = { gt: '>', gte: '≥', lt: '<', lte: '≤' }

/** A moment and how far away it is: `2026-03-04 09:00 UTC, in 2 days`. */
export function momentWords(moment: string, now: number): string {
  return `${moment.slice(0, 10)} ${moment.slice(11, 16)} UTC, ${distanceWords(Date.parse(moment) - now)}`
}

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const

/** In the largest unit of which there are two. */
function distanceWords(distance: number): string {
  const size = Math.abs(distance)
  const [name, length] = UNITS.find(([, unit]) => size >= 2 * unit) ?? ['', 0]
  if (length === 0) return distance < 0 ? 'a moment ago' : 'in a moment'
  const text = `${Math.round(size / length)} ${name}s`
  return distance < 0 ? `${text} ago` : `in ${text}`
}

/** An ISO 8601 duration: `PT24H` is `24 hours`. */
export function durationWords(duration: string): string {
  const [date = '', time = ''] = duration.slice(1).split('T')
  const parts = [...named(date, { W: 'week', D: 'day' }), ...named(time, { H: 'hour', M: 'minute', S: 'second' })]
  return parts.join(' and ')
}

function named(text: string, units: Readonly<Record<string, string>>): string[] {
  return [...text.matchAll(/(\d+)([A-Z])/g)].map(([, count, unit = '']) => `${count} ${units[unit]}${count === '1' ? '' : 's'}`)
}
