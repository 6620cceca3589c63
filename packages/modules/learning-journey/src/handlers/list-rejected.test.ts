import { describe, expect, test } from 'vitest'
import { ADA, startJourney } from '../../test-support/journey-process.ts'
import { at, FIRST_WIN } from '../../test-support/reading-tracks.ts'
import { IngestContract, ListRejectedContract } from '../contracts/onboarding.ts'

describe('listRejected', () => {
  test('goes page by page, newest first, each event with its problem', async () => {
    const { ok } = await startJourney([FIRST_WIN])
    const bad = Array.from({ length: 5 }, (_, index) => ({
      learnerId: 'ada',
      eventName: 'deal.created',
      eventId: `bad-${index}`,
      eventPayload: { amount: 'x' },
    }))
    await ok(IngestContract, { events: bad })
    const first = await ok(ListRejectedContract, { limit: 2 })
    expect(first.items).toMatchObject([
      {
        eventId: 'bad-4',
        eventName: 'deal.created',
        channel: 'rest',
        receivedAt: at(0),
        problem: { code: 'VALIDATION_FAILED' },
        event: bad[4],
      },
      { eventId: 'bad-3' },
    ])
    const second = await ok(ListRejectedContract, { limit: 2, cursor: first.nextCursor as string })
    const third = await ok(ListRejectedContract, { limit: 2, cursor: second.nextCursor as string })
    expect([...second.items, ...third.items].map(({ eventId }) => eventId)).toEqual(['bad-2', 'bad-1', 'bad-0'])
    expect(third.nextCursor).toBeNull()
  })

  test('refuses a cursor that no page gave', async () => {
    const { problem } = await startJourney([FIRST_WIN])
    expect(await problem(ListRejectedContract, { cursor: 'bad-4' })).toMatchObject({
      code: 'VALIDATION_FAILED',
      errors: [{ pointer: '/cursor' }],
    })
  })

  test('is of the caller’s tenant only, and not for learners', async () => {
    const { ok, problem } = await startJourney([FIRST_WIN])
    await ok(IngestContract, { events: [null] })
    expect(
      await ok(ListRejectedContract, {}, { principal: { kind: 'service', tenant: 'other', id: 'k', scopes: ['*'] } }),
    ).toEqual({ items: [], nextCursor: null })
    expect(await problem(ListRejectedContract, {}, { principal: ADA })).toMatchObject({ code: 'FORBIDDEN' })
  })
})
