import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { DealCreated, PageRead, PipelineCreated, QuizPassedV2, VisitMade } from '../../test-support/crm.ts'
import { FIRST_WIN } from '../../test-support/track-documents.ts'
import { TrackDefinitionError } from '../errors.ts'
import { all, any, correlate, count, inWindow, mastery, sequence } from './conditions.ts'
import { defineTrack } from './define-track.ts'
import { defineTraits } from './define-traits.ts'
import { parseTrack } from './definition.ts'
import { on } from './on.ts'

const base = { key: 'win', version: '1.0.0' }
const traits = defineTraits({ learner: z.object({ plan: z.enum(['free', 'pro', 'team']) }), account: z.object({}) })

describe('defineTrack', () => {
  test('gives the JSON form, frozen', () => {
    const track = defineTrack({
      ...base,
      title: { en: 'Win' },
      lateness: 'P2D',
      enrol: 'explicit',
      completion: { xp: 50, badge: 'win' },
      steps: [
        { key: 'a', title: 'A', reward: { xp: 1 }, complete: on(PipelineCreated) },
        {
          key: 'b',
          after: { all: ['a'] },
          complete: on(DealCreated)
            .where({ amount: { gte: 1_000 } })
            .distinctBy('dealId')
            .atLeast(3),
        },
      ],
    })
    expect(track).toEqual({
      format: 'waymark.track/1',
      ...base,
      title: { en: 'Win' },
      lateness: 'P2D',
      enrol: { mode: 'explicit' },
      completion: { xp: 50, badge: 'win' },
      steps: [
        { key: 'a', title: 'A', reward: { xp: 1 }, complete: { event: 'pipeline.created', version: '1' } },
        {
          key: 'b',
          after: { all: ['a'] },
          complete: {
            event: 'deal.created',
            version: '1',
            where: { '/amount': { gte: 1_000 } },
            distinctBy: '/dealId',
            atLeast: 3,
          },
        },
      ],
    })
    expect(Object.isFrozen(track.steps[1]?.complete)).toBe(true)
    expect(parseTrack(track)).toEqual({ ok: true, track })
  })

  test('starts a run by an event', () => {
    const start = on(PageRead).where({ page: 'welcome' }).from('web').trustClient()
    const track = defineTrack({ ...base, enrol: { onEvent: start }, steps: [{ key: 'a', complete: on(PipelineCreated) }] })
    expect(track.enrol).toEqual({
      mode: 'onEvent',
      event: 'page.read',
      version: '1',
      source: 'web',
      trust: 'client',
      where: { '/page': 'welcome' },
    })
  })

  test('says whose it is, when it can be done, and where it leads', () => {
    const deals = on(DealCreated)
    const pro = traits.learner.where({ plan: 'pro' })
    const track = defineTrack({
      ...base,
      audience: pro,
      enrol: 'onSegment',
      reentry: { mode: 'afterDuration', wait: 'P30D' },
      after: { all: ['welcome'] },
      timezone: 'Europe/Rome',
      rewards: 'perRun',
      holdout: 10,
      streak: { on: deals.where({ amount: { gt: 0 } }), period: 'day', grace: 'PT4H', freezes: { initial: 1 }, xp: 5 },
      steps: [
        {
          key: 'size',
          skippable: true,
          opens: { onDay: 2 },
          due: { after: 'P7D' },
          complete: deals,
          branches: [{ key: 'big', when: all(deals.atLeast(2), pro) }, { key: 'small' }],
          default: 'small',
        },
        {
          key: 'next',
          required: false,
          after: { any: ['size'], branch: 'size.big' },
          complete: deals,
          action: { href: '/deals' },
          help: { href: 'https://example.com/deals' },
        },
      ],
    })
    const deal = { event: 'deal.created', version: '1' }
    expect(track).toEqual({
      format: 'waymark.track/1',
      ...base,
      audience: { '/plan': 'pro' },
      enrol: { mode: 'onSegment' },
      reentry: { mode: 'afterDuration', wait: 'P30D' },
      after: { all: ['welcome'] },
      timezone: 'Europe/Rome',
      rewards: 'perRun',
      holdout: 10,
      streak: { on: { ...deal, where: { '/amount': { gt: 0 } } }, period: 'day', grace: 'PT4H', freezes: { initial: 1 }, xp: 5 },
      steps: [
        {
          key: 'size',
          skippable: true,
          opens: { onDay: 2 },
          due: { after: 'P7D' },
          complete: deal,
          branches: [
            {
              key: 'big',
              when: {
                all: [
                  { ...deal, atLeast: 2 },
                  { trait: '/plan', is: 'pro' },
                ],
              },
            },
            { key: 'small' },
          ],
          default: 'small',
        },
        {
          key: 'next',
          required: false,
          after: { any: ['size'], branch: 'size.big' },
          complete: deal,
          action: { href: '/deals' },
          help: { href: 'https://example.com/deals' },
        },
      ],
    })
    expect(parseTrack(track)).toEqual({ ok: true, track })
  })

  test('refuses what the types cannot see, with the field and the reason', () => {
    const error = failure(() =>
      defineTrack({
        ...base,
        key: 'Win',
        steps: [
          { key: 'a', complete: on(DealCreated).atLeast(0) },
          { key: 'b', complete: all() },
        ],
      }),
    )
    expect(error.code).toBe('TRACK_INVALID')
    expect(error.message).toContain('The track Win is not valid.')
    expect(error.message).toContain('/key: Expected lower-case letters')
    expect(error.message).toContain('/steps/0/complete/atLeast: ')
    expect(error.message).toContain('/steps/1/complete/all: ')
  })

  test('refuses a count of the event that starts a run', () => {
    const enrol = { onEvent: on(PageRead).atLeast(2) }
    const { message } = failure(() => defineTrack({ ...base, enrol, steps: [{ key: 'a', complete: on(PipelineCreated) }] }))
    expect(message).toContain('/enrol/atLeast: Unknown field')
  })
})

describe('on', () => {
  test('wants the major version of the contract', () => {
    expect(on(DealCreated).model).toEqual({ event: 'deal.created', version: '1' })
  })

  test('every method returns a new condition', () => {
    const deals = on(DealCreated)
    expect(deals.atLeast(2).exclusive().lookback('ever').from('crm').trustClient().model).toEqual({
      event: 'deal.created',
      version: '1',
      atLeast: 2,
      consume: 'exclusive',
      lookback: 'ever',
      source: 'crm',
      trust: 'client',
    })
    expect(deals.model).toEqual({ event: 'deal.created', version: '1' })
    expect(Object.isFrozen(deals.model)).toBe(true)
  })

  test('where goes down to nested fields, escapes their names, and adds up', () => {
    const condition = on(DealCreated)
      .where({ owner: { id: 'ada', address: { city: { startsWith: 'R' }, 'zip/code': 12345 } }, closedAt: null })
      .where({ amount: { gt: 1, lte: 5 }, tags: { contains: 'vip' } })
    expect(condition.model.where).toEqual({
      '/owner/id': 'ada',
      '/owner/address/city': { startsWith: 'R' },
      '/owner/address/zip~1code': 12345,
      '/closedAt': null,
      '/amount': { gt: 1, lte: 5 },
      '/tags': { contains: 'vip' },
    })
  })

  test('an object of operators alone is about the object itself', () => {
    expect(on(DealCreated).where({ owner: { exists: true } }).model.where).toEqual({ '/owner': { exists: true } })
  })
})

test('groups are nested as they are written', () => {
  const [deal, pipeline] = [on(DealCreated), on(PipelineCreated)]
  expect(any(all(deal, pipeline), sequence(pipeline, deal)).model).toEqual({
    any: [{ all: [deal.model, pipeline.model] }, { sequence: [pipeline.model, deal.model] }],
  })
})

test('sums and windows are part of the leaf', () => {
  const deals = on(DealCreated)
  expect(deals.sum('amount', 5_000).within('P7D').model).toMatchObject({
    sum: { of: '/amount', atLeast: 5_000 },
    window: { since: 'enrolment', within: 'P7D' },
  })
  expect(deals.within('PT1H', 'unlock').model.window).toEqual({ since: 'unlock', within: 'PT1H' })
  expect(deals.sliding('PT24H').model.window).toEqual({ sliding: 'PT24H' })
})

test('correlate is added to a leaf or a group', () => {
  const deals = on(DealCreated)
  expect(correlate('dealId', deals.atLeast(2)).model).toEqual({ ...deals.model, atLeast: 2, correlate: '/dealId' })
  expect(correlate('dealId', sequence(deals, deals)).model).toEqual({
    sequence: [deals.model, deals.model],
    correlate: '/dealId',
  })
})

test('the earlier vocabulary becomes the same leaves', () => {
  expect(count(DealCreated, 3).model).toEqual(on(DealCreated).atLeast(3).model)
  expect(count(DealCreated, 3, { amount: 5 }).model).toEqual(on(DealCreated).where({ amount: 5 }).atLeast(3).model)
  expect(inWindow(VisitMade, 3, 'PT24H').model).toEqual(on(VisitMade).atLeast(3).sliding('PT24H').model)
  expect(mastery(QuizPassedV2, { skillField: 'quiz', field: 'mastery', minimum: 0.8, count: 5 }).model).toEqual({
    event: 'quiz.passed',
    version: '2',
    where: { '/mastery': { gte: 0.8 } },
    distinctBy: '/quiz',
    atLeast: 5,
  })
})

test('the example of the design can be written in TypeScript', () => {
  const track = defineTrack({
    key: 'first-win',
    version: '1.0.0',
    enrol: 'onFirstMatch',
    lateness: 'PT168H',
    completion: { xp: 50, badge: 'first-win' },
    steps: [
      { key: 'create-pipeline', title: { en: 'Create a pipeline' }, reward: { xp: 20 }, complete: on(PipelineCreated) },
      {
        key: 'create-deals',
        title: { en: 'Create three deals' },
        after: { all: ['create-pipeline'] },
        due: { after: 'P14D' },
        reward: { xp: 30 },
        complete: all(
          on(DealCreated)
            .where({ amount: { gte: 1_000 } })
            .distinctBy('dealId')
            .atLeast(3)
            .lookback('sinceEnrolment'),
          traits.learner.where({ plan: { in: ['pro', 'team'] } }),
        ),
      },
    ],
  })
  const [first, second] = FIRST_WIN.steps
  const leaf = { ...second?.complete.all?.[0], version: '1', distinctBy: '/dealId' }
  const { subject: _, ...rest } = FIRST_WIN
  expect(track).toEqual({ ...rest, steps: [first, { ...second, complete: { all: [leaf, second?.complete.all?.[1]] } }] })
})

function failure(call: () => unknown): TrackDefinitionError {
  try {
    call()
  } catch (error) {
    if (error instanceof TrackDefinitionError) return error
    throw error
  }
  throw new Error('Expected a TrackDefinitionError')
}
