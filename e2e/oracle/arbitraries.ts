import fc from 'fast-check'
import type { Condition, Enrol, Entry, Json, Leaf, Operators, Reward, Step, Track, Where } from './oracle.ts'
import { leavesOf } from './oracle.ts'

const EVENTS = ['a', 'b', 'c', 'd']
const SOURCES = ['app', 'crm']
/** U+FF5E sorts before U+1F600 by UTF-8 bytes and by code point, after it by UTF-16 units. */
const IDS = ['1', '2', '3', '4', '5', '6', '7', '10', '11', 'x', 'X', 'xa', '\uff5e', '\u{1f600}']
/** One millisecond mostly; the last two are far apart. */
const TIMES = [0, 0, 1, 1, 2, 3, 1_000, 3_600_000].map((offset) => 1_770_000_000_000 + offset)
const DAYS_7 = 7 * 24 * 3_600_000
const USUAL_DELAYS = [0, 0, 1, 5, 999, 1_000]
const ODD_DELAYS = [1_001, 60_000, 60_001, 3_600_001, DAYS_7, DAYS_7 + 1, -1, -300_000]

/** The values of each field of a payload; wrong types among them. `undefined` leaves the field out. */
const FIELDS: { [name: string]: (Json | undefined)[] } = {
  n: [0, 1, 2, 2, 10, 2.5, '1', '2', null, true, undefined],
  s: ['a', 'ab', 'ab', 'b', '\uff5e', '\u{1f600}', 5, null, undefined],
  o: [{ k: 1 }, { k: 2 }, { k: '1' }, { k: 1, j: 2 }, { j: 2, k: 1 }, { k: null }, {}, null, [1], undefined],
  l: [['a'], ['a', 'b'], ['b', 'a'], [1], [{ k: 1 }], [], 'ab', undefined],
  'a/b': [1, 2, undefined],
}
/** What a pointer can be compared with. */
const POINTERS: { [pointer: string]: Json[] } = {
  '/n': [0, 1, 2, 10, '1', '2', null, true],
  '/s': ['a', 'ab', 'b', '\uff5e', '\u{1f600}', 5],
  '/o': [{ k: 1 }, { k: 1, j: 2 }, {}, null],
  '/o/k': [1, 2, '1', null],
  '/l': ['a', 1, { k: 1 }, ['a', 'b'], 'ab'],
  '/l/0': ['a', 'b', 1, { k: 1 }],
  '/a~1b': [1, 2],
  '/none': [1, 'a'],
}

/** `undefined` `absent` times out of `absent + 1`. */
function maybe<T>(absent: number, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: absent, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary })
}

function withoutUndefined<T>(value: object): T {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as T
}

function operatorsArbitrary(operands: Json[]): fc.Arbitrary<Operators> {
  const one = fc.constantFrom(...operands)
  const list = fc.array(one, { minLength: 1, maxLength: 3 })
  const ordered = fc.constantFrom<number | string>(
    ...operands.filter((operand) => typeof operand === 'number' || typeof operand === 'string'),
    1,
  )
  const operator = fc.oneof<fc.Arbitrary<Operators>[]>(
    fc.record({ eq: one }),
    fc.record({ ne: one }),
    fc.record({ in: list }),
    fc.record({ nin: list }),
    fc.record({ gt: ordered }),
    fc.record({ gte: ordered }),
    fc.record({ lt: ordered }),
    fc.record({ lte: ordered }),
    fc.record({ exists: fc.boolean() }),
    fc.record({ contains: one }),
    fc.record({ startsWith: fc.constantFrom('a', 'ab', 'b', '\u{1f600}') }),
  )
  return fc.array(operator, { minLength: 1, maxLength: 2 }).map((list) => Object.assign({}, ...list) as Operators)
}

function whereArbitrary(): fc.Arbitrary<Where> {
  const pair = fc.constantFrom(...Object.entries(POINTERS)).chain(([pointer, operands]) => {
    const bare = operands.filter((operand) => typeof operand !== 'object' || operand === null) as (string | number | null)[]
    const operators = operatorsArbitrary(operands)
    const test = bare.length === 0 ? operators : fc.oneof({ weight: 3, arbitrary: operators }, fc.constantFrom(...bare))
    return fc.tuple(fc.constant(pointer), test)
  })
  return fc.array(pair, { minLength: 1, maxLength: 2 }).map((pairs) => Object.fromEntries(pairs) as Where)
}

interface Style {
  /** How many times rarer than usual a leaf asks for more than an event: strict tracks are rarely completed, plain ones often. */
  plain: number
  /** What leaves listen to: few names make leaves compete. */
  events: string[]
  /** How many leaves are shared for one that is exclusive. */
  shared: number
}

const STYLES: Style[] = [
  { plain: 1, events: EVENTS, shared: 1 },
  { plain: 5, events: EVENTS, shared: 1 },
  { plain: 5, events: ['a', 'b'], shared: 0 },
]

function filters(style: Style) {
  return {
    version: maybe(5 * style.plain, fc.constantFrom('1', '1', '2', '1.0.0', '1.1.0')),
    source: maybe(6 * style.plain, fc.constantFrom(...SOURCES)),
    where: maybe(2 * style.plain, whereArbitrary()),
    trust: maybe(1, fc.constantFrom<'server' | 'client'>('server', 'client', 'client')),
  }
}

function leafArbitrary(style: Style): fc.Arbitrary<Leaf> {
  return fc
    .record({
      event: fc.constantFrom(...style.events),
      ...filters(style),
      distinctBy: maybe(4 * style.plain, fc.constantFrom('/n', '/o', '/o/k', '/l')),
      atLeast: maybe(style.plain, fc.constantFrom(1, 2, 2, 3)),
      lookback: maybe(2, fc.constantFrom<'sinceEnrolment' | 'afterUnlock' | 'ever'>('sinceEnrolment', 'afterUnlock', 'ever')),
      consume: maybe(style.shared, fc.constantFrom<'shared' | 'exclusive'>('shared', 'exclusive', 'exclusive', 'exclusive')),
    })
    .map((leaf) => withoutUndefined<Leaf>(leaf))
}

function conditionArbitrary(depth: number, style: Style): fc.Arbitrary<Condition> {
  if (depth === 0) return leafArbitrary(style)
  const parts = fc.array(conditionArbitrary(depth - 1, style), { minLength: 1, maxLength: 3, size: 'max' })
  return fc.oneof(
    { weight: 4, arbitrary: leafArbitrary(style) },
    { weight: 1, arbitrary: fc.record({ all: parts }) },
    { weight: 1, arbitrary: fc.record({ any: parts }) },
    { weight: 2, arbitrary: fc.record({ sequence: parts }) },
  )
}

function rewardArbitrary(badges: string[]): fc.Arbitrary<Reward | undefined> {
  return maybe(
    1,
    fc
      .record({ xp: maybe(1, fc.constantFrom(0, 5, 10)), badge: maybe(1, fc.constantFrom(...badges)) })
      .map((reward) => withoutUndefined<Reward>(reward)),
  )
}

/** Steps may name steps that stand later in the definition; the shuffled `ranks` keep them acyclic. */
function stepsArbitrary(count: number, style: Style): fc.Arbitrary<Step[]> {
  const keys = Array.from({ length: count }, (_, i) => `s${i}`)
  return fc.shuffledSubarray(keys, { minLength: count, maxLength: count }).chain((ranks) =>
    fc.tuple(
      ...keys.map((key) => {
        const earlier = ranks.slice(0, ranks.indexOf(key))
        const named = fc.subarray(earlier, { minLength: Math.min(1, earlier.length) })
        const after: fc.Arbitrary<Step['after']> =
          earlier.length === 0
            ? fc.constant(undefined)
            : maybe(1, fc.oneof<fc.Arbitrary<Step['after'] & object>[]>(fc.record({ all: named }), fc.record({ any: named })))
        return fc
          .record({
            key: fc.constant(key),
            after,
            complete: conditionArbitrary(3, style),
            reward: rewardArbitrary([`badge-${key}`, 'same']),
          })
          .map((step) => withoutUndefined<Step>(step))
      }),
    ),
  )
}

function enrolArbitrary(style: Style): fc.Arbitrary<Enrol | undefined> {
  const onEvent = fc
    .record({ mode: fc.constant('onEvent' as const), event: fc.constantFrom(...EVENTS), ...filters(style) })
    .map((enrol) => withoutUndefined<Enrol>(enrol))
  return fc.oneof<fc.Arbitrary<Enrol | undefined>[]>(
    fc.constant(undefined),
    fc.constant({ mode: 'onFirstMatch' as const }),
    onEvent,
    fc.constant({ mode: 'explicit' as const }),
  )
}

/** Small valid tracks that use everything docs/reference/track-semantics.md names. */
export function trackArbitrary(): fc.Arbitrary<Track> {
  return fc.constantFrom(...STYLES).chain((style) =>
    fc
      .record({
        format: fc.constant('waymark.track/1' as const),
        key: fc.constant('first-win'),
        version: fc.constant('1.0.0'),
        subject: fc.constant('learner' as const),
        enrol: enrolArbitrary(style),
        lateness: maybe(2, fc.constantFrom('PT168H', 'P7D', 'PT1H', 'PT1M', 'PT1S')),
        completion: rewardArbitrary(['badge-track', 'same']),
        steps: fc.integer({ min: 1, max: 6 }).chain((count) => stepsArbitrary(count, style)),
      })
      .map((track) => withoutUndefined<Track>(track)),
  )
}

function payloadArbitrary(): fc.Arbitrary<Json> {
  const fields = Object.entries(FIELDS).map(([name, values]) => [name, fc.constantFrom(...values)] as const)
  const object = fc.record(Object.fromEntries(fields)).map((payload) => withoutUndefined<Json>(payload))
  return fc.oneof({ weight: 20, arbitrary: object }, { weight: 1, arbitrary: fc.constantFrom<Json[]>({}, null, [], 'ab') })
}

/** 0 to 25 arrivals. An id that repeats repeats its body; the order is that of arrival, not of any time. */
export function entriesArbitrary(track: Track): fc.Arbitrary<Entry[]> {
  const wanted = [...track.steps.flatMap((step) => leavesOf(step.complete)), ...(track.enrol?.event ? [track.enrol] : [])]
  const names = wanted.flatMap((leaf) => (leaf.event === undefined ? [] : [leaf.event]))
  const common = {
    eventId: fc.constantFrom(...IDS),
    occurredAt: fc.constantFrom(...TIMES),
    delay: fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...USUAL_DELAYS) },
      { weight: 1, arbitrary: fc.constantFrom(...ODD_DELAYS) },
    ),
    track: fc.constantFrom(null, null, null, null, null, null, track.key, track.key, 'another'),
  }
  const event = fc.record({
    ...common,
    source: fc.constantFrom(...SOURCES, ...SOURCES, '\uff5e', '\u{1f600}'),
    kind: fc.constant('event' as const),
    name: fc.constantFrom(...names, ...names, ...EVENTS),
    version: fc.constantFrom('1.0.0', '1.0.0', '1.1.0', '2.0.0', '10.0.0'),
    channel: fc.constantFrom('rest', 'rest', 'rest', 'client', 'import'),
    payload: payloadArbitrary(),
  })
  const control = fc.record({
    ...common,
    source: fc.constant('waymark'),
    kind: fc.constant('control' as const),
    name: fc.constant('waymark.enrolled'),
    version: fc.constant('1.0.0'),
    channel: fc.constant('rest'),
    payload: fc.constantFrom(...[track.key, track.key, track.key, 'another'].map((trackId) => ({ trackId }))),
  })
  const entry = fc.oneof(
    { weight: track.enrol?.mode === 'explicit' ? 5 : 12, arbitrary: event },
    { weight: 1, arbitrary: control },
  )
  return fc.array(entry, { maxLength: 25, size: 'max' }).map((drawn) => {
    const bodies = drawn.map(({ delay, ...body }): Entry => ({ ...body, receivedAt: body.occurredAt + delay }))
    return bodies.map((body) => {
      const first = bodies.find((other) => other.source === body.source && other.eventId === body.eventId)
      return structuredClone(first ?? body)
    })
  })
}
