import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compiled, enrolment, event, START, track } from '../../test-support/entries.ts'
import { facts, Learner } from '../../test-support/folding.ts'
import { decodeTrack, encodeTrack, SubjectRow } from './codec.ts'
import { type CompiledTrack, compileTrack } from './compile.ts'
import { emptyState, type TrackState } from './state.ts'

const RICH = compiled(
  [
    { complete: { event: 'a', distinctBy: '/v', atLeast: 2 } },
    { after: { all: ['s1'] }, complete: { sequence: [{ event: 'a' }, { event: 'b', lookback: 'afterUnlock' }] } },
    { complete: { any: [{ sequence: [{ event: 'b' }, { event: 'c', consume: 'exclusive' }] }, { event: 'c', atLeast: 4 }] } },
    { complete: { event: 'c', consume: 'exclusive' } },
    { after: { any: ['s2', 's3'] }, complete: { event: 'a', lookback: 'ever' } },
  ],
  { enrol: { mode: 'explicit' } },
)

const journeys = fc.array(
  fc.tuple(fc.constantFrom('a', 'b', 'c', 'enrol'), fc.integer({ min: 0, max: 20 }), fc.constantFrom(1, 'é'.repeat(60), null)),
  { minLength: 5, maxLength: 40, size: 'max' },
)

function learnerAfter(track: CompiledTrack, moves: readonly (readonly [string, number, unknown])[]): Learner {
  const learner = new Learner(track)
  const seen = new Set<string>()
  for (const [name, second, v] of moves) {
    const entry = name === 'enrol' ? enrolment(second) : event(name, second, { v }, { source: second % 2 === 0 ? '' : 'crm' })
    const id = `${entry.source} ${entry.eventId}`
    if (seen.has(id)) continue
    seen.add(id)
    learner.fold(entry)
  }
  return learner
}

describe('a track', () => {
  test('every state that a fold reaches is read as it was written', () => {
    let standing = 0
    let finished = 0
    fc.assert(
      fc.property(journeys, (moves) => {
        const learner = learnerAfter(RICH, moves)
        if (learner.row === null) return
        const state = learner.state()
        standing += state.standing.length
        finished += state.completedAt < 0 ? 0 : 1
        const packed = encodeTrack(RICH, state)
        expect({ ...decodeTrack(RICH, packed), alarm: state.alarm }).toEqual(state)
        expect(encodeTrack(RICH, decodeTrack(RICH, packed))).toEqual(packed)
      }),
      { numRuns: 500 },
    )
    expect(standing).toBeGreaterThan(0)
    expect(finished).toBeGreaterThan(0)
  })

  test('a finished run shrinks: what it counted and saw is forgotten', () => {
    const wide = compiled(Array.from({ length: 10 }, () => ({ complete: { event: 'a', distinctBy: '/v', atLeast: 50 } })))
    const learner = new Learner(wide)
    for (let n = 1; n < 50; n++) learner.fold(event('a', n, { v: `value number ${n}` }))
    expect(learner.row?.length).toBeGreaterThan(8_000)
    learner.fold(event('a', 50, { v: 'the last one' }))
    expect(learner.state().completedAt).toBe(START + 50_000)
    expect(learner.row?.length).toBeLessThan(80)
    expect(learner.state().tally.counts).toEqual(wide.leaves.map(() => 0))
  })

  test('the size of a state does not depend on how many entries there were', () => {
    const endless = compiled([{ complete: { event: 'a' } }, { complete: { event: 'b' } }])
    const size = (count: number) => {
      const learner = new Learner(endless)
      for (let n = 1; n <= count; n++) learner.fold(event('a', n, {}, { eventId: 'same length'.padEnd(20, String(n)) }))
      return learner.row?.length
    }
    expect(size(100)).toBe(size(2))
    // The number of entries is in it.
    expect(size(300)).toBe((size(2) ?? 0) + 1)
  })

  test('the state of another number of steps is refused', () => {
    const other = compiled([{ complete: { event: 'a' } }])
    expect(() => decodeTrack(other, encodeTrack(RICH, emptyState(RICH)))).toThrow('has 5 steps, its definition 1')
  })

  test('a state that ends too early throws a RangeError, wherever it is cut', () => {
    const { row } = learnerAfter(RICH, [
      ['enrol', 0, null],
      ['a', 1, 1],
      ['b', 2, 1],
      ['c', 3, 1],
    ])
    const bytes = encodeTrack(RICH, new SubjectRow(row).get(RICH)?.state ?? emptyState(RICH))
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeTrack(RICH, bytes.subarray(0, length))).toThrow(RangeError)
    }
  })
})

describe('a row', () => {
  const tracks = ['one', 'two', 'three'].map((key) => compiled([{ complete: { event: key, atLeast: 2 } }], { key }))
  const [one, two, three] = tracks as [CompiledTrack, CompiledTrack, CompiledTrack]

  test('the tracks that a round does not touch stay byte-identical', () => {
    const learner = new Learner(...tracks)
    learner.fold(event('one', 1), event('two', 2), event('three', 3))
    const before = Buffer.from(learner.row as Uint8Array)
    const [sliceOne, sliceThree] = [one, three].map((track) => sliceOf(learner.row, track))
    learner.fold(event('two', 4))
    const after = Buffer.from(learner.row as Uint8Array)
    expect(after.equals(before)).toBe(false)
    for (const slice of [sliceOne, sliceThree]) expect(after.includes(slice as Buffer)).toBe(true)
    expect(learner.state(two).completedAt).toBe(START + 4_000)
    expect(learner.state(one).tally.counts).toEqual([1])
  })

  test('a state of a track that is served no longer is kept', () => {
    const learner = new Learner(one, two)
    learner.fold(event('one', 1), event('two', 2))
    learner.tracks = [two]
    learner.fold(event('two', 3))
    expect(new SubjectRow(learner.row).get(one)?.state.tally.counts).toEqual([1])
  })

  test('no row, and an empty one, know no track', () => {
    expect(new SubjectRow(null).get(one)).toBeNull()
    expect(new SubjectRow(new Uint8Array()).get(one)).toBeNull()
    expect(new SubjectRow(new SubjectRow(null).encode()).get(one)).toBeNull()
  })

  test('another layout is refused, and the message says what to do', () => {
    const learner = new Learner(one)
    learner.fold(event('one', 1))
    const other = (learner.row as Uint8Array).slice()
    other[0] = 1
    expect(() => new SubjectRow(other)).toThrow('has the layout 1; this release reads 3. Start the release that wrote it')
  })

  function sliceOf(row: Uint8Array | null, track: CompiledTrack): Buffer {
    return Buffer.from(encodeTrack(track, (new SubjectRow(row).get(track) as { state: TrackState }).state))
  }
})

describe('a changed definition', () => {
  const A = { key: 'a', complete: { event: 'a' } }
  const B = { key: 'b', complete: { event: 'b' } }
  const C = { key: 'c', complete: { event: 'c' } }
  const old = track([A, B])
  const next = (...steps: readonly object[]) => compileTrack(track(steps as never), [old])
  const after = (names: string) => {
    const learner = new Learner(compileTrack(old))
    for (const [index, name] of [...names].entries()) learner.fold(event(name, index + 1))
    return learner
  }

  test('carries completions over by step key, whatever their place', () => {
    const learner = after('a')
    const known = new SubjectRow(learner.row).get(next(C, B, A))
    expect(known?.changed).toBe(true)
    expect(known?.state).toMatchObject({ startedAt: START + 1_000, settledAt: [-1, -1, START + 1_000], completedAt: -1 })
  })

  test('is served as it was, as long as only texts and rewards change', () => {
    const worded = compileTrack(track([{ ...A, title: 'New', reward: { xp: 1 } }, B]), [old])
    expect(new SubjectRow(after('a').row).get(worded)?.changed).toBe(false)
  })

  test('keeps a finished run finished, with the step that is new still open', () => {
    const learner = after('ab')
    const wider = next(A, B, C)
    learner.tracks = [wider]
    expect(learner.state()).toMatchObject({ completedAt: START + 2_000, settledAt: [START + 1_000, START + 2_000, -1] })
    learner.fold(event('a', 9))
    expect(learner.state()).toMatchObject({ completedAt: -1, standing: [{ step: -1, at: START + 2_000 }] })
    expect(facts(learner.fold(event('c', 10)))).toEqual(['step.completed c'])
    expect(learner.state()).toMatchObject({ completedAt: START + 10_000, standing: [] })
  })

  test('lets a completion stand that the new definition no longer gives', () => {
    const learner = after('a')
    learner.tracks = [next({ key: 'a', complete: { event: 'a', atLeast: 3 } }, B)]
    const result = learner.fold(event('a', 9))
    expect(facts(result)).toEqual([])
    expect(learner.state()).toMatchObject({
      settledAt: [-1, -1],
      standing: [{ step: 0, at: START + 1_000, by: { eventId: 'a-9' } }],
    })
  })

  test('carries marks over by step key too, and drops those of removed steps', () => {
    const learner = after('a')
    const stricter = track([{ key: 'a', complete: { event: 'a', atLeast: 3 } }, B])
    learner.tracks = [compileTrack(stricter, [old])]
    learner.fold(event('a', 9))
    const moved = compileTrack(track([B, C, { key: 'a', complete: { event: 'a', atLeast: 4 } }]), [old, stricter])
    expect(new SubjectRow(learner.row).get(moved)?.state.standing).toMatchObject([{ step: 2, at: START + 1_000 }])
    const removed = compileTrack(track([B, C]), [old, stricter])
    expect(new SubjectRow(learner.row).get(removed)?.state.standing).toEqual([])
  })

  test('of which nothing is known starts from nothing, and the journal gives the state again', () => {
    const learner = after('a')
    const stranger = compileTrack(track([C, A]))
    expect(new SubjectRow(learner.row).get(stranger)).toMatchObject({ changed: true, state: { startedAt: -1 } })
    learner.tracks = [stranger]
    learner.fold(event('c', 9))
    expect(learner.state()).toMatchObject({ startedAt: START + 1_000, settledAt: [START + 9_000, START + 1_000] })
  })
})
