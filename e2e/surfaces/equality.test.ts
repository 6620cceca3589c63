import { describe, expect, it } from 'vitest'
import { createFixture, type Fixture, TIME_LIMIT } from '../../packages/surface/test-support/fixture.ts'
import { CALLS } from './calls.ts'
import { cliCaller, cliFlagsCaller } from './cli-caller.ts'
import { clientCaller, emittedClientCaller } from './client-caller.ts'
import { graphqlCaller } from './graphql-caller.ts'
import { mcpCaller, olderMcpCaller } from './mcp-caller.ts'
import { mountCaller } from './mount-caller.ts'
import { pipelineCaller } from './pipeline-caller.ts'
import { restCaller, restGetCaller } from './rest-caller.ts'
import type { SurfaceCall, SurfaceCaller } from './surface-call.ts'

const CALLERS: readonly SurfaceCaller[] = [
  restCaller,
  restGetCaller,
  clientCaller,
  emittedClientCaller,
  graphqlCaller,
  mcpCaller,
  olderMcpCaller,
  mountCaller,
  cliCaller,
  cliFlagsCaller,
]

async function answerOf(caller: SurfaceCaller, { first, ...call }: SurfaceCall) {
  const fixture = createFixture()
  if (first !== undefined) await caller.call(fixture, first)
  const answering = caller.call(fixture, call)
  if (call.items !== undefined) await play(fixture, call.items)
  if (call.isLate === true) await runOut(fixture, answering)
  return answering
}

/** Lets the stream that the call opens bring these, and end. */
async function play({ watching }: Fixture, items: NonNullable<SurfaceCall['items']>): Promise<void> {
  while (watching.length === 0) await new Promise((resolve) => setTimeout(resolve, 1))
  watching[0]?.push(...items)
  watching[0]?.stop()
}

/** Lets the time limit of the operation run out, for as many attempts as the caller makes. */
async function runOut({ alarms, release }: Fixture, answering: Promise<unknown>): Promise<void> {
  let isAnswered = false
  const answered = answering.finally(() => {
    isAnswered = true
  })
  // Whoever waits for the answer sees why there is none.
  answered.catch(() => {})
  while (!isAnswered) {
    for (const [alarm, milliseconds] of alarms) {
      if (milliseconds !== TIME_LIMIT) continue
      alarm()
      // Another attempt with the same key waits for this one.
      release()
    }
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

it('has forty calls at least, each of another kind', () => {
  expect(CALLS.length).toBeGreaterThanOrEqual(40)
  expect(new Set(CALLS.map(({ what }) => what)).size).toBe(CALLS.length)
})

it('meets each error that every contract has', async () => {
  const answers = await Promise.all(CALLS.map((call) => answerOf(pipelineCaller, call)))
  const codes = new Set(answers.flatMap((answer) => (answer.ok ? [] : [answer.code])))
  expect([...codes].sort()).toEqual(
    [
      ...[
        'VALIDATION_FAILED',
        'UNAUTHENTICATED',
        'FORBIDDEN',
        'NOT_FOUND',
        'CONFLICT',
        'IDEMPOTENCY_MISMATCH',
        'PAYLOAD_TOO_LARGE',
      ],
      ...['RATE_LIMITED', 'GONE', 'TIMEOUT', 'INTERNAL', 'OUT_OF_STOCK', 'CARD_DECLINED', 'CLOSED'],
    ].sort(),
  )
})

describe.each(CALLERS)('$name answers as the pipeline does', (caller) => {
  it.each(CALLS)('$what', async (call) => {
    expect(await answerOf(caller, call)).toEqual(await answerOf(pipelineCaller, call))
  })
})
