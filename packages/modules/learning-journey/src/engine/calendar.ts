import { DURATION } from './duration.ts'

/** Turns moments into local dates and back. The engine has no time zones of its own. */
export interface Calendar {
  /** The local date of a moment in a zone, as days since 1970-01-01. */
  localDate(at: number, zone: string): number
  /** The first moment of a local date in a zone, epoch ms; of a date that the zone skipped, the first moment after it. */
  startOfDay(day: number, zone: string): number
}

const DAY = 86_400_000

/** Takes every zone for UTC: for tracks without zones. */
export const utcCalendar: Calendar = Object.freeze({
  localDate: (at: number) => Math.floor(at / DAY),
  startOfDay: (day: number) => day * DAY,
})

/** A duration in two parts that add up: calendar days (a week is seven) and elapsed milliseconds. */
export interface Duration {
  readonly days: number
  readonly ms: number
}

/** Reads an ISO 8601 duration of weeks, days, hours, minutes and seconds; undefined when the text is not one. */
export function splitDuration(text: string): Duration | undefined {
  const parts = DURATION.exec(text)
  if (parts === null) return undefined
  const [weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = parts.slice(1).map((part) => Number(part ?? 0))
  return { days: weeks * 7 + days, ms: ((hours * 60 + minutes) * 60 + seconds) * 1_000 }
}

/**
 * Adds a duration: days by the calendar of the zone, keeping the time since local midnight (though not past the end of that day), then
 * the elapsed part. A date that the zone skipped ends at the moment at which it would have begun.
 */
export function addDuration(at: number, duration: Duration, zone: string, calendar: Calendar): number {
  if (duration.days === 0) return at + duration.ms
  const day = calendar.localDate(at, zone)
  const target = day + duration.days
  const start = calendar.startOfDay(target, zone)
  const last = Math.max(start, calendar.startOfDay(target + 1, zone) - 1)
  return Math.min(start + at - calendar.startOfDay(day, zone), last) + duration.ms
}
