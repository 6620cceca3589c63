import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { registry } from '../../test-support/crm.ts'
import { track } from '../../test-support/entries.ts'
import { lint, places } from '../../test-support/linting.ts'
import { defineTraits } from './define-traits.ts'
import { lintTrack } from './lint.ts'

const DEAL = { event: 'deal.created' }
const traits = defineTraits({
  learner: z.object({ plan: z.enum(['free', 'pro']), seats: z.int().optional(), email: z.string() }),
  account: z.object({ tier: z.string() }),
  pii: ['/email'],
})
const findings = (complete: object, rest: Record<string, unknown> = {}) => lint(complete, rest, { traits })

describe('traits', () => {
  test('that are declared, of the subject of the track', () => {
    const plan = { trait: '/plan', is: { in: ['pro'] } }
    expect(findings({ all: [DEAL, plan] }, { audience: { '/seats': { gte: 5 } }, enrol: { mode: 'onSegment' } })).toEqual([])
    expect(findings({ any: [DEAL, { trait: '/tier', is: 'gold' }] }, { subject: 'account' })).toEqual([])
    expect(places(findings({ any: [DEAL, plan] }, { subject: 'account' }))).toEqual([
      'TRAIT_UNKNOWN /steps/0/complete/any/1/trait',
    ])
  })

  test('that are not, with the name that was meant, wherever they are asked', () => {
    const steps = [{ complete: DEAL, branches: [{ key: 'a', when: { trait: '/paln', is: 'pro' } }], default: 'b' }]
    const found = lint(steps, { audience: { '/seat': 5 } }, { traits })
    expect(places(found)).toEqual(['TRAIT_UNKNOWN /audience/~1seat', 'TRAIT_UNKNOWN /steps/0/branches/0/when/trait'])
    expect(found[0]?.message).toBe('A learner has no trait /seat. Did you mean /seats?')
  })

  test('compared with another type', () => {
    const found = findings(
      { any: [DEAL, { trait: '/plan', is: { ne: 5 } }, { trait: '/plan', is: 5 }] },
      { audience: { '/seats': '5' } },
    )
    expect(places(found)).toEqual([
      'OPERAND_MISMATCH /audience/~1seats',
      'OPERAND_MISMATCH /steps/0/complete/any/1/is/ne',
      'OPERAND_MISMATCH /steps/0/complete/any/2/is',
    ])
  })

  test('that are personal data', () => {
    const [finding] = findings(DEAL, { audience: { '/email': { exists: true } } })
    expect(finding).toMatchObject({ code: 'TRAIT_PERSONAL', severity: 'warning', pointer: '/audience/~1email' })
  })

  test('that nobody declares are an information, once', () => {
    const used = track({ any: [DEAL, { trait: '/plan', is: 'pro' }] }, { audience: { '/plan': 'pro', '/seats': 5 } })
    const undeclared = lintTrack(used, registry).filter(({ code }) => code === 'TRAITS_UNDECLARED')
    expect(undeclared).toEqual([expect.objectContaining({ severity: 'info', pointer: '/audience/~1plan' })])
    expect(places(lintTrack(track(DEAL), registry))).not.toContain('TRAITS_UNDECLARED')
  })
})

test('a start by an audience wants an audience', () => {
  const [finding] = lint(DEAL, { enrol: { mode: 'onSegment' } })
  expect(finding).toMatchObject({ code: 'AUDIENCE_MISSING', severity: 'error', pointer: '/enrol' })
})
