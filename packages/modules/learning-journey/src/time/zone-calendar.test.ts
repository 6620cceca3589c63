import { describe, expect, it } from 'vitest'
import { createZoneCalendar } from './zone-calendar.ts'

const DAY = 86_400_000
const calendar = createZoneCalendar()
const date = (day: string) => Date.parse(`${day}T00:00Z`) / DAY
const start = (day: string, zone: string) => new Date(calendar.startOfDay(date(day), zone)).toISOString()
const dateAt = (moment: string, zone: string) =>
  new Date(calendar.localDate(Date.parse(moment), zone) * DAY).toISOString().slice(0, 10)

describe('the calendar of zones', () => {
  it.each([
    ['a plain day', '2024-06-01', 'Europe/Berlin', '2024-05-31T22:00:00.000Z'],
    ['a midnight that does not exist', '2018-11-04', 'America/Sao_Paulo', '2018-11-04T03:00:00.000Z'],
    ['another one', '2024-03-31', 'Asia/Beirut', '2024-03-30T22:00:00.000Z'],
    ['a midnight that comes twice', '2024-11-03', 'America/Havana', '2024-11-03T04:00:00.000Z'],
    ['a minute of the day before the clock goes back', '2010-11-07', 'America/St_Johns', '2010-11-07T02:30:00.000Z'],
    ['an evening hour that comes twice', '2018-02-18', 'America/Sao_Paulo', '2018-02-18T03:00:00.000Z'],
    ['a skipped date', '2011-12-30', 'Pacific/Apia', '2011-12-30T10:00:00.000Z'],
    ['the date after it', '2011-12-31', 'Pacific/Apia', '2011-12-30T10:00:00.000Z'],
    ['a skipped date', '1993-08-21', 'Pacific/Kwajalein', '1993-08-21T12:00:00.000Z'],
    ['odd minutes', '2024-01-01', 'Asia/Kathmandu', '2023-12-31T18:15:00.000Z'],
    ['half an hour of summer time', '2024-04-07', 'Australia/Lord_Howe', '2024-04-06T13:00:00.000Z'],
    ['the day after it', '2024-04-08', 'Australia/Lord_Howe', '2024-04-07T13:30:00.000Z'],
    ['quarters of an hour', '2024-01-01', 'Pacific/Chatham', '2023-12-31T10:15:00.000Z'],
    ['odd seconds', '1972-01-06', 'Africa/Monrovia', '1972-01-06T00:44:30.000Z'],
    ['no zone changes at all', '2024-02-29', 'UTC', '2024-02-29T00:00:00.000Z'],
  ])('begins a day at its first moment: %s', (_, day, zone, moment) => {
    expect(start(day, zone)).toBe(moment)
  })

  it('gives the date that the clock shows, also when it goes back over midnight', () => {
    expect(dateAt('2010-11-07T02:29:59.999Z', 'America/St_Johns')).toBe('2010-11-06')
    expect(dateAt('2010-11-07T02:30:30Z', 'America/St_Johns')).toBe('2010-11-07')
    expect(dateAt('2010-11-07T02:31:00Z', 'America/St_Johns')).toBe('2010-11-06')
    expect(dateAt('2010-11-07T03:30:00Z', 'America/St_Johns')).toBe('2010-11-07')
    expect(dateAt('2011-12-30T09:59:59.999Z', 'Pacific/Apia')).toBe('2011-12-29')
    expect(dateAt('2011-12-30T10:00:00Z', 'Pacific/Apia')).toBe('2011-12-31')
    expect(dateAt('1969-12-31T23:59:59.999Z', 'UTC')).toBe('1969-12-31')
  })

  it('agrees with Intl on every date of two decades, whatever was asked before', () => {
    for (const zone of ['Africa/Casablanca', 'America/St_Johns', 'Asia/Gaza', 'Australia/Lord_Howe', 'Pacific/Apia']) {
      const format = new Intl.DateTimeFormat('en-CA', { timeZone: zone })
      for (const years of [2010, 2000]) {
        const end = Date.UTC(years + 10, 0, 1)
        for (let at = Date.UTC(years, 0, 1); at < end; at += 29 * 3_600_000 + 1) {
          const shown = date(format.format(at))
          if (calendar.localDate(at, zone) !== shown) expect([zone, at, calendar.localDate(at, zone)]).toEqual([zone, at, shown])
        }
      }
    }
  })

  it('remembers a bounded number of spans and goes on', () => {
    const before = start('2024-06-01', 'Europe/Berlin')
    for (let day = date('2100-01-01'), i = 0; i < 1_200; i++, day += 183) {
      const at = calendar.startOfDay(day, 'Europe/Berlin')
      expect(calendar.localDate(at, 'Europe/Berlin')).toBe(day)
      expect(calendar.localDate(at - 1, 'Europe/Berlin')).toBe(day - 1)
    }
    expect(start('2024-06-01', 'Europe/Berlin')).toBe(before)
  })

  it('remembers a bounded number of names and goes on', () => {
    const spelled = (bits: number) => [...'europe/berlin'].map((c, i) => ((bits >> i) & 1 ? c.toUpperCase() : c)).join('')
    for (let bits = 0; bits < 1_100; bits++) expect(calendar.localDate(0, spelled(bits))).toBe(0)
    expect(start('2024-06-01', 'Europe/Berlin')).toBe('2024-05-31T22:00:00.000Z')
  })

  it('takes what is no zone for UTC', () => {
    for (const zone of ['Europe/Atlantis', '+02:00', ''])
      expect([dateAt('2024-06-01T00:00Z', zone), start('2024-06-01', zone)]).toEqual(['2024-06-01', '2024-06-01T00:00:00.000Z'])
  })
})
