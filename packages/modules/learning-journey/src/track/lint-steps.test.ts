import { describe, expect, test } from 'vitest'
import { registry } from '../../test-support/crm.ts'
import { track } from '../../test-support/entries.ts'
import { lint, places } from '../../test-support/linting.ts'
import { lintTrack } from './lint.ts'

const DEAL = { event: 'deal.created' }

describe('steps', () => {
  test('a key that comes twice', () => {
    expect(
      places(
        lint([
          { key: 'a', complete: DEAL },
          { key: 'a', complete: DEAL },
        ]),
      ),
    ).toEqual(['STEP_DUPLICATE /steps/1/key'])
  })

  test('an unknown prerequisite, with the name that was meant', () => {
    const [finding] = lint([
      { key: 'create-deal', complete: DEAL },
      { key: 'b', after: { any: ['create-deal', 'craete-deal'] }, complete: DEAL },
    ])
    expect(finding).toMatchObject({ code: 'STEP_UNKNOWN', severity: 'error', pointer: '/steps/1/after/any/1' })
    expect(finding?.message).toBe('There is no step craete-deal. Did you mean create-deal?')
  })

  test('steps that wait for each other, once, at one of them, with the path', () => {
    const findings = lint([
      { key: 'd', after: { all: ['a'] }, complete: DEAL },
      { key: 'a', after: { all: ['b'] }, complete: DEAL },
      { key: 'b', after: { all: ['c'] }, complete: DEAL },
      { key: 'c', after: { all: ['a'] }, complete: DEAL },
    ])
    expect(places(findings)).toEqual(['STEP_CYCLE /steps/1/after'])
    expect(findings[0]?.message).toContain('a → b → c → a')
  })

  test('a step that waits for itself, and two cycles apart', () => {
    const findings = lint([
      { key: 'a', after: { all: ['a'] }, complete: DEAL },
      { key: 'b', after: { all: ['c'] }, complete: DEAL },
      { key: 'c', after: { any: ['b'] }, complete: DEAL },
    ])
    expect(findings.map(({ message }) => message.split(': ')[1]?.split('.')[0])).toEqual(['a → a', 'b → c → b'])
  })

  test('a circle that an any leads out of is none', () => {
    expect(
      lint([
        { key: 'a', after: { any: ['b', 'c'] }, complete: DEAL },
        { key: 'b', after: { all: ['a'] }, complete: DEAL },
        { key: 'c', complete: DEAL },
      ]),
    ).toEqual([])
  })
})

describe('branches', () => {
  const size = { key: 'size', complete: DEAL, branches: [{ key: 'big', when: { ...DEAL, atLeast: 2 } }], default: 'small' }
  const messages = (steps: Parameters<typeof track>[0]) => lint(steps).map(({ message }) => message)

  test('that are those of the step', () => {
    expect(
      lint([
        size,
        { key: 'a', after: { branch: 'size.big' }, complete: DEAL },
        { key: 'b', after: { branch: 'size.small' }, complete: DEAL },
      ]),
    ).toEqual([])
  })

  test('of an unknown step, and unknown ones, with the name that was meant', () => {
    const findings = lint([
      size,
      { key: 'a', after: { branch: 'sise.big' }, complete: DEAL },
      { key: 'b', after: { all: ['size'], branch: 'size.bigg' }, complete: DEAL },
      { key: 'c', after: { branch: 'size.enterprise' }, complete: DEAL },
      { key: 'd', after: { branch: 'a.big' }, complete: DEAL },
    ])
    expect(findings.map(({ code, pointer, message }) => `${code} ${pointer} ${message}`)).toEqual([
      'STEP_UNKNOWN /steps/1/after/branch There is no step sise. Did you mean size?',
      'BRANCH_UNKNOWN /steps/2/after/branch The step size has no branch bigg. Did you mean big?',
      'BRANCH_UNKNOWN /steps/3/after/branch The step size has no branch enterprise. It has big, small.',
      'BRANCH_UNKNOWN /steps/4/after/branch The step a has no branch big. It has none: give it branches.',
    ])
  })

  test('that wait for the step that waits for them', () => {
    const [finding] = lint([
      { ...size, after: { all: ['a'] } },
      { key: 'a', after: { branch: 'size.big' }, complete: DEAL },
    ])
    expect(finding).toMatchObject({ code: 'STEP_CYCLE', severity: 'error', pointer: '/steps/0/after' })
    expect(finding?.message).toContain('size → a → size')
  })

  test('that want what one before them wants, whatever the order of its fields, and the rewards behind them', () => {
    const again = { atLeast: 2, event: 'deal.created' }
    const findings = lint([
      { ...size, branches: [...size.branches, { key: 'huge', when: again }] },
      { key: 'a', after: { branch: 'size.huge' }, complete: DEAL, reward: { xp: 5 } },
      { key: 'b', after: { branch: 'size.small' }, complete: DEAL, reward: { xp: 5 } },
    ])
    expect(places(findings)).toEqual(['BRANCH_UNREACHABLE /steps/0/branches/1', 'REWARD_UNREACHABLE /steps/1/reward'])
    expect(findings[0]?.message).toBe('The branch huge wants what big before it wants, so it is never chosen. Change its when.')
  })

  test('behind one that every completion meets', () => {
    const always = { key: 'always', when: DEAL }
    expect(messages([{ ...size, branches: [always, ...size.branches] }])).toEqual([
      'The branch big stands behind always, which wants what the step wants: whoever completes the step goes there. Make always the default, without when.',
    ])
    expect(messages([{ ...size, branches: [...size.branches, always] }])).toEqual([])
    expect(messages([{ ...size, branches: [always, { key: 'small', when: DEAL }] }])).toEqual([])
  })

  test('that nothing belongs to are an information', () => {
    const findings = lintTrack(track([size, { key: 'a', after: { branch: 'size.big' }, complete: DEAL }]), registry)
    expect(findings.filter(({ code }) => code === 'BRANCH_UNUSED')).toEqual([
      expect.objectContaining({
        severity: 'info',
        pointer: '/steps/0/default',
        message: expect.stringContaining('the branch small of size'),
      }),
    ])
    expect(places(lintTrack(track([size]), registry))).toContain('BRANCH_UNUSED /steps/0/branches/0')
  })
})

describe('what nobody can do', () => {
  const dead = { key: 'dead', complete: DEAL, opens: { after: 'P7D' }, due: { after: 'P2D' } }

  test('is a step that is due before it opens', () => {
    const [finding] = lint([dead])
    expect(finding).toMatchObject({ code: 'STEP_DEAD_END', severity: 'error', pointer: '/steps/0/due' })
    expect(finding?.message).toContain('The step dead opens P7D after the start and is due P2D after it')
    expect(lint([{ ...dead, opens: { onDay: 5 } }])[0]?.message).toContain('opens on day 5 and is due P2D')
  })

  test('earns nothing, nor does what waits for it, nor the track', () => {
    const reward = { badge: 'win' }
    const findings = lint(
      [
        { ...dead, reward },
        { key: 'b', complete: DEAL, reward },
        { key: 'c', after: { all: ['b', 'dead'] }, complete: DEAL, reward },
        { key: 'd', after: { any: ['b', 'dead'] }, complete: DEAL, reward },
      ],
      { completion: { xp: 5 } },
    )
    expect(places(findings)).toEqual([
      'STEP_DEAD_END /steps/0/due',
      'REWARD_UNREACHABLE /steps/0/reward',
      'REWARD_UNREACHABLE /steps/2/reward',
      'REWARD_UNREACHABLE /completion',
    ])
  })

  test('does not keep the track from being completed where it is not required', () => {
    const steps = [{ ...dead, required: false, reward: { xp: 0 } }, { complete: DEAL }]
    expect(places(lint(steps, { completion: { xp: 5 } }))).toEqual(['STEP_DEAD_END /steps/0/due'])
  })

  test('a track that no event starts', () => {
    const plan = { trait: '/plan', is: 'pro' }
    expect(places(lint(plan))).toEqual(['NOTHING_STARTS /steps'])
    expect(places(lint(plan, { enrol: { mode: 'onFirstMatch' } }))).toEqual(['NOTHING_STARTS /enrol'])
    expect(lint(plan, { enrol: { mode: 'explicit' } })).toEqual([])
    expect(lint([{ complete: plan, branches: [{ key: 'a', when: DEAL }], default: 'b' }])).toEqual([])
  })

  test('a track in which nothing is required', () => {
    const optional = { complete: DEAL, required: false }
    expect(places(lint([optional, optional]))).toEqual(['NOTHING_REQUIRED /steps'])
    expect(lint([optional, { complete: DEAL, required: true }])).toEqual([])
  })
})
