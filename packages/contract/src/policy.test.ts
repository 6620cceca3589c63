import { describe, expect, test } from 'vitest'
import { learner, operator, service } from '../test-support/test-runtime.ts'
import type { Policy } from './contract.ts'
import { type Decision, type DenyReason, decide } from './policy.ts'
import { hasScope, type Principal } from './principal.ts'

const KEY = 'crm.deals.create'
const anonymous: Principal = { kind: 'anonymous', tenant: 'acme' }

function verdict(decision: Decision): 'allow' | DenyReason {
  return decision.allow ? 'allow' : decision.reason
}

describe('four levels and every kind of caller, for an input that names ada', () => {
  const callers: Readonly<Record<string, Principal>> = {
    anonymous,
    ada: learner('ada'),
    bob: learner('bob'),
    service: service(KEY),
    'service without the scope': service('crm.other'),
    operator: operator(KEY),
    'operator without the scope': operator('crm.other'),
  }
  const rows: readonly (readonly [Policy['auth'], Readonly<Record<string, 'allow' | DenyReason>>])[] = [
    [
      'anonymous',
      {
        anonymous: 'allow',
        ada: 'allow',
        bob: 'allow',
        service: 'allow',
        'service without the scope': 'allow',
        operator: 'allow',
        'operator without the scope': 'allow',
      },
    ],
    [
      'user',
      {
        anonymous: 'UNAUTHENTICATED',
        ada: 'allow',
        bob: 'SUBJECT_MISMATCH',
        service: 'allow',
        'service without the scope': 'SCOPE_MISSING',
        operator: 'allow',
        'operator without the scope': 'SCOPE_MISSING',
      },
    ],
    [
      'service',
      {
        anonymous: 'UNAUTHENTICATED',
        ada: 'NOT_ADMITTED',
        bob: 'NOT_ADMITTED',
        service: 'allow',
        'service without the scope': 'SCOPE_MISSING',
        operator: 'allow',
        'operator without the scope': 'SCOPE_MISSING',
      },
    ],
    [
      'operator',
      {
        anonymous: 'UNAUTHENTICATED',
        ada: 'NOT_ADMITTED',
        bob: 'NOT_ADMITTED',
        service: 'NOT_ADMITTED',
        'service without the scope': 'NOT_ADMITTED',
        operator: 'allow',
        'operator without the scope': 'SCOPE_MISSING',
      },
    ],
  ]
  const cases = rows.flatMap(([auth, row]) => Object.entries(row).map(([caller, expected]) => [auth, caller, expected] as const))

  test.each(cases)('%s, called by %s: %s', (auth, caller, expected) => {
    const decision = decide({ auth }, KEY, '/learnerId', callers[caller] as Principal, { learnerId: 'ada' })
    expect(verdict(decision)).toBe(expected)
    if (!decision.allow) expect(decision.detail).toMatch(/\w.*\.$/)
  })
})

describe('the subject', () => {
  const policy: Policy = { auth: 'user' }

  test('is found wherever the pointer leads', () => {
    expect(decide(policy, KEY, '/deal/owner', learner('ada'), { deal: { owner: 'ada' } }).allow).toBe(true)
    expect(decide(policy, KEY, '', learner('ada'), 'ada').allow).toBe(true)
  })

  test.each([{}, { learnerId: null }, { learnerId: ['ada'] }, null, 'ada'])('that is missing in %j denies', (input) => {
    expect(verdict(decide(policy, KEY, '/learnerId', learner('ada'), input))).toBe('SUBJECT_MISMATCH')
  })

  test('is not looked for in inherited properties', () => {
    const input = Object.create({ learnerId: 'ada' })
    expect(verdict(decide(policy, KEY, '/learnerId', learner('ada'), input))).toBe('SUBJECT_MISMATCH')
  })

  test('admits every learner when the input names nobody', () => {
    expect(decide(policy, KEY, null, learner('ada'), {}).allow).toBe(true)
  })

  test('does not bind services and operators', () => {
    for (const caller of [service(KEY), operator(KEY)]) {
      expect(decide(policy, KEY, '/learnerId', caller, { learnerId: 'somebody' }).allow).toBe(true)
    }
  })
})

describe('permissions', () => {
  const policy: Policy = { auth: 'user', permissions: ['crm.admin', 'crm.billing'] }

  test('are needed besides the scope of the operation', () => {
    expect(verdict(decide(policy, KEY, null, service(KEY), {}))).toBe('SCOPE_MISSING')
    expect(verdict(decide(policy, KEY, null, service('crm.admin', 'crm.billing'), {}))).toBe('SCOPE_MISSING')
    expect(decide(policy, KEY, null, service(KEY, 'crm.admin', 'crm.billing'), {}).allow).toBe(true)
    expect(decide(policy, KEY, null, operator('crm.*'), {}).allow).toBe(true)
  })

  test('that are missing are named', () => {
    expect(decide(policy, KEY, null, service(KEY, 'crm.admin'), {})).toMatchObject({
      detail: expect.stringContaining('crm.billing'),
    })
  })

  test('are nothing that a learner token can hold', () => {
    expect(verdict(decide(policy, KEY, '/learnerId', learner('ada'), { learnerId: 'ada' }))).toBe('SCOPE_MISSING')
  })

  test('that are an empty list ask for nothing', () => {
    expect(decide({ auth: 'user', permissions: [] }, KEY, null, learner('ada'), {}).allow).toBe(true)
  })
})

describe('what is unknown is denied', () => {
  const everyone = [anonymous, learner(), service('*'), operator('*')]

  test.each(['', 'users', 'constructor', undefined])('a level of %j admits nobody', (auth) => {
    const policy = { auth } as unknown as Policy
    expect(everyone.filter((caller) => decide(policy, KEY, null, caller, {}).allow)).toEqual([])
  })

  test.each(['user', 'service', 'operator'] as const)('a kind of caller that does not exist is not admitted to %s', (auth) => {
    const caller = { kind: 'root', tenant: 'acme', id: 'x', scopes: ['*'] } as unknown as Principal
    expect(verdict(decide({ auth }, KEY, null, caller, {}))).toBe('NOT_ADMITTED')
  })
})

describe('a scope', () => {
  test.each([
    ['*', true],
    ['crm.deals.create', true],
    ['crm.deals.*', true],
    ['crm.*', true],
    ['crm', false],
    ['crm.deals', false],
    ['crm.deals.creat', false],
    ['crm.deals.create.*', false],
    ['crm.deal*', false],
    ['.*', false],
    ['', false],
    ['CRM.*', false],
  ])('%j covers crm.deals.create: %s', (scope, covers) => {
    expect(hasScope([scope], KEY)).toBe(covers)
  })

  test('none covers nothing', () => {
    expect(hasScope([], KEY)).toBe(false)
  })
})
