import { describe, expect, it } from 'vitest'
import { createZoneCalendar } from '../time/zone-calendar.ts'
import type { Calendar } from './calendar.ts'
import { creditStreak, emptyStreak, type StreakClose, type StreakRule, streakOf } from './streak.ts'
import { changeZone, nextClose, passTime } from './streak-calendar.ts'

const HOUR = 3_600_000
const plain: StreakRule = { graceMs: 0, initial: 0, earnEvery: 0, cap: 0 }
const zones = createZoneCalendar()

/** A credit at a moment, or a change of zone: `2024-01-01T08:00Z` or `2024-01-01T08:00Z Asia/Tokyo`. */
function replay(rule: StreakRule, home: string, happenings: readonly string[], now: string, calendar: Calendar = zones) {
  const state = emptyStreak(rule)
  const closes: StreakClose[] = []
  let zone = home
  for (const happening of happenings) {
    const [moment, to] = happening.split(' ') as [string, string?]
    const at = Date.parse(moment)
    closes.push(...passTime(rule, state, at, zone, calendar))
    if (to === undefined) creditStreak(rule, state)
    else {
      zone = to
      closes.push(...changeZone(rule, state, at, zone, calendar))
    }
  }
  const at = Date.parse(now)
  closes.push(...passTime(rule, state, at, zone, calendar))
  const close = nextClose(rule, state, zone, calendar)
  return {
    ...streakOf(rule, state),
    closes: closes.map(({ at, kind, length }) => `${kind} ${length} at ${new Date(at).toISOString()}`),
    nextClose: close === -1 ? null : new Date(close).toISOString(),
  }
}

describe('a streak by the calendar', () => {
  it('A27: is what it would have been when a date is credited late, because the entries are taken in order', () => {
    const rule = { ...plain, initial: 1 }
    const inTime = replay(rule, 'UTC', ['2024-05-01T10:00Z', '2024-05-02T10:00Z', '2024-05-03T10:00Z'], '2024-05-03T11:00Z')
    expect(inTime).toMatchObject({ length: 3, freezes: 1, closes: [] })
    const before = replay(rule, 'UTC', ['2024-05-01T10:00Z', '2024-05-03T10:00Z'], '2024-05-03T11:00Z')
    expect(before).toMatchObject({ length: 2, freezes: 0, closes: ['frozen 1 at 2024-05-03T00:00:00.000Z'] })
  })

  it('A29: 23:30 and 00:30 in Tokyo are two dates', () => {
    const state = replay(plain, 'Asia/Tokyo', ['2024-05-01T14:30Z', '2024-05-01T15:30Z'], '2024-05-01T15:30Z')
    expect(state).toMatchObject({ length: 2, nextClose: '2024-05-02T15:00:00.000Z' })
  })

  it('A30: a date ends with the grace, and the moment of its end belongs to the next one', () => {
    const rule = { ...plain, graceMs: 4 * HOUR }
    const first = '2024-05-01T10:00Z'
    expect(replay(rule, 'UTC', [first, '2024-05-02T03:59:59.999Z'], '2024-05-02T03:59:59.999Z').length).toBe(1)
    expect(replay(rule, 'UTC', [first, '2024-05-02T04:00Z'], '2024-05-02T04:00Z').length).toBe(2)
    expect(replay(rule, 'UTC', [first, '2024-05-03T03:59Z'], '2024-05-03T05:00Z')).toMatchObject({ length: 2, closes: [] })
    expect(replay(rule, 'UTC', [first], '2024-05-03T04:00Z').closes).toEqual(['lost 1 at 2024-05-03T04:00:00.000Z'])
  })

  it('A31: freezes are spent at the end of their dates', () => {
    const rule = { graceMs: HOUR, initial: 1, earnEvery: 2, cap: 2 }
    const state = replay(rule, 'Europe/Berlin', ['2024-05-01T10:00Z', '2024-05-02T10:00Z'], '2024-05-08T10:00Z')
    expect(state.closes).toEqual([
      'frozen 2 at 2024-05-03T23:00:00.000Z',
      'frozen 2 at 2024-05-04T23:00:00.000Z',
      'lost 2 at 2024-05-05T23:00:00.000Z',
    ])
    expect(state).toMatchObject({ length: 0, best: 2, freezes: 0, nextClose: null })
  })

  it.each([
    ['Europe/Berlin', ['2024-03-30T22:30Z', '2024-03-31T21:30Z', '2024-03-31T22:30Z'], 3],
    [
      'Europe/Berlin',
      ['2024-10-26T21:30Z', '2024-10-27T00:30Z', '2024-10-27T01:30Z', '2024-10-27T22:30Z', '2024-10-27T23:30Z'],
      3,
    ],
    ['America/Sao_Paulo', ['2018-11-04T02:59Z', '2018-11-04T03:00Z', '2018-11-05T01:59Z', '2018-11-05T02:00Z'], 3],
    ['America/St_Johns', ['2010-11-07T02:00Z', '2010-11-07T02:30Z', '2010-11-07T02:45Z', '2010-11-07T03:30Z'], 2],
    ['Pacific/Apia', ['2011-12-29T20:00Z', '2011-12-30T09:59Z', '2011-12-30T10:00Z'], 2],
  ])('A32: gives one credit for each date when the clocks change: %s', (zone, happenings, length) => {
    expect(replay(plain, zone, happenings, happenings.at(-1) as string)).toMatchObject({ length, closes: [] })
  })

  it('A32: is not lost by a date that a traveller jumped over, nor by one that the zone skipped', () => {
    const east = replay(
      plain,
      'Pacific/Niue',
      ['2024-05-10T20:00Z', '2024-05-11T10:30Z Pacific/Kiritimati', '2024-05-11T12:00Z'],
      '2024-05-11T12:00Z',
    )
    expect(east).toMatchObject({ length: 2, closes: [] })
    expect(replay(plain, 'Pacific/Apia', ['2011-12-29T20:00Z'], '2011-12-31T09:00Z')).toMatchObject({
      length: 1,
      closes: [],
      nextClose: '2011-12-31T10:00:00.000Z',
    })
  })

  it('A32: gives one credit to a date that comes twice on a journey west, and undoes a loss there', () => {
    const home = ['2024-05-10T00:00Z', '2024-05-11T00:00Z', '2024-05-12T10:00Z America/Los_Angeles']
    expect(replay(plain, 'Asia/Tokyo', [...home, '2024-05-12T11:00Z'], '2024-05-12T12:00Z')).toMatchObject({ length: 3 })
    const late = ['2024-05-10T00:00Z', '2024-05-11T16:00Z America/Los_Angeles', '2024-05-11T17:00Z']
    expect(replay(plain, 'Asia/Tokyo', late, '2024-05-11T18:00Z')).toMatchObject({
      length: 2,
      closes: ['lost 1 at 2024-05-11T15:00:00.000Z'],
    })
    const same = ['2024-05-10T00:00Z', '2024-05-10T10:00Z America/Los_Angeles', '2024-05-10T11:00Z']
    expect(replay(plain, 'Asia/Tokyo', same, '2024-05-10T12:00Z').length).toBe(1)
  })

  it('asks a calendar little after years without anything', () => {
    let asked = 0
    const counting: Calendar = {
      localDate: (at, zone) => {
        asked += 1
        return zones.localDate(at, zone)
      },
      startOfDay: (day, zone) => {
        asked += 1
        return zones.startOfDay(day, zone)
      },
    }
    const state = replay(plain, 'Europe/Berlin', ['2004-05-10T10:00Z'], '2024-05-10T10:00Z', counting)
    expect(state).toMatchObject({ length: 0, best: 1, closes: ['lost 1 at 2004-05-11T22:00:00.000Z'] })
    expect(asked).toBeLessThan(40)
  })

  it('knows after a long time without anything that the clock showed the last dates', () => {
    const journey = ['2024-05-10T10:30Z Pacific/Niue', '2024-05-10T10:31Z', '2024-05-10T10:32Z Pacific/Kiritimati']
    expect(replay(plain, 'Pacific/Kiritimati', ['2024-04-01T00:00Z', ...journey], '2024-05-10T11:00Z')).toMatchObject({
      length: 0,
      closes: ['lost 1 at 2024-04-02T10:00:00.000Z', 'lost 1 at 2024-05-10T10:32:00.000Z'],
    })
  })

  it('does not end a date that a traveller comes to after it ended there once', () => {
    const journey = ['2010-11-06T12:00Z', '2010-11-07T02:40Z America/St_Johns']
    expect(replay(plain, 'UTC', journey, '2010-11-07T02:50Z')).toMatchObject({ length: 1, closes: [], credited: true })
    expect(replay(plain, 'UTC', journey, '2010-11-07T03:30Z')).toMatchObject({ credited: false, closes: [] })
    const late = ['2010-11-05T12:00Z', '2010-11-06T23:00Z America/Adak', '2010-11-07T02:40Z America/St_Johns']
    expect(replay(plain, 'UTC', late, '2010-11-07T03:40Z').closes).toEqual(['lost 1 at 2010-11-07T03:30:00.000Z'])
  })

  it('comes to its next close also where the clock goes back over midnight', () => {
    const now = '2010-11-07T02:45Z'
    const state = replay(plain, 'America/St_Johns', ['2010-11-05T12:00Z', '2010-11-06T12:00Z'], now)
    expect(state).toMatchObject({ credited: true, nextClose: '2010-11-07T03:30:00.000Z' })
  })
})
