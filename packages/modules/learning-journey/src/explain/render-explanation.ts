import type { OutputOf } from '@waymark/contract'
import type { z } from 'zod'
import type { ExplainContract } from '../contracts/explain.ts'
import type { ConditionDetail, Outcome as OutcomeSchema } from '../contracts/outcome.ts'
import { checkWords, durationWords, fieldWords, momentWords, REASON_WORDS } from './words.ts'

/** What `learning.onboarding.explain` answers. */
export type Explanation = OutputOf<typeof ExplainContract>
/** What an event did to one step, as `recordEvent`, `explain` and `simulate` answer. */
export type Outcome = z.infer<typeof OutcomeSchema>
type ExplainedStep = Explanation['steps'][number]
type ExplainedTrack = Explanation['tracks'][number]
type NearMiss = ExplainedStep['nearMisses'][number]

export interface RenderOptions {
  /** From when on moments are told as far away, epoch milliseconds. */
  readonly now: number
  /** Gives parts of a line a colour, where there are any; they stay as they are when absent. */
  readonly paint?: (part: 'title' | 'good' | 'bad', text: string) => string
}

interface Context {
  readonly now: number
  readonly paint: (part: 'title' | 'good' | 'bad', text: string) => string
  /** Whether the checks in a tree are about the one event that is explained. */
  readonly misses: readonly NearMiss[]
}

/** An explanation as lines of plain text, for people who do not know how tracks are written. */
export function renderExplanation({ event, outcomes, steps, tracks }: Explanation, options: RenderOptions): string[] {
  const context = contextOf(options)
  const about = tracks.flatMap((track) => trackLines(track, context))
  if (event === null) return [...about, ...steps.flatMap((step) => stepLines(step, context))]
  const { eventId, eventName, eventVersion, occurredAt, receivedAt, channel } = event
  const name = context.paint('title', `${eventName} ${eventVersion}`)
  const head =
    eventId === null
      ? `${name}, if it were reported now and had occurred ${occurredAt}`
      : `${name} ${eventId}, occurred ${occurredAt}, received ${receivedAt} by ${channel}`
  return [head, ...about, ...renderOutcomes(outcomes, options)]
}

/** What an event did, one paragraph for each step: verdict, reason in words, and the condition with what it wants and has. */
export function renderOutcomes(outcomes: readonly Outcome[], options: RenderOptions): string[] {
  if (outcomes.length === 0) return ['No step listens to it.']
  const context = contextOf(options)
  return outcomes.flatMap(({ trackId, stepId, verdict, reason, detail }) => [
    `${context.paint('title', `${trackId} / ${stepId}`)}  ${context.paint(verdict === 'completed' ? 'good' : 'bad', verdict)}${
      reason === null ? '' : `: ${REASON_WORDS[reason]} (${reason})`
    }`,
    ...detailLines(detail, 1, context),
  ])
}

function contextOf({ now, paint = (_, text) => text }: RenderOptions): Context {
  return { now, paint, misses: [] }
}

/** What keeps a whole track from counting. */
function trackLines(
  { trackId, status, enrolment, endedAt, paused, heldOut, audience, after }: ExplainedTrack,
  context: Context,
): string[] {
  const lines: string[] = []
  const add = (text: string) => lines.push(`${context.paint('title', trackId)}  ${text}`)
  if (paused) add('is paused: nothing counts until it is resumed')
  if (heldOut) add('is held out for comparison: it is evaluated, and nothing is granted or shown')
  if ((status === 'exited' || status === 'reset') && endedAt !== null) add(`was ${status}, ${momentWords(endedAt, context.now)}`)
  if (status !== 'not_enrolled') return lines
  const refused = audience.filter(({ met }) => !met)
  if (refused.length > 0) add(`is not for this learner: ${refused.map(checkWords).join('; ')}`)
  const waiting = after?.tracks.filter(({ met }) => !met) ?? []
  if (after !== null && waiting.length > 0 && !(after.any && waiting.length < after.tracks.length))
    add(`comes after ${waiting.map((track) => track.trackId).join(after.any ? ' or ' : ' and ')}, not completed yet`)
  if (lines.length === 0) add(START_WORDS[enrolment])
  return lines
}

const START_WORDS = {
  onFirstMatch: 'has not started: its first event has not come',
  onEvent: 'has not started: the event that starts it has not come',
  explicit: 'has not started: nobody enrolled the learner',
  onSegment: 'has not started: the learner has not become one of those it is for',
} as const

function stepLines({ trackId, stepId, status, standing, detail, nearMisses }: ExplainedStep, context: Context): string[] {
  const { paint } = context
  const isDone = status === 'completed' || status === 'skipped' || status === 'waived'
  const misses = nearMisses.map(
    (miss) =>
      `    ${miss.occurredAt} ${miss.eventName} ${miss.eventId}${miss.sourceModule === null ? '' : ` of ${miss.sourceModule}`}: ${missWords(miss)}`,
  )
  return [
    `${paint('title', `${trackId} / ${stepId}`)}  ${paint(isDone ? 'good' : 'bad', status)}${
      standing ? ': it was announced, and a late event contradicts it' : ''
    }`,
    ...detailLines(detail, 1, { ...context, misses: nearMisses }),
    ...(misses.length === 0 ? [] : ['  Almost counted:', ...misses]),
  ]
}

function missWords({ check, reason }: NearMiss): string {
  return check === null ? REASON_WORDS[reason] : checkWords(check)
}

function detailLines(detail: ConditionDetail, depth: number, context: Context): string[] {
  const { paint, now } = context
  const line = (text: string, met = detail.met) => `${'  '.repeat(depth)}${met ? paint('good', '✓') : paint('bad', '✗')} ${text}`
  switch (detail.node) {
    case 'after': {
      const steps = detail.steps.map(({ stepId, met }) => `${stepId} (${met ? 'done' : 'not done'})`)
      return [line(`comes after ${detail.any ? 'one of ' : ''}${steps.join(', ')}`)]
    }
    case 'branch': {
      const { stepId, expected, actual } = detail
      if (actual === null) return [line(`is on the way ${expected}, and ${stepId} has not chosen yet`)]
      return [
        line(actual === expected ? `${stepId} chose ${expected}` : `is on the way ${expected}, and ${stepId} chose ${actual}`),
      ]
    }
    case 'opens':
      if (detail.at === null) return [line('opens some time after the start')]
      return [line(`${detail.met ? 'opened' : 'opens'} ${momentWords(detail.at, now)}`)]
    case 'due':
      if (detail.at === null) return [line('is due some time after the start')]
      return [line(`${detail.met ? 'due' : 'was due'} ${momentWords(detail.at, now)}`)]
    case 'trait':
      return detail.checks.map((check) => line(checkWords(check), check.met))
    case 'event':
      return [line(eventWords(detail, context))]
    default: {
      if (detail.node === 'all' && detail.correlate === null)
        return detail.parts.flatMap((part) => detailLines(part, depth, context))
      const parts = detail.parts.flatMap((part) => detailLines(part, depth + 1, context))
      return [line(`${GROUPS[detail.node]}${correlateWords(detail)}`), ...parts]
    }
  }
}

const GROUPS = { all: 'all of these', any: 'one of these', sequence: 'these, one after the other' } as const

function correlateWords({ correlate, group }: { readonly correlate: string | null; readonly group: string | null }): string {
  if (correlate === null) return ''
  const nearest = group === null ? '' : `; the nearest has ${group}`
  return `, by events with one ${fieldWords(`/eventPayload${correlate}`)}${nearest}`
}

function eventWords(detail: Extract<ConditionDetail, { node: 'event' }>, { now, misses }: Context): string {
  const { event, met, expected, actual, distinctBy, sumOf, until, sliding, checks } = detail
  const counted =
    sumOf === null
      ? `${actual} of ${expected} \`${event}\` counted`
      : `${fieldWords(`/eventPayload${sumOf}`)} of \`${event}\` adds up to ${actual} of ${expected}`
  const distinct = distinctBy === null ? '' : `, each with another ${fieldWords(`/eventPayload${distinctBy}`)}`
  const within = sliding === null ? '' : `, all within ${durationWords(sliding)}`
  const ends =
    until === null || met ? '' : `, ${Date.parse(until) < now ? 'and its time ended' : 'until'} ${momentWords(until, now)}`
  const failed = checks.filter((check) => !check.met)
  const [last] = misses.filter(({ eventName }) => eventName === event)
  const refused =
    failed.length > 0
      ? `; this one is refused: ${failed.map(checkWords).join('; ')}`
      : last === undefined || met
        ? ''
        : `; the last one was refused: ${missWords(last)}`
  return `${counted}${distinct}${within}${ends}${refused}`
}
