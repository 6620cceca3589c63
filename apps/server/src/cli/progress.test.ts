import { expect, it } from 'vitest'
import { createProgress, describeProgress } from './progress.ts'

function start(options: { readonly isTerminal: boolean; readonly inLines?: boolean; readonly from?: number }) {
  const written: string[] = []
  const clock = { now: 1_000 }
  const progress = createProgress({ size: 1_000, ...options, now: () => clock.now, write: (text) => written.push(text) })
  return { progress, clock, written }
}

it('draws one line again and again on a terminal, and takes it away', () => {
  const { progress, clock, written } = start({ isTerminal: true })
  progress.advance(10, 10)
  clock.now += 1_000
  progress.advance(90, 100)
  progress.advance(1, 101)
  clock.now += 1_000
  progress.advance(99, 200)
  progress.end()
  progress.end()
  expect(written).toEqual([
    '\r100 events, 100/s, 10 %, 9 s left\u001b[K',
    '\r200 events, 100/s, 20 %, 8 s left\u001b[K',
    '\r\u001b[K',
  ])
})

it('writes a line every few seconds elsewhere, only where that is wanted', () => {
  const { progress, clock, written } = start({ isTerminal: false, inLines: true })
  for (let second = 1; second <= 11; second++) {
    clock.now += 1_000
    progress.advance(10, 10 * second)
  }
  progress.end()
  expect(written).toEqual(['50 events, 10/s, 5 %, 95 s left\n', '100 events, 10/s, 10 %, 90 s left\n'])
  const silent = start({ isTerminal: false })
  silent.clock.now += 60_000
  silent.progress.advance(10, 10)
  expect(silent.written).toEqual([])
})

it('estimates the time left by what this run has done', () => {
  const resumed = { events: 100, at: 600, from: 500, size: 1_000, seconds: 1 }
  expect(describeProgress(resumed)).toBe('100 events, 100/s, 60 %, 4 s left')
  expect(describeProgress({ ...resumed, at: 500 })).toBe('100 events, 100/s, 50 %')
  expect(describeProgress({ ...resumed, size: undefined })).toBe('100 events, 100/s')
})
