import { expect, it } from 'vitest'
import { createUuidV7 } from './uuid-v7.ts'

it('makes ids of version 7 that carry the time', () => {
  const id = createUuidV7(() => 0x0123_4567_89ab)()
  expect(id).toMatch(/^01234567-89ab-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})

it('ascends strictly: within a millisecond, past its counter, and when the clock goes back', () => {
  let time = 1_700_000_000_000
  const next = createUuidV7(() => time)
  const ids = Array.from({ length: 20_000 }, next)
  time -= 60_000
  ids.push(...Array.from({ length: 100 }, next))
  expect(ids).toEqual([...new Set(ids)].sort())
})
