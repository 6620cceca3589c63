import { validate } from '@waymark/contract'
import {
  EnrollContract,
  ExitContract,
  FACTS,
  MergeContract,
  RecordOnboardingEventContract,
  RevokeContract,
  SkipStepContract,
  WaiveStepContract,
} from '@waymark/learning-journey'
import { expect, test } from 'vitest'
import { at, START, startPeople, track } from './start-people.ts'

const HOUR = 3_600
const DAY = 24 * HOUR
const TRACKS = [
  track('way', [
    {
      key: 'fork',
      complete: { event: 'pipeline.created' },
      branches: [{ key: 'fast', when: { event: 'deal.won' } }],
      default: 'slow',
      reward: { xp: 5, badge: 'b' },
    },
    { key: 'skip', complete: { event: 'deal.won' }, skippable: true, after: { branch: 'fork.slow' } },
    { key: 'waive', complete: { event: 'deal.won' }, after: { branch: 'fork.fast' } },
    { key: 'other', complete: { event: 'deal.won' } },
    { key: 'timed', complete: { event: 'deal.won' }, opens: { after: 'PT1H' } },
  ]),
  track('late', [{ key: 'only', complete: { event: 'deal.created' }, due: { after: 'PT2H' } }], {
    enrol: { mode: 'explicit' },
    completion: { xp: 7, badge: 'c' },
  }),
  track('days', [{ key: 'last', complete: { event: 'deal.won' } }], {
    enrol: { mode: 'onEvent', event: 'page.read' },
    streak: { on: { event: 'page.read' }, period: 'day', freezes: { initial: 1, earnEvery: 7, cap: 1 }, xp: 2 },
  }),
  track('apart', [{ key: 'one', complete: { event: 'pipeline.created' }, reward: { xp: 3 } }], { holdout: 50 }),
]

test('every fact that is derived is what its contract says, to the last field, and every contract is derived', async () => {
  const { ok, clock, journey, store } = await startPeople(TRACKS)
  const way = { learnerId: 'ada', trackId: 'way' }
  const event = (eventName: string, eventId: string, rest: object = {}) =>
    ok(RecordOnboardingEventContract, { learnerId: 'ada', eventName, eventId, ...rest })
  await event('pipeline.created', 'p')
  await event('page.read', 'r')
  await ok(EnrollContract, { learnerId: 'ada', trackId: 'late' })
  clock.now += 1_000
  await ok(SkipStepContract, { ...way, stepId: 'skip' })
  await ok(WaiveStepContract, { ...way, stepId: 'other', reason: 'x' })
  clock.now += 1_000
  await ok(RevokeContract, { ...way, stepId: 'fork', reason: 'y' })
  clock.now = START + HOUR * 1_000
  await journey.wake()
  clock.now += 1_000
  await ok(ExitContract, way)
  clock.now = START + 5 * DAY * 1_000
  await journey.wake()
  await event('deal.created', 'd', { occurredAt: at(60) })
  for (let number = 0; number < 9; number++)
    await ok(RecordOnboardingEventContract, { learnerId: `l${number}`, eventName: 'pipeline.created', eventId: 'p' })
  await ok(MergeContract, { learnerId: 'ada', anonymousId: 'l1' })

  const facts = await store.readFacts({ tenant: 'acme', limit: 1_000 })
  for (const { name, data } of facts) {
    const contract = FACTS.find(({ meta }) => meta.key === name)
    if (contract === undefined) throw new Error(`${name} has no contract`)
    const payload: unknown = JSON.parse(data)
    const checked = await validate(contract.payload, payload)
    // A field that the contract does not know would be dropped.
    expect([name, checked.ok ? checked.value : checked.issues]).toEqual([name, payload])
  }
  expect([...new Set(facts.map(({ name }) => name))].sort()).toEqual(FACTS.map(({ meta }) => meta.key).sort())
  expect(facts.some(({ heldOut, data }) => heldOut && JSON.parse(data).holdout === true)).toBe(true)
})
