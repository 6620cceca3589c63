import fc from 'fast-check'
import { DAY, HOUR } from './time.ts'
import type { Condition, Enrol, Entry, Json, Leaf, Match, Operators, Reward, Step, Streak, Track, Where } from './track.ts'
import { conditionsOf, leavesOf } from './track.ts'

const EVENTS = ['a', 'b', 'c', 'd']
const SOURCES = ['app', 'crm']
/** U+FF5E sorts before U+1F600 by UTF-8 bytes and by code point, after it by UTF-16 units. */
const IDS = ['1', '2', '3', '4', '5', '6', '7', '10', '11', 'x', 'X', 'xa', '\uff5e', '\u{1f600}']
const DAYS_7 = 7 * DAY
const USUAL_DELAYS = [0, 0, 1, 5, 999, 1_000]
const ODD_DELAYS = [1_001, 60_000, 60_001, 3_600_001, DAYS_7, DAYS_7 + 1, -1, -300_000]

/** Whole hours and halves from UTC, quarters, both ends of the date line; clocks that change at midnight, by half an hour, and not at all. */
export const ZONES = [
  'UTC',
  'Africa/Cairo',
  'America/Havana',
  'America/Los_Angeles',
  'America/New_York',
  'America/Santiago',
  'America/St_Johns',
  'Asia/Beirut',
  'Asia/Kathmandu',
  'Asia/Kolkata',
  'Asia/Tokyo',
  'Australia/Adelaide',
  'Australia/Lord_Howe',
  'Europe/Berlin',
  'Europe/London',
  'Pacific/Auckland',
  'Pacific/Chatham',
  'Pacific/Kiritimati',
  'Pacific/Marquesas',
  'Pacific/Pago_Pago',
]
/** Days before a clock changes somewhere, before a leap day, and before a usual week. */
const STARTS = [
  '2026-03-06',
  '2026-03-27',
  '2026-04-03',
  '2026-04-22',
  '2026-06-10',
  '2026-09-04',
  '2026-10-23',
  '2028-02-27',
].map((date) => Date.parse(`${date}T00:00:00Z`))

/** How often a track uses what: 0 never, 1 as often as not using it. */
export interface Features {
  /** `opens`, `due`. */
  time: number
  /** `audience`, conditions on traits, zones, `onSegment`. */
  people: number
  branches: number
  /** Optional steps, `reentry`, `after` another track, `rewards`. */
  runs: number
  streak: number
  /** `sum` and `window`. */
  amounts: number
  /** `correlate`. */
  groups: number
}

export const PLAIN: Features = { time: 0, people: 0, branches: 0, runs: 0, streak: 0, amounts: 0, groups: 0 }
export const FULL: Features = { time: 1, people: 0.5, branches: 0.5, runs: 1, streak: 0.4, amounts: 0.4, groups: 0.2 }

/** The values of each field of a payload; wrong types among them. `undefined` leaves the field out. */
const FIELDS: { [name: string]: (Json | undefined)[] } = {
  n: [0, 1, 2, 2, 10, 2.5, '1', '2', null, true, undefined],
  s: ['a', 'ab', 'ab', 'b', '\uff5e', '\u{1f600}', 5, null, undefined],
  o: [{ k: 1 }, { k: 2 }, { k: '1' }, { k: 1, j: 2 }, { j: 2, k: 1 }, { k: null }, {}, null, [1], undefined],
  l: [['a'], ['a', 'b'], ['b', 'a'], [1], [{ k: 1 }], [], 'ab', undefined],
  'a/b': [1, 2, undefined],
  amount: [1, 2, 2.5, 0.1, 0.2, 0.3, -1, -0.5, 0.000_000_5, 1.000_000_4, 10, 'x', undefined],
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

const PLANS: Json[] = ['free', 'pro', 'team']
const HOURS = ['PT1S', 'PT1H', 'PT6H', 'PT24H', 'PT36H']
const DAYS = ['P1D', 'P2D', 'P3D', 'P1W', 'P1DT6H']

function durationArbitrary(): fc.Arbitrary<string> {
  return fc.constantFrom(...HOURS, ...DAYS)
}

/** `weight` times to 1. */
function sometimes<T>(weight: number, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  const parts = [
    { weight: 10, arbitrary: fc.constant(undefined) },
    { weight: Math.round(10 * weight), arbitrary },
  ]
  return fc.oneof(...parts.filter((part) => part.weight > 0))
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

function leafArbitrary(style: Style, features: Features): fc.Arbitrary<Leaf> {
  const counted = fc.record({
    distinctBy: maybe(4 * style.plain, fc.constantFrom('/n', '/o', '/o/k', '/l')),
    atLeast: maybe(style.plain, fc.constantFrom(1, 2, 2, 3)),
    lookback: maybe(2, fc.constantFrom<NonNullable<Leaf['lookback']>>('sinceEnrolment', 'afterUnlock', 'ever')),
    window: sometimes(features.amounts / 2, windowArbitrary()),
    sum: sometimes(
      features.amounts / 2,
      fc.constantFrom(0.3, 1, 3, 4.5).map((atLeast) => ({ of: '/amount', atLeast })),
    ),
  })
  return fc
    .record({
      event: fc.constantFrom(...style.events),
      ...filters(style),
      counted,
      consume: maybe(
        style.shared,
        fc.constantFrom<NonNullable<Leaf['consume']>>('shared', 'exclusive', 'exclusive', 'exclusive'),
      ),
    })
    .map(({ counted, ...leaf }) => withoutUndefined<Leaf>({ ...leaf, ...consistent(counted) }))
}

function windowArbitrary(): fc.Arbitrary<NonNullable<Leaf['window']>> {
  return fc.oneof<fc.Arbitrary<NonNullable<Leaf['window']>>[]>(
    fc.record({ since: fc.constantFrom('enrolment', 'unlock'), within: durationArbitrary() }),
    fc.record({ sliding: durationArbitrary() }),
  )
}

/** Without what is refused together. */
function consistent({ distinctBy, atLeast, lookback, window, sum }: { [K in keyof Leaf]?: Leaf[K] | undefined }) {
  const isSliding = window !== undefined && 'sliding' in window
  const isSinceUnlock = window !== undefined && 'since' in window && window.since === 'unlock'
  return {
    distinctBy: sum === undefined && !isSliding ? distinctBy : undefined,
    atLeast: sum === undefined ? (isSliding ? (atLeast ?? 2) : atLeast) : undefined,
    lookback: isSinceUnlock && lookback === 'ever' ? undefined : lookback,
    window: sum !== undefined && isSliding ? undefined : window,
    sum,
  }
}

function conditionArbitrary(depth: number, style: Style, features: Features): fc.Arbitrary<Condition> {
  const plan = fc.record({ trait: fc.constant('/plan'), is: planArbitrary() })
  const traits = [{ weight: Math.round(4 * features.people), arbitrary: plan }].filter(({ weight }) => weight > 0)
  const leaf: fc.Arbitrary<Condition> = fc.oneof({ weight: 10, arbitrary: leafArbitrary(style, features) }, ...traits)
  if (depth === 0) return leaf
  const parts = fc.array(conditionArbitrary(depth - 1, style, features), { minLength: 1, maxLength: 3, size: 'max' })
  return fc.oneof(
    { weight: 4, arbitrary: leaf },
    { weight: 1, arbitrary: fc.record({ all: parts }) },
    { weight: 1, arbitrary: fc.record({ any: parts }) },
    { weight: 2, arbitrary: fc.record({ sequence: parts }) },
  )
}

function groupedArbitrary(depth: number, style: Style, features: Features): fc.Arbitrary<Condition> {
  const condition = conditionArbitrary(depth, style, features)
  if (features.groups === 0) return condition
  const grouped = fc.tuple(condition, fc.constantFrom('/s', '/n', '/o')).map(([drawn, correlate]): Condition => {
    if ('trait' in drawn) return drawn
    const shared = structuredClone(drawn)
    for (const leaf of leavesOf(shared)) delete leaf.consume
    return { ...shared, correlate }
  })
  return fc.oneof(
    { weight: 10, arbitrary: condition },
    { weight: Math.round(10 * features.groups), arbitrary: grouped },
    { weight: Math.round(5 * features.groups), arbitrary: fc.record({ any: fc.tuple(condition, grouped) }) },
  )
}

function planArbitrary() {
  return fc.oneof(
    fc.constantFrom('free', 'pro', 'team'),
    fc.constantFrom<Operators[]>({ in: ['pro', 'team'] }, { exists: false }, { ne: 'free' }),
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

/** Steps may name steps that stand later in the definition; the shuffled ranks keep them acyclic. */
function stepsArbitrary(count: number, style: Style, features: Features): fc.Arbitrary<Step[]> {
  const keys = Array.from({ length: count }, (_, i) => `s${i}`)
  const ranked = fc.shuffledSubarray(keys, { minLength: count, maxLength: count })
  return ranked
    .chain((ranks) => fc.tuple(...keys.map((key) => stepArbitrary(key, ranks.slice(0, ranks.indexOf(key)), style, features))))
    .map((steps) => {
      const hasBranches = (key: string | undefined) => steps.some((step) => step.key === key && step.branches !== undefined)
      const whole = steps.map(({ way, ...step }): Step => {
        if (way === undefined || !hasBranches(way.split('.')[0])) return step
        return { ...step, after: { ...step.after, branch: way } }
      })
      if (whole.every(({ required }) => required === false)) delete whole[0]?.required
      return whole
    })
}

function stepArbitrary(key: string, earlier: string[], style: Style, features: Features): fc.Arbitrary<Step & { way?: string }> {
  const named = fc.subarray(earlier, { minLength: Math.min(1, earlier.length) })
  const after = fc.oneof<fc.Arbitrary<NonNullable<Step['after']>>[]>(fc.record({ all: named }), fc.record({ any: named }))
  const opens = fc.oneof<fc.Arbitrary<NonNullable<Step['opens']>>[]>(
    fc.record({ after: durationArbitrary() }),
    fc.record({ onDay: fc.constantFrom(1, 2, 3, 8) }),
  )
  const when = groupedArbitrary(1, style, features)
  const branches = fc.oneof<fc.Arbitrary<Pick<Step, 'branches' | 'default'>>[]>(
    fc.record({ branches: fc.tuple(fc.record({ key: fc.constant('x'), when })), default: fc.constant('y') }),
    fc.record({
      branches: fc.tuple(fc.record({ key: fc.constant('x'), when }), fc.record({ key: fc.constant('y') })),
      default: fc.constant('y'),
    }),
    fc.record({ branches: fc.tuple(fc.record({ key: fc.constant('x'), when }), fc.record({ key: fc.constant('y'), when })) }),
  )
  const ways = earlier.flatMap((other) => [`${other}.x`, `${other}.y`])
  return fc
    .record({
      required: sometimes(features.runs / 3, fc.constant(false)),
      after: earlier.length === 0 ? fc.constant(undefined) : maybe(1, after),
      opens: sometimes(features.time / 3, opens),
      due: sometimes(features.time / 2, fc.record({ after: durationArbitrary() })),
      complete: groupedArbitrary(3, style, features),
      branching: sometimes(features.branches, branches),
      way: ways.length === 0 ? fc.constant(undefined) : sometimes(2 * features.branches, fc.constantFrom(...ways)),
      reward: rewardArbitrary([`badge-${key}`, 'same']),
    })
    .map(({ branching, ...step }) => withoutUndefined<Step & { way?: string }>({ key, ...step, ...branching }))
}

function enrolArbitrary(style: Style, hasAudience: boolean): fc.Arbitrary<Enrol | undefined> {
  const onEvent = matchArbitrary(style).map((match) => ({ mode: 'onEvent' as const, ...match }))
  return fc.oneof<fc.Arbitrary<Enrol | undefined>[]>(
    fc.constant(undefined),
    fc.constant({ mode: 'onFirstMatch' as const }),
    onEvent,
    fc.constant({ mode: 'explicit' as const }),
    ...(hasAudience ? [fc.constant({ mode: 'onSegment' as const })] : []),
  )
}

function matchArbitrary(style: Style): fc.Arbitrary<Match> {
  return fc.record({ event: fc.constantFrom(...EVENTS), ...filters(style) }).map((match) => withoutUndefined<Match>(match))
}

function streakArbitrary(style: Style): fc.Arbitrary<Streak> {
  const freezes = fc
    .record({
      initial: maybe(1, fc.constantFrom(1, 2)),
      earnEvery: maybe(1, fc.constantFrom(1, 2, 3)),
      cap: maybe(1, fc.constantFrom(2, 3)),
    })
    .map((rule) => withoutUndefined<NonNullable<Streak['freezes']>>(rule))
  return fc
    .record({
      on: matchArbitrary({ ...style, plain: 10 }),
      period: fc.constant('day' as const),
      grace: maybe(1, fc.constantFrom('PT4H', 'PT30M', 'PT23H')),
      freezes: maybe(1, freezes),
      xp: maybe(1, fc.constantFrom(0, 3)),
    })
    .map((streak) => withoutUndefined<Streak>(streak))
}

/** A run per key wants events that start runs. */
function possible(reentry: Track['reentry'], enrol: Enrol | undefined): Track['reentry'] {
  const isByEvent = enrol === undefined || enrol.mode === 'onFirstMatch' || enrol.mode === 'onEvent'
  return reentry?.mode === 'perKey' && !isByEvent ? { mode: 'afterExit' } : reentry
}

/** Small valid tracks; by default of everything that docs/reference/track-semantics.md names. */
export function trackArbitrary(features: Features = FULL): fc.Arbitrary<Track> {
  const styles = fc.tuple(fc.constantFrom(...STYLES), fc.boolean())
  return styles.chain(([style, drawnAudience]) => {
    const hasAudience = features.people > 0 && drawnAudience
    const { runs } = features
    const reentry = fc.oneof<fc.Arbitrary<NonNullable<Track['reentry']>>[]>(
      fc.constant({ mode: 'afterExit' as const }),
      fc.record({ mode: fc.constant('afterDuration' as const), wait: durationArbitrary() }),
      fc.record({ mode: fc.constant('perKey' as const), key: fc.constantFrom('/n', '/s', '/o', '/l', '/amount') }),
      fc.constant({ mode: 'never' as const }),
    )
    return fc
      .record({
        format: fc.constant('waymark.track/1' as const),
        key: fc.constant('first-win'),
        version: fc.constant('1.0.0'),
        audience: hasAudience
          ? sometimes(
              1,
              planArbitrary().map((plan): Where => ({ '/plan': plan })),
            )
          : fc.constant(undefined),
        lateness: maybe(2, fc.constantFrom('PT168H', 'P7D', 'PT1H', 'PT1M', 'PT1S')),
        reentry: sometimes(2 * runs, reentry),
        after: sometimes(
          runs / 5,
          fc.constantFrom<NonNullable<Track['after']>[]>({ all: ['one'] }, { any: ['one', 'two'] }, { all: ['one', 'two'] }),
        ),
        timezone: sometimes(features.people, fc.constantFrom(...ZONES)),
        rewards: sometimes(runs, fc.constantFrom<NonNullable<Track['rewards']>>('once', 'perRun')),
        completion: rewardArbitrary(['badge-track', 'same']),
        streak: sometimes(features.streak, streakArbitrary(style)),
        steps: fc.integer({ min: 1, max: 6 }).chain((count) => stepsArbitrary(count, style, features)),
      })
      .chain((track) =>
        enrolArbitrary(style, track.audience !== undefined).map((enrol) =>
          withoutUndefined<Track>({ ...track, enrol, reentry: possible(track.reentry, enrol) }),
        ),
      )
  })
}

function payloadArbitrary(): fc.Arbitrary<Json> {
  const fields = Object.entries(FIELDS).map(([name, values]) => [name, fc.constantFrom(...values)] as const)
  const object = fc.record(Object.fromEntries(fields)).map((payload) => withoutUndefined<Json>(payload))
  return fc.oneof({ weight: 20, arbitrary: object }, { weight: 1, arbitrary: fc.constantFrom<Json[]>({}, null, [], 'ab') })
}

/** Many of one millisecond, the others at full and half hours of two weeks or beside them: local midnights are there. */
function offsetArbitrary(): fc.Arbitrary<number> {
  const halfHours = fc.tuple(fc.integer({ min: 0, max: 14 * 48 }), fc.constantFrom(-1, 0, 0, 0, 1, 900_000))
  return fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(0, 0, 1, 1, 2, 3, 1_000, HOUR) },
    {
      weight: 3,
      arbitrary: fc.tuple(fc.integer({ min: 0, max: 9 }), fc.constantFrom(0, 0, 1)).map(([days, ms]) => days * DAY + ms),
    },
    { weight: 2, arbitrary: halfHours.map(([count, beside]) => (count * HOUR) / 2 + beside) },
  )
}

/** Up to 25 arrivals, and what is so around them. An id that repeats repeats its body; the order is that of arrival, not of any time. */
export interface Journal {
  entries: Entry[]
  now: number
  completedTracks: { [key: string]: number }
}

export interface Situation extends Journal {
  track: Track
}

/** A track and several journals for it: drawing a track costs more than a journal. */
export function journalsArbitrary(features: Features, count: number): fc.Arbitrary<{ track: Track; journals: Journal[] }> {
  return fc.tuple(trackArbitrary(features), fc.constantFrom(...STARTS)).chain(([track, start]) => {
    const journal = fc
      .record({
        entries: entriesArbitrary(track, features, start),
        now: fc.oneof(fc.constant(0), offsetArbitrary(), fc.constant(60 * DAY)),
        completedTracks: track.after === undefined ? fc.constant({}) : completedArbitrary(start),
      })
      .map((drawn): Journal => ({ ...drawn, now: start + drawn.now }))
    return fc.record({ track: fc.constant(track), journals: fc.array(journal, { minLength: count, maxLength: count }) })
  })
}

export function situationArbitrary(features: Features = FULL): fc.Arbitrary<Situation> {
  return journalsArbitrary(features, 1).map(({ track, journals }) => ({ track, ...(journals[0] as Journal) }))
}

function completedArbitrary(start: number): fc.Arbitrary<{ [key: string]: number }> {
  const at = fc.constantFrom(undefined, start - DAY, start, start + 1, start + DAY)
  return fc.record({ one: at, two: at }).map((completed) => withoutUndefined<{ [key: string]: number }>(completed))
}

/** Arrivals around a moment that have something to do with a track. */
function entriesArbitrary(track: Track, features: Features, start: number): fc.Arbitrary<Entry[]> {
  const matches = [
    ...(track.enrol?.mode === 'onEvent' ? [track.enrol] : []),
    ...(track.streak === undefined ? [] : [track.streak.on]),
  ]
  const names = [...track.steps.flatMap(conditionsOf).flatMap(leavesOf), ...matches].map(({ event }) => event)
  const common = {
    eventId: fc.constantFrom(...IDS),
    occurredAt: offsetArbitrary().map((offset) => start + offset),
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
  const control = fc.tuple(fc.record(common), controlArbitrary(track, features)).map(([body, { name, payload }]) => ({
    ...body,
    source: 'waymark',
    kind: 'control' as const,
    name: `waymark.${name}`,
    version: '1.0.0',
    channel: 'rest',
    payload,
  }))
  const mode = track.enrol?.mode
  const entry = fc.oneof(
    { weight: mode === 'explicit' ? 5 : mode === 'onSegment' || features.people + features.runs > 0 ? 6 : 12, arbitrary: event },
    { weight: 1, arbitrary: control },
  )
  return fc.array(entry, { maxLength: 25, size: 'max' }).map((drawn) => {
    const bodies = drawn.map(({ delay, ...body }): Entry => ({ ...body, receivedAt: body.occurredAt + delay }))
    return bodies.map((body) => {
      const first = bodies.find((other) => other.source === body.source && other.eventId === body.eventId)
      return first ?? body
    })
  })
}

function controlArbitrary(track: Track, features: Features): fc.Arbitrary<{ name: string; payload: Json }> {
  const trackId = fc.constantFrom(track.key, track.key, track.key, track.key, 'another')
  const stepId = fc.constantFrom(...track.steps.map(({ key }) => key))
  const named = (name: string, ids: { [name: string]: fc.Arbitrary<string> }) =>
    fc.record(ids).map((payload) => ({ name, payload: payload as Json }))
  const enrolled = { weight: track.enrol?.mode === 'explicit' ? 6 : 2, arbitrary: named('enrolled', { trackId }) }
  if (features.runs + features.people + features.time === 0) return enrolled.arbitrary
  const byHand = ['skipped', 'waived', 'revoked'].map((name) => ({ weight: 1, arbitrary: named(name, { trackId, stepId }) }))
  const ends = ['exited', 'reset'].map((name) => ({ weight: 1, arbitrary: named(name, { trackId }) }))
  const traits = fc
    .record({ plan: maybe(1, fc.constantFrom(...PLANS)), timezone: maybe(1, fc.constantFrom(...ZONES)) })
    .map((values) => ({ name: 'identified', payload: { traits: withoutUndefined<Json>(values) } }))
  const isAbout = track.enrol?.mode === 'onSegment' || track.audience !== undefined
  return fc.oneof(enrolled, ...byHand, ...ends, { weight: isAbout ? 8 : 3, arbitrary: traits })
}
