import { describe, expect, it } from 'vitest'
import { createZoneCalendar } from '../time/zone-calendar.ts'
import { addDuration, type Calendar, splitDuration, utcCalendar } from './calendar.ts'

const HOUR = 3_600_000
const at = (text: string) => Date.parse(text)

describe('the calendar of UTC', () => {
  it('gives dates and their beginnings whatever the zone', () => {
    expect(utcCalendar.localDate(at('1970-01-01T23:59:59.999Z'), 'Asia/Tokyo')).toBe(0)
    expect(utcCalendar.localDate(at('1970-01-02T00:00Z'), 'UTC')).toBe(1)
    expect(utcCalendar.localDate(-1, 'UTC')).toBe(-1)
    expect(utcCalendar.startOfDay(1, 'UTC')).toBe(at('1970-01-02T00:00Z'))
  })
})

describe('a duration', () => {
  it('is split into calendar days and elapsed time', () => {
    expect(splitDuration('P1W2DT3H4M5S')).toEqual({ days: 9, ms: ((3 * 60 + 4) * 60 + 5) * 1_000 })
    expect(splitDuration('PT24H')).toEqual({ days: 0, ms: 24 * HOUR })
    expect(splitDuration('P3D')).toEqual({ days: 3, ms: 0 })
  })

  it.each(['', 'P', 'P1M', 'PT', '1D', 'P1.5D'])('is not %j', (text) => {
    expect(splitDuration(text)).toBeUndefined()
  })
})

describe('adding a duration', () => {
  const calendar = createZoneCalendar()
  const add = (moment: string, text: string, zone: string) => {
    const duration = splitDuration(text)
    if (duration === undefined) throw new Error(`${text} is no duration`)
    return new Date(addDuration(at(moment), duration, zone, calendar)).toISOString()
  }

  it('without days asks no calendar', () => {
    const none: Calendar = {
      localDate: () => {
        throw new Error('asked for a date')
      },
      startOfDay: () => {
        throw new Error('asked for a day')
      },
    }
    expect(addDuration(5, { days: 0, ms: 7 }, 'Europe/Berlin', none)).toBe(12)
  })

  it('counts days by the calendar and hours as elapsed', () => {
    // Summer time began in Berlin on 31 March 2024.
    expect(add('2024-03-30T09:00:00Z', 'P1D', 'Europe/Berlin')).toBe('2024-03-31T09:00:00.000Z')
    expect(add('2024-03-30T22:30:00Z', 'P1D', 'Europe/Berlin')).toBe('2024-03-31T21:59:59.999Z')
    expect(add('2024-03-30T09:00:00Z', 'P2D', 'Europe/Berlin')).toBe('2024-04-01T08:00:00.000Z')
    expect(add('2024-03-30T09:00:00Z', 'PT48H', 'Europe/Berlin')).toBe('2024-04-01T09:00:00.000Z')
    expect(add('2024-03-30T09:00:00Z', 'P2DT1H', 'Europe/Berlin')).toBe('2024-04-01T09:00:00.000Z')
  })

  it('ends a date that the zone skipped where it would have begun', () => {
    expect(add('2011-12-29T20:00:00Z', 'P1D', 'Pacific/Apia')).toBe('2011-12-30T10:00:00.000Z')
    expect(add('2011-12-29T20:00:00Z', 'P2D', 'Pacific/Apia')).toBe('2011-12-30T20:00:00.000Z')
  })

  it('comes to the leap day', () => {
    expect(add('2024-02-28T12:00:00Z', 'P1D', 'UTC')).toBe('2024-02-29T12:00:00.000Z')
  })
})
