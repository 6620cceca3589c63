import { REASONS } from '@waymark/learning-journey'
import { expect, it } from 'vitest'
import { type Outcome, renderOutcomes, renderStandings } from './render-outcomes.ts'

const leaf: Extract<Outcome['detail'], { readonly node: 'event' }> = {
  node: 'event',
  event: 'deal.won',
  met: false,
  expected: 2,
  actual: 1,
  distinctBy: null,
  sumOf: null,
  until: null,
  sliding: null,
  checks: [],
}
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
  const checks: (typeof leaf)['checks'] = [
    { check: 'where', operator: 'gte', ...check },
    { check: 'where', operator: 'in', ...check, met: true, expected: ['a'], actual: 'a' },
  ]
  const detail: Outcome['detail'] = {
    node: 'any',
    met: false,
    correlate: null,
    group: null,
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
      { node: 'sequence', met: false, correlate: '/dealId', group: '"d1"', parts: [{ ...leaf, checks }] },
    ],
  }
  expect(renderOutcomes([outcome({ verdict: 'progressed', detail })])).toEqual([
    't / s  progressed',
    '  ✗ one of',
    '    ✓ after one of a (done), b (not done)',
    '    ✗ one after the other, grouped by /dealId; nearest is "d1"',
    '      ✗ deal.won: 1 of 2 counted',
    '        ✗ where: expected ≥ 1000, actual null from /eventPayload/amount',
    '        ✓ where: expected in ["a"], actual "a" from /eventPayload/amount',
  ])
})

it.each<[Outcome['detail'], ...string[]]>([
  [{ node: 'branch', met: false, stepId: 'way', expected: 'fast', actual: null }, '✗ on the way fast of way: none is chosen'],
  [{ node: 'branch', met: true, stepId: 'way', expected: 'fast', actual: 'fast' }, '✓ on the way fast of way: fast chosen'],
  [{ node: 'opens', met: false, at: '2026-03-03T00:00:00.000Z' }, '✗ opens at 2026-03-03T00:00:00.000Z'],
  [{ node: 'opens', met: false, at: null }, '✗ opens some time after the start'],
  [{ node: 'due', met: true, at: '2026-03-03T00:00:00.000Z' }, '✓ due at 2026-03-03T00:00:00.000Z'],
  [{ node: 'due', met: true, at: null }, '✓ due some time after the start'],
  [
    {
      node: 'trait',
      met: true,
      checks: [{ check: 'trait', met: true, operator: 'eq', expected: 'pro', actual: 'pro', from: '/traits/plan' }],
    },
    '✓ traits of the learner',
    '  ✓ trait: expected "pro", actual "pro" from /traits/plan',
  ],
  [{ ...leaf, distinctBy: '/dealId' }, '✗ deal.won: 1 of 2 counted, each with another /dealId'],
  [{ ...leaf, sumOf: '/amount' }, '✗ deal.won: 1 of 2 in /amount'],
  [{ ...leaf, sliding: 'PT1H' }, '✗ deal.won: 1 of 2 counted, all within PT1H'],
  [{ ...leaf, until: '2026-03-03T00:00:00.000Z' }, '✗ deal.won: 1 of 2 counted, until 2026-03-03T00:00:00.000Z'],
])('has words for %o', (detail, ...lines) => {
  expect(renderOutcomes([outcome({ detail })]).slice(1)).toEqual(lines.map((line) => `  ${line}`))
})

it('says when no step listens, and when a completion only stands', () => {
  expect(renderOutcomes([])).toEqual(['No step listens to it.'])
  const [line] = renderStandings([{ trackId: 't', stepId: 's', status: 'completed', standing: true, detail: leaf }])
  expect(line).toBe('t / s  completed: announced, and a late event contradicts it')
})
