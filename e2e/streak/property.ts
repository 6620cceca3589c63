/**
 * Random streak calendars against the oracle: `node e2e/streak/property.ts <runs> [seed]` runs them alone, under any process zone:
 * `TZ=Asia/Tokyo node e2e/streak/property.ts 100000`. A failure prints its seed.
 */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { ByteReader, ByteWriter } from '../../packages/modules/learning-journey/src/engine/bytes.ts'
import {
  creditStreak,
  decodeStreak,
  emptyStreak,
  encodeStreak,
  streakOf,
} from '../../packages/modules/learning-journey/src/engine/streak.ts'
import { changeZone, nextClose, passTime } from '../../packages/modules/learning-journey/src/engine/streak-calendar.ts'
import { createZoneCalendar } from '../../packages/modules/learning-journey/src/time/zone-calendar.ts'
import { KNOWN, Person, type Rule } from './oracle.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

export const ZONES = [
  'UTC',
  'Africa/Casablanca', // clock changes around Ramadan
  'Africa/Monrovia', // 44 minutes and 30 seconds behind until 7 January 1972
  'America/Adak',
  'America/Havana', // midnight twice in autumn
  'America/New_York',
  'America/Sao_Paulo', // no midnight in spring 2018; an evening hour twice in February
  'America/St_Johns', // until 2011 the clock went back a minute past midnight
  'Asia/Beirut', // no midnight in spring
  'Asia/Kathmandu', // 5 h 45
  'Asia/Kolkata',
  'Asia/Tokyo',
  'Australia/Lord_Howe', // half an hour of summer time
  'Europe/Berlin',
  'Pacific/Apia', // no 30 December 2011
  'Pacific/Chatham', // 12 h 45 and 13 h 45
  'Pacific/Kiritimati', // no 31 December 1994; 14 hours ahead
  'Pacific/Kwajalein', // no 21 August 1993
  'Pacific/Niue', // 11 hours behind
  'Pacific/Pago_Pago',
] as const

/** Times in which something happens somewhere; each begins ten days or so before it. */
const BEGINNINGS = [
  Date.UTC(1971, 11, 28), // Monrovia
  Date.UTC(1993, 7, 10), // Kwajalein
  Date.UTC(1994, 11, 20), // Kiritimati
  Date.UTC(2010, 9, 25), // St. John's goes back
  Date.UTC(2011, 11, 18), // Apia
  Date.UTC(2018, 1, 8), // São Paulo goes back
  Date.UTC(2018, 9, 20), // São Paulo goes ahead, the north goes back
  Date.UTC(2024, 1, 18), // leap day, New York goes ahead
  Date.UTC(2024, 2, 20), // Europe and Beirut go ahead, Lord Howe and Chatham back
  Date.UTC(2024, 8, 22), // Lord Howe and Chatham ahead
]

/** What happened in the runs: a property that never met a case says nothing about it. */
export interface Met {
  credits: number
  again: number
  frozen: number
  lost: number
  /** The clock went back to an earlier date, or jumped over one. */
  back: number
  jumped: number
}

const rules: fc.Arbitrary<Rule> = fc.record({
  graceMs: fc.constantFrom(0, 0, HOUR, 4 * HOUR, 4 * HOUR, 23.5 * HOUR, 36 * HOUR),
  initial: fc.nat(3),
  earnEvery: fc.nat(4),
  cap: fc.nat(3),
})

const steps = fc.record({
  /** How long nothing happens: mostly less than a day, sometimes many. */
  pause: fc.oneof(
    { weight: 6, arbitrary: fc.nat(30 * HOUR) },
    { weight: 1, arbitrary: fc.nat(9 * DAY) },
    { weight: 1, arbitrary: fc.constant(0) },
  ),
  /** Then it happens just before, at, or just after the clock turns to another date. */
  turn: fc.constantFrom(null, null, -1, 0, 1, 30_000, HOUR / 2),
  to: fc.option(fc.nat(ZONES.length - 1), { freq: 2, nil: null }),
})

const situations = fc.record({
  rule: rules,
  beginning: fc.nat(BEGINNINGS.length - 1),
  offset: fc.nat(12 * DAY),
  home: fc.nat(ZONES.length - 1),
  steps: fc.array(steps, { minLength: 1, maxLength: 40, size: 'max' }),
})

/** Runs the property; throws with the seed when it does not hold. */
export function checkStreaks(numRuns: number, seed?: number): Met {
  const met: Met = { credits: 0, again: 0, frozen: 0, lost: 0, back: 0, jumped: 0 }
  const calendar = createZoneCalendar()
  fc.assert(
    fc.property(situations, ({ rule, beginning, offset, home, steps }) => {
      const from = BEGINNINGS[beginning] as number
      let at = from + 2 * DAY + offset
      let zone: string = ZONES[home] as string
      const person = new Person(rule, from, at, zone)
      let state = emptyStreak(rule)
      assert.deepEqual(passTime(rule, state, at, zone, calendar), [])
      let before = person.expected().current
      for (const { pause, turn, to } of steps) {
        let next = at + pause
        if (turn !== null) {
          const turned = person.nextTurn() + turn
          if (turned >= next || pause < DAY) next = Math.max(at, turned)
        }
        // The end of what the oracle's clocks know.
        if (!(next < from + KNOWN - 4 * DAY)) break
        at = next

        const costs = person.passTo(at)
        const closes = passTime(rule, state, at, zone, calendar)
        if (to === null) {
          const counted = person.credit()
          const credit = creditStreak(rule, state)
          const { length, freezes, current } = person.expected()
          assert.deepEqual(credit, counted ? { day: current, length, freezes } : null)
          if (counted) met.credits += 1
          else met.again += 1
        } else {
          zone = ZONES[to] as string
          costs.push(...person.travelTo(zone))
          closes.push(...changeZone(rule, state, at, zone, calendar))
        }

        state = repacked(state)
        const expected = person.expected()
        const { best, ...shown } = streakOf(rule, state)
        assert.deepEqual(
          { ...shown, best },
          {
            length: expected.length,
            freezes: expected.freezes,
            day: expected.credited.at(-1) ?? null,
            credited: expected.credited.includes(expected.current),
            best: expected.best,
          },
        )
        assert.deepEqual(
          closes.map(({ day, kind, length }) => [day, kind, length]),
          costs,
        )
        const close = nextClose(rule, state, zone, calendar)
        if (close !== -1) assert.equal(close, person.nextEnd())
        else assert.equal(expected.length, 0)

        for (const [, kind] of costs) met[kind] += 1
        if (expected.current < before) met.back += 1
        if (to !== null && expected.current > before + 1) met.jumped += 1
        before = expected.current
      }
    }),
    { numRuns, ...(seed === undefined ? {} : { seed }) },
  )
  return met
}

/** Through its packed form, which may not grow with history. */
function repacked(state: ReturnType<typeof emptyStreak>): ReturnType<typeof emptyStreak> {
  const writer = new ByteWriter()
  encodeStreak(writer, state)
  const bytes = writer.done()
  assert.ok(bytes.length <= 20)
  return decodeStreak(new ByteReader(bytes))
}

if (import.meta.main) {
  const [runs = '3000', seed] = process.argv.slice(2)
  const met = checkStreaks(Number(runs), seed === undefined ? undefined : Number(seed))
  console.log(JSON.stringify({ zone: new Intl.DateTimeFormat().resolvedOptions().timeZone, runs: Number(runs), met }))
}
