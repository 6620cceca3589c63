import { REASONS } from '@waymark/learning-journey'
import { expect, it } from 'vitest'
import { type Outcome, renderOutcomes, renderStandings } from './render-outcomes.ts'

const leaf = { node: 'event', event: 'deal.won', met: false, expected: 2, actual: 1, distinctBy: null, checks: [] } as const
const outcome = (change: Partial<Outcome>): Outcome => ({
  trackId: 't',
  stepId: 's',
  verdict: 'unchanged',
  reason: null,
  detail: leaf,
  ...change,
})

it.each(REASONS)('has words for the reason %s', (reason) => {
  const [line = ''] = renderOutcomes([outcome({ reason })])
  expect(line).toMatch(new RegExp(`^t / s {2}unchanged: \\w[^(]{10,} \\(${reason}\\)$`))
})

it('draws the whole tree: groups, prerequisites, counts, and each check with its operator', () => {
  const check = { met: false, expected: 1_000, actual: null, from: '/eventPayload/amount' } as const
  const checks = [
    { check: 'where', operator: 'gte', ...check },
    { check: 'where', operator: 'in', ...check, met: true, expected: ['a'], actual: 'a' },
  ] as const
  const detail: Outcome['detail'] = {
    node: 'any',
    met: false,
    parts: [
      {
        node: 'after',
        met: true,
        any: true,
        steps: [
          { stepId: 'a', met: true },
          { stepId: 'b', met: false },
        ],
      },
      { node: 'sequence', met: false, parts: [{ ...leaf, checks }] },
    ],
  }
  expect(renderOutcomes([outcome({ verdict: 'progressed', detail })])).toEqual([
    't / s  progressed',
    '  ✗ one of',
    '    ✓ after one of a (done), b (not done)',
    '    ✗ one after the other',
    '      ✗ deal.won: 1 of 2 counted',
    '        ✗ where: expected ≥ 1000, actual null from /eventPayload/amount',
    '        ✓ where: expected in ["a"], actual "a" from /eventPayload/amount',
  ])
})

it('says when no step listens, and when a completion only stands', () => {
  expect(renderOutcomes([])).toEqual(['No step listens to it.'])
  const [line] = renderStandings([{ trackId: 't', stepId: 's', status: 'completed', standing: true, detail: leaf }])
  expect(line).toBe('t / s  completed: announced, and a late event contradicts it')
})
