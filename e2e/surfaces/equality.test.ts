import { describe, expect, it } from 'vitest'
import { createFixture, type Fixture } from '../../packages/surface/test-support/fixture.ts'
import { CALLS } from './calls.ts'
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
]

async function answerOf(caller: SurfaceCaller, { first, ...call }: SurfaceCall) {
  const fixture = createFixture()
  if (first !== undefined) await caller.call(fixture, first)
  const answering = caller.call(fixture, call)
  if (call.items !== undefined) await play(fixture, call.items)
  return answering
}

/** Lets the stream that the call opens bring these, and end. */
async function play({ watching }: Fixture, items: NonNullable<SurfaceCall['items']>): Promise<void> {
  while (watching.length === 0) await new Promise((resolve) => setTimeout(resolve, 1))
  watching[0]?.push(...items)
  watching[0]?.stop()
}

it('has forty calls at least, each of another kind', () => {
  expect(CALLS.length).toBeGreaterThanOrEqual(40)
  expect(new Set(CALLS.map(({ what }) => what)).size).toBe(CALLS.length)
})

it('meets each error that every contract has, but those that only time brings', async () => {
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
      ...['RATE_LIMITED', 'GONE', 'INTERNAL', 'OUT_OF_STOCK', 'CARD_DECLINED', 'CLOSED'],
    ].sort(),
  )
})

describe.each(CALLERS)('$name answers as the pipeline does', (caller) => {
  it.each(CALLS)('$what', async (call) => {
    expect(await answerOf(caller, call)).toEqual(await answerOf(pipelineCaller, call))
  })
})
