import { composeRegistry, defineEvent, defineModule } from '@waymark/contract'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { registry } from '../../test-support/crm.ts'
import { track } from '../../test-support/entries.ts'
import { lintOrder } from './lint-order.ts'

const DEAL = { event: 'deal.created' }

describe('the order of arrival', () => {
  const verdict = (steps: Parameters<typeof track>[0], rest = {}) => lintOrder(track(steps, rest), registry)
  const exclusive = { ...DEAL, consume: 'exclusive' }

  test.each([
    ['counts and filters', { ...DEAL, atLeast: 3, where: { '/amount': 1 } }],
    ['a sequence', { sequence: [DEAL, DEAL] }],
    ['one exclusive leaf beside a sequence', { sequence: [exclusive, DEAL] }],
    ['two exclusive leaves that only count', { all: [exclusive, exclusive] }],
  ])('does not matter to %s', (_, condition) => {
    expect(verdict(condition)).toMatchObject({ code: 'ORDER_FREE', pointer: '' })
  })

  test.each([
    ['a sequence', { any: [DEAL, { sequence: [DEAL, DEAL] }] }, {}, '/steps/2/complete/any/1'],
    ['afterUnlock', { ...DEAL, lookback: 'afterUnlock' }, {}, '/steps/2/complete'],
    [
      'ever, where the run does not start by the first match',
      { all: [{ ...DEAL, lookback: 'ever' }] },
      { enrol: { mode: 'explicit' } },
      '/steps/2/complete/all/0',
    ],
  ])('can matter to two exclusive leaves beside %s', (_, condition, rest, pointer) => {
    const finding = verdict([{ complete: exclusive }, { complete: { all: [exclusive] } }, { complete: condition }], rest)
    expect(finding).toMatchObject({ code: 'MAY_STAND', severity: 'info', pointer: '/steps/0/complete' })
    expect(finding?.message).toContain(
      `beside conditions that look at the order (${pointer}) (/steps/0/complete, /steps/1/complete/all/0)`,
    )
  })

  test('does not matter to ever in a run that starts by the first match', () => {
    expect(verdict({ all: [exclusive, exclusive, { ...DEAL, lookback: 'ever' }] })).toMatchObject({ code: 'ORDER_FREE' })
  })

  const amounts = (atLeast: number, where = {}) => ({ ...DEAL, sum: { of: '/amount', atLeast }, where })
  test.each([
    ['a sliding window', { ...DEAL, atLeast: 3, window: { sliding: 'PT24H' } }],
    ['a sum that its contract keeps from falling', { event: 'quiz.passed', sum: { of: '/mastery', atLeast: 3 } }],
    ['a sum that its leaf keeps from falling', amounts(5, { '/amount': { gte: 0 } })],
    ['a sum of the same number', amounts(5, { '/amount': 0 })],
    [
      'prerequisites, and steps that are not required',
      [{ complete: DEAL }, { complete: DEAL, required: false, after: { any: ['s1'] } }],
    ],
    ['steps that may be skipped, and open after hours', [{ complete: DEAL, skippable: true, opens: { after: 'PT24H' } }]],
  ])('does not matter to %s', (_, steps) => {
    expect(verdict(steps)).toMatchObject({ code: 'ORDER_FREE' })
  })

  test('does not matter to whom a track belongs, and to how it starts', () => {
    const rest = { subject: 'account', timezone: 'Europe/Rome', enrol: { mode: 'explicit' }, holdout: 5 }
    expect(verdict(DEAL, rest)).toMatchObject({ code: 'ORDER_FREE' })
  })

  test.each([
    ['an audience', DEAL, { audience: { '/plan': 'pro' } }, '/audience'],
    ['runs that follow each other', DEAL, { reentry: { mode: 'afterExit' } }, '/reentry'],
    ['a track that comes after another', DEAL, { after: { all: ['a'] } }, '/after'],
    ['something due', [{ complete: DEAL, due: { after: 'PT24H' } }], {}, '/steps/0/due'],
    [
      'something due in a run that starts by its own',
      [{ complete: DEAL, due: { after: 'PT24H' } }],
      { enrol: { mode: 'explicit' } },
      '/steps/0/due',
    ],
    ['an opening by days', [{ complete: DEAL, opens: { onDay: 2 } }], {}, '/steps/0/opens'],
    ['an opening after days', [{ complete: DEAL, opens: { after: 'P1DT2H' } }], {}, '/steps/0/opens'],
    ['branches', [{ complete: DEAL, branches: [{ key: 'a', when: DEAL }], default: 'b' }], {}, '/steps/0/branches'],
    ['a streak', DEAL, { streak: { on: DEAL, period: 'day' } }, '/streak'],
    ['a window that slides by days', { ...DEAL, atLeast: 3, window: { sliding: 'P1DT2H' } }, {}, '/steps/0/complete/window'],
    ['a trait', { any: [DEAL, { trait: '/plan', is: 'pro' }] }, {}, '/steps/0/complete/any/1'],
    ['groups', { all: [DEAL], correlate: '/dealId' }, {}, '/steps/0/complete/correlate'],
    [
      'a window since the start',
      { all: [{ ...DEAL, window: { since: 'enrolment', within: 'PT1H' } }] },
      {},
      '/steps/0/complete/all/0/window',
    ],
    ['a window since the unlocking', { ...DEAL, window: { since: 'unlock', within: 'P1D' } }, {}, '/steps/0/complete/window'],
    ['a sum that can fall', amounts(5), {}, '/steps/0/complete/sum'],
    ['a sum that its leaf lets fall', amounts(5, { '/amount': { lte: 10, gt: -1 } }), {}, '/steps/0/complete/sum'],
    [
      'a sum of what the contract leaves open',
      { event: 'anything.happened', sum: { of: '/x', atLeast: 1 } },
      {},
      '/steps/0/complete/sum',
    ],
    ['a sum of an unknown event', { event: 'nothing', sum: { of: '/x', atLeast: 1 } }, {}, '/steps/0/complete/sum'],
  ])('can matter to %s', (_, steps, rest, pointer) => {
    const finding = verdict(steps, rest)
    expect(finding).toMatchObject({ code: 'MAY_STAND', severity: 'info', pointer })
    expect(finding.message).toContain(`(${pointer}). A late event`)
  })

  test('every version that a leaf takes has to keep a sum from falling', () => {
    const other = composeRegistry(
      defineModule({
        key: 'm',
        contracts: [z.number(), z.number().min(0)].map((amount, major) =>
          defineEvent({
            meta: { key: 'paid', version: `${major + 1}.0.0`, stability: 'stable', owners: [], tags: [], description: '' },
            payload: z.object({ amount }),
          }),
        ),
      }),
    )
    const code = (version?: string) =>
      lintOrder(
        track({ event: 'paid', ...(version === undefined ? {} : { version }), sum: { of: '/amount', atLeast: 1 } }),
        other,
      ).code
    expect([code('1'), code('2'), code('2.0.0'), code()]).toEqual(['MAY_STAND', 'ORDER_FREE', 'ORDER_FREE', 'MAY_STAND'])
  })

  test('all that can matter is listed, each kind with its places', () => {
    const { message } = verdict([
      { complete: DEAL, due: { after: 'PT1H' } },
      { complete: amounts(5), due: { after: 'PT2H' } },
    ])
    expect(message).toBe(
      'Completions may stand: an earlier start makes it due earlier (/steps/0/due, /steps/1/due); a sum that can also fall depends on what came first (/steps/1/complete/sum). A late event can contradict a completion that was announced; it then stays, marked as standing.',
    )
  })
})
