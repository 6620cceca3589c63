import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { putRow } from '../test-support/memory-unit-of-work.ts'
import { meta } from '../test-support/meta.ts'
import { createTestRuntime, envelope, learner, operator, service } from '../test-support/test-runtime.ts'
import { defineCommand, defineModule, defineQuery } from './define.ts'
import { ContractError, type FailInit } from './errors.ts'
import { type HandlerContext, implement } from './implement.ts'
import { type Envelope, invoke } from './invoke.ts'
import type { Problem } from './problem.ts'
import type { Result } from './result.ts'

const error = { description: 'The deal is closed', http: 409, gqlCode: 'DEAL_CLOSED', when: 'It was won or lost' }
const Create = defineCommand({
  meta: meta('crm.deals.create'),
  io: {
    input: z.object({ learnerId: z.string(), amount: z.coerce.number().default(1) }),
    output: z.object({ id: z.string(), note: z.string().default('none') }),
    errors: { DEAL_CLOSED: error, DEAL_TOO_LARGE: { ...error, http: 422, data: z.object({ limit: z.number() }) } },
  },
  policy: { auth: 'user', limits: { inputBytes: 100 } },
})
const Ping = defineQuery({
  meta: meta('crm.ping'),
  io: { input: z.object({}), output: z.string().optional() },
  policy: { auth: 'anonymous' },
})
const deprecation = { since: '2026-01-01', sunset: '2026-07-01', successor: 'crm.deals.create@1.0.0' }
const Old = defineCommand({ meta: meta('crm.deals.add', '1.2.0', { deprecation }), io: Ping.io, policy: { auth: 'service' } })
const crm = defineModule({ key: 'crm', contracts: [Create, Ping, Old] })

const INPUT = { learnerId: 'ada', amount: 3 }
type Context = HandlerContext<typeof Create>

/** A runtime in which `crm.deals.create` does this after it put a row. */
function setup(create: (context: Context) => unknown = () => ({ id: 'd1' })) {
  const calls: Context[] = []
  const test = createTestRuntime(
    implement(crm).handlers({
      'crm.deals.create': async (context) => {
        calls.push(context)
        putRow(context.tx, 'deal', context.input.amount)
        return (await create(context)) as { id: string }
      },
      'crm.ping': async () => 'pong',
      'crm.deals.add': async () => 'added',
    }),
  )
  const create_ = (input: unknown = INPUT, rest: Partial<Envelope> = {}) =>
    invoke(test.runtime, 'crm.deals.create', input, envelope(rest))
  return { ...test, calls, create: create_ }
}

function problemOf(result: Result): Problem {
  if (result.ok) throw new Error('Expected a problem')
  return result.problem
}

describe('a call that succeeds', () => {
  test('runs all stages in order, and reports each once with its duration', async () => {
    const { create, clock, stages } = setup(async () => {
      await clock.advance(7)
      return { id: 'd1' }
    })
    await create(INPUT, { idempotencyKey: 'k' })
    expect(stages.map(({ stage, duration }) => [stage, duration])).toEqual([
      ['resolve', 0],
      ['principal', 0],
      ['parse', 0],
      ['authorise', 0],
      ['limits', 0],
      ['idempotency', 0],
      ['handle', 7],
      ['check', 0],
      ['commit', 0],
    ])
    expect(
      stages.every(({ requestId, operation, code }) => requestId === 'req-1' && operation === 'crm.deals.create@1.0.0' && !code),
    ).toBe(true)
  })

  test('answers the checked output, with the id of the operation and of the request', async () => {
    const { create } = setup()
    expect(await create()).toEqual({
      ok: true,
      data: { id: 'd1', note: 'none' },
      meta: { requestId: 'req-1', operation: 'crm.deals.create@1.0.0' },
    })
  })

  test('gives the handler the parsed input, the caller, and what the surface said', async () => {
    const { create, calls } = setup()
    await create(
      { learnerId: 'ada', amount: '7' },
      { channel: 'rest', requestId: 'r-9', idempotencyKey: 'k', principal: learner() },
    )
    expect(calls[0]).toMatchObject({
      input: { learnerId: 'ada', amount: 7 },
      principal: { kind: 'learner', id: 'ada' },
      call: { channel: 'rest', requestId: 'r-9', idempotencyKey: 'k' },
      signal: { aborted: false },
    })
    expect(calls[0]).toHaveProperty('tx.tenant', 'acme')
  })

  test('commits once', async () => {
    const { create, store } = setup()
    await create()
    expect(store.rows.get('deal')).toBe(3)
    expect([store.commits(), store.rollbacks()]).toEqual([1, 0])
  })

  test('may be addressed by contract, by key, by major and by version', async () => {
    const { runtime } = setup()
    for (const target of ['crm.ping', 'crm.ping@1', 'crm.ping@1.0.0']) {
      expect(await invoke(runtime, target, {}, envelope())).toMatchObject({ ok: true, data: 'pong' })
    }
    expect(await invoke(runtime, Ping, {}, envelope())).toMatchObject({ ok: true, data: 'pong' })
  })

  test.each([learner(), service('crm.*'), operator('crm.deals.create')])('is admitted for $kind', async (principal) => {
    expect(await setup().create(INPUT, { principal })).toMatchObject({ ok: true })
  })
})

describe('a call that is refused', () => {
  const anonymous = { kind: 'anonymous', tenant: 'acme' } as const
  const invalid = { kind: 'invalid', detail: 'The key was revoked.' } as const

  test.each<[string, string, number, string, unknown, Partial<Envelope>]>([
    ['without a credential', 'UNAUTHENTICATED', 401, 'principal', {}, { principal: anonymous }],
    ['with a bad credential', 'UNAUTHENTICATED', 401, 'principal', {}, { principal: invalid }],
    ['with a bad input', 'VALIDATION_FAILED', 422, 'parse', {}, { principal: learner('bob') }],
    ['for another person', 'FORBIDDEN', 403, 'authorise', INPUT, { principal: learner('bob'), inputBytes: 101 }],
    ['without the scope', 'FORBIDDEN', 403, 'authorise', INPUT, { principal: service('crm.other') }],
    ['with too much', 'PAYLOAD_TOO_LARGE', 413, 'limits', INPUT, { inputBytes: 101 }],
  ])('%s is %s %i in the stage before it, and reaches no handler', async (_, code, status, stage, input, rest) => {
    const { create, calls, stages, store, failures } = setup()
    expect(problemOf(await create(input, rest))).toMatchObject({ code, status, instance: 'urn:waymark:request:req-1' })
    expect(stages.at(-1)).toMatchObject({ stage, code })
    expect(stages.filter((report) => report.code !== undefined)).toHaveLength(1)
    expect([calls, failures, store.commits()]).toEqual([[], [], 0])
  })

  test('for an unknown operation is NOT_FOUND, and has no operation', async () => {
    const { runtime, stages } = setup()
    const result = await invoke(runtime, 'crm.deals.drop', {}, envelope())
    expect(result).toMatchObject({ ok: false, problem: { code: 'NOT_FOUND', status: 404 }, meta: { requestId: 'req-1' } })
    expect(result.meta).not.toHaveProperty('operation')
    expect(stages).toMatchObject([{ stage: 'resolve', operation: 'crm.deals.drop', code: 'NOT_FOUND' }])
  })

  test('says why', async () => {
    const { create } = setup()
    expect(problemOf(await create(INPUT, { principal: invalid })).detail).toBe('The key was revoked.')
    expect(problemOf(await create(INPUT, { principal: learner('bob') })).detail).toMatch(/^SUBJECT_MISMATCH: .*\/learnerId/)
    expect(problemOf(await create(INPUT, { inputBytes: 101 })).detail).toContain('101 bytes')
    expect(problemOf(await create({ learnerId: 1, amount: {} }))).toMatchObject({
      detail: expect.stringMatching(/^\/learnerId: .*\(and 1 more\)$/),
      errors: [{ pointer: '/learnerId', expected: 'string', received: 'number' }, { pointer: '/amount' }],
    })
  })

  test('with a bad credential stays out even where everybody is admitted', async () => {
    const { runtime } = setup()
    expect(await invoke(runtime, 'crm.ping', {}, envelope({ principal: anonymous }))).toMatchObject({ ok: true })
    expect(problemOf(await invoke(runtime, 'crm.ping', {}, envelope({ principal: invalid }))).code).toBe('UNAUTHENTICATED')
  })

  test('an input of exactly the limit, or of unknown size, is taken', async () => {
    const { create } = setup()
    expect(await create(INPUT, { inputBytes: 100 })).toMatchObject({ ok: true })
    expect(await create(INPUT)).toMatchObject({ ok: true })
  })
})

describe('a deprecated contract', () => {
  const add = (runtime: Parameters<typeof invoke>[0], rest: Partial<Envelope> = {}) =>
    invoke(runtime, 'crm.deals.add', {}, envelope(rest))

  test('answers with its dates until the sunset, whether it succeeds or not', async () => {
    const { runtime } = setup()
    expect(await add(runtime)).toMatchObject({ ok: true, meta: { deprecation } })
    expect(await add(runtime, { principal: learner() })).toMatchObject({ ok: false, meta: { deprecation } })
  })

  test('is GONE from the sunset on, for everybody, with what replaces it', async () => {
    const { runtime, clock } = setup()
    await clock.advance(Date.parse('2026-07-01') - clock.now() - 1)
    expect(await add(runtime)).toMatchObject({ ok: true })
    await clock.advance(1)
    expect(await add(runtime, { principal: { kind: 'invalid', detail: 'x' } })).toMatchObject({
      ok: false,
      problem: { code: 'GONE', status: 410, detail: expect.stringContaining('Use crm.deals.create@1.0.0.') },
      meta: { deprecation, operation: 'crm.deals.add@1.2.0' },
    })
  })
})

describe('a handler that fails', () => {
  test('with a declared error answers its status and data, and rolls back', async () => {
    const { create, store, failures } = setup(({ fail }) => {
      throw fail.DEAL_TOO_LARGE({ data: { limit: 2 }, detail: 'At most 2.', retryAfter: 9 })
    })
    expect(problemOf(await create())).toEqual({
      type: 'urn:waymark:error:DEAL_TOO_LARGE',
      title: 'The deal is closed',
      status: 422,
      detail: 'At most 2.',
      instance: 'urn:waymark:request:req-1',
      code: 'DEAL_TOO_LARGE',
      data: { limit: 2 },
      retryAfter: 9,
    })
    expect([store.rows.size, store.commits(), store.rollbacks(), failures]).toEqual([0, 0, 1, []])
  })

  test.each(['NOT_FOUND', 'CONFLICT', 'FORBIDDEN', 'RATE_LIMITED'] as const)(
    'with the reserved error %s answers it',
    async (code) => {
      const { create } = setup(({ fail }) => {
        throw fail[code]({ detail: 'So it is.' })
      })
      expect(problemOf(await create())).toMatchObject({ code, detail: 'So it is.' })
    },
  )

  const secret = 'password=hunter2 at db.internal'
  const throwing = (init: FailInit) => () => {
    throw new ContractError('DEAL_TOO_LARGE', init)
  }
  test.each<[string, (context: Context) => unknown]>([
    ['an error', () => Promise.reject(new Error(secret))],
    ['a text', () => Promise.reject(secret)],
    ['nothing', () => Promise.reject(undefined)],
    ['a code that it did not declare', () => Promise.reject(new ContractError('DEAL_LOST', { detail: secret }))],
    ['a code that every object has', () => Promise.reject(new ContractError('constructor', { detail: secret }))],
    [
      'a function that fail does not have',
      ({ fail }) => (fail as unknown as Record<string, () => unknown>).DEAL_LOST?.() ?? Promise.reject(secret),
    ],
    ['data that its contract refuses', throwing({ data: { limit: secret } as never, detail: secret })],
    ['no data where its contract has some', throwing({ detail: secret })],
  ])('with %s is INTERNAL: an opaque id, and none of its text', async (_, fail) => {
    const { create, failures, store } = setup(fail)
    const result = await create()
    expect(problemOf(result)).toEqual({
      type: 'urn:waymark:error:INTERNAL',
      title: 'The server failed',
      status: 500,
      detail: 'A defect or a lost resource; the instance id finds it in the log',
      instance: 'urn:waymark:request:req-1',
      code: 'INTERNAL',
    })
    expect(failures).toMatchObject([{ requestId: 'req-1', operation: 'crm.deals.create@1.0.0' }])
    expect([store.rows.size, store.commits()]).toEqual([0, 0])
  })

  test('shows only the data that the contract describes', async () => {
    const { create } = setup(({ fail }) => {
      throw fail.DEAL_TOO_LARGE({ data: { limit: 2, margin: 0.4 } as { limit: number } })
    })
    expect(problemOf(await create()).data).toEqual({ limit: 2 })
    const undescribed = setup(() => Promise.reject(new ContractError('DEAL_CLOSED', { data: { margin: 0.4 } })))
    expect(problemOf(await undescribed.create())).not.toHaveProperty('data')
    const reserved = setup(() => Promise.reject(new ContractError('CONFLICT', { data: { margin: 0.4 } })))
    expect(problemOf(await reserved.create())).not.toHaveProperty('data')
  })

  test.each([[{ id: 7 }], [{}], [undefined], ['text']])(
    'with the output %j is our 500, never a 4xx, and commits nothing',
    async (output) => {
      const { create, failures, store, stages } = setup(() => output)
      expect(problemOf(await create(INPUT, { idempotencyKey: 'k' }))).toMatchObject({ code: 'INTERNAL', status: 500 })
      expect(String(failures[0]?.error)).toContain('returned an output that its contract refuses')
      expect(stages.at(-1)).toMatchObject({ stage: 'check', code: 'INTERNAL' })
      expect([store.rows.size, store.kept.size, store.commits(), store.rollbacks()]).toEqual([0, 0, 0, 1])
    },
  )

  test('to commit is INTERNAL', async () => {
    const { create, store, stages } = setup()
    store.failNextCommit(new Error('connection lost'))
    expect(problemOf(await create())).toMatchObject({ code: 'INTERNAL' })
    expect(stages.at(-1)).toMatchObject({ stage: 'commit', code: 'INTERNAL' })
  })

  test('to reach the database is TIMEOUT, which callers try again; the cause is told, and stays in the process', async () => {
    const { create, failures, store, stages } = setup()
    const lost = Object.assign(new Error(secret), { outlook: 'retry' })
    store.failNextCommit(lost)
    const problem = problemOf(await create())
    expect(problem).toMatchObject({ code: 'TIMEOUT', status: 504, retryAfter: 1 })
    expect(JSON.stringify(problem)).not.toContain('hunter2')
    expect(stages.at(-1)).toMatchObject({ stage: 'commit', code: 'TIMEOUT' })
    expect(failures).toMatchObject([{ operation: 'crm.deals.create@1.0.0', error: lost }])
  })
})

test('an asynchronous schema is waited for on the way in and on the way out', async () => {
  const Late = defineCommand({
    meta: meta('crm.late'),
    io: {
      input: z.object({ n: z.number().refine(async (n) => n > 0) }),
      output: z.number().refine(async (n) => n < 10),
    },
    policy: { auth: 'service' },
  })
  const { runtime } = createTestRuntime(
    implement(defineModule({ key: 'late', contracts: [Late] })).handlers({ 'crm.late': async ({ input }) => input.n }),
  )
  expect(await invoke(runtime, Late, { n: 5 }, envelope())).toMatchObject({ ok: true, data: 5 })
  expect(problemOf(await invoke(runtime, Late, { n: 0 }, envelope())).code).toBe('VALIDATION_FAILED')
  expect(problemOf(await invoke(runtime, Late, { n: 10 }, envelope())).code).toBe('INTERNAL')
})
