/** Durations, and the dates of a zone by `Intl` alone. A date is a number: days since 1970-01-01. */

export const HOUR = 3_600_000
export const DAY = 24 * HOUR

export interface Duration {
  /** Calendar days, weeks among them. */
  days: number
  /** Milliseconds. */
  elapsed: number
}

export function parseDuration(text: string): Duration {
  const match = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(text)
  if (!match) throw new Error(`not a duration: ${text}`)
  const part = (at: number) => Number(match[at] ?? 0)
  return { days: part(1) * 7 + part(2), elapsed: ((part(3) * 60 + part(4)) * 60 + part(5)) * 1_000 }
}

/** A duration where days are 24 hours: lateness, grace. */
export function milliseconds(text: string): number {
  const { days, elapsed } = parseDuration(text)
  return days * DAY + elapsed
}

export function usesDays(text: string | undefined): boolean {
  return text !== undefined && parseDuration(text).days > 0
}

export function isoDate(date: number): string {
  return new Date(date * DAY).toISOString().slice(0, 10)
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** What a calendar on the wall of that zone says. */
function dateShown(at: number, zone: string): number {
  let format = formats.get(zone)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' })
    formats.set(zone, format)
  }
  return Date.parse(`${format.format(at)}T00:00:00Z`) / DAY
}

const starts = new Map<string, number>()

/** The first moment of a date: no zone is more than 15 hours from UTC, so it is looked for from there on, hour by hour. */
export function startOfDate(date: number, zone: string): number {
  const key = `${date} ${zone}`
  const known = starts.get(key)
  if (known !== undefined) return known
  let to = date * DAY - 15 * HOUR
  while (dateShown(to, zone) < date) to += HOUR
  let from = to - HOUR
  while (to - from > 1) {
    const middle = Math.floor((from + to) / 2)
    if (dateShown(middle, zone) < date) from = middle
    else to = middle
  }
  starts.set(key, to)
  return to
}

export function dateOf(at: number, zone: string): number {
  let date = Math.floor(at / DAY) + 1
  while (startOfDate(date, zone) > at) date--
  return date
}

/** A time of day so many dates after a date, and elapsed time after that. */
export function plusFrom(date: number, sinceMidnight: number, { days, elapsed }: Duration, zone: string): number {
  const [start, next] = [startOfDate(date + days, zone), startOfDate(date + days + 1, zone)]
  return Math.min(start + sinceMidnight, next - 1) + elapsed
}

export function plus(at: number, duration: Duration, zone: string): number {
  if (duration.days === 0) return at + duration.elapsed
  const date = dateOf(at, zone)
  return plusFrom(date, at - startOfDate(date, zone), duration, zone)
}
