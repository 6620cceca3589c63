import type { Principal } from '@waymark/contract'
import { afterEach, describe, expect, test } from 'vitest'
import { DealCreated } from '../../test-support/crm.ts'
import { track } from '../../test-support/entries.ts'
import { ADA, OPERATOR, SERVICE, startJourney } from '../../test-support/journey-process.ts'
import { at } from '../../test-support/reading-tracks.ts'
import { RecordOnboardingEventContract } from '../contracts/onboarding.ts'
import { WatchFactsContract } from '../contracts/watch-facts.ts'
import { compileTrack, isHeldOut } from '../engine/index.ts'

type Journey = Awaited<ReturnType<typeof startJourney>>
const journeys: Journey[] = []
afterEach(async () => {
  for (const { journey } of journeys.splice(0)) await journey.close()
})

async function start(): Promise<Journey> {
  const steps = [{ complete: { event: DealCreated.meta.key }, reward: { xp: 30 } }, { complete: { event: 'pipeline.created' } }]
  const started = await startJourney([track(steps)])
  journeys.push(started)
  return started
}

const deal = (learnerId: string, eventId: string) => ({
  learnerId,
  eventId,
  eventName: DealCreated.meta.key,
  eventPayload: { dealId: 'd', amount: 1 },
})

async function take<T>(stream: AsyncIterable<T>, count: number): Promise<T[]> {
  const items: T[] = []
  for await (const item of stream) {
    items.push(item)
    if (items.length === count) break
  }
  return items
}

const namesOf = (items: readonly { readonly name: string; readonly learnerId: string | null }[]) =>
  items.map(({ name, learnerId }) => `${learnerId} ${name.replace('learning.onboarding.', '')}`)

describe('watchFacts', () => {
  test('tells every fact with its place, its cause and the payload of its contract', async () => {
    const { ok } = await start()
    const facts = await ok(WatchFactsContract, { learnerId: 'ada' })
    await ok(RecordOnboardingEventContract, { ...deal('ada', 'e1'), sourceModule: 'crm' })
    const [enrolled, completed, granted] = await take(facts, 3)
    expect(enrolled).toMatchObject({ name: 'learning.onboarding.enrolled', stepId: null })
    expect(completed).toEqual({
      cursor: expect.any(String),
      factId: expect.any(String),
      name: 'learning.onboarding.step.completed',
      learnerId: 'ada',
      accountId: null,
      trackId: 'track',
      stepId: 's1',
      run: 0,
      occurredAt: at(0),
      cause: { eventId: 'e1', sourceModule: 'crm' },
      backfilled: false,
      data: { trackId: 'track', run: 0, stepId: 's1' },
    })
    expect(granted?.data).toEqual({ trackId: 'track', run: 0, stepId: 's1', xp: 30 })
  })

  test('goes on after a cursor, of an item or of the start', async () => {
    const { ok } = await start()
    const first = await ok(WatchFactsContract, {})
    await ok(RecordOnboardingEventContract, deal('ada', 'e1'))
    const [enrolled] = await take(first, 1)
    await ok(RecordOnboardingEventContract, deal('bob', 'e2'))
    const rest = await take(await ok(WatchFactsContract, { after: enrolled?.cursor }), 5)
    expect(namesOf(rest)).toEqual([
      'ada step.completed',
      'ada xp.granted',
      'bob enrolled',
      'bob step.completed',
      'bob xp.granted',
    ])
    const all = await take(await ok(WatchFactsContract, { after: first.cursor }), 6)
    expect(all).toEqual([enrolled, ...rest])
    const ofBob = await take(await ok(WatchFactsContract, { learnerId: 'bob', after: first.cursor }), 3)
    expect(ofBob).toEqual(rest.slice(2))
  })

  test('starts from now on without a cursor', async () => {
    const { ok } = await start()
    await ok(RecordOnboardingEventContract, deal('ada', 'e1'))
    const facts = await ok(WatchFactsContract, {})
    await ok(RecordOnboardingEventContract, deal('bob', 'e2'))
    expect(namesOf(await take(facts, 1))).toEqual(['bob enrolled'])
  })

  test('lets learners follow themselves alone, and services and operators everybody of their tenant', async () => {
    const { call, problem } = await start()
    const admits = async (input: object, principal: Principal) => {
      const result = await call(WatchFactsContract, input, { principal })
      return result.ok ? 'yes' : result.problem.code
    }
    expect(await admits({ learnerId: 'ada' }, ADA)).toBe('yes')
    expect(await admits({ learnerId: 'bob' }, ADA)).toBe('FORBIDDEN')
    expect(await admits({}, ADA)).toBe('FORBIDDEN')
    expect(await admits({}, SERVICE)).toBe('yes')
    expect(await admits({}, OPERATOR)).toBe('yes')
    const stranger: Principal = { kind: 'service', tenant: 'acme', id: 'key-2', scopes: ['other'] }
    expect(await problem(WatchFactsContract, {}, { principal: stranger })).toMatchObject({ status: 403 })
  })

  test('tells a learner nothing of a track from which they are held out, and so does recordEvent', async () => {
    const step = { complete: { event: 'page.read' } }
    const apart = compileTrack(track([step], { key: 'apart', holdout: 50 }))
    const learnerId = Array.from({ length: 50 }, (_, n) => `learner-${n}`).find((id) => isHeldOut(apart, `l:${id}`)) ?? ''
    const { ok, journey } = await startJourney([apart.model, track([step], { key: 'open' })])
    const principal: Principal = { kind: 'learner', tenant: 'acme', id: learnerId }
    const all = await ok(WatchFactsContract, { learnerId })
    const own = await ok(WatchFactsContract, { learnerId }, { principal })
    const event = { learnerId, eventName: 'page.read', eventPayload: { page: 'p' } }
    const { outcomes } = await ok(RecordOnboardingEventContract, { ...event, eventId: 'e1' }, { principal })
    const told = await ok(RecordOnboardingEventContract, { ...event, eventId: 'e2' })
    const tracks = (items: readonly { readonly trackId: string | null }[]) => [...new Set(items.map(({ trackId }) => trackId))]
    expect([tracks(outcomes), tracks(told.outcomes)]).toEqual([['open'], ['apart', 'open']])
    expect([tracks(await take(own, 3)), tracks(await take(all, 6))]).toEqual([['open'], ['apart', 'open']])
    await journey.close()
  })

  test('refuses the cursor of another tenant, and what is none', async () => {
    const { ok, problem } = await start()
    const { cursor } = await ok(WatchFactsContract, {}, { principal: { ...SERVICE, tenant: 'other' } })
    for (const after of [cursor, 'f1', '']) {
      expect(await problem(WatchFactsContract, { after })).toMatchObject({
        code: 'VALIDATION_FAILED',
        errors: [{ pointer: '/after' }],
      })
    }
  })

  test('ends when the journey closes', async () => {
    const { ok, journey } = await start()
    const waiting = take(await ok(WatchFactsContract, {}), 1)
    await journey.close()
    expect(await waiting).toEqual([])
  })
})
