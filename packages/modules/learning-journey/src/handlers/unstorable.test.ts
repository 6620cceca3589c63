import type { Operation } from '@waymark/contract'
import { describe, expect, test } from 'vitest'
import type { FakeStore } from '../../test-support/fake-store.ts'
import { SERVICE, startJourney } from '../../test-support/journey-process.ts'
import { at, CHOSEN, FIRST_WIN } from '../../test-support/reading-tracks.ts'
import { ExplainContract } from '../contracts/explain.ts'
import {
  EnrollContract,
  GetProgressContract,
  IngestContract,
  ListRejectedContract,
  RecordOnboardingEventContract,
  RedriveRejectedContract,
} from '../contracts/onboarding.ts'
import { isStorable, utf8Length } from '../contracts/text.ts'

const UNSTORABLE = { NUL: 'a\0b', 'a lone surrogate': 'a\ud800', '257 bytes': 'x'.repeat(257), '258 bytes of é': 'é'.repeat(129) }
const KINDS = Object.keys(UNSTORABLE) as (keyof typeof UNSTORABLE)[]

const EVENT = {
  learnerId: 'ada',
  eventName: 'anything.happened',
  trackId: 'first-win',
  accountId: 'acme',
  eventId: 'bad',
  eventVersion: '1',
  sourceModule: 'crm',
  occurredAt: at(0),
}
const PERSON = { learnerId: 'ada', eventId: 'bad', occurredAt: at(0) }
const ITEMS = [
  EVENT,
  { ...PERSON, type: 'identify', anonymousId: 'n1' },
  { ...PERSON, type: 'group', accountId: 'acme' },
  { ...PERSON, type: 'alias', previousId: 'n1' },
]

/** Every text field of every item, made unstorable in every way. */
const FIELDS = ITEMS.flatMap((item) =>
  Object.keys(item).flatMap((field) =>
    KINDS.map((kind) => [`${'type' in item ? item.type : 'event'} ${field}`, kind, item, field] as const),
  ),
)
/** What is stored as JSON text: there length is no matter of keys. */
const INSIDE = (['NUL', 'a lone surrogate'] as const).flatMap((kind) =>
  [{ value: UNSTORABLE[kind] }, { deep: [{ value: UNSTORABLE[kind] }] }, { [UNSTORABLE[kind]]: 1 }].flatMap((value) => [
    [kind, { ...EVENT, eventPayload: value }] as const,
    [kind, { ...PERSON, type: 'identify', traits: value }] as const,
    [kind, { ...PERSON, type: 'group', accountId: 'acme', traits: value }] as const,
  ]),
)

const GOOD = ['e1', 'e2'].map((eventId) => ({ learnerId: 'bob', eventName: 'pipeline.created', eventId }))

/** Sends the item between two good ones: it alone is refused, and whatever is stored is fit for any database. */
async function refusedAlone(item: unknown) {
  const { ok, store } = await startJourney([FIRST_WIN])
  const { results } = await ok(IngestContract, { events: [GOOD[0], item, GOOD[1]] })
  expect(results.map(({ status }) => status)).toEqual(['recorded', 'invalid', 'recorded'])
  expect(store.entries.map(({ eventId }) => eventId)).toEqual(['e1', 'e2'])
  expect(store.rejected).toHaveLength(1)
  expect(unfit(store)).toEqual([])
  return results[1]
}

function unfit({ entries, rejected }: FakeStore): unknown[] {
  return [...entries, ...rejected].flatMap((row) =>
    Object.entries(row).filter(([, value]) => typeof value === 'string' && !isStorable(value)),
  )
}

describe('one item of a batch', () => {
  test.each(FIELDS)('with an unstorable %s (%s) is refused alone', async (_, kind, item, field) => {
    const result = await refusedAlone({ ...item, [field]: UNSTORABLE[kind] })
    expect(result?.problem).toMatchObject({ code: 'VALIDATION_FAILED', detail: expect.stringContaining(`/${field}`) })
  })

  test.each(INSIDE)('with %s inside what is stored as JSON is refused alone: %o', async (_, item) => {
    expect((await refusedAlone(item))?.problem?.code).toBe('VALIDATION_FAILED')
  })
})

test.each(
  [
    ...['learnerId', 'eventName', 'trackId', 'accountId', 'eventId', 'eventVersion', 'sourceModule', 'occurredAt'].map(
      (field) => [RecordOnboardingEventContract, field, EVENT] as const,
    ),
    ...['learnerId', 'trackId'].map((field) => [EnrollContract, field, { learnerId: 'ada', trackId: 'chosen' }] as const),
    ...['learnerId', 'trackId'].map((field) => [GetProgressContract, field, { learnerId: 'ada' }] as const),
    ...['learnerId', 'trackId', 'eventId', 'sourceModule'].map(
      (field) => [ExplainContract, field, { learnerId: 'ada', eventId: 'e1' }] as const,
    ),
    [ListRejectedContract, 'cursor', {}] as const,
  ].map(([contract, field, input]) => [contract.meta.key, field, contract as Operation, input] as const),
)('%s refuses an unstorable %s before it asks the store', async (_, field, contract, input) => {
  for (const kind of KINDS) {
    const { problem, store } = await startJourney([FIRST_WIN, CHOSEN])
    const asked = await problem(contract, { ...input, [field]: UNSTORABLE[kind] } as never)
    expect(asked, kind).toMatchObject({ code: 'VALIDATION_FAILED', errors: [{ pointer: `/${field}` }] })
    expect(store.appends).toEqual([])
  }
})

test('redriveRejected refuses an unstorable id', async () => {
  const { problem } = await startJourney([FIRST_WIN])
  for (const kind of KINDS)
    expect(await problem(RedriveRejectedContract, { ids: ['r1', UNSTORABLE[kind]] })).toMatchObject({
      code: 'VALIDATION_FAILED',
      errors: [{ pointer: '/ids/1' }],
    })
})

test('an unstorable Idempotency-Key of a call within the process gives an id that can be stored', async () => {
  const { ok, store } = await startJourney([FIRST_WIN])
  for (const kind of KINDS) {
    const envelope = { principal: SERVICE, idempotencyKey: UNSTORABLE[kind] }
    const events = [{ learnerId: 'bob', eventName: 'pipeline.created' }]
    for (const status of ['recorded', 'duplicate'])
      expect((await ok(IngestContract, { events }, envelope)).results).toMatchObject([{ status }])
  }
  expect(store.entries).toHaveLength(KINDS.length)
  expect(unfit(store)).toEqual([])
  expect(Math.max(...store.entries.map(({ eventId }) => utf8Length(eventId)))).toBeLessThanOrEqual(256)
})
