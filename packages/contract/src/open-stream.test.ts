import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { settle } from '../test-support/manual-clock.ts'
import { meta } from '../test-support/meta.ts'
import { createTestRuntime, envelope, gate, learner, service } from '../test-support/test-runtime.ts'
import { defineModule, defineQuery } from './define.ts'
import { type HandlerContext, implement } from './implement.ts'
import { invoke } from './invoke.ts'
import { StreamError } from './open-stream.ts'
import type { Result } from './result.ts'
import { type Stream, stream } from './stream.ts'

const error = { description: 'The deal is closed', http: 409, gqlCode: 'DEAL_CLOSED', when: 'It was won or lost' }
const Watch = defineQuery({
  meta: meta('crm.deals.watch'),
  io: {
    input: z.object({ learnerId: z.string() }),
    output: stream(z.object({ cursor: z.string(), note: z.string().default('none') })),
    errors: { DEAL_CLOSED: error },
  },
  policy: { auth: 'user', limits: { timeoutMs: 100 } },
})
type Item = { readonly cursor: string; readonly note?: string }
type Context = HandlerContext<typeof Watch>
const INPUT = { learnerId: 'ada' }

/** A runtime whose stream is what this opens. There is no unit of work, because a stream needs none. */
function setup(open: (context: Context) => Stream<Item> | Promise<Stream<Item>>) {
  const test = createTestRuntime(
    implement(defineModule({ key: 'crm', contracts: [Watch] })).handlers({ 'crm.deals.watch': async (context) => open(context) }),
  )
  return { ...test, watch: (rest = {}) => invoke(test.runtime, Watch, INPUT, envelope(rest)) }
}

function dataOf<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.problem.detail)
  return result.data
}

async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of stream) found.push(item)
  return found
}

function problemOf(error: unknown) {
  return error instanceof StreamError ? error.problem : error
}

async function* items(...cursors: readonly string[]): AsyncGenerator<Item> {
  for (const cursor of cursors) yield { cursor }
}

/** A stream that waits after its items until its signal is aborted, and says when it was ended. */
function waiting(...cursors: readonly string[]) {
  const ended = gate()
  const open = async function* ({ signal }: Context): AsyncGenerator<Item> {
    try {
      yield* items(...cursors)
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
    } finally {
      ended.resolve()
    }
  }
  return { open, ended: ended.promise }
}

describe('a stream', () => {
  test('gives every item as the contract describes it, and ends', async () => {
    const { watch, store, stages } = setup(() => items('a', 'b'))
    const data = dataOf(await watch())
    expect(await collect(data)).toEqual([
      { cursor: 'a', note: 'none' },
      { cursor: 'b', note: 'none' },
    ])
    expect([store.commits(), store.rollbacks()]).toEqual([0, 0])
    expect(stages.map(({ stage }) => stage)).toEqual(['resolve', 'principal', 'parse', 'authorise', 'limits', 'handle', 'check'])
  })

  test('says whether it came to its end or was cut off', async () => {
    const whole = dataOf(await setup(() => items('a')).watch())[Symbol.asyncIterator]()
    expect([await whole.next(), await whole.next()]).toMatchObject([{ done: false }, { done: true, value: true }])
    const caller = new AbortController()
    const cut = dataOf(await setup(waiting().open).watch({ signal: caller.signal }))[Symbol.asyncIterator]()
    const next = cut.next()
    caller.abort()
    expect(await next).toEqual({ done: true, value: undefined })
  })

  test('carries the cursor from which it starts', async () => {
    const { watch } = setup(() => ({ cursor: 'start', [Symbol.asyncIterator]: () => items() }))
    expect(dataOf(await watch()).cursor).toBe('start')
  })

  test('is refused like any other call before it is opened', async () => {
    const { watch } = setup(async ({ fail }) => {
      throw fail.DEAL_CLOSED()
    })
    expect(await watch()).toMatchObject({ ok: false, problem: { code: 'DEAL_CLOSED', status: 409 } })
    expect(await watch({ principal: learner('eve') })).toMatchObject({ ok: false, problem: { code: 'FORBIDDEN' } })
  })

  test('that is no iterable is our defect', async () => {
    const { watch, failures } = setup(() => [] as never)
    expect(await watch()).toMatchObject({ ok: false, problem: { code: 'INTERNAL' } })
    expect(String(failures[0]?.error)).toContain('async iterable')
  })
})

describe('a stream that fails', () => {
  test('with an item that the contract refuses ends there, and the item is not seen', async () => {
    const ended = gate()
    const { watch, failures } = setup(async function* () {
      try {
        yield { cursor: 'a' }
        yield { cursor: 7 } as never
      } finally {
        ended.resolve()
      }
    })
    const iterator = dataOf(await watch())[Symbol.asyncIterator]()
    expect(await iterator.next()).toMatchObject({ value: { cursor: 'a' } })
    const failure = await iterator.next().catch(problemOf)
    expect(failure).toMatchObject({ code: 'INTERNAL', status: 500 })
    expect(JSON.stringify(failure)).not.toContain('7')
    await ended.promise
    expect(failures).toMatchObject([{ requestId: 'req-1', operation: 'crm.deals.watch@1.0.0' }])
    expect(String(failures[0]?.error)).toContain('/cursor expected string')
    expect(await iterator.next()).toEqual({ done: true, value: undefined })
  })

  test('by itself says why when the contract declares it, and nothing otherwise', async () => {
    const declared = setup(async function* ({ fail }) {
      yield* items('a')
      throw fail.DEAL_CLOSED({ detail: 'Lost.' })
    })
    await expect(collect(dataOf(await declared.watch())).catch(problemOf)).resolves.toMatchObject({
      code: 'DEAL_CLOSED',
      detail: 'Lost.',
    })
    expect(declared.failures).toEqual([])
    const secret = setup(async function* () {
      yield* items()
      throw new Error('the password is swordfish')
    })
    const problem = await collect(dataOf(await secret.watch())).catch(problemOf)
    expect(problem).toMatchObject({ code: 'INTERNAL' })
    expect(JSON.stringify(problem)).not.toContain('swordfish')
    expect(String(secret.failures[0]?.error)).toContain('swordfish')
  })

  test('while it is being ended tells the host alone', async () => {
    const { watch, failures } = setup(async function* () {
      try {
        yield* items('a', 'b')
      } finally {
        // biome-ignore lint/correctness/noUnsafeFinally: what is tested.
        throw new Error('cannot let go')
      }
    })
    for await (const item of dataOf(await watch())) {
      expect(item.cursor).toBe('a')
      break
    }
    await settle()
    expect(failures.map(({ error }) => String(error))).toEqual(['Error: cannot let go'])
  })
})

describe('a stream ends, with the iterable of its handler,', () => {
  test('when the caller stops iterating', async () => {
    const { open, ended } = waiting('a', 'b')
    const { watch } = setup(open)
    for await (const _ of dataOf(await watch())) break
    await ended
  })

  test('when the caller goes away, also one that waits for the next item', async () => {
    const { open, ended } = waiting()
    const { watch } = setup(open)
    const caller = new AbortController()
    const next = dataOf(await watch({ signal: caller.signal }))
      [Symbol.asyncIterator]()
      .next()
    await settle()
    caller.abort()
    expect(await next).toEqual({ done: true, value: undefined })
    await ended
  })

  test('at once when the caller had gone before', async () => {
    const { open } = waiting('a')
    const { watch } = setup(open)
    expect(await collect(dataOf(await watch({ signal: AbortSignal.abort() })))).toEqual([])
  })

  test('when the token of the learner expires', async () => {
    const { open, ended } = waiting()
    const { watch, clock } = setup(open)
    const principal = { ...learner('ada'), expiresAt: clock.now() + 60_000 }
    const next = dataOf(await watch({ principal }))
      [Symbol.asyncIterator]()
      .next()
    await clock.advance(59_999)
    expect(clock.pending()).toBe(1)
    await clock.advance(1)
    expect(await next).toEqual({ done: true, value: undefined })
    await ended
  })

  test('and takes its timer back', async () => {
    const { open } = waiting()
    const { watch, clock } = setup(open)
    const principal = { ...learner('ada'), expiresAt: clock.now() + 60_000 }
    await dataOf(await watch({ principal }))
      [Symbol.asyncIterator]()
      .return?.()
    expect(clock.pending()).toBe(0)
  })
})

describe('the time limit', () => {
  test('is for the opening: a stream that opens late is ended and never seen', async () => {
    const { open, ended } = waiting('a')
    const opening = gate()
    const signals: Context['signal'][] = []
    const { watch, clock } = setup(async (context) => {
      signals.push(context.signal)
      await opening.promise
      const stream = open(context)
      await stream.next()
      return stream
    })
    const call = watch()
    await settle()
    await clock.advance(100)
    expect(await call).toMatchObject({ ok: false, problem: { code: 'TIMEOUT' } })
    expect(signals[0]?.aborted).toBe(true)
    opening.resolve()
    await ended
  })

  test('does not end an open stream', async () => {
    const { open } = waiting('a')
    const { watch, clock } = setup(open)
    const iterator = dataOf(await watch())[Symbol.asyncIterator]()
    await clock.advance(1_000)
    expect(await iterator.next()).toMatchObject({ done: false })
    await iterator.return?.()
  })
})

test('scopes are asked for a stream too', async () => {
  const { watch } = setup(() => items())
  expect(await watch({ principal: service('crm.deals.*') })).toMatchObject({ ok: true })
  expect(await watch({ principal: service('other') })).toMatchObject({ ok: false, problem: { code: 'FORBIDDEN' } })
})
