import { describe, expect, test } from 'vitest'
import { compiled, event, track } from '../../test-support/entries.ts'
import { compileTrack, passes, refusal } from './compile.ts'

const COUNT = { event: 'a' }

describe('listeners', () => {
  test('leaves are numbered through the whole track, depth first', () => {
    const nested = compiled([
      { complete: { all: [{ event: 'a' }, { any: [{ event: 'b' }, { event: 'c' }] }] } },
      { complete: { sequence: [{ event: 'd' }, { event: 'a' }] } },
    ])
    expect(nested.leaves.map(({ event, index, step }) => `${index} ${event} s${step + 1}`)).toEqual([
      '0 a s1',
      '1 b s1',
      '2 c s1',
      '3 d s2',
      '4 a s2',
    ])
  })

  test('the place of a name is that of the first leaf that listens to it', () => {
    const { listeners } = compiled([{ complete: { all: [{ event: 'a' }, { event: 'b' }] } }, { complete: { event: 'a' } }])
    expect([...listeners].map(([name, { place }]) => [name, place])).toEqual([
      ['a', 2],
      ['b', 3],
    ])
  })

  test('a start event that no leaf listens to comes before all leaves; one that a leaf listens to has its place', () => {
    const apart = compiled([{ complete: COUNT }], { enrol: { mode: 'onEvent', event: 'start' } })
    expect(apart.listeners.get('start')).toMatchObject({ place: 1, steps: [], start: { event: 'start' } })
    expect(apart.listeners.get('a')).toMatchObject({ place: 2, start: undefined })
    const same = compiled([{ complete: COUNT }], { enrol: { mode: 'onEvent', event: 'a' } })
    expect(same.listeners.get('a')).toMatchObject({ place: 2, start: { event: 'a' } })
  })

  test('the leaves of one step are offered an entry from the last to the first', () => {
    const { listeners } = compiled({ sequence: [COUNT, COUNT, COUNT] })
    expect(listeners.get('a')?.steps[0]?.leaves.map(({ index }) => index)).toEqual([2, 1, 0])
  })
})

describe('gates', () => {
  test('every sequence above a leaf wants its earlier parts, the first part wants none', () => {
    const { leaves } = compiled({
      sequence: [{ event: 'a' }, { all: [{ event: 'b' }, { sequence: [{ event: 'c' }, { event: 'd' }] }] }, { event: 'e' }],
    })
    expect(leaves.map(({ event, gates }) => `${event} ${gates.map(({ before }) => before).join()}`)).toEqual([
      'a ',
      'b 1',
      'c 1',
      'd 1,1',
      'e 2',
    ])
  })
})

describe('matching', () => {
  const leaf = (model: object) => compiled({ event: 'a', ...model }).leaves[0] as Parameters<typeof passes>[0]

  test('a major fits all versions of it, a full version fits exactly, none fits all', () => {
    const fits = (wanted: object, version: string) => refusal(leaf(wanted), event('a', 0, {}, { version })) === undefined
    expect(fits({ version: '1' }, '1.9.0')).toBe(true)
    expect(fits({ version: '1' }, '10.0.0')).toBe(false)
    expect(fits({ version: '1.2.0' }, '1.2.0')).toBe(true)
    expect(fits({ version: '1.2.0' }, '1.2.1')).toBe(false)
    expect(fits({}, '7.0.0')).toBe(true)
  })

  test('refusals are found in the order version, source, trust, where', () => {
    const all = leaf({ version: '2', source: 'crm', where: { '/n': 1 } })
    const refused = (rest: object, payload: unknown = {}) => refusal(all, event('a', 0, payload, rest))
    expect(refused({ channel: 'client' })).toBe('version')
    expect(refused({ version: '2.0.0', channel: 'client' })).toBe('source')
    expect(refused({ version: '2.0.0', source: 'crm', channel: 'client' })).toBe('trust')
    expect(refused({ version: '2.0.0', source: 'crm' })).toMatchObject({ pointer: '/n', operator: 'eq' })
    expect(refused({ version: '2.0.0', source: 'crm' }, { n: 1 })).toBeUndefined()
  })

  test('with distinctBy the payload has to have a value there, and null is one', () => {
    const distinct = leaf({ distinctBy: '/id' })
    expect(passes(distinct, event('a', 0, {}))).toBe(false)
    expect(passes(distinct, event('a', 0, { id: null }))).toBe(true)
  })
})

describe('behaviour', () => {
  const behaviour = (steps: object, rest = {}) => compiled([steps as never], rest).behaviour
  const base = behaviour({ complete: COUNT })

  test('changes with everything that the fold can see', () => {
    const others = [
      behaviour({ complete: { ...COUNT, atLeast: 2 } }),
      behaviour({ complete: { ...COUNT, where: { '/a': 1 } } }),
      behaviour({ key: 'other', complete: COUNT }),
      behaviour({ complete: COUNT, after: { all: ['s1'] } }),
      behaviour({ complete: COUNT }, { lateness: 'P1D' }),
      behaviour({ complete: COUNT }, { enrol: { mode: 'explicit' } }),
    ]
    expect(new Set([base, ...others]).size).toBe(others.length + 1)
  })

  test('does not change with texts, rewards, the version, and the order of keys', () => {
    expect(behaviour({ complete: COUNT, title: 'Hi', reward: { xp: 5 } }, { version: '9.0.0', completion: { badge: 'b' } })).toBe(
      base,
    )
    const one = compileTrack(track({ event: 'a', where: { '/x': { gt: 1, lt: 3 } }, atLeast: 2 }))
    const other = compileTrack(track({ atLeast: 2, where: { '/x': { lt: 3, gt: 1 } }, event: 'a' }))
    expect(other.behaviour).toBe(one.behaviour)
  })

  test('the step keys of earlier definitions are found by it', () => {
    const old = track([{ key: 'x', complete: COUNT }])
    expect(compileTrack(track({ event: 'b' }), [old]).known.get(compileTrack(old).behaviour)).toEqual(['x'])
  })
})

test('lateness is seven days unless the track says otherwise', () => {
  expect(compiled(COUNT).latenessMs).toBe(7 * 86_400_000)
  expect(compiled([{ complete: COUNT }], { lateness: 'PT1H' }).latenessMs).toBe(3_600_000)
})
