import type { TrackModel } from '@waymark/learning-journey'
import { createMemoryStore } from '@waymark/store/memory'
import { beforeAll, describe, expect, test } from 'vitest'
import { VectorProcess } from '../cases/process.ts'

const TRACK: TrackModel = {
  format: 'waymark.track/1',
  key: 'deals',
  version: '1.0.0',
  steps: [
    { key: 'first', complete: { event: 'deal.created' }, reward: { xp: 5 } },
    { key: 'won', after: { all: ['first'] }, complete: { event: 'deal.won' } },
  ],
}
const START = Date.parse('2026-03-01T12:00:00Z')

/** Ten people open a deal, a minute apart; the first four win it so many hours later as their number. */
const process = new VectorProcess({ id: 'o', title: '', track: TRACK, entries: [] }, createMemoryStore())

beforeAll(async () => {
  await process.start()
  for (let number = 0; number < 10; number++) await send('deal.created', number, number * 60_000)
  for (let number = 0; number < 4; number++) await send('deal.won', number, (number + 1) * 3_600_000 + number * 60_000)
})

function send(eventName: string, number: number, after: number) {
  const moment = new Date(START + after).toISOString()
  return process.call({
    learnerId: `person-${number}`,
    eventName,
    eventId: `${eventName}-${number}`,
    sourceModule: 'crm',
    accountId: number < 2 ? 'acme' : 'globex',
    occurredAt: moment,
    receivedAt: moment,
  })
}

async function ask(operation: string, input: object = {}) {
  const result = await process.invoke(operation, input)
  if (!result.ok) throw new Error(JSON.stringify(result.problem))
  return result.data as { items: Record<string, unknown>[]; nextCursor: string | null; groups: Record<string, unknown>[] }
}

/** Every item, page by page. */
async function pages(operation: string, input: object, limit: number) {
  const items: Record<string, unknown>[] = []
  let cursor: string | undefined
  do {
    const page = await ask(operation, { ...input, limit, ...(cursor === undefined ? {} : { cursor }) })
    expect(page.items.length).toBeLessThanOrEqual(limit)
    items.push(...page.items)
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  return items
}

describe('operators', () => {
  test('page through events, newest first, with filters', async () => {
    const all = await pages('listEvents', {}, 3)
    expect(all).toHaveLength(14)
    expect(all[0]).toMatchObject({ eventName: 'deal.won', learnerId: 'person-3', sourceModule: 'crm', inAccount: 'globex' })
    expect(all.at(-1)).toMatchObject({ eventId: 'deal.created-0' })
    expect(await pages('listEvents', { eventName: 'deal.won' }, 2)).toHaveLength(4)
    expect(await pages('listEvents', { learnerId: 'person-1' }, 50)).toHaveLength(2)
    expect(await pages('listEvents', { accountId: 'acme' }, 1)).toHaveLength(4)
    const from = new Date(START + 3_600_000).toISOString()
    expect(await pages('listEvents', { from }, 50)).toHaveLength(4)
    expect(await pages('listEvents', { to: from, kind: 'event' }, 50)).toHaveLength(10)
  })

  test('find people with their runs', async () => {
    const people = await pages('listLearners', { prefix: 'person-' }, 4)
    expect(people.map(({ learnerId }) => learnerId)).toEqual(Array.from({ length: 10 }, (_, number) => `person-${number}`))
    expect(people[0]).toMatchObject({
      accountId: null,
      enrolments: [{ trackId: 'deals', status: 'completed', percent: 100, openStep: null, holdout: false }],
    })
    expect(people[9]).toMatchObject({ enrolments: [{ status: 'active', percent: 50, openStep: 'won' }] })
  })

  test('page through facts from either end', async () => {
    const newest = await pages('listFacts', { trackId: 'deals' }, 7)
    const oldest = await pages('listFacts', { trackId: 'deals', first: 'oldest' }, 5)
    expect(newest.map(({ factId }) => factId)).toEqual(oldest.map(({ factId }) => factId).reverse())
    expect(oldest[0]).toMatchObject({
      name: 'learning.onboarding.enrolled',
      cause: { eventId: 'deal.created-0', sourceModule: 'crm' },
    })
    const completed = await pages('listFacts', { name: 'learning.onboarding.step.completed', learnerId: 'person-0' }, 50)
    expect(completed.map(({ stepId }) => stepId)).toEqual(['won', 'first'])
  })

  test('see who is at which step', async () => {
    expect(await pages('listEnrolments', { trackId: 'deals', status: 'active', openStep: 'won' }, 4)).toHaveLength(6)
    const runs = await pages('listEnrolments', { trackId: 'deals' }, 3)
    expect(runs.map(({ learnerId }) => learnerId)).toEqual(Array.from({ length: 10 }, (_, number) => `person-${9 - number}`))
    expect(await pages('listEnrolments', { startedFrom: new Date(START + 8 * 60_000).toISOString() }, 50)).toHaveLength(2)
  })

  test('see where people stop, and how long it takes', async () => {
    expect((await ask('funnel', { trackId: 'deals' })).groups).toEqual([
      {
        holdout: false,
        enrolled: 10,
        completed: 4,
        missed: 0,
        exited: 0,
        steps: [
          { stepId: 'first', completed: 10, skipped: 0, waived: 0, missed: 0, share: 1 },
          { stepId: 'won', completed: 4, skipped: 0, waived: 0, missed: 0, share: 0.4 },
        ],
      },
    ])
    const { groups } = await ask('timeToValue', { trackId: 'deals' })
    const [{ track, steps }] = groups as unknown as [
      { track: Record<string, number>; steps: ({ stepId: string } & Record<string, number>)[] },
    ]
    expect(track.count).toBe(4)
    for (const [name, hours] of [
      ['p25Seconds', 1],
      ['medianSeconds', 2],
      ['p75Seconds', 3],
      ['p90Seconds', 4],
    ] as const)
      expect(Math.abs((track[name] ?? 0) / (hours * 3_600) - 1)).toBeLessThan(0.045)
    expect(steps.map(({ stepId, count }) => [stepId, count])).toEqual([
      ['first', 10],
      ['won', 4],
    ])
    expect((await ask('funnel', { trackId: 'deals', from: '2026-03-02T00:00:00Z' })).groups).toMatchObject([{ enrolled: 0 }])
  })

  test('are told what is wrong with a question', async () => {
    expect(await process.invoke('listEvents', { cursor: 'nonsense' })).toMatchObject({
      ok: false,
      problem: { code: 'VALIDATION_FAILED', errors: [{ pointer: '/cursor' }] },
    })
    expect(await process.invoke('listFacts', { cursor: 'WyJhIl0' })).toMatchObject({ ok: false })
    expect(await process.invoke('listEnrolments', { learnerId: 'a', accountId: 'b' })).toMatchObject({
      ok: false,
      problem: { errors: [{ pointer: '/accountId' }] },
    })
    expect(await process.invoke('funnel', { trackId: 'deal' })).toMatchObject({
      ok: false,
      problem: { code: 'TRACK_NOT_FOUND', data: { nearest: ['deals'] } },
    })
  })
})
