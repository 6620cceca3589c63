import { expect, it } from 'vitest'
import type { Logger } from './logger.ts'
import { sweepRegularly } from './sweep-regularly.ts'

/** Sweeps that end as told, one for each alarm that a test lets ring. */
function start(...ends: readonly (() => Promise<{ expired: number; removed: number }>)[]) {
  const lines: string[] = []
  const alarms: (() => void)[] = []
  const left = [...ends]
  let isFirst = true
  const log = (level: string) => (_: object, text: string) => lines.push(`${level} ${text}`)
  const stop = sweepRegularly(
    () => (left.shift() as (typeof ends)[number])(),
    { info: log('info'), error: log('error') } as unknown as Logger,
    (milliseconds, call) => {
      expect(milliseconds).toBe(isFirst ? 1_000 : 600_000)
      isFirst = false
      alarms.push(call)
      return () => alarms.splice(alarms.indexOf(call), 1)
    },
  )
  return { lines, alarms, left, stop, ring: async () => alarms.shift()?.() }
}

const nothing = async () => ({ expired: 0, removed: 0 })

it('goes on after each sweep, also after one that failed, and says what was forgotten', async () => {
  const { lines, left, ring } = start(
    nothing,
    () => Promise.reject(new Error('out of luck')),
    async () => ({ expired: 1, removed: 0 }),
    async () => ({ expired: 0, removed: 1 }),
  )
  for (let n = 0; n < 4; n++) await ring()
  expect(left).toEqual([])
  expect(lines.map((line) => line.slice(0, 20))).toEqual(['error a sweep failed', 'info events were for', 'info events were for'])
})

it('waits for nothing more once it is stopped', async () => {
  const { alarms, stop } = start()
  expect(alarms).toHaveLength(1)
  stop()
  expect(alarms).toEqual([])
})

it('is not set again by a sweep that was running when it was stopped', async () => {
  const running = Promise.withResolvers<{ expired: number; removed: number }>()
  const { alarms, ring, stop } = start(() => running.promise)
  const rung = ring()
  stop()
  running.resolve({ expired: 0, removed: 0 })
  await rung
  expect(alarms).toEqual([])
})
