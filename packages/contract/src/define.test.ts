import { expect, test } from 'vitest'
import { z } from 'zod'
import { meta } from '../test-support/meta.ts'
import { defineCommand, defineEvent, defineModule, defineQuery } from './define.ts'
import { page } from './page.ts'

const DealCreated = defineEvent({ meta: meta('deal.created'), payload: z.object({ amount: z.number() }), pii: ['/owner'] })
const spec = {
  meta: meta('crm.deals.create', '1.0.0', { tags: ['crm'], deprecation: { since: '2026-01-01', sunset: '2027-01-01' } }),
  io: {
    input: z.object({ amount: z.number() }),
    output: z.object({ id: z.string() }),
    errors: {
      DEAL_TOO_LARGE: {
        description: 'The deal is too large',
        http: 422,
        gqlCode: 'DEAL_TOO_LARGE',
        when: 'Above the limit',
        data: z.object({ limit: z.number() }),
      },
    },
  },
  policy: { auth: 'user', permissions: ['crm.deals'] },
  emits: [DealCreated],
} as const

test('a contract is frozen at every depth', () => {
  const contract = defineCommand(spec)
  const parts = [
    contract,
    contract.meta,
    contract.meta.tags,
    contract.meta.owners,
    contract.meta.deprecation,
    contract.io,
    contract.io.errors,
    contract.io.errors.DEAL_TOO_LARGE,
    contract.policy,
    contract.policy.permissions,
    contract.emits,
  ]
  expect(parts.filter((part) => !Object.isFrozen(part))).toEqual([])
})

test('a contract is plain data: no methods, and nothing of it is shared with what it was made from', () => {
  const tags = ['crm']
  const contract = defineQuery({
    meta: { ...spec.meta, tags },
    io: { input: z.object({}), output: z.string() },
    policy: { auth: 'user' },
  })
  tags.push('late')
  expect(contract.meta.tags).toEqual(['crm'])
  expect(Object.values(contract).filter((part) => typeof part === 'function')).toEqual([])
})

test('schemas stay the objects of their library, unfrozen', () => {
  const contract = defineCommand(spec)
  expect(contract.io.input).toBe(spec.io.input)
  expect(contract.io.errors.DEAL_TOO_LARGE.data).toBe(spec.io.errors.DEAL_TOO_LARGE.data)
  expect(Object.isFrozen(contract.io.output)).toBe(false)
})

test('what is not declared is empty, not absent', () => {
  const contract = defineCommand({
    meta: meta('crm.ping'),
    io: { input: z.object({}), output: z.string() },
    policy: { auth: 'anonymous' },
  })
  expect(contract).toMatchObject({ kind: 'command', emits: [], io: { errors: {} } })
})

test('an event is reported by servers only, unless it says otherwise', () => {
  expect(DealCreated).toMatchObject({ kind: 'event', reportableBy: 'server', pii: ['/owner'] })
  expect(Object.isFrozen(DealCreated) && Object.isFrozen(DealCreated.pii)).toBe(true)
  expect(defineEvent({ meta: meta('deal.viewed'), payload: z.object({}), reportableBy: 'client' }).reportableBy).toBe('client')
})

test('a module keeps its own frozen lists of contracts and tags', () => {
  const contracts = [DealCreated]
  const tags: Record<string, string> = { deals: 'Sales.' }
  const module = defineModule({ key: 'crm', contracts, tags })
  contracts.pop()
  delete tags.deals
  expect(module).toEqual({ kind: 'module', key: 'crm', contracts: [DealCreated], tags: { deals: 'Sales.' } })
  expect(Object.isFrozen(module) && Object.isFrozen(module.contracts) && Object.isFrozen(module.tags)).toBe(true)
  expect(defineModule({ key: 'crm', contracts }).tags).toEqual({})
})

test('only a query with a paged output takes a cursor and a limit', () => {
  const input = z.object({ q: z.string() })
  const output = page(z.string())
  const policy = { auth: 'user' } as const
  expect(defineQuery({ meta: meta('crm.deals.list'), io: { input, output }, policy }).io.input).not.toBe(input)
  expect(defineQuery({ meta: meta('crm.deals.get'), io: { input, output: z.string() }, policy }).io.input).toBe(input)
  expect(defineCommand({ meta: meta('crm.deals.sweep'), io: { input, output }, policy }).io.input).toBe(input)
})
