import { describe, expect, test } from 'vitest'
import { START, track } from '../../test-support/entries.ts'
import { createFakeStore, type FakeStore } from '../../test-support/fake-store.ts'
import { sha256, startJourney } from '../../test-support/journey-process.ts'
import { GetProgressContract, RecordOnboardingEventContract } from '../contracts/onboarding.ts'
import type { TrackModel } from '../engine/index.ts'
import { type PublishMode, publishTracks, servedTracks } from './publish.ts'

const version = (number: string, rest: object = {}, key = 'track') =>
  track([{ key: 'a', complete: { event: 'pipeline.created', ...rest } }], { key, version: number })
const publish = (models: readonly TrackModel[], store = createFakeStore(), mode: PublishMode = 'auto') =>
  publishTracks(models, store, { mode, now: START, hash: sha256 })
const served = (models: readonly TrackModel[], store: FakeStore) => servedTracks(models, store.versions, 'manual')
const ids = (models: readonly { key: string; version: string }[]) => models.map((model) => `${model.key}@${model.version}`)

describe('auto', () => {
  test('writes what is new, once', async () => {
    const store = createFakeStore()
    expect(await publish([version('1.0.0')], store)).toEqual({ unpublished: [] })
    expect(ids(store.versions)).toEqual(['track@1.0.0'])
    await publish([version('1.0.0'), version('1.1.0')], store)
    expect(ids(store.versions)).toEqual(['track@1.0.0', 'track@1.1.0'])
    expect(store.versions[0]).toMatchObject({ tenant: '*', publishedAt: START, contentHash: expect.any(String) })
    expect(JSON.parse(store.versions[0]?.definition ?? '')).toEqual(version('1.0.0'))
  })

  test('refuses another content under a published version, and writes nothing of the others then', async () => {
    const store = createFakeStore()
    await publish([version('1.2.0')], store)
    const start = publish([version('1.0.0', {}, 'another'), version('1.2.0', { atLeast: 2 })], store)
    await expect(start).rejects.toMatchObject({
      code: 'TRACK_CONTENT_CHANGED',
      message: expect.stringContaining(
        'track@1.2.0 was published with another content. Give the change a new version (e.g. 1.3.0)',
      ),
    })
    expect(ids(store.versions)).toEqual(['track@1.2.0'])
  })

  test('takes the same definition in another order of keys for the same', async () => {
    const store = createFakeStore()
    await publish([version('1.0.0', { atLeast: 2, lookback: 'ever' })], store)
    await expect(publish([version('1.0.0', { lookback: 'ever', atLeast: 2 })], store)).resolves.toBeDefined()
  })
})

describe('dev', () => {
  test('keeps what it replaced, so that every later start can still read the states it wrote', async () => {
    const store = createFakeStore()
    const [first, second] = [version('1.0.0'), version('1.0.0', { atLeast: 2 })]
    await publish([first], store)
    await publish([second], store, 'dev')
    await publish([second], store)
    expect(store.versions.map(({ definition }) => JSON.parse(definition))).toEqual([first, second])
  })
})

describe('manual', () => {
  test('serves only what was published, and tells what is not', async () => {
    const store = createFakeStore()
    await publish([version('1.0.0')], store)
    const models = [version('2.0.0'), version('1.0.0', {}, 'new')]
    const { unpublished } = await publish(models, store, 'manual')
    expect(ids(served(models, store))).toEqual(['track@1.0.0'])
    expect(ids(unpublished)).toEqual(['track@2.0.0', 'new@1.0.0'])
    expect(ids(store.versions)).toEqual(['track@1.0.0'])
  })

  test('serves the newest published version, by number and not by age', async () => {
    const store = createFakeStore()
    await publish([version('1.10.0')], store)
    await publish([version('1.9.0')], store)
    expect(ids(served([version('2.0.0')], store))).toEqual(['track@1.10.0'])
  })

  test('serves a published version that is at hand', async () => {
    const store = createFakeStore()
    await publish([version('1.0.0')], store)
    expect(ids(served([version('1.0.0'), version('2.0.0')], store))).toEqual(['track@1.0.0'])
    expect(ids(servedTracks([version('2.0.0')], store.versions, 'auto'))).toEqual(['track@2.0.0'])
  })
})

describe('a start', () => {
  test('with a wrong track writes nothing', async () => {
    const store = createFakeStore()
    const tracks = [version('1.0.0'), version('1.0.0', { event: 'nobody.declares' }, 'wrong')]
    await expect(startJourney(tracks, { store })).rejects.toMatchObject({ name: 'TrackDefinitionError', code: 'TRACK_LINT' })
    expect(store.versions).toEqual([])
  })

  test('with a newer version carries the progress over', async () => {
    const store = createFakeStore()
    const steps = (...names: string[]) =>
      names.map((name) => ({
        key: name.split('.')[0],
        complete: { event: name, ...(name === 'deal.created' ? { atLeast: 2 } : {}) },
      }))
    const old = await startJourney([track(steps('pipeline.created', 'deal.created') as never)], { store })
    await old.ok(RecordOnboardingEventContract, { learnerId: 'ada', eventName: 'pipeline.created', eventId: 'e1' })
    const next = await startJourney(
      [track(steps('page.read', 'deal.created', 'pipeline.created') as never, { version: '2.0.0' })],
      { store },
    )
    const progress = () => next.ok(GetProgressContract, { learnerId: 'ada' })
    expect((await progress()).tracks).toMatchObject([
      {
        version: '2.0.0',
        status: 'active',
        percent: 33,
        steps: [{ status: 'open' }, { status: 'open' }, { stepId: 'pipeline', status: 'completed' }],
      },
    ])
    next.clock.now += 60_000
    await next.ok(RecordOnboardingEventContract, {
      learnerId: 'ada',
      eventName: 'page.read',
      eventPayload: { page: 'p' },
      eventId: 'e2',
    })
    expect((await progress()).tracks).toMatchObject([
      { percent: 66, steps: [{ status: 'completed' }, {}, { status: 'completed', standing: false }] },
    ])
    expect(store.facts.filter(({ name }) => name.endsWith('enrolled'))).toHaveLength(1)
  })
})
