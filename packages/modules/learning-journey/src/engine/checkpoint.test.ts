import { expect, test } from 'vitest'
import { compiled, event } from '../../test-support/entries.ts'
import { Learner, untimed } from '../../test-support/folding.ts'
import { toCheckpoint } from './checkpoint.ts'
import { decodeTrack } from './codec.ts'
import { foldSubject } from './fold.ts'

/** Its first step is done at once, and it goes on listening. */
const ENDLESS = compiled([{ complete: { event: 'a' } }, { complete: { event: 'never' } }])

function fold(row: Uint8Array | null, from: number, to: number, checkpointEvery?: number) {
  const entries = Array.from({ length: Math.ceil(to - from) }, (_, n) => event('a', from + n))
  const every = checkpointEvery === undefined ? {} : { checkpointEvery }
  return foldSubject({ row, hasHistory: row !== null, entries, ...untimed, tracksOf: () => [ENDLESS], trace: false, ...every })
}

test('a checkpoint is made after every thousandth entry', () => {
  const first = fold(null, 0, 2_500)
  expect(first.checkpoints.map(({ state }) => decodeTrack(ENDLESS, state).folded)).toEqual([1_000, 2_000])
  expect(first.checkpoints.map(({ at }) => at)).toEqual([event('a', 999).occurredAt, event('a', 1_999).occurredAt])
  expect(fold(first.row, 2_500, 2_999).checkpoints).toEqual([])
  expect(fold(first.row, 2_500, 3_000).checkpoints).toHaveLength(1)
})

test('an older entry makes those that come after it outdated, and one of its own where it is the thousandth', () => {
  const { row } = fold(null, 1, 20, 10)
  const late = fold(row, 1.5, 2, 10)
  expect(late.needs).toEqual([])
  expect(late.outdated).toEqual([{ track: ENDLESS, from: event('a', 1.5).occurredAt, before: null }])
  expect(late.checkpoints.map(({ at }) => at)).toEqual([event('a', 19).occurredAt])
})

test('where there can be none yet, none is outdated', () => {
  const { row } = fold(null, 1, 9, 10)
  expect(fold(row, 1.5, 2, 10).outdated).toEqual([])
})

test('a finished run has none', () => {
  const short = compiled({ event: 'a', atLeast: 10 })
  const entries = Array.from({ length: 40 }, (_, n) => event('a', n))
  const input = { row: null, hasHistory: false, entries, ...untimed, tracksOf: () => [short], trace: false, checkpointEvery: 10 }
  expect(foldSubject(input).checkpoints).toEqual([])
})

test('it says nothing of what was announced or has expired', () => {
  const learner = new Learner(ENDLESS)
  learner.fold(event('a', 1))
  const state = learner.state()
  const marked = { ...state, standing: [{ step: 0, at: 1, by: { source: '', eventId: 'x' } }], cutAt: 7 }
  expect(toCheckpoint(ENDLESS, marked)).toEqual(toCheckpoint(ENDLESS, state))
})
