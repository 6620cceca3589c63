import { composeRegistry } from '@waymark/contract'
import { describe, expect, test } from 'vitest'
import { DealCreated } from '../../test-support/crm.ts'
import { track } from '../../test-support/entries.ts'
import { startJourney } from '../../test-support/journey-process.ts'
import { LearningJourneyModule } from '../module.ts'
import { ExplainContract } from './explain.ts'
import { FACTS } from './facts.ts'
import { EnrollContract, GetProgressContract, RecordOnboardingEventContract } from './onboarding.ts'

describe('learning.onboarding.recordEvent', () => {
  const { meta, io, policy, kind } = RecordOnboardingEventContract

  test('says of itself exactly what was specified', () => {
    expect(kind).toBe('command')
    // Examples come on top of what was specified.
    const { examples = [], ...specified } = meta
    expect(examples.length).toBeGreaterThan(0)
    expect(specified).toEqual({
      key: 'learning.onboarding.recordEvent',
      version: '1.0.0',
      stability: 'stable',
      owners: ['learning-journey'],
      tags: ['learning', 'onboarding', 'events'],
      description: 'Record a domain event to evaluate onboarding step completion conditions.',
      goal: 'Advance onboarding automatically from product events.',
      context: 'Called by event bus handlers when relevant product events fire (e.g., deal.created).',
    })
    expect(policy).toEqual({ auth: 'user' })
  })

  test('declares exactly the two errors that were specified', () => {
    expect(Object.keys(io.errors)).toEqual(['TRACK_NOT_FOUND', 'STEP_NOT_FOUND'])
    expect(io.errors.TRACK_NOT_FOUND).toMatchObject({
      description: 'Track not found for event routing',
      http: 404,
      gqlCode: 'TRACK_NOT_FOUND',
      when: 'Track ID or routing context is invalid',
    })
    expect(io.errors.STEP_NOT_FOUND).toMatchObject({
      description: 'Step not found for completion condition',
      http: 404,
      gqlCode: 'STEP_NOT_FOUND',
      when: 'No step matches the incoming event',
    })
  })
})

describe('the module', () => {
  const registry = composeRegistry(LearningJourneyModule)

  test('composes: every operation has a JSON Schema and names its learner where it has one', () => {
    for (const { id, subject, inputSchema, outputSchema } of registry.operations) {
      expect(inputSchema).toMatchObject({ type: 'object', properties: expect.any(Object) })
      expect([id, subject]).toEqual([id, 'learnerId' in (inputSchema.properties as object) ? '/learnerId' : null])
      expect(outputSchema).toMatchObject({ type: 'object', properties: expect.any(Object) })
    }
  })

  test('its facts are event contracts, and whatever derives them says so', () => {
    const facts = registry.events.map(({ event }) => event.meta.key)
    expect(facts).toEqual(FACTS.map(({ meta }) => meta.key).sort())
    for (const operation of ['recordEvent', 'ingest', 'enroll', 'redriveRejected'])
      expect(
        registry
          .operation(`learning.onboarding.${operation}`)
          ?.operation.emits.map(({ meta }) => meta.key)
          .sort(),
      ).toEqual(facts)
  })

  test('a batch describes its items, though each is checked on its own', () => {
    const input = registry.operation('learning.onboarding.ingest')?.inputSchema as {
      properties: { events: { maxItems: number; items: { anyOf: { properties: { type: { const: string } } }[] } } }
    }
    expect(input.properties.events.maxItems).toBe(500)
    expect(input.properties.events.items.anyOf.map(({ properties }) => properties.type.const)).toEqual([
      'event',
      'identify',
      'group',
      'alias',
    ])
  })

  test('errors of one code are the same wherever they are declared beside recordEvent', () => {
    const declared = registry.operations.flatMap(({ operation }) => operation.io.errors.TRACK_NOT_FOUND ?? [])
    expect(declared.length).toBeGreaterThan(3)
    expect(new Set(declared.map(({ http, gqlCode }) => `${http} ${gqlCode}`))).toEqual(new Set(['404 TRACK_NOT_FOUND']))
  })
})

describe('ids that no database stores alike are refused with 422 and their pointer', async () => {
  const { call, store } = await startJourney([track({ event: DealCreated.meta.key })])
  const input = { learnerId: 'ada', eventName: 'deal.created', eventPayload: { dealId: 'd', amount: 1 } }

  test.each(['learnerId', 'eventName', 'trackId', 'accountId', 'eventId', 'sourceModule'])('/%s', async (field) => {
    for (const id of ['a\0b', '\ud83d', 'x'.repeat(257), 'é'.repeat(129), '']) {
      const result = await call(RecordOnboardingEventContract, { ...input, [field]: id })
      expect(result).toMatchObject({ ok: false, problem: { status: 422, errors: [{ pointer: `/${field}` }] } })
    }
    expect(store.appends).toEqual([])
  })

  test.each([EnrollContract, ExplainContract, GetProgressContract])('/learnerId of $meta.key', async (contract) => {
    const result = await call(contract, { learnerId: 'a\0b', trackId: 'track' })
    expect(result).toMatchObject({ ok: false, problem: { status: 422, errors: [{ pointer: '/learnerId' }] } })
  })
})
