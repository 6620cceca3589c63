import { describe, expect, it } from 'vitest'
import type { ConditionDetail } from '../contracts/outcome.ts'
import { REASONS } from '../engine/index.ts'
import { type Explanation, type Outcome, renderExplanation, renderOutcomes } from './render-explanation.ts'
import { durationWords } from './words.ts'

const NOW = Date.parse('2026-03-02T09:00:00Z')
const LEAF = {
  node: 'event',
  event: 'deal.created',
  met: false,
  expected: 3,
  actual: 2,
  distinctBy: null,
  sumOf: null,
  until: null,
  sliding: null,
  checks: [],
} satisfies ConditionDetail

function outcome(change: Partial<Outcome> = {}): Outcome {
  return { trackId: 't', stepId: 's', verdict: 'unchanged', reason: null, detail: LEAF, ...change }
}

/** The lines below the head of a step with a condition. */
function lines(detail: ConditionDetail, nearMisses: Explanation['steps'][number]['nearMisses'] = []): string[] {
  const step = { trackId: 't', stepId: 's', status: 'open', standing: false, detail, missing: [], nearMisses } as const
  const [head, ...rest] = renderExplanation(
    { event: null, outcomes: [], steps: [{ ...step, missing: [] }], tracks: [] },
    { now: NOW },
  )
  expect(head).toBe('t / s  open')
  return rest
}

const all = (...parts: ConditionDetail[]): ConditionDetail => ({ node: 'all', met: false, correlate: null, group: null, parts })

it.each(REASONS)('has words for the reason %s', (reason) => {
  const [line = ''] = renderOutcomes([outcome({ reason })], { now: NOW })
  expect(line).toMatch(new RegExp(`^t / s {2}unchanged: \\w[^(]{10,} \\(${reason}\\)$`))
})

describe('a condition', () => {
  it('says how many events were counted, and why the last one was not', () => {
    const check = {
      check: 'where',
      met: false,
      operator: 'gte',
      expected: 1000,
      actual: 400,
      from: '/eventPayload/amount',
    } as const
    const miss = { eventId: 'd3', sourceModule: 'crm', eventName: 'deal.created', occurredAt: '2026-03-02T08:00:00.000Z' }
    expect(lines(LEAF, [{ ...miss, reason: 'condition_false', check }])).toEqual([
      '  ✗ 2 of 3 `deal.created` counted; the last one was refused: amount is 400, wants ≥ 1000',
      '  Almost counted:',
      '    2026-03-02T08:00:00.000Z deal.created d3 of crm: amount is 400, wants ≥ 1000',
    ])
    expect(lines(LEAF, [{ ...miss, sourceModule: null, reason: 'too_late', check: null }])).toEqual([
      '  ✗ 2 of 3 `deal.created` counted; the last one was refused: it arrived later than the track allows',
      '  Almost counted:',
      '    2026-03-02T08:00:00.000Z deal.created d3: it arrived later than the track allows',
    ])
  })

  it('says what the counted events have in common, and until when they count', () => {
    expect(lines({ ...LEAF, distinctBy: '/owner/id' })).toEqual(['  ✗ 2 of 3 `deal.created` counted, each with another owner.id'])
    expect(lines({ ...LEAF, sliding: 'PT24H' })).toEqual(['  ✗ 2 of 3 `deal.created` counted, all within 24 hours'])
    expect(lines({ ...LEAF, sumOf: '/amount', actual: 300.5, expected: 1000 })).toEqual([
      '  ✗ amount of `deal.created` adds up to 300.5 of 1000',
    ])
    expect(lines({ ...LEAF, until: '2026-03-05T09:30:00.000Z' })).toEqual([
      '  ✗ 2 of 3 `deal.created` counted, until 2026-03-05 09:30 UTC, in 3 days',
    ])
    expect(lines({ ...LEAF, until: '2026-03-02T06:00:00.000Z' })).toEqual([
      '  ✗ 2 of 3 `deal.created` counted, and its time ended 2026-03-02 06:00 UTC, 3 hours ago',
    ])
  })

  it('says what comes first, when a step opens and was due, and which way was chosen', () => {
    const steps = [
      { stepId: 'a', met: true },
      { stepId: 'b', met: false },
    ]
    const branch = { node: 'branch', stepId: 'fork', expected: 'left' } as const
    expect(
      lines(
        all(
          { node: 'after', met: false, any: false, steps },
          { node: 'after', met: true, any: true, steps },
          { ...branch, met: false, actual: null },
          { ...branch, met: false, actual: 'right' },
          { ...branch, met: true, actual: 'left' },
          { node: 'opens', met: false, at: '2026-03-02T09:01:00.000Z' },
          { node: 'opens', met: true, at: '2026-03-02T08:20:00.000Z' },
          { node: 'opens', met: false, at: null },
          { node: 'due', met: true, at: '2026-03-10T09:00:00.000Z' },
          { node: 'due', met: false, at: '2026-03-01T09:00:00.000Z' },
          { node: 'due', met: true, at: null },
        ),
      ),
    ).toEqual([
      '  ✗ comes after a (done), b (not done)',
      '  ✓ comes after one of a (done), b (not done)',
      '  ✗ is on the way left, and fork has not chosen yet',
      '  ✗ is on the way left, and fork chose right',
      '  ✓ fork chose left',
      '  ✗ opens 2026-03-02 09:01 UTC, in a moment',
      '  ✓ opened 2026-03-02 08:20 UTC, 40 minutes ago',
      '  ✗ opens some time after the start',
      '  ✓ due 2026-03-10 09:00 UTC, in 8 days',
      '  ✗ was due 2026-03-01 09:00 UTC, 24 hours ago',
      '  ✓ is due some time after the start',
    ])
  })

  it('shows groups, and in each check what there is and what is wanted', () => {
    const check = { check: 'trait', met: false, expected: ['pro', 'team'], actual: 'free', from: '/traits/plan' } as const
    const checks = (operator: string, expected: unknown, actual: unknown = null, from = '/traits/plan') => ({
      ...check,
      operator,
      expected,
      actual,
      from,
    })
    const wants = [
      checks('in', ['pro', 'team'], 'free'),
      checks('nin', ['free'], 'free'),
      checks('eq', 'pro'),
      checks('ne', 'free', 'free'),
      checks('lt', 3, 4),
      checks('exists', true),
      checks('exists', false, 1),
      checks('contains', 'x', ['y']),
      checks('startsWith', 'x', 'y'),
      checks('type', 'number', 'y', '/eventPayload/a~1b/c'),
      checks('eq', '1', '2.0.0', '/eventVersion'),
      checks('eq', 'crm', null, '/sourceModule'),
    ]
    const trait = { node: 'trait', met: false, checks: wants } as const
    const group = { node: 'sequence', met: false, correlate: '/order', group: '"o-1"', parts: [LEAF] } as const
    expect(
      lines({
        node: 'any',
        met: true,
        correlate: null,
        group: null,
        parts: [all({ ...trait, checks: wants }), { ...group, parts: [LEAF] }],
      }),
    ).toEqual([
      '  ✓ one of these',
      '    ✗ plan is "free", wants one of "pro", "team"',
      '    ✗ plan is "free", wants none of "free"',
      '    ✗ plan has no value, wants "pro"',
      '    ✗ plan is "free", wants anything but "free"',
      '    ✗ plan is 4, wants < 3',
      '    ✗ plan has no value, wants a value',
      '    ✗ plan is 1, wants no value',
      '    ✗ plan is ["y"], wants something that contains "x"',
      '    ✗ plan is "y", wants something that starts with "x"',
      '    ✗ a/b.c is "y", wants a number',
      '    ✗ the version is "2.0.0", wants "1"',
      '    ✗ the source has no value, wants "crm"',
      '    ✗ these, one after the other, by events with one order; the nearest has "o-1"',
      '      ✗ 2 of 3 `deal.created` counted',
    ])
  })
})

describe('an event', () => {
  const event = {
    eventId: 'd1',
    sourceModule: null,
    eventName: 'deal.created',
    eventVersion: '1.2.0',
    occurredAt: '2026-03-02T08:00:00.000Z',
    receivedAt: '2026-03-02T08:00:01.000Z',
    claimedAt: null,
    channel: 'rest',
  }
  const trust = { check: 'trust', met: false, operator: 'eq', expected: 'server', actual: 'client', from: 'channel' } as const

  it('is told with everything that is wrong with it', () => {
    const seen = {
      check: 'distinctBy',
      met: false,
      operator: 'unseen',
      expected: true,
      actual: 'p',
      from: '/eventPayload/p',
    } as const
    const refused = outcome({ reason: 'condition_false', detail: { ...LEAF, checks: [trust, seen] } })
    const explained = { event, outcomes: [refused], steps: [], tracks: [] }
    expect(renderExplanation(explained, { now: NOW })).toEqual([
      'deal.created 1.2.0 d1, occurred 2026-03-02T08:00:00.000Z, received 2026-03-02T08:00:01.000Z by rest',
      't / s  unchanged: the event is not like the one that the step wants (condition_false)',
      '  ✗ 2 of 3 `deal.created` counted; this one is refused: it came from the learner’s app, wants the server; p is "p", which was counted before',
    ])
  })

  it('says that it did not happen, and that no step listens', () => {
    const explained = { event: { ...event, eventId: null }, outcomes: [], steps: [], tracks: [] }
    expect(renderExplanation(explained, { now: NOW })).toEqual([
      'deal.created 1.2.0, if it were reported now and had occurred 2026-03-02T08:00:00.000Z',
      'No step listens to it.',
    ])
  })

  it('has its parts painted by the caller', () => {
    const paint = (part: string, text: string) => `<${part}>${text}</${part}>`
    expect(
      renderOutcomes([outcome({ verdict: 'completed', detail: { ...LEAF, met: true, actual: 3 } })], { now: NOW, paint }),
    ).toEqual(['<title>t / s</title>  <good>completed</good>', '  <good>✓</good> 3 of 3 `deal.created` counted'])
  })
})

describe('a track', () => {
  const TRACK = {
    trackId: 't',
    version: '1.0.0',
    subject: 'learner',
    status: 'not_enrolled',
    enrolment: 'onFirstMatch',
    startedAt: null,
    endedAt: null,
    paused: false,
    heldOut: false,
    audience: [],
    after: null,
  } satisfies Explanation['tracks'][number]
  const told = (change: Partial<Explanation['tracks'][number]>) =>
    renderExplanation({ event: null, outcomes: [], steps: [], tracks: [{ ...TRACK, ...change }] }, { now: NOW })

  it('says what keeps it from counting', () => {
    expect(told({})).toEqual(['t  has not started: its first event has not come'])
    expect(told({ enrolment: 'explicit' })).toEqual(['t  has not started: nobody enrolled the learner'])
    expect(told({ status: 'active' })).toEqual([])
    expect(told({ status: 'active', paused: true, heldOut: true })).toEqual([
      't  is paused: nothing counts until it is resumed',
      't  is held out for comparison: it is evaluated, and nothing is granted or shown',
    ])
    expect(told({ status: 'exited', endedAt: '2026-02-27T09:00:00.000Z' })).toEqual([
      't  was exited, 2026-02-27 09:00 UTC, 3 days ago',
    ])
    const check = { check: 'trait', met: false, operator: 'in', expected: ['pro'], actual: null, from: '/traits/plan' } as const
    expect(told({ audience: [check] })).toEqual(['t  is not for this learner: plan has no value, wants one of "pro"'])
    const tracks = [
      { trackId: 'a', met: true },
      { trackId: 'b', met: false },
      { trackId: 'c', met: false },
    ]
    expect(told({ after: { any: false, tracks } })).toEqual(['t  comes after b and c, not completed yet'])
    expect(told({ after: { any: true, tracks: tracks.slice(1) } })).toEqual(['t  comes after b or c, not completed yet'])
    expect(told({ after: { any: true, tracks } })).toEqual(['t  has not started: its first event has not come'])
  })

  it('and a step that only stands say so', () => {
    const step = {
      trackId: 't',
      stepId: 's',
      status: 'completed',
      standing: true,
      detail: { ...LEAF, met: true },
      missing: [],
      nearMisses: [],
    } as const
    const [line] = renderExplanation(
      { event: null, outcomes: [], steps: [{ ...step, missing: [], nearMisses: [] }], tracks: [] },
      { now: NOW },
    )
    expect(line).toBe('t / s  completed: it was announced, and a late event contradicts it')
  })
})

it('writes durations as people say them', () => {
  expect(['P1D', 'P2W', 'PT90M', 'P1DT6H', 'PT1S'].map(durationWords)).toEqual([
    '1 day',
    '2 weeks',
    '90 minutes',
    '1 day and 6 hours',
    '1 second',
  ])
})
