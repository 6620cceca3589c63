import { describe, expect, test } from 'vitest'
import { compiled, event } from '../../test-support/entries.ts'
import { Learner } from '../../test-support/folding.ts'
import { utcCalendar } from './calendar.ts'
import type { CompiledTrack } from './compile.ts'
import type { Entry } from './entry.ts'
import { type Detail, explainStep } from './explain.ts'
import { emptyState } from './state.ts'

/** The tree in one line: `all[a 1/2, after s1 no]`, a `*` after everything that is met. */
function line(detail: Detail): string {
  const met = detail.met ? '*' : ''
  if (detail.node === 'event') return `${detail.event} ${detail.actual}/${detail.expected}${met}`
  if (detail.node === 'after')
    return `after${detail.any ? ' any' : ''}(${detail.steps.map((step) => `${step.stepId}${step.met ? '*' : ''}`).join(' ')})${met}`
  if (!('parts' in detail)) return `${detail.node}${met}`
  return `${detail.node}[${detail.parts.map(line).join(', ')}]${met}`
}

function explain(track: CompiledTrack, entries: readonly Entry[], step: number, entry: Entry | null = null): Detail {
  const learner = new Learner(track)
  for (const one of entries) learner.fold(one)
  return explainStep(track, learner.row === null ? emptyState(track) : learner.state(), step, { entry, calendar: utcCalendar })
}

describe('the tree', () => {
  const track = compiled([
    { complete: { event: 'a', atLeast: 2 } },
    {
      after: { all: ['s1'] },
      complete: { all: [{ event: 'b' }, { any: [{ event: 'c', atLeast: 3 }, { sequence: [{ event: 'd' }, { event: 'e' }] }] }] },
    },
    { after: { any: ['s1', 's2'] }, complete: { event: 'never' } },
  ])

  test('has what comes first, and every node with what it wants and what it has', () => {
    expect(line(explain(track, [], 1))).toBe('all[after(s1), all[b 0/1, any[c 0/3, sequence[d 0/1, e 0/1]]]]')
    const entries = [event('a', 1), event('b', 2), event('c', 3), event('d', 4), event('e', 5)]
    expect(line(explain(track, entries, 1))).toBe('all[after(s1), all[b 1/1*, any[c 1/3, sequence[d 1/1*, e 1/1*]*]*]*]')
    expect(line(explain(track, [...entries, event('a', 6)], 1))).toBe(
      'all[after(s1*)*, all[b 1/1*, any[c 1/3, sequence[d 1/1*, e 1/1*]*]*]*]*',
    )
    expect(line(explain(track, [...entries, event('a', 6)], 2))).toBe('all[after any(s1* s2*)*, never 0/1]')
  })

  test('of a step without prerequisites is its condition alone', () => {
    expect(explain(track, [event('a', 1)], 0)).toEqual({
      node: 'event',
      event: 'a',
      met: false,
      expected: 2,
      actual: 1,
      distinctBy: null,
      sumOf: null,
      until: null,
      sliding: null,
      checks: [],
    })
  })

  test('of a finished run is met from top to bottom, though its counts are forgotten', () => {
    const done = compiled([
      { complete: { all: [{ event: 'a' }, { sequence: [{ event: 'b', atLeast: 2 }, { event: 'c' }] }] } },
      { complete: { any: [{ event: 'a' }, { event: 'never' }] } },
      { complete: { any: [{ event: 'a' }] } },
    ])
    const entries = [event('a', 1), event('b', 2), event('b', 3), event('c', 4)]
    expect(line(explain(done, entries, 0))).toBe('all[a 1/1*, sequence[b 2/2*, c 1/1*]*]*')
    // Which of the two it was is forgotten, and not made up.
    expect(line(explain(done, entries, 1))).toBe('any[]*')
    expect(line(explain(done, entries, 2))).toBe('any[a 1/1*]*')
  })

  test('at the moment that a run finishes still has the real counts', () => {
    const done = compiled({ any: [{ event: 'a', atLeast: 3 }, { event: 'b' }] })
    const learner = new Learner(done)
    learner.fold(event('a', 1))
    const [outcome] = learner.fold(event('b', 2)).outcomes
    expect(outcome?.verdict).toBe('completed')
    expect(line(explainStep(done, outcome?.state ?? emptyState(done), 0, { entry: null, calendar: utcCalendar }))).toBe(
      'any[a 1/3, b 1/1*]*',
    )
  })
})

describe('checks', () => {
  const track = compiled({
    event: 'deal.created',
    version: '1',
    source: 'crm',
    where: { '/amount': { gte: 1_000, lt: 5_000 }, '/owner/team': 'sales' },
    distinctBy: '/pipelineId',
  })
  const checksOf = (entry: Entry) => {
    const detail = explain(track, [], 0, entry)
    return detail.node === 'event' ? detail.checks : []
  }

  test('say what was expected, what came, and where it came from', () => {
    const entry = event('deal.created', 1, { amount: 500, owner: { team: 'sales' } }, { channel: 'client', version: '2.1.0' })
    expect(checksOf(entry)).toEqual([
      { check: 'version', met: false, operator: 'eq', expected: '1', actual: '2.1.0', from: '/eventVersion' },
      { check: 'source', met: false, operator: 'eq', expected: 'crm', actual: null, from: '/sourceModule' },
      { check: 'trust', met: false, operator: 'eq', expected: 'server', actual: 'client', from: 'channel' },
      { check: 'where', met: false, operator: 'gte', expected: 1_000, actual: 500, from: '/eventPayload/amount' },
      { check: 'where', met: true, operator: 'lt', expected: 5_000, actual: 500, from: '/eventPayload/amount' },
      { check: 'where', met: true, operator: 'eq', expected: 'sales', actual: 'sales', from: '/eventPayload/owner/team' },
      { check: 'distinctBy', met: false, operator: 'exists', expected: true, actual: null, from: '/eventPayload/pipelineId' },
    ])
  })

  test('are all met by an event that passes', () => {
    const payload = { amount: 1_000, owner: { team: 'sales' }, pipelineId: 7 }
    const checks = checksOf(event('deal.created', 1, payload, { source: 'crm' }))
    expect(checks.map(({ check, met }) => `${check} ${met}`)).toEqual([
      'version true',
      'source true',
      'where true',
      'where true',
      'where true',
      'distinctBy true',
    ])
  })

  test('are not made for another event', () => {
    expect(checksOf(event('deal.won', 1))).toEqual([])
  })
})
