import { describe, expect, test } from 'vitest'
import { deepFreeze } from '../../test-support/deep-freeze.ts'
import { compiled, control, enrolment, event, START, track } from '../../test-support/entries.ts'
import { facts, Learner, untimed, verdicts } from '../../test-support/folding.ts'
import { SubjectRow } from './codec.ts'
import { type CompiledTrack, compileTrack } from './compile.ts'
import { type Entry, TRACK_CONTROLS } from './entry.ts'
import { foldSubject, namesOf } from './fold.ts'
import { MOST_RUN_KEYS } from './state.ts'

const TWO_STEPS = compiled([
  { complete: { event: 'a', atLeast: 2 }, reward: { xp: 10 } },
  { after: { all: ['s1'] }, complete: { event: 'b' }, reward: { xp: 5, badge: 'b' } },
])

test('a miss that was corrected as its run went is announced again when the run comes back', () => {
  const learner = new Learner(
    compiled([{ complete: { event: 'b' }, due: { after: 'PT1H' } }, { complete: { event: 'a', atLeast: 9 } }], {
      audience: { '/plan': { exists: false } },
    }),
  )
  const hour = 3_600
  expect(facts(learner.fold(event('a', 24 * hour)))).toEqual(['enrolled'])
  expect(facts(learner.fold(event('a', 30 * hour)))).toEqual(['step.missed s1'])
  const gone = learner.fold(control('identified', 24 * hour, { traits: { plan: 'free' } }))
  expect(facts(gone)).toEqual(['step.corrected s1'])
  // The start is the fact that it was; the miss is another one.
  expect(learner.fold(event('a', 0)).facts.map(({ name, ordinal }) => `${name} ${ordinal}`)).toEqual([
    'enrolled 0',
    'step.missed 1',
  ])
})

describe('a run per key', () => {
  const perDeal = compiled([{ complete: { event: 'a' } }], { reentry: { mode: 'perKey', key: '/id' } })

  test('starts with each value once, and never without one', () => {
    const learner = new Learner(perDeal)
    const starts = [1, 1, undefined, 2, { id: 1 }, { id: 1 }].flatMap((id, n) =>
      facts(learner.fold(event('a', n, id === undefined ? {} : { id }))).includes('enrolled') ? [n] : [],
    )
    expect(starts).toEqual([0, 3, 4])
    expect(learner.state().run).toBe(2)
  })

  test('starts no more when there were a thousand', () => {
    const learner = new Learner(perDeal)
    for (let id = 0; id < MOST_RUN_KEYS; id++) learner.fold(event('a', id, { id }))
    expect(learner.state().run).toBe(MOST_RUN_KEYS - 1)
    expect(facts(learner.fold(event('a', MOST_RUN_KEYS, { id: 'another' })))).toEqual([])
  })
})

describe('facts', () => {
  test('the run, each step and the track are announced once, with their rewards', () => {
    const rewarded = compiled(
      [
        { complete: { event: 'a', atLeast: 2 }, reward: { xp: 10 } },
        { complete: { event: 'b' }, reward: { badge: 'b', xp: 0 } },
      ],
      { completion: { xp: 50, badge: 'done' } },
    )
    const learner = new Learner(rewarded)
    expect(facts(learner.fold(event('a', 1)))).toEqual(['enrolled'])
    expect(facts(learner.fold(event('a', 2)))).toEqual(['step.completed s1', 'xp.granted s1'])
    expect(facts(learner.fold(event('b', 3)))).toEqual([
      'step.completed s2',
      'badge.granted s2',
      'track.completed',
      'xp.granted',
      'badge.granted',
    ])
    expect(facts(learner.fold(event('a', 4), event('b', 5)))).toEqual([])
    expect(learner.rebuilds).toBe(0)
  })

  test('a step that waited names the entry that met its condition as cause, and the moment it was unlocked', () => {
    const learner = new Learner(TWO_STEPS)
    learner.fold(event('b', 1))
    const result = learner.fold(event('a', 2), event('a', 3))
    expect(result.facts.filter(({ name }) => name === 'step.completed')).toMatchObject([
      { step: 0, at: START + 3_000, cause: { eventId: 'a-3' } },
      { step: 1, at: START + 3_000, cause: { eventId: 'b-1' } },
    ])
    expect(learner.state().completedAt).toBe(START + 3_000)
  })

  test('each fact goes with the new entry whose arrival brought it about', () => {
    const learner = new Learner(TWO_STEPS)
    const { facts: found } = learner.fold(event('a', 3), event('b', 1), event('a', 2))
    expect(found.map(({ name, trigger }) => `${name} ${trigger}`)).toEqual([
      'enrolled 1',
      'step.completed 0',
      'xp.granted 0',
      'step.completed 0',
      'xp.granted 0',
      'badge.granted 0',
      'track.completed 0',
    ])
  })

  test('a rebuild announces nothing again', () => {
    const learner = new Learner(TWO_STEPS)
    learner.fold(event('a', 5), event('a', 6))
    expect(facts(learner.fold(event('a', 1)))).toEqual([])
    expect(learner.rebuilds).toBe(1)
    expect(learner.state()).toMatchObject({ startedAt: START + 1_000, settledAt: [START + 5_000, -1], standing: [] })
  })
})

describe('history', () => {
  const fold = (learner: Learner, ...entries: readonly Entry[]) => {
    const before = learner.rebuilds
    learner.fold(...entries)
    return learner.rebuilds - before
  }

  test('is asked for by an entry that is older than the newest one', () => {
    const learner = new Learner(TWO_STEPS)
    expect(fold(learner, event('a', 5))).toBe(0)
    expect(fold(learner, event('a', 4))).toBe(1)
    expect(fold(learner, event('a', 6))).toBe(0)
  })

  test('is asked for at one millisecond by place, then source, then id', () => {
    const at = { occurredAt: START }
    const waiting = (name: string) => ({ complete: { sequence: [{ event: name }, { event: 'never' }] } })
    const learner = new Learner(compiled([waiting('a'), waiting('b')]))
    expect(fold(learner, event('b', 1, {}, { ...at, source: 's', eventId: 'm' }))).toBe(0)
    expect(fold(learner, event('b', 1, {}, { ...at, source: 's', eventId: 'n' }))).toBe(0)
    expect(fold(learner, event('b', 1, {}, { ...at, source: 't', eventId: 'a' }))).toBe(0)
    expect(fold(learner, event('b', 1, {}, { ...at, source: 's', eventId: 'z' }))).toBe(1)
    expect(fold(learner, event('a', 1, {}, { ...at, source: 'z', eventId: 'z' }))).toBe(1)
  })

  test('is not asked for by an older entry that only adds to a count, or comes after what it could do was done', () => {
    const steps = [{ complete: { event: 'a' } }, { complete: { event: 'b', atLeast: 4, distinctBy: '/v' } }]
    const learner = new Learner(compiled(steps))
    learner.fold(event('a', 1), event('b', 9, { v: 'x' }))
    expect(fold(learner, event('b', 8, { v: 'y' }), event('a', 7))).toBe(0)
    expect(learner.state()).toMatchObject({
      tally: { counts: [1, 2], seen: [null, ['sx', 'sy']] },
      folded: 4,
      lastAt: START + 9_000,
    })
  })

  test('is asked for as far as the newest checkpoint before the oldest new entry', () => {
    const learner = new Learner(TWO_STEPS)
    learner.fold(event('a', 5), event('b', 6))
    const entries = [event('b', 4), event('a', 3), event('a', 7)]
    const { needs } = foldSubject({
      row: learner.row,
      hasHistory: true,
      entries,
      ...untimed,
      tracksOf: () => [TWO_STEPS],
      trace: true,
    })
    expect(needs).toEqual([{ track: TWO_STEPS, before: START + 3_000 }])
  })

  test('is asked for by a track that the state does not know, once there is a past', () => {
    const learner = new Learner(TWO_STEPS)
    learner.journal.push(event('unmatched', 0))
    expect(fold(learner, event('a', 1))).toBe(1)
    expect(fold(learner, event('a', 2))).toBe(0)
  })

  test('is asked for by a changed definition', () => {
    const old = track([{ complete: { event: 'a', atLeast: 2 } }])
    const learner = new Learner(compileTrack(old))
    learner.fold(event('a', 1))
    learner.tracks = [compileTrack(track([{ complete: { event: 'a', atLeast: 3 } }]), [old])]
    expect(fold(learner, event('a', 2))).toBe(1)
    expect(learner.state().tally.counts).toEqual([2])
    expect(fold(learner, event('a', 3))).toBe(0)
  })

  test('is asked for once per round and track, however many entries are older', () => {
    const learner = new Learner(TWO_STEPS)
    learner.fold(event('a', 9))
    expect(fold(learner, event('a', 3), event('b', 1), event('a', 2))).toBe(1)
  })

  test('is never asked for by an entry that does not matter', () => {
    const learner = new Learner(compiled([{ complete: { event: 'a', where: { '/n': 1 }, atLeast: 9 } }]))
    learner.fold(event('a', 5, { n: 1 }))
    expect(fold(learner, event('a', 1, { n: 2 }))).toBe(0)
    expect(fold(learner, event('a', 1, { n: 1 }, { eventId: 'late', receivedAt: START + 8 * 86_400_000 }))).toBe(0)
    const stranger = new Learner(compiled([{ complete: { event: 'a', where: { '/n': 1 } } }]))
    stranger.journal.push(event('unmatched', 0))
    expect(fold(stranger, event('a', 1, { n: 2 }))).toBe(0)
  })

  test('nothing else of a result holds when it is asked for', () => {
    const input = { row: null, hasHistory: true, entries: [event('a', 1)], ...untimed, tracksOf: () => [TWO_STEPS], trace: true }
    expect(foldSubject(input)).toMatchObject({ needs: [{ track: TWO_STEPS, before: null }], row: null, facts: [], outcomes: [] })
  })

  test('is read for the names that the track listens to, and for control entries', () => {
    expect(namesOf(TWO_STEPS)).toEqual(['a', 'b', ...TRACK_CONTROLS])
  })
})

describe('state', () => {
  test('is not written by entries that do not matter', () => {
    const learner = new Learner(compiled([{ complete: { event: 'a', where: { '/n': 1 } } }]))
    expect(learner.fold(event('a', 1, { n: 2 })).row).toBeNull()
    expect(learner.fold(event('a', 2, { n: 1 }, { channel: 'client' })).row).toBeNull()
    expect(learner.fold(event('a', 3, { n: 1 }, { track: 'another' })).row).toBeNull()
    expect(learner.fold(enrolment(4, 'another')).row).toBeNull()
    expect(learner.fold(event('other', 5)).row).toBeNull()
  })

  test('is not written once the run is finished', () => {
    const learner = new Learner(compiled({ event: 'a' }))
    learner.fold(event('a', 1))
    expect(learner.fold(event('a', 2)).row).toBeNull()
  })

  test('of a finished run moves when an earlier entry comes', () => {
    const learner = new Learner(compiled({ event: 'a' }))
    learner.fold(event('a', 5))
    learner.fold(event('a', 1))
    expect(learner.state()).toMatchObject({ startedAt: START + 1_000, completedAt: START + 1_000, standing: [] })
  })

  test('an entry that names a track is invisible to the others', () => {
    const [mine, other] = ['mine', 'other'].map((key) => compiled([{ complete: { event: 'a' } }], { key })) as [
      CompiledTrack,
      CompiledTrack,
    ]
    const learner = new Learner(mine, other)
    learner.fold(event('a', 1, {}, { track: 'mine' }))
    expect(learner.state(mine).completedAt).toBe(START + 1_000)
    expect(new SubjectRow(learner.row).get(other)).toBeNull()
  })

  test('an explicit run starts at its earliest enrolment, and counts nothing before it', () => {
    const learner = new Learner(compiled([{ complete: { event: 'a', atLeast: 2 } }], { enrol: { mode: 'explicit' } }))
    learner.fold(event('a', 1), event('a', 3))
    expect(learner.state()).toMatchObject({ startedAt: -1, tally: { counts: [0] } })
    expect(facts(learner.fold(enrolment(4)))).toEqual(['enrolled'])
    expect(facts(learner.fold(enrolment(2)))).toEqual([])
    expect(learner.state()).toMatchObject({ startedAt: START + 2_000, tally: { counts: [1] } })
  })

  test('an onEvent run starts with the event that passes the enrol block', () => {
    const enrol = { mode: 'onEvent', event: 'signup', where: { '/plan': 'pro' } }
    const learner = new Learner(compiled([{ complete: { event: 'a' } }], { enrol }))
    learner.fold(event('a', 1), event('signup', 2, { plan: 'free' }))
    expect(learner.state().startedAt).toBe(-1)
    expect(facts(learner.fold(event('signup', 3, { plan: 'pro' })))).toEqual(['enrolled'])
    expect(facts(learner.fold(event('a', 4)))).toEqual(['step.completed s1', 'track.completed'])
  })
})

describe('cost', () => {
  test('an entry in order never asks for the journal and touches one track among a thousand (A34, A35)', () => {
    const tracks = Array.from({ length: 1_000 }, (_, index) =>
      compiled([{ complete: { event: `e${index}`, atLeast: 1_000 } }], { key: `t${index}` }),
    )
    const touched = new Set<CompiledTrack>()
    const counted = tracks.map(
      (track) =>
        new Proxy(track, {
          get: (target, field) => {
            touched.add(target)
            return Reflect.get(target, field)
          },
        }),
    )
    const learner = { row: null as Uint8Array | null }
    for (const [index, track] of tracks.slice(0, 20).entries()) {
      const result = foldSubject({
        ...learner,
        hasHistory: false,
        entries: [event(`e${index}`, 0)],
        ...untimed,
        tracksOf: () => [track],
        trace: false,
      })
      learner.row = result.row
    }
    for (let second = 1; second <= 300; second++) {
      const result = foldSubject({
        row: learner.row,
        hasHistory: true,
        entries: [event('e7', second)],
        ...untimed,
        tracksOf: ({ name }) => [counted[Number(name.slice(1))] as CompiledTrack],
        history: () => {
          throw new Error('The journal was read')
        },
        trace: false,
      })
      learner.row = result.row
    }
    expect([...touched].map(({ key }) => key)).toEqual(['t7'])
    expect(new SubjectRow(learner.row).get(tracks[7] as CompiledTrack)?.state.tally.counts).toEqual([301])
  })
})

describe('a reset of a run that is over', () => {
  test('makes count what came after it and had left no trace', () => {
    const learner = new Learner(compiled([{ complete: { event: 'a' } }]))
    learner.fold(event('a', 1))
    learner.fold(event('a', 5))
    learner.fold(event('b', 6))
    expect(learner.state()).toMatchObject({ run: 0, outcome: 'completed' })
    learner.fold(control('reset', 3))
    expect(learner.state()).toMatchObject({ run: 1, outcome: 'completed', completedAt: START + 5_000 })
  })
})

describe('purity', () => {
  test('nothing that a fold is given changes, and the same arguments give the same result', () => {
    const frozen = deepFreeze(
      compiled([
        { complete: { event: 'a', distinctBy: '/v', atLeast: 3 } },
        { after: { all: ['s1'] }, complete: { sequence: [{ event: 'a' }, { event: 'b' }] } },
      ]),
    )
    const history = deepFreeze([event('a', 1, { v: [1] }), event('a', 3, { v: { x: 1 } }), event('b', 4)])
    const { row } = new Learner(frozen).fold(...history)
    const bytes = Buffer.from(row as Uint8Array)
    const entries = deepFreeze([event('a', 2, { v: [2] }), event('b', 5)])
    const input = {
      row,
      hasHistory: true,
      entries,
      ...untimed,
      tracksOf: () => [frozen],
      trace: true,
      history: () => ({ checkpoint: null, entries: [...history, ...entries] }),
    }
    const results = [foldSubject(input), foldSubject(input)]
    expect(results[1]).toEqual(results[0])
    expect(Buffer.from(row as Uint8Array).equals(bytes)).toBe(true)
    expect(verdicts(results[0] as (typeof results)[0])).toEqual(['s1: completed', 's2: completed', 's2: unchanged already_done'])
  })
})
