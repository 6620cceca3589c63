import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { definitionError } from '../test-support/definition-error.ts'
import { meta } from '../test-support/meta.ts'
import type { Contract, Deprecation, ErrorMap, Policy } from './contract.ts'
import { defineCommand, defineEvent, defineModule, defineQuery } from './define.ts'
import type { DefinitionCode } from './errors.ts'
import { page } from './page.ts'
import { composeRegistry, majorOf } from './registry.ts'
import type { Schema } from './schema.ts'

function command(key: string, version = '1.0.0', rest: { policy?: Policy; input?: Schema; errors?: ErrorMap } = {}) {
  const { policy = { auth: 'user' }, input = z.object({}), errors = {} } = rest
  return defineCommand({ meta: meta(key, version), io: { input, output: z.string(), errors }, policy })
}

function event(key: string, version = '1.0.0', rest: { payload?: Schema; pii?: readonly string[]; retention?: string } = {}) {
  return defineEvent({ meta: meta(key, version), payload: z.object({}), ...rest })
}

const compose = (...contracts: readonly Contract[]) => composeRegistry(defineModule({ key: 'crm', contracts }))

/** The refusal must have this code, and name each of these. */
function refused(call: () => unknown, code: DefinitionCode, ...names: readonly string[]): void {
  const error = definitionError(call)
  expect(error.code).toBe(code)
  for (const name of names) expect(error.message).toContain(name)
}

describe('lookups', () => {
  const registry = composeRegistry(
    defineModule({ key: 'crm', contracts: [command('crm.deals.create', '2.0.0'), command('crm.deals.create', '1.10.0')] }),
    defineModule({
      key: 'more',
      contracts: [command('crm.deals.create', '1.9.0'), command('a.b'), event('deal.created', '1.2.0')],
    }),
    defineModule({ key: 'rest', contracts: [event('deal.created', '1.0.0'), event('deal.created', '3.0.0')] }),
  )

  test.each([
    ['crm.deals.create@1.9.0', 'crm.deals.create@1.9.0'],
    ['crm.deals.create@1', 'crm.deals.create@1.10.0'],
    ['crm.deals.create@2', 'crm.deals.create@2.0.0'],
    ['crm.deals.create', 'crm.deals.create@2.0.0'],
    ['crm.deals.create@3', undefined],
    ['crm.deals.create@1.9', undefined],
    ['deal.created', undefined],
    ['constructor', undefined],
    ['', undefined],
  ])('the operation %j is %s', (id, found) => {
    expect(registry.operation(id)?.id).toBe(found)
  })

  test.each([
    ['deal.created', undefined, 'deal.created@3.0.0'],
    ['deal.created', '1', 'deal.created@1.2.0'],
    ['deal.created', '1.0.0', 'deal.created@1.0.0'],
    ['deal.created', '2', undefined],
    ['a.b', undefined, undefined],
  ])('the event %s with version %s is %s', (key, version, found) => {
    expect(registry.event(key, version)?.id).toBe(found)
  })

  test('entries are listed by key, then by version as numbers', () => {
    expect(registry.operations.map(({ id }) => id)).toEqual([
      'a.b@1.0.0',
      'crm.deals.create@1.9.0',
      'crm.deals.create@1.10.0',
      'crm.deals.create@2.0.0',
    ])
    expect(registry.events.map(({ id, major }) => [id, major])).toEqual([
      ['deal.created@1.0.0', 1],
      ['deal.created@1.2.0', 1],
      ['deal.created@3.0.0', 3],
    ])
  })

  test('the index cannot be changed', () => {
    const parts = [registry, registry.modules, registry.operations, registry.events, registry.operations[0], registry.events[0]]
    expect(parts.filter((part) => !Object.isFrozen(part))).toEqual([])
  })

  test('an entry has the JSON Schemas of both sides', () => {
    const List = defineQuery({
      meta: meta('crm.list'),
      io: { input: z.object({ n: z.string().transform(Number).pipe(z.number()) }), output: page(z.string()) },
      policy: { auth: 'user' },
    })
    const entry = compose(List).operation('crm.list')
    expect(entry?.inputSchema).toMatchObject({ properties: { n: { type: 'string' }, limit: { type: 'integer' } } })
    expect(entry?.outputSchema).toMatchObject({ properties: { items: { type: 'array', items: { type: 'string' } } } })
    expect(entry?.inputSchema).not.toHaveProperty('$schema')
  })

  test('the major of a version is its first number', () => {
    expect([majorOf('0.1.0'), majorOf('12.3.4')]).toEqual([0, 12])
  })
})

test('a tag is what the first module says that describes it', () => {
  const module = (key: string, tags: Record<string, string>) => defineModule({ key, contracts: [], tags })
  const { tag } = composeRegistry(module('a', { x: 'First.' }), module('b', { x: 'Second.', y: 'Other.' }))
  expect([tag('x'), tag('y'), tag('z')]).toEqual(['First.', 'Other.', undefined])
})

describe('names', () => {
  test('an id that is declared twice is refused, both modules named', () => {
    const modules = [
      defineModule({ key: 'crm', contracts: [command('crm.create')] }),
      defineModule({ key: 'sales', contracts: [command('crm.create')] }),
    ]
    refused(() => composeRegistry(...modules), 'CONTRACT_DUPLICATE', 'crm.create@1.0.0', 'module crm', 'module sales')
  })

  test('an event and an operation cannot share an id', () => {
    refused(() => compose(command('crm.create'), event('crm.create')), 'CONTRACT_DUPLICATE', 'crm.create@1.0.0')
  })

  test.each(['create', 'Crm.create', 'crm.', '.create', 'crm..create', 'crm.deal create', 'crm.1st', 'crm.ünder', 'crm.a_b', ''])(
    'the operation key %j is refused',
    (key) => refused(() => compose(command(key)), 'CONTRACT_NAME_ILLEGAL', JSON.stringify(key), 'module crm', 'crm.deals.create'),
  )

  test.each(['signup', 'deal.created', 'Deal.Created', 'deal_created', 'deal-created'])('the event key %j is taken', (key) => {
    expect(compose(event(key)).event(key)?.id).toBe(`${key}@1.0.0`)
  })

  test.each(['deal created', '.deal', 'deal.', '1deal', '', 'deal@1'])('the event key %j is refused', (key) => {
    refused(() => compose(event(key)), 'CONTRACT_NAME_ILLEGAL', JSON.stringify(key), 'module crm')
  })

  test('the prefix waymark. is kept for control entries', () => {
    refused(() => compose(event('waymark.paused')), 'CONTRACT_NAME_ILLEGAL', 'waymark.paused')
    refused(() => compose(event('plan.v2')), 'CONTRACT_NAME_ILLEGAL', 'plan.v2')
    refused(() => compose(event(`a.${'b'.repeat(199)}`)), 'CONTRACT_NAME_ILLEGAL', '201')
  })

  test.each(['1', '1.0', '01.0.0', '1.0.0-beta', 'v1.0.0', '1.0.0.0', '', '1.0.1234567'])(
    'the version %j is refused',
    (version) => {
      refused(() => compose(command('crm.create', version)), 'CONTRACT_VERSION_ILLEGAL', JSON.stringify(version), 'crm.create')
    },
  )

  test('keys that fold into one name on GraphQL are refused, both named with their modules', () => {
    const modules = [
      defineModule({ key: 'one', contracts: [command('crm.dealsCreate')] }),
      defineModule({ key: 'two', contracts: [command('crm.deals.create')] }),
    ]
    refused(
      () => composeRegistry(...modules),
      'CONTRACT_NAME_COLLISION',
      'crm.dealsCreate@1.0.0 (module one)',
      'crm.deals.create@1.0.0 (module two)',
    )
  })

  test('a key that looks like a later major of another is refused', () => {
    refused(
      () => compose(command('crm.createV2'), command('crm.create', '2.0.0')),
      'CONTRACT_NAME_COLLISION',
      'crm.createV2@1.0.0',
      'crm.create@2.0.0',
    )
  })

  test('versions of one key do not collide', () => {
    const versions = ['0.1.0', '1.0.0', '1.1.0', '2.0.0', '2.1.0']
    expect(compose(...versions.map((version) => command('crm.create', version))).operations).toHaveLength(5)
  })
})

describe('references', () => {
  const Created = event('deal.created')
  const Create = defineCommand({
    meta: meta('crm.create'),
    io: { input: z.object({}), output: z.string() },
    policy: { auth: 'user' },
    emits: [Created],
  })

  test('an emitted event that no module declares is refused, both named', () => {
    refused(() => compose(Create), 'CONTRACT_EVENT_UNRESOLVED', 'crm.create@1.0.0', 'deal.created@1.0.0')
    refused(() => compose(Create, event('deal.created', '1.1.0')), 'CONTRACT_EVENT_UNRESOLVED', 'deal.created@1.0.0')
  })

  test('it may be declared in another module, in any order', () => {
    const [crm, events] = [
      defineModule({ key: 'crm', contracts: [Create] }),
      defineModule({ key: 'events', contracts: [Created] }),
    ]
    expect(composeRegistry(crm, events).operations).toHaveLength(1)
    expect(composeRegistry(events, crm).operations).toHaveLength(1)
  })
})

describe('the subject', () => {
  const subjectOf = (input: Schema, policy: Policy = { auth: 'user' }) =>
    compose(command('crm.create', '1.0.0', { input, policy })).operations[0]?.subject
  const Person = z.object({ learnerId: z.string() })

  test('is /learnerId when the input has that field, and nobody otherwise', () => {
    expect(subjectOf(Person)).toBe('/learnerId')
    expect(subjectOf(z.object({ ownerId: z.string() }))).toBeNull()
  })

  test.each([
    ['a union', z.union([z.object({ all: z.literal(true) }), Person])],
    ['a discriminated union', z.discriminatedUnion('k', [Person.extend({ k: z.literal('a') }), z.object({ k: z.literal('b') })])],
    ['a named schema', Person.meta({ id: 'Person' })],
    ['an intersection', z.object({ a: z.string() }).and(Person)],
  ])('is found in %s, so that a learner cannot act for another there', (_, input) => {
    expect(subjectOf(input)).toBe('/learnerId')
  })

  test('may be any field that the input names, at any depth', () => {
    const input = z.object({ deal: z.object({ owner: z.string() }) })
    expect(subjectOf(input, { auth: 'user', subject: '/deal/owner' })).toBe('/deal/owner')
    expect(subjectOf(z.string(), { auth: 'user', subject: '' })).toBe('')
  })

  test.each(['learnerId', '/learnerID', '/learnerId/x', '/~2', '/toString'])(
    '%j is refused when it names no field',
    (subject) => {
      const policy: Policy = { auth: 'user', subject }
      refused(() => subjectOf(Person, policy), 'CONTRACT_POINTER_ILLEGAL', JSON.stringify(subject), 'crm.create@1.0.0')
    },
  )

  test('is looked for in a schema that contains itself', () => {
    const Tree = z.object({
      name: z.string(),
      get children() {
        return z.array(Tree)
      },
    })
    expect(subjectOf(Tree)).toBeNull()
  })
})

describe('policies', () => {
  const withPolicy = (policy: unknown) => () => compose(command('crm.create', '1.0.0', { policy: policy as Policy }))

  test.each([[{}], [{ auth: 'admin' }]])('%j is refused', (policy) => {
    refused(withPolicy(policy), 'CONTRACT_POLICY_ILLEGAL', 'crm.create@1.0.0', 'anonymous, user, service, operator')
  })

  test.each([[{ subject: '/learnerId' }], [{ permissions: ['crm.admin'] }]])(
    'anonymous with %j is refused: nothing would enforce it',
    (rest) => {
      refused(withPolicy({ auth: 'anonymous', ...rest }), 'CONTRACT_POLICY_ILLEGAL', 'crm.create@1.0.0')
    },
  )

  test.each([[{ inputBytes: 0 }], [{ timeoutMs: -1 }], [{ timeoutMs: Number.NaN }], [{ inputBytes: 1.5 }]])(
    'the limits %j are refused',
    (limits) => {
      refused(withPolicy({ auth: 'user', limits }), 'CONTRACT_POLICY_ILLEGAL', Object.keys(limits)[0] as string)
    },
  )

  test('a destructive query is refused: it only reads', () => {
    const Read = defineQuery({ ...command('crm.read'), meta: meta('crm.read'), policy: { auth: 'user', destructive: true } })
    refused(() => compose(Read), 'CONTRACT_POLICY_ILLEGAL', 'crm.read@1.0.0', 'only reads')
  })
})

describe('errors and dates', () => {
  const error = { description: 'x', http: 409, gqlCode: 'X', when: 'x' }

  test.each<[string, number]>([
    ['dealClosed', 409],
    ['DEAL-CLOSED', 409],
    ['FORBIDDEN', 403],
    ['DEAL_CLOSED', 399],
    ['DEAL_CLOSED', 600],
    ['DEAL_CLOSED', Number.NaN],
    ['DEAL_CLOSED', 409.5],
  ])('the error %s with status %s is refused', (code, http) => {
    const errors = { [code]: { ...error, http } }
    refused(
      () => compose(command('crm.create', '1.0.0', { errors })),
      'CONTRACT_ERROR_ILLEGAL',
      code,
      String(http),
      'crm.create@1.0.0',
    )
  })

  const deprecated = (deprecation: Deprecation) =>
    defineCommand({
      meta: meta('crm.create', '1.0.0', { deprecation }),
      io: { input: z.object({}), output: z.string() },
      policy: { auth: 'user' },
    })

  test.each(['soon', '2027', '1 Jan 2027', '2027-13-01', ''])('%j is no date', (date) => {
    const sunset = () => compose(deprecated({ since: '2026-01-01', sunset: date }))
    const since = () => compose(deprecated({ since: date, sunset: '2027-01-01' }))
    refused(sunset, 'CONTRACT_DATE_ILLEGAL', 'deprecation.sunset', JSON.stringify(date), 'crm.create@1.0.0')
    refused(since, 'CONTRACT_DATE_ILLEGAL', 'deprecation.since', JSON.stringify(date))
  })

  test.each(['2027-01-31', '2027-01-31T12:00:00Z', '2027-01-31T12:00:00.5+02:00'])('%s is a date', (date) => {
    expect(compose(deprecated({ since: date, sunset: date, successor: 'crm.create@2.0.0' })).operations).toHaveLength(1)
  })
})

describe('schemas', () => {
  test.each(['input', 'output'] as const)('an %s without a JSON Schema is refused', (part) => {
    const Odd = defineCommand({
      meta: meta('crm.odd'),
      io: { input: z.object({}), output: z.object({}), [part]: z.object({ at: z.date() }) },
      policy: { auth: 'user' },
    })
    refused(() => compose(Odd), 'CONTRACT_SCHEMA_UNDESCRIBED', `The ${part} of crm.odd@1.0.0`, 'Date cannot be represented')
  })

  test('a payload without a JSON Schema is refused', () => {
    const payload = z.object({ at: z.date() })
    refused(
      () => compose(event('deal.created', '1.0.0', { payload })),
      'CONTRACT_SCHEMA_UNDESCRIBED',
      'The payload of deal.created@1.0.0',
    )
  })

  test('an input may transform and have defaults', () => {
    const input = z.object({ q: z.string().trim().default(''), n: z.coerce.number() })
    expect(compose(command('crm.create', '1.0.0', { input })).operations).toHaveLength(1)
  })

  test.each(['', 'P', '30D', 'P30', 'P1M', 'PT', 'P1.5D', 'P-1D', 'P999999D'])('the retention %j is refused', (retention) => {
    refused(() => compose(event('deal.created', '1.0.0', { retention })), 'CONTRACT_RETENTION_ILLEGAL', 'such as P90D')
  })

  test.each(['P30D', 'P1W', 'PT12H', 'P1DT1H30M5S'])('the retention %j is taken', (retention) => {
    expect(compose(event('deal.created', '1.0.0', { retention })).event('deal.created')?.event.retention).toBe(retention)
  })

  test.each(['email', '/a~2'])('the pii entry %j is refused: it is no pointer', (pointer) => {
    const payload = z.object({ email: z.string() })
    refused(
      () => compose(event('deal.created', '1.0.0', { payload, pii: [pointer] })),
      'CONTRACT_POINTER_ILLEGAL',
      JSON.stringify(pointer),
      'deal.created@1.0.0',
    )
  })
})
