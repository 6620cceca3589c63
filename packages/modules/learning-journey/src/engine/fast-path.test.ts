import { describe, expect, test } from 'vitest'
import { compiled, enrolment, event, START } from '../../test-support/entries.ts'
import { untimed } from '../../test-support/folding.ts'
import { hearingOf } from './advance.ts'
import { SubjectRow } from './codec.ts'
import type { CompiledTrack } from './compile.ts'
import type { Entry } from './entry.ts'
import { insertOlder } from './fast-path.ts'
import { foldSubject } from './fold.ts'

/** Whether the last of some entries is taken without a rebuild, with verdicts and without. */
function isTaken(track: CompiledTrack, entries: readonly Entry[], late: Entry): string {
  return [true, false]
    .map((traced) => {
      const { row } = foldSubject({ row: null, hasHistory: false, entries, ...untimed, tracksOf: () => [track], trace: false })
      const state = new SubjectRow(row).get(track)?.state
      const heard = hearingOf(track, late)
      if (state === undefined || typeof heard === 'string') throw new Error('The entries have to matter')
      return insertOlder(track, state, late, heard, traced ? new Map() : undefined) ? 'taken' : 'rebuilt'
    })
    .join(' ')
}

const NEVER = { event: 'never' }

describe('an older entry is taken without a rebuild', () => {
  const three = compiled({ event: 'a', atLeast: 3 })

  test('when it only adds to a count', () => {
    expect(isTaken(three, [event('a', 5)], event('a', 1))).toBe('taken taken')
    expect(isTaken(compiled({ all: [{ event: 'a', atLeast: 2 }, NEVER] }), [event('a', 5)], event('a', 1))).toBe('taken taken')
  })

  test('not when it completes a step', () => {
    expect(isTaken(three, [event('a', 5), event('a', 6)], event('a', 1))).toBe('rebuilt rebuilt')
  })

  test('when the step was done before it, and not at the same millisecond or after it', () => {
    const done = compiled([{ complete: { event: 'a' } }, { complete: NEVER }])
    const late = (second: number) => event('a', second, {}, { eventId: 'late' })
    expect(isTaken(done, [event('a', 5), event('a', 9)], late(6))).toBe('taken taken')
    expect(isTaken(done, [event('a', 5), event('a', 9)], late(5))).toBe('rebuilt rebuilt')
    expect(isTaken(done, [event('a', 5), event('a', 9)], late(4))).toBe('rebuilt rebuilt')
  })

  test('when its leaf is full, where nobody looks at who filled it', () => {
    const full = (leaf: object) => compiled({ all: [{ event: 'a', ...leaf }, NEVER] })
    expect(isTaken(full({}), [event('a', 5)], event('a', 1))).toBe('rebuilt taken')
    const gate = compiled({ sequence: [{ event: 'a' }, NEVER] })
    expect(isTaken(gate, [event('a', 5)], event('a', 1))).toBe('rebuilt rebuilt')
    const waiting = compiled([{ complete: NEVER }, { after: { all: ['s1'] }, complete: { event: 'a' } }])
    expect(isTaken(waiting, [event('a', 5)], event('a', 1))).toBe('rebuilt rebuilt')
    const contested = compiled([
      { complete: { all: [{ event: 'a', consume: 'exclusive' }, NEVER] } },
      { complete: { event: 'a', consume: 'exclusive', atLeast: 9 } },
    ])
    expect(isTaken(contested, [event('a', 5)], event('a', 1))).toBe('rebuilt rebuilt')
  })

  test('when its value was seen, where nobody gets what is left over', () => {
    const seen = compiled({ event: 'a', distinctBy: '/v', atLeast: 3 })
    expect(isTaken(seen, [event('a', 5, { v: 1 })], event('a', 1, { v: 1 }))).toBe('rebuilt taken')
    expect(isTaken(seen, [event('a', 5, { v: 1 })], event('a', 1, { v: 2 }))).toBe('taken taken')
    const full = compiled({ all: [{ event: 'a', distinctBy: '/v' }, NEVER] })
    expect(isTaken(full, [event('a', 5, { v: 1 })], event('a', 1, { v: 1 }))).toBe('rebuilt taken')
    expect(isTaken(full, [event('a', 5, { v: 1 })], event('a', 1, { v: 2 }))).toBe('rebuilt rebuilt')
  })

  test('when the step was unlocked or locked for certain', () => {
    const steps = [
      { complete: { event: 'b' } },
      { after: { all: ['s1'] }, complete: { event: 'a', lookback: 'afterUnlock', atLeast: 3 } },
    ]
    const track = compiled(steps)
    expect(isTaken(track, [event('b', 5), event('a', 9)], event('a', 6))).toBe('taken taken')
    expect(isTaken(track, [event('b', 5), event('a', 9)], event('a', 4))).toBe('taken taken')
    expect(isTaken(track, [event('b', 5), event('a', 9)], event('a', 5))).toBe('rebuilt rebuilt')
  })

  test('when the gate is closed, and not when it is open: since when is not known', () => {
    const track = compiled({
      sequence: [
        { event: 'b', atLeast: 2 },
        { event: 'a', atLeast: 3 },
      ],
    })
    expect(isTaken(track, [event('b', 2), event('a', 5)], event('a', 4))).toBe('taken taken')
    expect(isTaken(track, [event('b', 2), event('b', 3), event('a', 5)], event('a', 4))).toBe('rebuilt rebuilt')
  })

  test('when it opens no gate and meets no part of a condition that waits', () => {
    const gate = compiled({ sequence: [{ event: 'a', atLeast: 2 }, NEVER] })
    expect(isTaken(gate, [event('a', 5)], event('a', 1))).toBe('rebuilt rebuilt')
    const waiting = compiled([
      { complete: NEVER },
      { after: { all: ['s1'] }, complete: { any: [{ event: 'b' }, { event: 'a', atLeast: 2 }] } },
    ])
    expect(isTaken(waiting, [event('b', 3), event('a', 5)], event('a', 1))).toBe('rebuilt rebuilt')
    const far = compiled([
      { complete: NEVER },
      { after: { all: ['s1'] }, complete: { any: [{ event: 'b' }, { event: 'a', atLeast: 3 }] } },
    ])
    // The verdict would have to say whether the condition was met by then.
    expect(isTaken(far, [event('b', 3), event('a', 5)], event('a', 1))).toBe('rebuilt taken')
  })

  test('when it comes before the run and only an `ever` counts it, and not when it could start the run or the two came at once', () => {
    const explicit = compiled([{ complete: { event: 'a', lookback: 'ever', atLeast: 5 } }], { enrol: { mode: 'explicit' } })
    expect(isTaken(explicit, [enrolment(5), event('a', 9)], event('a', 1))).toBe('taken taken')
    expect(isTaken(explicit, [enrolment(5), event('a', 9)], event('a', 5))).toBe('rebuilt rebuilt')
    expect(isTaken(explicit, [enrolment(5), event('a', 9)], enrolment(4))).toBe('rebuilt rebuilt')
    expect(isTaken(explicit, [enrolment(5), event('a', 9)], enrolment(6))).toBe('taken taken')
    expect(isTaken(explicit, [event('a', 9)], event('a', 1))).toBe('taken taken')
    expect(isTaken(explicit, [event('a', 9)], enrolment(1))).toBe('rebuilt rebuilt')
  })

  test('and moves the start of a run that its first match starts', () => {
    const { row } = foldSubject({
      row: null,
      hasHistory: false,
      entries: [event('a', 5)],
      ...untimed,
      tracksOf: () => [three],
      trace: false,
    })
    const late = foldSubject({
      row,
      hasHistory: true,
      entries: [event('a', 1)],
      ...untimed,
      tracksOf: () => [three],
      trace: true,
    })
    expect(new SubjectRow(late.row).get(three)?.state).toMatchObject({
      startedAt: START + 1_000,
      lastAt: START + 5_000,
      tally: { counts: [2] },
    })
    expect(late.facts).toEqual([])
  })
})
