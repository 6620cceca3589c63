import { describe, expect, test } from 'vitest'
import { registry } from '../../test-support/crm.ts'
import { track } from '../../test-support/entries.ts'
import { status } from '../../test-support/record-shell.ts'
import { compareVersions, createCatalogue, liveCatalogue } from './catalogue.ts'

const version = (number: string, rest: object = {}, key = 'track', fields: Record<string, unknown> = {}) =>
  track([{ key: 'a', complete: { event: 'pipeline.created', ...rest } }], { key, version: number, ...fields })
const ids = (models: readonly { key: string; version: string }[]) => models.map((model) => `${model.key}@${model.version}`)
const keys = (models: readonly { key: string }[]) => models.map(({ key }) => key)

describe('the catalogue', () => {
  test('serves the newest version of each track, by key', () => {
    const models = [version('1.0.0', {}, 'b'), version('1.2.0', {}, 'a'), version('1.10.0', {}, 'a')]
    expect(ids(createCatalogue(models, registry).tracks)).toEqual(['a@1.10.0', 'b@1.0.0'])
  })

  test('refuses a version that is there twice, wherever the two are', () => {
    const models = [version('1.0.0'), version('2.0.0'), version('1.0.0', { atLeast: 2 })]
    expect(() => createCatalogue(models, registry)).toThrow('The track track@1.0.0 is defined twice')
  })

  test('refuses tracks with errors, all of them at once, and lets warnings pass', () => {
    const broken = [version('1.0.0', { event: 'pipeline.craeted' }), version('1.0.0', { version: '9' }, 'other')]
    expect(() => createCatalogue(broken, registry)).toThrow(
      /other@1\.0\.0 \/steps\/0\/complete\/version: .*\n.*track@1\.0\.0 \/steps\/0\/complete\/event/,
    )
    expect(createCatalogue([version('1.0.0', { trust: 'client' })], registry).tracks).toHaveLength(1)
  })

  test('routes a control entry to the track it names, whatever that listens to', () => {
    const catalogue = createCatalogue([version('1.0.0', {}, 'a'), version('1.0.0', {}, 'b')], registry)
    const route = (kind: 'event' | 'control', name: string, key: string | null) =>
      keys(catalogue.tracksOf({ kind, name, track: key }))
    expect(route('control', 'waymark.enrolled', 'a')).toEqual(['a'])
    expect(route('control', 'waymark.identified', null)).toEqual([])
    expect(route('event', 'pipeline.created', null)).toEqual(['a', 'b'])
    expect(route('event', 'pipeline.created', 'b')).toEqual(['b'])
    expect(route('event', 'pipeline.created', 'c')).toEqual([])
    expect(route('event', 'deal.created', 'a')).toEqual([])
  })

  test('routes traits to the tracks that ask for them, or count days in the zone that they name', () => {
    const models = [
      version('1.0.0', {}, 'plain'),
      version('1.0.0', {}, 'for-some', { audience: { '/plan': 'pro' } }),
      track([{ key: 'a', opens: { onDay: 2 }, complete: { event: 'pipeline.created' } }], { key: 'by-day' }),
    ]
    const catalogue = createCatalogue(models, registry)
    expect(keys(catalogue.tracksOf({ kind: 'control', name: 'waymark.identified', track: null }))).toEqual(['by-day', 'for-some'])
    expect(catalogue.tracksOf({ kind: 'event', name: 'waymark.identified', track: null })).toEqual([])
  })

  test('knows which tracks wait for another one', () => {
    const models = [version('1.0.0', {}, 'a'), version('1.0.0', {}, 'b', { after: { all: ['a'] } })]
    const statuses = [status('b', { status: 'paused' })]
    expect(keys(createCatalogue(models, registry).dependents('a'))).toEqual(['b'])
    expect(createCatalogue(models, registry).dependents('b')).toEqual([])
    expect(createCatalogue(models, registry, { statuses }).dependents('a')).toEqual([])
  })

  test('lists a paused track, and routes to it apart from those that run', () => {
    const models = [version('1.0.0', {}, 'a'), version('1.0.0', {}, 'b')]
    const catalogue = createCatalogue(models, registry, { statuses: [status('a', { status: 'paused' })] })
    const event = { kind: 'event', name: 'pipeline.created', track: null } as const
    expect([keys(catalogue.tracks), keys(catalogue.tracksOf(event)), keys(catalogue.paused(event))]).toEqual([
      ['a', 'b'],
      ['b'],
      ['a'],
    ])
    expect([catalogue.track('a')?.key, catalogue.running('a'), catalogue.running('b')?.key]).toEqual(['a', undefined, 'b'])
  })

  test('does not know an archived track, and does not lint it', () => {
    const models = [version('1.0.0', { event: 'nobody.declares' }, 'a'), version('1.0.0', {}, 'b')]
    const catalogue = createCatalogue(models, registry, { statuses: [status('a', { status: 'archived' })] })
    expect([keys(catalogue.tracks), catalogue.track('a')]).toEqual([['b'], undefined])
  })

  test('tells states of another generation apart, so that they are computed again', () => {
    const generationOf = (statuses = [status('track', { generation: 3 })]) =>
      createCatalogue([version('1.0.0')], registry, { statuses }).track('track')?.generation
    expect([generationOf(), generationOf([])]).toEqual([3, 0])
  })
})

test('a live catalogue answers as the newest one that it was given, in everything', () => {
  const [first, second] = [version('1.0.0', {}, 'a'), version('1.0.0', { event: 'deal.created' }, 'b')]
  const live = liveCatalogue(createCatalogue([first], registry))
  const event = { kind: 'event', name: 'deal.created', track: null } as const
  const seen = () => [
    keys(live.tracks),
    live.eventNames,
    live.track('b')?.key,
    live.running('b')?.key,
    keys(live.tracksOf(event)),
    keys(live.paused(event)),
    keys(live.dependents('b')),
  ]
  expect(seen()).toEqual([['a'], ['pipeline.created'], undefined, undefined, [], [], []])
  const third = version('1.0.0', {}, 'c', { after: { all: ['b'] } })
  live.replace(createCatalogue([second, third], registry))
  expect(seen()).toEqual([['b', 'c'], ['deal.created', 'pipeline.created'], 'b', 'b', ['b'], [], ['c']])
  live.replace(createCatalogue([second], registry, { statuses: [status('b', { status: 'paused' })] }))
  expect(seen()).toEqual([['b'], ['deal.created'], 'b', undefined, [], ['b'], []])
})

test('versions are ordered as numbers', () => {
  expect(['1.10.0', '1.9.9', '10.0.0', '1.9.10'].sort(compareVersions)).toEqual(['1.9.9', '1.9.10', '1.10.0', '10.0.0'])
  expect(compareVersions('1.0.0', '1.0.0')).toBe(0)
})
