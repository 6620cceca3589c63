import { defineEvent } from '@waymark/contract'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { track } from '../../test-support/entries.ts'
import { defineTrack } from '../track/define-track.ts'
import { on } from '../track/on.ts'
import { given, StoryError } from './given.ts'

const DealCreated = defineEvent({
  meta: {
    key: 'deal.created',
    version: '1.0.0',
    stability: 'stable',
    owners: ['crm'],
    tags: [],
    description: 'Somebody opened a deal.',
  },
  payload: z.object({ dealId: z.string(), amount: z.number() }),
})

const deals = defineTrack({
  key: 'deals',
  version: '1.0.0',
  completion: { xp: 50, badge: 'dealer' },
  steps: [
    { key: 'first', complete: on(DealCreated), reward: { xp: 10 } },
    {
      key: 'three-large',
      after: { all: ['first'] },
      due: { after: 'P7D' },
      complete: on(DealCreated)
        .where({ amount: { gte: 1000 } })
        .distinctBy('dealId')
        .atLeast(3),
    },
  ],
})

describe('a story', () => {
  test('goes from the first event to the completion, with everything that was announced on the way', () => {
    given(deals)
      .at('2026-03-02T09:00:00Z')
      .event(DealCreated, { dealId: 'd1', amount: 5 })
      .expect({ status: 'active', steps: { first: 'completed', 'three-large': 'open' }, percent: 50, xp: 10 })
      .event(DealCreated, { dealId: 'd2', amount: 400 })
      .expect({ last: { first: 'already_done', 'three-large': 'condition_false' } })
      .event(DealCreated, { dealId: 'd2', amount: 4000 })
      .event(DealCreated, { dealId: 'd3', amount: 4000 })
      .advance('P3D')
      .event(DealCreated, { dealId: 'd4', amount: 4000 })
      .expect({
        status: 'completed',
        xp: 60,
        badges: ['dealer'],
        last: { 'three-large': 'completed' },
        facts: [
          'enrolled',
          'step.completed:first',
          'xp.granted:first',
          'step.completed:three-large',
          'track.completed',
          'xp.granted',
          'badge.granted',
        ],
      })
  })

  test('lets what is due pass, and a late event correct it', () => {
    const missed = given(deals)
      .at('2026-03-02T09:00:00Z')
      .event(DealCreated, { dealId: 'd1', amount: 2000 })
      .event(DealCreated, { dealId: 'd2', amount: 2000 })
      .advance('P8D')
      .expect({ status: 'missed', steps: { 'three-large': 'missed' } })
    missed
      .event(DealCreated, { dealId: 'd3', amount: 2000 }, { at: '2026-03-08T09:00:00Z' })
      .expect({ status: 'completed', steps: { 'three-large': 'completed' }, standing: [] })
    expect(missed.facts.at(-1)).toMatchObject({ name: 'track.ended', at: '2026-03-09T09:00:00.000Z' })
  })

  test('is immutable: two ends of one beginning', () => {
    const begun = given(deals).event(DealCreated, { dealId: 'd1', amount: 1 })
    begun.skip('three-large').expect({ status: 'completed', steps: { 'three-large': 'skipped' } })
    begun.exit().expect({ status: 'exited' })
    begun.expect({ status: 'active' })
  })

  test('counts the days of a streak where the person lives', () => {
    const daily = track([{ complete: { event: 'never' } }], {
      enrol: { mode: 'explicit' },
      streak: { on: { event: 'seen' }, period: 'day', freezes: { initial: 1 } },
    })
    given(daily)
      .at('2026-03-02T14:30:00Z')
      .identify({ timezone: 'Asia/Tokyo' })
      .enroll()
      .event('seen')
      .advance('PT1H')
      .event('seen')
      .expect({ streak: 2, freezes: 1 })
      .advance('P2D')
      .expect({ streak: 2, freezes: 0 })
      .advance('P1D')
      .expect({ streak: 0 })
  })

  test('says every difference, and what is wrong with what it is told', () => {
    const begun = given(deals).event(DealCreated, { dealId: 'd1', amount: 1 })
    const wrong = () => begun.expect({ percent: 100, steps: { first: 'open', nowhere: 'open' }, last: { first: 'missed' } })
    expect(wrong).toThrow(StoryError)
    expect(wrong).toThrow('expected percent 100, it is 50')
    expect(wrong).toThrow('deals / first: expected open, it is completed')
    expect(wrong).toThrow('deals has no step nowhere; it has first, three-large')
    expect(wrong).toThrow('expected the last event to be missed, it was completed')
    expect(() => begun.event(DealCreated, { dealId: 'd1' } as never)).toThrow('/amount: expected number, received nothing')
    expect(() => begun.skip('nowhere')).toThrow('deals has no step nowhere')
    expect(() => begun.enroll('other')).toThrow('There is no track other in this story')
    expect(() => begun.advance('3 days')).toThrow('Expected an ISO 8601 duration such as P3D')
    expect(() => begun.identify({ timezone: 'Europe/Atlantis' })).toThrow('received "Europe/Atlantis"')
    expect(() => begun.at('2020-01-01T00:00:00Z')).toThrow('cannot go back')
    expect(() => given()).toThrow('A story needs a track')
  })

  test('tells of several tracks, one after the other', () => {
    const second = track([{ complete: { event: 'deal.created' } }], { key: 'second', after: { all: ['deals'] } })
    const one = track([{ complete: { event: 'deal.created' } }], { key: 'deals' })
    given(one, second)
      .event('deal.created')
      .advance('PT1H')
      .expect({ track: 'deals', status: 'completed' })
      .event('deal.created')
      .expect({ track: 'second', status: 'completed' })
  })
})
