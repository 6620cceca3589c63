import { expect, test } from 'vitest'
import { event, START, track } from '../../test-support/entries.ts'
import { facts, Learner } from '../../test-support/folding.ts'
import { SubjectRow } from './codec.ts'
import { compileTrack } from './compile.ts'
import { cutSubject } from './cut.ts'
import { definitionOf } from './pinned.ts'

const OLD = track([
  { key: 'a', complete: { event: 'a' } },
  { key: 'b', complete: { event: 'b' } },
])
const NEW = track(
  [
    { key: 'a', complete: { event: 'a' } },
    { key: 'c', complete: { event: 'c', atLeast: 2 } },
  ],
  { version: '2.0.0' },
)
const served = compileTrack(NEW, [OLD], 0, true)

/** A learner whose run is open in the old definition, as the new one is published. */
function pinned(): Learner {
  const learner = new Learner(compileTrack(OLD))
  learner.fold(event('a', 1))
  learner.tracks = [served]
  return learner
}

const versionOf = (learner: Learner) => definitionOf(served, new SubjectRow(learner.row)).version

test('an open run stays on the definition that wrote its state, and takes what only that one listens to', () => {
  const learner = pinned()
  expect(facts(learner.fold(event('c', 2), event('c', 3)))).toEqual([])
  expect(learner.rebuilds).toBe(0)
  expect(versionOf(learner)).toBe('1.0.0')
  expect(facts(learner.fold(event('b', 4)))).toContain('step.completed b')
})

test('once it is over, the definition counts that is served, with all that happened before', () => {
  const learner = pinned()
  learner.fold(event('c', 2), event('c', 3))
  const { facts: told, runs } = learner.fold(event('b', 4))
  expect(runs.map(({ track, from }) => [track.version, from])).toEqual([['2.0.0', 0]])
  expect(told.map(({ name, step, track, isPast }) => [track.version, name, track.steps[step]?.key, isPast])).toEqual([
    ['1.0.0', 'step.completed', 'b', false],
    ['1.0.0', 'track.completed', undefined, false],
    ['2.0.0', 'step.completed', 'c', true],
  ])
  expect(learner.state().completedAt).toBe(START + 3_000)
  expect(versionOf(learner)).toBe('2.0.0')
})

test('who starts later starts in the definition that is served', () => {
  const learner = new Learner(served)
  learner.fold(event('a', 1), event('b', 2))
  expect(versionOf(learner)).toBe('2.0.0')
  expect(learner.state().how).toEqual([1, 0])
})

test('one that behaves the same pins nothing, and neither does one about other subjects', () => {
  const worded = compileTrack({ ...NEW, title: 'Other words', version: '3.0.0' }, [NEW, { ...OLD, subject: 'account' }], 0, true)
  expect(worded.pinned.size).toBe(0)
})

test('a late event of a pinned run is taken in by its own definition', () => {
  const learner = pinned()
  learner.fold(event('a', 5, {}, { occurredAt: START, receivedAt: START + 5_000 }))
  expect(versionOf(learner)).toBe('1.0.0')
  const own = definitionOf(served, new SubjectRow(learner.row))
  expect(learner.state(own).startedAt).toBe(START)
})

test('what expires is cut in the definition of the run', () => {
  const learner = pinned()
  const cut = cutSubject({
    row: learner.row,
    hasHistory: true,
    cuts: new Map([[served, START + 2_000]]),
    trackOf: () => served,
    now: START + 9_000,
    calendar: learner.calendar,
  })
  expect(cut.needs).toEqual([])
  expect(cut.checkpoints.map(({ track }) => track.version)).toEqual(['1.0.0'])
})
