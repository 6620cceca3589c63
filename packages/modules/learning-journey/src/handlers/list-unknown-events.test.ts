import { describe, expect, test } from 'vitest'
import { START, track } from '../../test-support/entries.ts'
import { ADA, startJourney } from '../../test-support/journey-process.ts'
import { IngestContract } from '../contracts/onboarding.ts'
import { ListUnknownEventsContract } from '../contracts/unknown-events.ts'

const TRACKS = [track([{ key: 'pipeline', complete: { event: 'pipeline.created' } }], { key: 'first-win' })]
const event = (eventName: string, rest: object = {}) => ({ learnerId: 'ada', eventName, ...rest })

describe('events that nothing knows', () => {
  test('are counted by name, with what they looked like and where they came from; the others are not', async () => {
    const { ok, clock } = await startJourney(TRACKS)
    await ok(IngestContract, {
      events: [
        event('pipeline.created'),
        event('page', { eventPayload: { url: '/' }, sourceModule: 'web' }),
        event('waymark.x'),
        7,
      ],
    })
    clock.now += 1_000
    await ok(IngestContract, { events: [event('page'), event('screen')], import: true })
    const { items } = await ok(ListUnknownEventsContract, {})
    const at = new Date(START).toISOString()
    const later = new Date(START + 1_000).toISOString()
    expect(items).toEqual([
      {
        eventName: 'screen',
        count: 1,
        firstAt: later,
        lastAt: later,
        samples: [{ receivedAt: later, channel: 'import', sourceModule: null, fields: {} }],
      },
      {
        eventName: 'page',
        count: 2,
        firstAt: at,
        lastAt: later,
        samples: [
          { receivedAt: later, channel: 'import', sourceModule: null, fields: {} },
          { receivedAt: at, channel: 'rest', sourceModule: 'web', fields: { '/url': 'string' } },
        ],
      },
    ])
  })

  test('are listed in pages, newest first', async () => {
    const { ok, clock, problem } = await startJourney(TRACKS)
    for (const names of [['a', 'b', 'c'], ['d'], ['e']]) {
      await ok(IngestContract, { events: names.map((name) => event(name)) })
      clock.now += 1
    }
    const seen: string[] = []
    let cursor: string | null | undefined
    do {
      const page: { items: readonly { eventName: string }[]; nextCursor: string | null } = await ok(ListUnknownEventsContract, {
        ...(cursor == null ? {} : { cursor }),
        limit: 2,
      })
      expect(page.items.length).toBeLessThanOrEqual(2)
      seen.push(...page.items.map(({ eventName }) => eventName))
      cursor = page.nextCursor
    } while (cursor !== null && cursor !== undefined)
    expect(seen).toEqual(['e', 'd', 'c', 'b', 'a'])
    expect(await problem(ListUnknownEventsContract, { cursor: 'nonsense' })).toMatchObject({ code: 'VALIDATION_FAILED' })
  })

  test('that have a contract by now are left out', async () => {
    const { ok, store } = await startJourney(TRACKS)
    const row = { tenant: 'acme', count: 1, firstAt: START, lastAt: START, samples: '[]' }
    await store.countUnknownEvents(
      [
        { ...row, name: 'pipeline.created' },
        { ...row, name: 'page' },
      ],
      10,
    )
    expect((await ok(ListUnknownEventsContract, {})).items.map(({ eventName }) => eventName)).toEqual(['page'])
  })

  test('are forgotten after 30 days without another one, and are no business of learners', async () => {
    const { ok, journey, clock, problem } = await startJourney(TRACKS)
    await ok(IngestContract, { events: [event('page')] })
    expect((await ok(ListUnknownEventsContract, {})).items).toHaveLength(1)
    clock.now += 31 * 86_400_000
    await journey.sweep()
    expect((await ok(ListUnknownEventsContract, {})).items).toEqual([])
    expect(await problem(ListUnknownEventsContract, {}, { principal: ADA })).toMatchObject({ code: 'FORBIDDEN' })
  })

  test('are written when the journey is closed', async () => {
    const { ok, journey, store } = await startJourney(TRACKS)
    await ok(IngestContract, { events: [event('page')] })
    expect(await store.readUnknownEvents('acme')).toEqual([])
    await journey.close()
    expect(await store.readUnknownEvents('acme')).toMatchObject([{ name: 'page', count: 1 }])
  })
})
