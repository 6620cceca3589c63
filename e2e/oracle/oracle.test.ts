import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PLAIN, situationArbitrary } from './arbitraries.ts'
import { orderedEntries } from './journal.ts'
import { expectedOf, type Moment } from './oracle.ts'
import { shownAfter as shownAfterRounds } from './shown.ts'
import { DAY, milliseconds } from './time.ts'
import { type Condition, type Entry, type Leaf, leavesOf, type Step, type Track, type Where } from './track.ts'
import { compareUtf8, valuesAt, whereHolds } from './where.ts'

function trackOf(complete: (Condition | Partial<Step>)[], more: Partial<Track> = {}): Track {
  const steps = complete.map((part, i): Step => {
    const step = { key: `s${i}`, ...('complete' in part ? part : { complete: part as Condition }) }
    return step as Step
  })
  return { key: 'trk', version: '1.0.0', subject: 'learner', steps, ...more }
}

function at(occurredAt: number, name: string, eventId: string, more: Partial<Entry> = {}): Entry {
  const body = { source: 'app', kind: 'event' as const, version: '1.0.0', channel: 'rest', track: null, payload: {} }
  return { ...body, name, eventId, occurredAt, receivedAt: occurredAt, ...more }
}

function enrolled(occurredAt: number, eventId: string, more: Partial<Entry> = {}): Entry {
  return at(occurredAt, 'waymark.enrolled', eventId, { source: 'waymark', kind: 'control', payload: { trackId: 'trk' }, ...more })
}

const done = (completedAt: number, eventId: string, source = 'app') => ({ completedAt, cause: { source, eventId } })
const order = (track: Track, entries: Entry[]) => orderedEntries(track, entries).map((entry) => entry.eventId)

/** The newest run, completions by step. */
function seen(track: Track, entries: Entry[], moment?: Moment) {
  const { runs, counts, xp, badges } = expectedOf(track, entries, moment)
  const run = runs.at(-1)
  const completions = track.steps.map(({ key }) => {
    const step = run?.steps[key]
    return [key, step?.how === 'completed' ? { completedAt: step.at, cause: step.cause } : null]
  })
  const { startedAt = null, start = null, completedAt = null } = run ?? {}
  return { startedAt, start, completedAt, steps: Object.fromEntries(completions), counts, xp, badges }
}

/** Entry by entry: which steps are shown as completed, and whether the track is. */
function shownAfter(track: Track, entries: Entry[]) {
  const { facts, standing, xp, badges } = shownAfterRounds(
    track,
    entries.map((entry) => ({ entries: [entry] })),
  )
  return {
    steps: Object.fromEntries(track.steps.map(({ key }) => [key, facts.includes(`step.completed:${key}`)])),
    standing: standing.map(({ step }) => step),
    completed: facts.includes('track.completed:'),
    xp,
    badges,
    facts,
  }
}

describe('where', () => {
  const payload = { n: 5, s: 'ab', z: null, l: ['a', { k: 1 }], o: { j: 2, k: 1 }, 'a/b': 1, 'm~n': 2, astral: '\u{1f600}' }
  const cases: [Where, boolean][] = [
    [{ '/n': 5 }, true],
    [{ '/n': '5' }, false],
    [{ '/z': null }, true],
    [{ '/none': null }, false],
    [{ '/o': { eq: { k: 1, j: 2 } } }, true],
    [{ '/o': { eq: { k: 1 } } }, false],
    [{ '/l': { eq: [{ k: 1 }, 'a'] } }, false],
    [{ '/n': { ne: '5' } }, true],
    [{ '/n': { ne: 5 } }, false],
    [{ '/none': { ne: 5 } }, false],
    [{ '/n': { in: [1, 5] } }, true],
    [{ '/o': { in: [{ k: 1, j: 2 }] } }, true],
    [{ '/n': { in: ['5'] } }, false],
    [{ '/n': { nin: [1] } }, true],
    [{ '/none': { nin: [1] } }, false],
    [{ '/n': { gt: 5 } }, false],
    [{ '/n': { gte: 5 } }, true],
    [{ '/n': { lt: 10 } }, true],
    [{ '/n': { lte: '9' } }, false],
    [{ '/z': { lte: 0 } }, false],
    [{ '/s': { gt: 'a' } }, true],
    [{ '/s': { lt: 'ab' } }, false],
    [{ '/astral': { gt: '\uff5e' } }, true],
    [{ '/z': { exists: true } }, true],
    [{ '/none': { exists: true } }, false],
    [{ '/none': { exists: false } }, true],
    [{ '/z': { exists: false } }, false],
    [{ '/s': { contains: 'b' } }, true],
    [{ '/l': { contains: { k: 1 } } }, true],
    [{ '/l': { contains: 'k' } }, false],
    [{ '/o': { contains: 'k' } }, false],
    [{ '/n': { contains: '5' } }, false],
    [{ '/s': { startsWith: 'a' } }, true],
    [{ '/s': { startsWith: 'b' } }, false],
    [{ '/l': { startsWith: 'a' } }, false],
    [{ '/l/1/k': 1, '/a~1b': 1, '/m~0n': 2 }, true],
    [{ '/n': { gte: 1, lt: 5 } }, false],
    [{ '/l/01': { exists: true } }, false],
    [{ '/l/length': { exists: true } }, false],
    [{ '/toString': { exists: true } }, false],
  ]
  test.each(cases)('%j is %s', (where, expected) => {
    expect(whereHolds(where, payload)).toBe(expected)
  })

  test('a payload that is not an object', () => {
    expect(valuesAt(null, '/a')).toEqual([])
    expect(valuesAt('ab', '/length')).toEqual([])
    expect(valuesAt(undefined, '')).toEqual([])
  })
})

describe('which entries matter', () => {
  const counts = (leaf: Leaf, entry: Entry) => seen(trackOf([leaf]), [entry]).counts[0]

  test('version', () => {
    expect(counts({ event: 'a', version: '1' }, at(1, 'a', '1', { version: '1.2.3' }))).toBe(1)
    expect(counts({ event: 'a', version: '1' }, at(1, 'a', '1', { version: '10.0.0' }))).toBe(0)
    expect(counts({ event: 'a', version: '1.2.3' }, at(1, 'a', '1', { version: '1.2.3' }))).toBe(1)
    expect(counts({ event: 'a', version: '1.2.3' }, at(1, 'a', '1', { version: '1.2.4' }))).toBe(0)
  })

  test('source and trust', () => {
    expect(counts({ event: 'a', source: 'crm' }, at(1, 'a', '1'))).toBe(0)
    expect(counts({ event: 'a' }, at(1, 'a', '1', { channel: 'client' }))).toBe(0)
    expect(counts({ event: 'a', trust: 'server' }, at(1, 'a', '1', { channel: 'client' }))).toBe(0)
    expect(counts({ event: 'a', trust: 'client' }, at(1, 'a', '1', { channel: 'client' }))).toBe(1)
    expect(counts({ event: 'a', trust: 'client' }, at(1, 'a', '1'))).toBe(1)
  })

  test('an entry that does not matter leaves no trace', () => {
    const state = seen(trackOf([{ event: 'a', where: { '/n': 1 } }]), [at(1, 'a', '1'), at(1, 'b', '2'), enrolled(1, '3')])
    expect(state).toEqual({
      startedAt: null,
      start: null,
      completedAt: null,
      steps: { s0: null },
      counts: [0],
      xp: 0,
      badges: [],
    })
  })

  test('an entry that names a track is invisible to the others', () => {
    expect(counts({ event: 'a' }, at(1, 'a', '1', { track: 'trk' }))).toBe(1)
    expect(counts({ event: 'a' }, at(1, 'a', '1', { track: 'other' }))).toBe(0)
  })

  test('too late is more than the lateness, seven days unless given', () => {
    expect(counts({ event: 'a' }, at(1, 'a', '1', { receivedAt: 1 + 7 * DAY }))).toBe(1)
    expect(counts({ event: 'a' }, at(1, 'a', '1', { receivedAt: 2 + 7 * DAY }))).toBe(0)
    const short = trackOf([{ event: 'a' }], { lateness: 'PT1M' })
    expect(seen(short, [at(1, 'a', '1', { receivedAt: 60_001 })]).counts).toEqual([1])
    expect(seen(short, [at(1, 'a', '1', { receivedAt: 60_002 })]).counts).toEqual([0])
    expect(seen(short, [at(1, 'a', '1', { receivedAt: 60_002, channel: 'import' })]).counts).toEqual([1])
    // Control entries are never too late.
    const explicit = trackOf([{ event: 'a' }], { lateness: 'PT1M', enrol: { mode: 'explicit' } })
    expect(seen(explicit, [enrolled(1, '1', { receivedAt: 60_002 })]).startedAt).toBe(1)
    expect(milliseconds('PT168H')).toBe(milliseconds('P7D'))
  })

  test('of a repeated key the first arrival stands', () => {
    const track = trackOf([{ event: 'a', where: { '/n': 1 } }])
    const first = at(1, 'a', '1', { payload: { n: 2 } })
    expect(seen(track, [first, at(0, 'a', '1', { payload: { n: 1 } })]).startedAt).toBe(null)
    expect(seen(track, [first, at(0, 'a', '1', { payload: { n: 1 }, source: 'crm' })]).startedAt).toBe(0)
  })
})

describe('order', () => {
  test('UTF-8 bytes, not UTF-16 units', () => {
    expect('\u{1f600}' < '\uff5e').toBe(true)
    expect(compareUtf8('\u{1f600}', '\uff5e')).toBe(1)
    const track = trackOf([{ event: 'a', atLeast: 9 }])
    expect(order(track, [at(1, 'a', '\u{1f600}'), at(1, 'a', '\uff5e'), at(1, 'a', '10'), at(1, 'a', '2')])).toEqual([
      '10',
      '2',
      '\uff5e',
      '\u{1f600}',
    ])
    expect(order(track, [at(1, 'a', '1', { source: '\u{1f600}' }), at(1, 'a', '2', { source: '\uff5e' })])).toEqual(['2', '1'])
  })

  test('three events in one millisecond of a sequence are taken in the order of its leaves', () => {
    const track = trackOf([{ sequence: [{ event: 'c' }, { event: 'a' }, { event: 'b' }] }])
    const state = seen(track, [at(1, 'b', '1'), at(1, 'a', '2'), at(1, 'c', '3')])
    expect(state.steps).toEqual({ s0: done(1, '1') })
  })

  test('place: control, start only, then the first leaf that listens to the name, passed or not', () => {
    const track = trackOf([{ event: 'b', where: { '/n': 1 } }, { event: 'a' }, { event: 'b' }], {
      enrol: { mode: 'onEvent', event: 'z' },
    })
    expect(order(track, [at(1, 'a', '1'), at(1, 'b', '2'), at(1, 'z', '3'), enrolled(1, '4'), at(0, 'a', '5')])).toEqual([
      '5',
      '4',
      '3',
      '2',
      '1',
    ])
  })
})

describe('runs', () => {
  test('onFirstMatch starts at the first entry that a leaf passes, locked or not', () => {
    const track = trackOf([{ event: 'a' }, { after: { all: ['s0'] }, complete: { event: 'b' } }])
    const state = seen(track, [at(3, 'a', '1'), at(2, 'b', '2'), enrolled(1, '3')])
    expect(state.start).toEqual({ source: 'app', eventId: '2' })
    expect(state.steps).toEqual({ s0: done(3, '1'), s1: done(3, '2') })
    expect(state.completedAt).toBe(3)
  })

  test('onEvent starts at the event, which also counts', () => {
    const enrol = { mode: 'onEvent' as const, event: 'a', where: { '/n': 1 } }
    const track = trackOf([{ event: 'a', atLeast: 3 }], { enrol })
    const state = seen(track, [at(1, 'a', '1'), at(2, 'a', '2', { payload: { n: 1 } }), at(3, 'a', '3')])
    expect(state.start).toEqual({ source: 'app', eventId: '2' })
    expect(state.counts).toEqual([2])
    expect(seen(track, [at(2, 'a', '2', { payload: { n: 1 }, channel: 'client' })]).start).toBe(null)
    const noLeaf = trackOf([{ event: 'b' }], { enrol: { mode: 'onEvent', event: 'z' } })
    expect(seen(noLeaf, [at(1, 'b', '1'), at(1, 'z', '2')])).toMatchObject({ startedAt: 1, counts: [1] })
  })

  test('explicit starts at the first enrolment for the track', () => {
    const track = trackOf([{ event: 'a', atLeast: 9 }], { enrol: { mode: 'explicit' } })
    const entries = [at(1, 'a', '1'), enrolled(1, '2', { payload: { trackId: 'other' } }), at(3, 'a', '3'), enrolled(4, '4')]
    expect(seen(track, entries)).toMatchObject({ startedAt: 4, counts: [0] })
    expect(seen(track, [...entries, enrolled(3, '5'), enrolled(2, '6', { track: 'other' })])).toMatchObject({
      startedAt: 3,
      start: { source: 'waymark', eventId: '5' },
      counts: [1],
    })
  })

  test('an event by the name of the control entry does not enrol', () => {
    const track = trackOf([{ event: 'a' }], { enrol: { mode: 'explicit' } })
    expect(seen(track, [enrolled(1, '1', { kind: 'event' })]).startedAt).toBe(null)
  })

  test('a finished run does not change', () => {
    const track = trackOf([{ any: [{ event: 'a' }, { event: 'b' }] }], { completion: { xp: 5, badge: 'win' } })
    const state = seen(track, [at(1, 'a', '1'), at(2, 'b', '2')])
    expect(state).toMatchObject({ completedAt: 1, counts: [1, 0], xp: 5, badges: ['win'] })
  })
})

describe('counting', () => {
  test('atLeast, and no further', () => {
    const track = trackOf([{ all: [{ event: 'a', atLeast: 2 }, { event: 'b' }] }])
    expect(seen(track, [at(1, 'a', '1'), at(2, 'a', '2'), at(3, 'a', '3')])).toMatchObject({ counts: [2, 0] })
  })

  test('distinctBy wants a value, null too, and each once, by deep equality', () => {
    const track = trackOf([{ event: 'a', distinctBy: '/k', atLeast: 9 }])
    const values = [{ x: 1, y: 2 }, { y: 2, x: 1 }, 1, '1', 1, null, null]
    const entries = values.map((k, i) => at(i, 'a', `${i}`, { payload: { k } }))
    expect(seen(track, [...entries, at(9, 'a', '9')]).counts).toEqual([4])
  })

  test('lookbacks: ever counts before the start, the default from it on', () => {
    const leaves: Condition[] = [
      { event: 'a', lookback: 'ever', atLeast: 9 },
      { event: 'a', atLeast: 9 },
      { event: 'a', lookback: 'afterUnlock', atLeast: 9 },
    ]
    const enrol = { mode: 'onEvent' as const, event: 'a', where: { '/n': 1 } }
    const entries = [at(1, 'a', '1'), at(2, 'a', '2', { payload: { n: 1 } }), at(3, 'a', '3')]
    // A step without prerequisites is open from the start, the starting entry included.
    expect(seen(trackOf(leaves, { enrol }), entries).counts).toEqual([3, 2, 2])
  })

  test('afterUnlock: not the entry that unlocks', () => {
    const locked = { after: { all: ['s0'] }, complete: { event: 'a', lookback: 'afterUnlock', atLeast: 9 } as const }
    const track = trackOf([{ event: 'a', atLeast: 2 }, locked])
    expect(seen(track, [at(1, 'a', '1'), at(1, 'a', '2'), at(1, 'a', '3')]).counts).toEqual([2, 1])
  })

  test('ever: a condition met before the start completes at the start', () => {
    const track = trackOf([{ event: 'a', lookback: 'ever' }], { enrol: { mode: 'explicit' } })
    expect(seen(track, [at(1, 'a', '1'), enrolled(5, '2')])).toMatchObject({ completedAt: 5, steps: { s0: done(5, '1') } })
  })

  test('one entry never meets two parts of a sequence', () => {
    const track = trackOf([{ sequence: [{ event: 'a' }, { all: [{ event: 'a' }, { event: 'a' }] }, { event: 'a' }] }])
    expect(seen(track, [at(1, 'a', '1'), at(2, 'a', '2')]).counts).toEqual([1, 1, 1, 0])
    expect(seen(track, [at(1, 'a', '1'), at(2, 'a', '2'), at(3, 'a', '3')]).completedAt).toBe(3)
  })

  test('a sequence above a nested sequence', () => {
    const inner = { sequence: [{ event: 'b' }, { event: 'c' }] }
    const track = trackOf([{ sequence: [{ any: [{ event: 'a' }, { event: 'd' }] }, { all: [inner, { event: 'e' }] }] }])
    expect(seen(track, [at(1, 'b', '1'), at(2, 'a', '2'), at(3, 'c', '3'), at(4, 'e', '4')]).counts).toEqual([1, 0, 0, 0, 1])
    expect(seen(track, [at(1, 'd', '1'), at(2, 'e', '2'), at(3, 'b', '3'), at(4, 'c', '4')]).completedAt).toBe(4)
  })

  test('exclusive: the earlier step takes it, two leaves of one step may, shared leaves see all', () => {
    const exclusive = { event: 'a', consume: 'exclusive' } as const
    const track = trackOf([{ all: [exclusive, exclusive] }, exclusive, { event: 'a' }, { ...exclusive, where: { '/n': 1 } }])
    const one = at(1, 'a', '1', { payload: { n: 1 } })
    expect(seen(track, [one]).counts).toEqual([1, 1, 0, 1, 0])
    const two = at(2, 'a', '2', { payload: { n: 1 } })
    expect(seen(track, [one, two]).counts).toEqual([1, 1, 1, 1, 0])
    expect(seen(track, [one, two, at(3, 'a', '3')]).counts).toEqual([1, 1, 1, 1, 0])
    const three = at(3, 'a', '3', { payload: { n: 1 } })
    expect(seen(track, [one, two, three]).completedAt).toBe(3)
  })

  test('exclusive: a shared leaf of an earlier step takes nothing away', () => {
    const track = trackOf([{ event: 'a' }, { event: 'a', consume: 'exclusive' }])
    expect(seen(track, [at(1, 'a', '1')]).counts).toEqual([1, 1])
  })
})

describe('completion', () => {
  test('cascade: an earlier cause, through steps in any order, at one moment', () => {
    const track = trackOf([
      { after: { all: ['s1', 's2'] }, complete: { event: 'a' }, reward: { xp: 1, badge: 'x' } },
      { after: { any: ['s2', 's0'] }, complete: { event: 'b' }, reward: { xp: 2, badge: 'x' } },
      { complete: { event: 'c' } },
    ])
    const state = seen(track, [at(1, 'a', '1'), at(2, 'b', '2'), at(3, 'c', '3')])
    expect(state.steps).toEqual({ s0: done(3, '1'), s1: done(3, '2'), s2: done(3, '3') })
    expect(state).toMatchObject({ completedAt: 3, xp: 3, badges: ['x', 'x'] })
    expect(seen(track, [at(1, 'a', '1'), at(2, 'b', '2')]).steps).toEqual({ s0: null, s1: null, s2: null })
  })

  test('the cause is the entry that met the condition, not a later one that a leaf still took', () => {
    const track = trackOf([{ event: 'c' }, { after: { all: ['s0'] }, complete: { any: [{ event: 'a' }, { event: 'b' }] } }])
    const state = seen(track, [at(1, 'a', '1'), at(2, 'b', '2'), at(3, 'c', '3')])
    expect(state.counts).toEqual([1, 1, 1])
    expect(state.steps).toEqual({ s0: done(3, '3'), s1: done(3, '1') })
  })
})

describe('standing', () => {
  const exclusive = (event: string, more: Partial<Leaf> = {}): Leaf => ({ event, consume: 'exclusive', ...more })

  test('exclusive with afterUnlock: an older entry unlocks a step that then takes what a later step had', () => {
    const contested = { after: { all: ['s0'] }, complete: exclusive('a', { lookback: 'afterUnlock', atLeast: 2 }) }
    const track = trackOf([{ event: 'u' }, contested, { complete: exclusive('a'), reward: { xp: 10, badge: 'x' } }])
    const entries = [at(2, 'a', '1'), at(1, 'u', '2')]
    expect(shownAfter(track, entries.slice(0, 1))).toMatchObject({
      steps: { s0: false, s1: false, s2: true },
      standing: [],
      xp: 10,
    })
    expect(shownAfter(track, entries)).toEqual({
      steps: { s0: true, s1: false, s2: true },
      standing: ['s2'],
      completed: false,
      xp: 10,
      badges: ['x'],
      facts: ['badge.granted:s2', 'enrolled:', 'step.completed:s0', 'step.completed:s2', 'xp.granted:s2'],
    })
    const later = [...entries, at(3, 'a', '3'), at(4, 'a', '4')]
    expect(shownAfter(track, later)).toMatchObject({
      steps: { s0: true, s1: true, s2: true },
      standing: [],
      completed: true,
      xp: 10,
    })
  })

  test('exclusive with a sequence', () => {
    const track = trackOf([{ sequence: [{ event: 'u' }, exclusive('a'), { event: 'v' }] }, exclusive('a')])
    expect(shownAfter(track, [at(2, 'a', '1'), at(1, 'u', '2')]).standing).toEqual(['s1'])
  })

  test('exclusive with ever: an older start lets an earlier step take what a later one had', () => {
    const track = trackOf([exclusive('a'), exclusive('a', { lookback: 'ever', where: { '/n': 1 } })], {
      enrol: { mode: 'explicit' },
    })
    const entries = [at(2, 'a', '1', { payload: { n: 1 } }), enrolled(3, '2'), enrolled(1, '3')]
    expect(shownAfter(track, entries.slice(0, 2))).toMatchObject({ steps: { s0: false, s1: true }, standing: [] })
    expect(shownAfter(track, entries)).toMatchObject({ steps: { s0: true, s1: true }, standing: ['s1'], completed: false })
  })
})

describe('properties', () => {
  test('the derived state does not depend on the order of arrival, nor on repeats', () => {
    let [started, ended] = [0, 0]
    const shuffled = situationArbitrary().chain((situation) => {
      const twice = [...situation.entries, ...situation.entries]
      return fc.tuple(fc.constant(situation), fc.shuffledSubarray(twice, { minLength: twice.length }))
    })
    fc.assert(
      fc.property(shuffled, ([{ track, entries, ...moment }, again]) => {
        const expected = expectedOf(track, entries, moment)
        expect(expectedOf(track, again, moment)).toEqual(expected)
        if (expected.runs.length > 0) started++
        if (expected.runs.some(({ endedAt }) => endedAt !== null)) ended++
      }),
      { numRuns: 1_000 },
    )
    expect(started).toBeGreaterThan(350)
    expect(ended).toBeGreaterThan(120)
  })

  test('nothing stands in a track that only counts, nor with exclusive leaves alone', () => {
    const free = situationArbitrary(PLAIN).chain((situation) =>
      fc.boolean().map((keepExclusive) => {
        const text = JSON.stringify(situation.track).replaceAll('"sequence"', keepExclusive ? '"all"' : '"sequence"')
        const track = JSON.parse(text) as Track
        for (const leaf of track.steps.flatMap((step) => leavesOf(step.complete))) {
          if (keepExclusive) delete leaf.lookback
          else delete leaf.consume
        }
        return { track, entries: situation.entries }
      }),
    )
    fc.assert(
      fc.property(free, ({ track, entries }) => {
        expect(shownAfter(track, entries).standing).toEqual([])
      }),
      { numRuns: 500 },
    )
  })
})
