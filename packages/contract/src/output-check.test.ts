import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { settle } from '../test-support/manual-clock.ts'
import { meta } from '../test-support/meta.ts'
import { createTestRuntime, envelope, gate, learner } from '../test-support/test-runtime.ts'
import { defineCommand, defineModule } from './define.ts'
import { type CheckedOutput, type GroupHandler, implement, type OutputCheck } from './implement.ts'
import { invoke } from './invoke.ts'
import type { Schema } from './schema.ts'

const Record_ = defineCommand({
  meta: meta('crm.record'),
  io: {
    input: z.object({ learnerId: z.string() }),
    output: z.object({ n: z.number() }),
    errors: { DEAL_CLOSED: { description: 'Closed', http: 409, gqlCode: 'DEAL_CLOSED', when: 'It was won' } },
  },
  policy: { auth: 'user', limits: { timeoutMs: 100 } },
})
const Late = defineCommand({
  meta: meta('crm.late'),
  io: { input: z.object({}), output: z.number().refine(async () => true) },
  policy: { auth: 'user' },
})
const throwing: Schema<number> = {
  '~standard': {
    ...z.number()['~standard'],
    validate: () => {
      throw new Error('a broken rule')
    },
  },
}
const Throwing = defineCommand({
  meta: meta('crm.throwing'),
  io: { input: z.object({}), output: throwing },
  policy: { auth: 'user' },
})
const crm = defineModule({ key: 'crm', contracts: [Record_, Late, Throwing] })

type Handle = GroupHandler<typeof Record_>['handle']

/** What a batcher does with one call: check, then commit, then answer. */
function commitChecked<Output>(check: OutputCheck<Output>, output: Output, committed: unknown[]): CheckedOutput {
  const checked = check(output)
  if (!checked.ok) throw checked.error
  committed.push(output)
  return checked.output
}

function setup(handle?: Handle, output: unknown = { n: 1 }) {
  const committed: unknown[] = []
  const one = async ({ check }: { readonly check: OutputCheck<number> }) => commitChecked(check, 1, committed)
  const test = createTestRuntime(
    implement(crm).handlers({
      'crm.record': {
        commit: 'group',
        handle: handle ?? (async ({ check }) => commitChecked(check, output as { n: number }, committed)),
      },
      'crm.late': { commit: 'group', handle: one },
      'crm.throwing': { commit: 'group', handle: one },
    }),
  )
  const record = (rest = {}) => invoke(test.runtime, 'crm.record', { learnerId: 'ada' }, envelope(rest))
  return { ...test, committed, record }
}

const internal = { ok: false, problem: { code: 'INTERNAL', status: 500 } }

describe('a call in a group commit', () => {
  test('is checked synchronously, and needs no unit of work of its own', async () => {
    const { record, store, stages, committed } = setup()
    expect(await record()).toMatchObject({ ok: true, data: { n: 1 } })
    expect(committed).toEqual([{ n: 1 }])
    expect([store.commits(), store.rollbacks()]).toEqual([0, 0])
    expect(stages.map(({ stage }) => stage)).toEqual([
      'resolve',
      'principal',
      'parse',
      'authorise',
      'limits',
      'handle',
      'check',
      'commit',
    ])
  })

  test('answers what the contract makes of its output', async () => {
    const { record } = setup(undefined, { n: 1, internal: true })
    expect(await record()).toMatchObject({ ok: true, data: { n: 1 } })
    expect(JSON.stringify(await record())).not.toContain('internal')
  })

  test('whose output fails the check is taken out before the commit, and is our 500', async () => {
    const { record, committed, failures } = setup(undefined, { n: 'text' })
    expect(await record()).toMatchObject(internal)
    expect(committed).toEqual([])
    expect(String(failures[0]?.error)).toContain('/n expected number, received string')
  })

  test('passes every stage before its handler, like any other', async () => {
    const { record, committed } = setup()
    expect(await record({ principal: learner('bob') })).toMatchObject({ ok: false, problem: { code: 'FORBIDDEN' } })
    expect(committed).toEqual([])
  })

  test('may fail with a declared error', async () => {
    const { record } = setup(async ({ fail }) => {
      throw fail.DEAL_CLOSED({ detail: 'It was won.' })
    })
    expect(await record()).toMatchObject({ ok: false, problem: { code: 'DEAL_CLOSED', detail: 'It was won.' } })
  })

  test('may be checked again when its round is redone; the last check counts', async () => {
    const { record, stages } = setup(async ({ check }) => {
      check({ n: 1 })
      return commitChecked(check, { n: 2 }, [])
    })
    expect(await record()).toMatchObject({ ok: true, data: { n: 2 } })
    expect(stages.at(-1)).toMatchObject({ stage: 'commit' })
  })

  test.each<[string, Handle]>([
    ['was never checked', async () => ({ n: 1 }) as unknown as CheckedOutput],
    ['is not what was checked', async ({ check }) => ({ ...check({ n: 1 }), n: 2 }) as unknown as CheckedOutput],
    ['is nothing', async () => undefined as unknown as CheckedOutput],
  ])('whose answer %s is INTERNAL', async (_, handle) => {
    const { record, failures } = setup(handle)
    expect(await record()).toMatchObject(internal)
    expect(String(failures[0]?.error)).toContain('returned an output that it did not check')
  })

  test('that ran out of time before its check is kept out of the commit', async () => {
    const open = gate()
    const { record, clock, committed } = setup(async ({ check }) => {
      await open.promise
      return commitChecked(check, { n: 1 }, committed)
    })
    const call = record()
    await settle()
    await clock.advance(100)
    expect(await call).toMatchObject({ ok: false, problem: { code: 'TIMEOUT' } })
    open.resolve()
    await settle()
    expect(committed).toEqual([])
  })

  test('that was checked in time is waited for, however long its commit takes', async () => {
    const open = gate()
    const { record, clock } = setup(async ({ check }) => {
      const output = commitChecked(check, { n: 1 }, [])
      await open.promise
      return output
    })
    const call = record()
    await settle()
    await clock.advance(10_000)
    open.resolve()
    expect(await call).toMatchObject({ ok: true })
  })
})

test('a check never throws and never waits, whatever the schema does', async () => {
  const { runtime, committed, failures } = setup()
  expect(await invoke(runtime, 'crm.late', {}, envelope())).toMatchObject(internal)
  expect(await invoke(runtime, 'crm.throwing', {}, envelope())).toMatchObject(internal)
  expect(committed).toEqual([])
  expect(failures.map(({ error }) => (error as Error).message)).toEqual([
    expect.stringContaining('The output schema of crm.late@1.0.0 did not answer at once'),
    'a broken rule',
  ])
})
