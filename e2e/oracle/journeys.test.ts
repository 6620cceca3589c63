import { describe, expect, test } from 'vitest'
import { millionths } from './counter.ts'
import { expectedOf, type Moment } from './oracle.ts'
import { shownAfter } from './shown.ts'
import { DAY, dateOf, HOUR, isoDate, parseDuration, plus, startOfDate } from './time.ts'
import type { Entry, Step, Streak, Track } from './track.ts'

/** A Wednesday. */
const T = Date.parse('2026-06-10T00:00:00Z')
const utc = (text: string) => Date.parse(text)

const trackOf = (steps: Step[], more: Partial<Track> = {}): Track => ({ key: 'trk', version: '1.0.0', steps, ...more })

let ids = 0
/** An entry at hours after T, or at a moment. */
function at(when: number | string, name: string, payload: object = {}, more: Partial<Entry> = {}): Entry {
  const occurredAt = typeof when === 'string' ? utc(when) : T + when * HOUR
  const isControl = name.startsWith('waymark.')
  return {
    source: isControl ? 'waymark' : 'app',
    eventId: `${ids++}`,
    kind: isControl ? 'control' : 'event',
    name,
    version: '1.0.0',
    occurredAt,
    receivedAt: occurredAt,
    channel: 'rest',
    track: null,
    payload: isControl ? { trackId: 'trk', ...payload } : payload,
    ...more,
  }
}
const zone = (when: number | string, timezone: string) => at(when, 'waymark.identified', { traits: { timezone } })

function run(track: Track, entries: Entry[], moment?: Moment) {
  const expected = expectedOf(track, entries, moment)
  const newest = expected.runs.at(-1)
  const steps = Object.entries(newest?.steps ?? {}).map(([key, { how, at }]) => [
    key,
    at === null ? how : `${how} ${(at - T) / HOUR}`,
  ])
  const facts = expected.facts.map(({ name, step, at }) => `${(at - T) / HOUR} ${name}${step === '' ? '' : ` ${step}`}`)
  return { ...expected, newest, steps: Object.fromEntries(steps), facts, all: expected.facts }
}

describe('order and consumption', () => {
  const inOrder = (lookback?: 'afterUnlock') =>
    trackOf([
      { key: 's0', complete: { event: 'a' } },
      { key: 's1', after: { all: ['s0'] }, complete: { event: 'b', ...(lookback && { lookback }) } },
      { key: 's2', after: { all: ['s1'] }, complete: { event: 'c', ...(lookback && { lookback }) } },
    ])

  test('A4: steps that happened in reverse complete on the last, unless they count from their unlocking', () => {
    const reverse = [at(0, 'c'), at(1, 'b'), at(2, 'a')]
    expect(run(inOrder(), reverse).steps).toEqual({ s0: 'completed 2', s1: 'completed 2', s2: 'completed 2' })
    expect(run(inOrder('afterUnlock'), reverse).steps).toEqual({ s0: 'completed 2', s1: 'open', s2: 'open' })
  })

  test('A6: one event for two steps, shared and exclusive', () => {
    const track = (consume: 'shared' | 'exclusive') =>
      trackOf([
        { key: 's0', complete: { event: 'a', consume } },
        { key: 's1', after: { all: ['s0'] }, complete: { event: 'a', consume } },
      ])
    expect(run(track('shared'), [at(0, 'a')]).steps).toEqual({ s0: 'completed 0', s1: 'completed 0' })
    expect(run(track('exclusive'), [at(0, 'a')]).steps).toEqual({ s0: 'completed 0', s1: 'open' })
  })

  test('A15: five events for one value are one of five', () => {
    const track = trackOf([{ key: 's0', complete: { event: 'a', distinctBy: '/card', atLeast: 5 } }])
    expect(
      run(
        track,
        [0, 1, 2, 3, 4].map((hour) => at(hour, 'a', { card: 'x' })),
      ).counts,
    ).toEqual([1])
  })
})

describe('deadlines', () => {
  const due = trackOf([
    { key: 's0', due: { after: 'PT24H' }, complete: { event: 'a' } },
    { key: 's1', complete: { event: 'b' } },
  ])

  test('A7, A8: a due that passes is a miss at its time, once, and an older entry leaves it missed', () => {
    const entries = [at(0, 'b'), at(100, 'b')]
    expect(run(due, entries).facts).toEqual(['0 enrolled', '0 step.completed s1', '24 step.missed s0', '24 track.ended'])
    expect(run(due, [...entries, at(12, 'b')]).steps).toEqual({ s0: 'missed 24', s1: 'completed 0' })
    expect(run(due, [at(0, 'b')], { now: T + 24 * HOUR }).steps.s0).toBe('open')
    expect(run(due, [at(0, 'b')], { now: T + 24 * HOUR + 1 }).steps.s0).toBe('missed 24')
  })

  test('an event at the very moment of due counts, one after it does not', () => {
    expect(run(due, [at(0, 'b'), at(24, 'a')]).steps.s0).toBe('completed 24')
    expect(run(due, [at(0, 'b'), at('2026-06-11T00:00:00.001Z', 'a')]).steps.s0).toBe('missed 24')
  })

  test('A9: an event from before the due that comes after it completes the step, and the miss is corrected', () => {
    const [first, late] = [at(0, 'b'), at(12, 'a', {}, { receivedAt: T + 30 * HOUR })]
    const shown = shownAfter(due, [
      { entries: [first] },
      { entries: [], now: T + 25 * HOUR },
      { entries: [late], now: T + 30 * HOUR },
    ])
    expect(shown.facts).toContain('step.missed:s0')
    expect(shown.facts).toContain('step.corrected:s0=missed')
    expect(shown.facts).toContain('step.completed:s0+1')
    expect(run(due, [first, late], { now: T + 30 * HOUR }).steps.s0).toBe('completed 12')
  })

  test('A11: a step of day 3 opens at the local midnight of day 3, and completes by what was done before', () => {
    const track = trackOf([{ key: 's0', opens: { onDay: 3 }, complete: { event: 'a' } }], { timezone: 'America/New_York' })
    const midnight = utc('2026-06-11T04:00:00Z')
    expect(run(track, [at(0, 'a')], { now: midnight - 1 }).steps.s0).toBe('open')
    const { all } = run(track, [at(0, 'a')], { now: midnight })
    expect(all.map(({ name, at, cause }) => [name, at, cause.eventId === 'clock'])).toEqual([
      ['enrolled', T, false],
      ['step.opened', midnight, true],
      ['step.completed', midnight, false],
      ['track.completed', midnight, true],
    ])
  })

  test('A13: enrolled ten minutes before midnight', () => {
    const track = trackOf(
      [
        { key: 's0', opens: { onDay: 2 }, complete: { event: 'z' } },
        { key: 's1', opens: { after: 'PT24H' }, complete: { event: 'z' } },
      ],
      { timezone: 'Asia/Tokyo', enrol: { mode: 'explicit' } },
    )
    const start = utc('2026-06-10T14:50:00Z')
    const { all } = run(track, [at('2026-06-10T14:50:00Z', 'waymark.enrolled')], { now: start + 3 * DAY })
    expect(all.filter(({ name }) => name === 'step.opened').map(({ at }) => (at - start) / 60_000)).toEqual([10, 24 * 60])
  })

  test('a change of zone moves what has not passed, and what it puts before itself passes at the change', () => {
    const track = trackOf([{ key: 's0', due: { after: 'P1D' }, complete: { event: 'z' } }], { enrol: { mode: 'explicit' } })
    const start = at(12, 'waymark.enrolled')
    expect(run(track, [start], { now: T + 90 * HOUR }).steps.s0).toBe('missed 36')
    expect(run(track, [start, zone(20, 'America/New_York')], { now: T + 90 * HOUR }).steps.s0).toBe('missed 40')
    expect(run(track, [start, zone(20, 'Asia/Tokyo')], { now: T + 90 * HOUR }).steps.s0).toBe('missed 27')
    expect(run(track, [start, zone(30, 'Asia/Tokyo')], { now: T + 90 * HOUR }).steps.s0).toBe('missed 30')
    expect(run(track, [start, zone(38, 'America/New_York')], { now: T + 90 * HOUR }).steps.s0).toBe('missed 36')
  })

  test('of equal moments first what opens, then what is due', () => {
    const track = trackOf([
      { key: 's0', due: { after: 'PT1H' }, complete: { event: 'z' } },
      { key: 's1', opens: { after: 'PT1H' }, complete: { event: 'a' } },
      { key: 's2', complete: { event: 'z' } },
    ])
    const names = run(track, [at(0, 'a')], { now: T + 2 * HOUR }).facts
    expect(names).toEqual(['0 enrolled', '1 step.opened s1', '1 step.completed s1', '1 step.missed s0'])
  })
})

describe('days of a zone', () => {
  test('a day is as long as the clocks make it, and starts with its first moment', () => {
    const newYork = 'America/New_York'
    const noon = utc('2026-03-07T17:00:00Z')
    expect(plus(noon, parseDuration('P1D'), newYork) - noon).toBe(24 * HOUR)
    expect(startOfDate(dateOf(noon, newYork) + 2, newYork) - startOfDate(dateOf(noon, newYork) + 1, newYork)).toBe(23 * HOUR)
    expect(plus(noon, parseDuration('PT24H'), newYork)).toBe(noon + DAY)
    // Clocks go from 23:59:59 to 01:00.
    expect(startOfDate(dateOf(utc('2026-03-08T12:00:00Z'), 'America/Havana'), 'America/Havana')).toBe(utc('2026-03-08T05:00:00Z'))
    expect(isoDate(dateOf(utc('2026-06-10T10:00:00Z'), 'Pacific/Kiritimati'))).toBe('2026-06-11')
  })

  test('the same time since midnight stays within a shorter date, and the elapsed part is added after', () => {
    const start = utc('2026-03-08T04:30:00Z')
    const end = startOfDate(dateOf(utc('2026-03-09T12:00:00Z'), 'America/New_York'), 'America/New_York')
    expect(plus(start, parseDuration('P1D'), 'America/New_York')).toBe(end - 1)
    expect(plus(start, parseDuration('P1DT1H'), 'America/New_York')).toBe(end - 1 + HOUR)
  })
})

describe('windows, sums, groups', () => {
  test('A14: three events on day 5 are within 24 hours of each other, and not of the start', () => {
    const leaf = { event: 'a', atLeast: 3 } as const
    const track = trackOf(
      [
        { key: 's0', complete: { ...leaf, window: { sliding: 'PT24H' } } },
        { key: 's1', complete: { ...leaf, window: { since: 'enrolment', within: 'PT24H' } } },
      ],
      { enrol: { mode: 'explicit' } },
    )
    const entries = [at(0, 'waymark.enrolled'), at(100, 'a'), at(101, 'a'), at(124, 'a')]
    expect(run(track, entries).steps).toEqual({ s0: 'completed 124', s1: 'open' })
    expect(run(track, [...entries.slice(0, 3), at('2026-06-15T04:00:00.001Z', 'a')]).counts).toEqual([2, 0])
  })

  test('since unlock: from after the unlocking until its end, included', () => {
    const window = { since: 'unlock', within: 'PT2H' } as const
    const track = trackOf([
      { key: 's0', complete: { event: 'a' } },
      { key: 's1', after: { all: ['s0'] }, complete: { event: 'b', atLeast: 9, window } },
    ])
    const entries = [0, 1, 2, 3, 4].map((hour) => at(hour, 'b'))
    expect(run(track, [...entries, at(1, 'a')]).counts).toEqual([1, 3])
  })

  test('sums are of millionths, halves up, and limited', () => {
    expect([0.000_000_5, -0.000_000_5, -0.000_001_5, 1.000_000_4, 2.5, 1e16].map(millionths)).toEqual([
      1n,
      0n,
      -1n,
      1_000_000n,
      2_500_000n,
      10n ** 21n,
    ])
    const track = trackOf([{ key: 's0', complete: { event: 'a', sum: { of: '/n', atLeast: 0.3 } } }])
    const sums = (...values: unknown[]) =>
      run(
        track,
        values.map((n, hour) => at(hour, 'a', { n })),
      )
    expect(sums(0.1, 0.2).steps.s0).toBe('completed 1')
    expect(sums(0.5).counts).toEqual([1])
    expect(sums(0.2, -0.1, '5')).toMatchObject({ sums: [100_000], counts: [0] })
  })

  test('correlate: one group has to do it all, in the order of its own sequence', () => {
    const complete = { sequence: [{ event: 'a' }, { event: 'b' }], correlate: '/deal' }
    const track = trackOf([{ key: 's0', complete }])
    const [a1, b1, b2] = [at(0, 'a', { deal: 1 }), at(2, 'b', { deal: 1 }), at(1, 'b', { deal: 2 })]
    expect(run(track, [a1, b2]).steps.s0).toBe('open')
    expect(run(track, [a1, b2, b1]).steps.s0).toBe('completed 2')
    expect(run(track, [at(0, 'a')]).newest).toBeUndefined()
  })

  test('the first hundred groups have a place', () => {
    const track = trackOf([{ key: 's0', complete: { event: 'a', atLeast: 2, correlate: '/n' } }])
    const hundred = Array.from({ length: 100 }, (_, n) => at(n / 100, 'a', { n }))
    expect(run(track, [...hundred, at(2, 'a', { n: 100 }), at(3, 'a', { n: 100 })]).steps.s0).toBe('open')
    expect(run(track, [...hundred, at(2, 'a', { n: 99 })]).steps.s0).toBe('completed 2')
  })
})

describe('branches and optional steps', () => {
  const fork = (more: Partial<Step> = {}) =>
    trackOf([
      {
        key: 'ask',
        complete: { event: 'a' },
        branches: [{ key: 'big', when: { event: 'b', atLeast: 2 } }],
        default: 'small',
        ...more,
      },
      { key: 'big', after: { branch: 'ask.big' }, due: { after: 'PT5H' }, complete: { event: 'c' } },
      { key: 'more', after: { all: ['big'] }, complete: { event: 'd' } },
      { key: 'small', after: { branch: 'ask.small' }, complete: { event: 'e' } },
    ])

  test('A19, A20: what comes after the completing entry does not choose, and a step of the other way is satisfied', () => {
    const entries = [at(0, 'b'), at(1, 'a'), at(2, 'b'), at(3, 'd')]
    const { steps, newest } = run(fork(), entries)
    expect(newest?.chosen).toEqual({ ask: 'small' })
    expect(steps).toEqual({ ask: 'completed 1', big: 'closed 1', more: 'completed 3', small: 'open' })
  })

  test('the completing entry itself counts for the way', () => {
    const track = fork({ branches: [{ key: 'big', when: { event: 'a' } }] })
    expect(run(track, [at(0, 'a')]).newest?.chosen).toEqual({ ask: 'big' })
  })

  test('a step is not missed while its way is not chosen; then at once', () => {
    const entries = [at(0, 'b'), at(1, 'b')]
    expect(run(fork(), entries, { now: T + 9 * HOUR }).steps.big).toBe('open')
    expect(run(fork(), [...entries, at(8, 'a')]).steps).toEqual({
      ask: 'completed 8',
      big: 'missed 8',
      more: 'open',
      small: 'closed 8',
    })
  })

  test('a missed step chooses its way too', () => {
    const { newest, facts } = run(fork({ due: { after: 'PT1H' } }), [at(0, 'b'), at(1, 'b')], { now: T + 2 * HOUR })
    expect(newest?.chosen).toEqual({ ask: 'big' })
    expect(facts).toContain('1 branch.chosen ask')
  })

  test('A22: an optional step that is missed does not keep the track from completion', () => {
    const track = trackOf([
      { key: 's0', complete: { event: 'a' } },
      { key: 's1', required: false, due: { after: 'PT9H' }, complete: { event: 'b' } },
    ])
    const { newest, facts } = run(track, [at(0, 'a')], { now: T + DAY })
    expect(facts).toEqual(['0 enrolled', '0 step.completed s0', '0 track.completed', '9 step.missed s1'])
    expect(newest).toMatchObject({ completedAt: T, endedAt: T + 9 * HOUR, outcome: 'completed' })
    expect(run(track, [at(0, 'a'), at(5, 'b')]).newest).toMatchObject({ completedAt: T, endedAt: T + 5 * HOUR })
  })

  test('hours that passed stay where they are when the zone changes: a step that is revoked then was missed before', () => {
    const track = trackOf([
      { key: 's0', due: { after: 'PT6H' }, complete: { event: 'a' } },
      { key: 's1', complete: { event: 'z' } },
    ])
    const moved = at(24, 'waymark.identified', { traits: { timezone: 'Asia/Tokyo' } })
    const revoked = at(25, 'waymark.revoked', { trackId: track.key, stepId: 's0' })
    expect(run(track, [at(0, 'a'), moved, revoked], { now: T + 30 * HOUR }).newest?.steps.s0).toMatchObject({
      how: 'missed',
      at: T + 6 * HOUR,
    })
  })

  test('a run is missed when no required step is left that could be done', () => {
    const track = trackOf([
      { key: 's0', due: { after: 'PT1H' }, complete: { event: 'a' } },
      { key: 's1', after: { all: ['s0'] }, complete: { event: 'b' } },
      { key: 's2', after: { any: ['s1', 's0'] }, complete: { event: 'b' } },
      { key: 's3', complete: { event: 'c', atLeast: 2 } },
    ])
    const early = run(track, [at(0, 'c')], { now: T + 2 * HOUR })
    expect(early.newest?.outcome).toBe(null)
    expect(run(track, [at(0, 'c'), at(2, 'c')]).newest).toMatchObject({ outcome: 'missed', endedAt: T + 2 * HOUR })
  })
})

describe('runs', () => {
  const step = { key: 's0', complete: { event: 'a' }, reward: { xp: 5 } } satisfies Step
  const starts = (track: Track, entries: Entry[], moment?: Moment) =>
    run(track, entries, moment).runs.map(({ startedAt }) => (startedAt - T) / HOUR)

  test('re-entry: never, after any end, after a while', () => {
    const entries = [0, 1, 2].map((hour) => at(hour, 'a'))
    expect(starts(trackOf([step]), entries)).toEqual([0])
    expect(starts(trackOf([step], { reentry: { mode: 'afterExit' } }), entries)).toEqual([0, 1, 2])
    expect(starts(trackOf([step], { reentry: { mode: 'afterDuration', wait: 'PT2H' } }), entries)).toEqual([0, 2])
  })

  test('re-entry: once for each value of a field', () => {
    const dealt = [1, 2, 1, undefined, 3].map((id, hour) => at(hour, 'a', id === undefined ? {} : { id }))
    const again = { reentry: { mode: 'perKey', key: '/id' } } as const
    expect(starts(trackOf([step], again), dealt)).toEqual([0, 1, 4])
    expect(starts(trackOf([{ ...step, complete: { event: 'a', atLeast: 2 } }], again), dealt)).toEqual([0, 4])
  })

  test('rewards once over all runs, or in each', () => {
    const entries = [0, 1].map((hour) => at(hour, 'a'))
    expect(run(trackOf([step], { reentry: { mode: 'afterExit' } }), entries).xp).toBe(5)
    expect(run(trackOf([step], { reentry: { mode: 'afterExit' }, rewards: 'perRun' }), entries).xp).toBe(10)
  })

  test('reset starts another run if there ever was one; exit ends it', () => {
    const track = trackOf([step, { key: 's1', complete: { event: 'z' } }])
    expect(starts(track, [at(0, 'waymark.reset'), at(1, 'a'), at(2, 'waymark.reset')])).toEqual([1, 2])
    expect(run(track, [at(1, 'a'), at(2, 'waymark.reset')])).toMatchObject({ steps: { s0: 'open' }, counts: [0, 0] })
    expect(run(track, [at(0, 'a'), at(1, 'waymark.exited'), at(2, 'z')]).newest).toMatchObject({
      outcome: 'exited',
      endedAt: T + HOUR,
    })
    expect(starts(track, [at(0, 'a'), at(1, 'waymark.exited'), at(2, 'waymark.reset')])).toEqual([0, 2])
  })

  test('ever leaves keep what they counted, caused by the start of the next run', () => {
    const track = trackOf([
      { key: 's0', complete: { event: 'a', lookback: 'ever' } },
      { key: 's1', complete: { event: 'z' } },
    ])
    const reset = at(2, 'waymark.reset')
    const { steps, newest } = run(track, [at(0, 'a'), reset])
    expect(steps).toEqual({ s0: 'completed 2', s1: 'open' })
    expect(newest?.steps.s0?.cause).toEqual({ source: 'waymark', eventId: reset.eventId })
  })

  test('audience is asked at the start only; onSegment starts as the traits begin to fit', () => {
    const audience = { '/plan': 'pro' }
    const is = (hour: number, plan: string) => at(hour, 'waymark.identified', { traits: { plan } })
    expect(starts(trackOf([step], { audience }), [at(0, 'a'), is(1, 'pro'), at(2, 'a')])).toEqual([2])
    const two = trackOf([step, { key: 's1', complete: { event: 'b' } }], { audience })
    expect(run(two, [is(0, 'pro'), at(1, 'a'), is(2, 'free'), at(3, 'b')]).newest?.outcome).toBe('completed')
    const segment = trackOf([step], { audience, enrol: { mode: 'onSegment' } })
    expect(starts(segment, [is(0, 'free'), is(1, 'pro'), is(2, 'pro')])).toEqual([1])
  })

  test('other tracks have to be completed at that moment or before', () => {
    const entries = [at(0, 'a'), at(2, 'a')]
    const all = trackOf([step], { after: { all: ['one', 'two'] } })
    expect(starts(all, entries, { completedTracks: { one: T, two: T + 2 * HOUR } })).toEqual([2])
    expect(starts(all, entries, { completedTracks: { one: T } })).toEqual([])
    const any = trackOf([step], { after: { any: ['one', 'two'] } })
    expect(starts(any, entries, { completedTracks: { one: T } })).toEqual([0])
  })

  test('conditions on traits: of the traits together, caused by what made them so', () => {
    const track = trackOf([{ key: 's0', complete: { all: [{ trait: '/plan', is: 'pro' }, { event: 'a' }] } }])
    const pro = at(1, 'waymark.identified', { traits: { plan: 'pro' } })
    const { newest, steps } = run(track, [at(0, 'a'), pro])
    expect(steps.s0).toBe('completed 1')
    expect(newest?.steps.s0?.cause?.eventId).toBe(pro.eventId)
    expect(run(track, [pro, at(2, 'waymark.identified', { traits: { plan: 'free' } }), at(3, 'a')]).steps.s0).toBe('open')
    expect(run(track, [pro, at(2, 'waymark.identified', { traits: { seats: 1 } }), at(3, 'a')]).steps.s0).toBe('completed 3')
  })

  test('revoked: the step, its leaves and rewards are taken back; the completion of the track stays', () => {
    const track = trackOf([step, { key: 's1', required: false, complete: { event: 'b' } }])
    const revoked = at(1, 'waymark.revoked', { stepId: 's0' })
    const once = run(track, [at(0, 'a'), revoked])
    expect(once).toMatchObject({ steps: { s0: 'open' }, counts: [0, 0], xp: 0, newest: { completedAt: T, endedAt: null } })
    const again = run(track, [at(0, 'a'), revoked, at(2, 'a')])
    expect(again.xp).toBe(5)
    expect(again.all.filter(({ step }) => step === 's0').map(({ name, ordinal }) => `${name} ${ordinal}`)).toEqual([
      'step.completed 0',
      'xp.granted 0',
      'step.corrected 0',
      'xp.revoked 0',
      'step.completed 1',
      'xp.granted 1',
    ])
  })

  test('a revoked step whose due has passed is missed then', () => {
    const track = trackOf([
      { ...step, due: { after: 'PT2H' } },
      { key: 's1', complete: { event: 'z' } },
    ])
    const entries = [at(0, 'a'), at(5, 'waymark.revoked', { stepId: 's0' }), at(6, 'a')]
    expect(run(track, entries).steps.s0).toBe('missed 2')
  })
})

describe('late entries and commands', () => {
  test('A42: an earlier start moves the due; what was announced stands', () => {
    const track = trackOf([
      { key: 's0', due: { after: 'PT24H' }, complete: { event: 'b' } },
      { key: 's1', complete: { event: 'a' } },
      { key: 's2', complete: { event: 'z' } },
    ])
    const [e2, e1] = [at(48, 'b'), at(0, 'a', {}, { receivedAt: T + 50 * HOUR })]
    const shown = shownAfter(track, [{ entries: [e2] }, { entries: [e1], now: T + 50 * HOUR }])
    expect(shown.standing).toEqual([{ run: 0, step: 's0' }])
    expect(shown.facts).not.toContain('step.missed:s0')
    expect(run(track, [e2, e1]).steps).toEqual({ s0: 'missed 24', s1: 'completed 0', s2: 'open' })
  })

  test('A43: enrolling, skipping and traits stay what they are when an older entry comes', () => {
    const track = trackOf(
      [
        { key: 's0', complete: { event: 'a', atLeast: 2 } },
        { key: 's1', complete: { event: 'b' } },
        { key: 's2', complete: { trait: '/plan', is: 'pro' } },
      ],
      { enrol: { mode: 'explicit' } },
    )
    const commands = [at(0, 'waymark.enrolled'), at(2, 'waymark.skipped', { stepId: 's1' })]
    const pro = at(3, 'waymark.identified', { traits: { plan: 'pro' } })
    expect(run(track, [...commands, pro, at(1, 'a'), at(4, 'a')]).steps).toEqual({
      s0: 'completed 4',
      s1: 'skipped 2',
      s2: 'completed 3',
    })
  })
})

describe('streaks', () => {
  const streakTrack = (streak: Partial<Streak> = {}, more: Partial<Track> = {}) =>
    trackOf([{ key: 's0', complete: { event: 'z' } }], {
      enrol: { mode: 'onEvent', event: 'a' },
      streak: { on: { event: 'a' }, period: 'day', ...streak },
      ...more,
    })
  const days = (...list: number[]) => list.map((day) => at(day * 24 + 12, 'a'))
  const streakOf = (track: Track, entries: Entry[], now?: number) =>
    run(track, entries, now === undefined ? {} : { now }).newest?.streak

  test('A27: a late event within a streak counts its day, and gives back the freeze', () => {
    const track = streakTrack({ freezes: { initial: 1 } })
    expect(streakOf(track, days(0, 2))).toMatchObject({ length: 2, freezes: 0 })
    expect(streakOf(track, days(0, 2, 1))).toMatchObject({ length: 3, freezes: 1 })
  })

  test('A28: a day counts once, whatever comes how often', () => {
    const entries = Array.from({ length: 10 }, (_, i) => [at(i, 'a'), at(72 + i, 'a')]).flat()
    expect(streakOf(streakTrack({ freezes: { earnEvery: 2 } }), entries)).toMatchObject({
      length: 1,
      best: 1,
      freezes: 0,
      creditedDays: ['2026-06-10', '2026-06-13'],
    })
  })

  test('A29: half past eleven and half past midnight in Tokyo are two days', () => {
    const entries = [at('2026-06-10T14:30:00Z', 'a'), at('2026-06-10T15:30:00Z', 'a')]
    expect(streakOf(streakTrack({}, { timezone: 'Asia/Tokyo' }), entries)?.length).toBe(2)
    expect(streakOf(streakTrack(), entries)?.length).toBe(1)
  })

  test('A30: a day lasts its grace longer', () => {
    const track = streakTrack({ grace: 'PT4H' })
    expect(streakOf(track, [at(20, 'a'), at(27, 'a')])?.creditedDays).toEqual(['2026-06-10'])
    expect(streakOf(track, [at(20, 'a'), at(28, 'a')])?.creditedDays).toEqual(['2026-06-10', '2026-06-11'])
    const lost = run(track, [at(20, 'a')], { now: T + 60 * HOUR }).facts
    expect(lost.filter((fact) => fact.includes('streak'))).toEqual(['20 streak.advanced', '52 streak.lost'])
  })

  test('A31: freezes are earned at multiples, up to the cap, and spent before the streak is lost', () => {
    const track = streakTrack({ freezes: { earnEvery: 2, cap: 1 } })
    expect(streakOf(track, days(0, 1, 2, 3))).toMatchObject({ length: 4, freezes: 1 })
    const { all } = run(track, days(0, 1), { now: T + 5 * DAY })
    expect(all.filter(({ name }) => /frozen|lost/.test(name)).map(({ name, at, data }) => [name, (at - T) / DAY, data])).toEqual([
      ['streak.frozen', 3, { day: '2026-06-12', length: 2 }],
      ['streak.lost', 4, { day: '2026-06-13', length: 2 }],
    ])
    expect(streakOf(track, days(0, 1), T + 3 * DAY - 1)).toMatchObject({ length: 2, freezes: 1 })
  })

  test('A32: clocks that change and travellers: one credit for each local date', () => {
    const berlin = streakTrack({}, { timezone: 'Europe/Berlin' })
    const noons = (from: string) => [0, 1, 2].map((day) => at(new Date(utc(from) + day * DAY).toISOString(), 'a'))
    expect(streakOf(berlin, noons('2026-03-28T12:00:00Z'))?.length).toBe(3)
    expect(streakOf(berlin, noons('2026-10-24T12:00:00Z'))?.length).toBe(3)
    // East over the date line: 12 June is on no clock of theirs.
    const east = [
      zone('2026-06-11T12:00:00Z', 'Pacific/Pago_Pago'),
      at('2026-06-11T23:00:00Z', 'a'),
      zone('2026-06-12T10:30:00Z', 'Pacific/Kiritimati'),
    ]
    expect(streakOf(streakTrack(), [...east, at('2026-06-12T11:00:00Z', 'a')])).toMatchObject({
      length: 2,
      creditedDays: ['2026-06-11', '2026-06-13'],
    })
    // West: the same date twice.
    const west = [
      zone('2026-06-10T00:00:00Z', 'Pacific/Kiritimati'),
      at('2026-06-10T11:00:00Z', 'a'),
      zone('2026-06-10T12:00:00Z', 'Pacific/Pago_Pago'),
    ]
    expect(
      streakOf(streakTrack(), [...west, at('2026-06-10T13:00:00Z', 'a'), at('2026-06-11T12:00:00Z', 'a')])?.creditedDays,
    ).toEqual(['2026-06-10', '2026-06-11'])
  })

  test('A26: every point is a fact', () => {
    const events = ['a', 'b', 'c', 'd', 'e', 'f']
    const steps = events.map((event, i): Step => ({ key: `s${i}`, complete: { event }, reward: { xp: 10 + i } }))
    const track = trackOf(steps, { completion: { xp: 50, badge: 'done' }, streak: { on: { event: 'a' }, period: 'day', xp: 3 } })
    const { all, xp, badges } = run(track, [at(0, 'a'), at(24, 'a'), ...events.slice(1).map((event) => at(25, event))])
    const granted = all.filter(({ name }) => name === 'xp.granted').reduce((sum, { data }) => sum + (data.xp ?? 0), 0)
    expect([granted, xp, badges]).toEqual([75 + 50 + 6, 131, ['done']])
  })
})
