/**
 * The calendar of IANA zones. A zone is kept as spans of constant offset, which are asked of the library when a moment first falls into
 * one, so a local date costs an addition.
 *
 * Invariants: spans of a zone are sorted, do not overlap, and touch or leave gaps that were not asked for; a zone keeps at most
 * MAX_SPANS and the calendar at most MAX_ZONES, and forgets all when there would be more.
 */
import { Temporal } from 'temporal-polyfill'
import type { Calendar } from '../engine/calendar.ts'
import { isZone } from './is-zone.ts'

/** What a zone adds to UTC from `from` on and before `to`, all in milliseconds. */
interface Span {
  readonly from: number
  readonly to: number
  readonly offset: number
}

interface Zone {
  readonly name: string
  readonly spans: Span[]
  /** Moments come close together: the span of the last one. */
  last: Span
}

const DAY = 86_400_000
/** More than the offset of any zone, at any time. */
const FAR = 2 * DAY
const MAX_SPANS = 1_024
const MAX_ZONES = 1_024
const NOWHERE: Span = { from: 0, to: 0, offset: 0 }

/**
 * A calendar of IANA zones. A name that this runtime does not know is taken for UTC: nobody reports one (`isZone` is asked at every door),
 * but a journal can be older, or newer, than the runtime's list of zones.
 */
export function createZoneCalendar(): Calendar {
  const zones = new Map<string, Zone>()

  const zoneOf = (name: string): Zone => {
    const known = zones.get(name)
    if (known !== undefined) return known
    if (zones.size >= MAX_ZONES) zones.clear()
    const zone: Zone = { name: isZone(name) ? name : 'UTC', spans: [], last: NOWHERE }
    zones.set(name, zone)
    return zone
  }
  const spanAt = (zone: Zone, at: number): Span => {
    if (at < zone.last.from || at >= zone.last.to) zone.last = findSpan(zone.spans, at, zone.name)
    return zone.last
  }

  return {
    localDate(at, name) {
      return Math.floor((at + spanAt(zoneOf(name), at).offset) / DAY)
    },
    startOfDay(day, name) {
      const zone = zoneOf(name)
      // The first moment at which the clock shows this date or a later one: through the spans, from one in which it does not yet.
      for (let at = day * DAY - FAR; ; ) {
        const span = spanAt(zone, at)
        const start = Math.max(span.from, day * DAY - span.offset)
        if (start < span.to) return start
        at = span.to
      }
    },
  }
}

function findSpan(spans: Span[], at: number, zone: string): Span {
  let low = 0
  let high = spans.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((spans[middle] as Span).to <= at) low = middle + 1
    else high = middle
  }
  const found = spans[low]
  if (found !== undefined && found.from <= at) return found
  const asked = askSpan(at, zone)
  if (spans.length < MAX_SPANS) spans.splice(low, 0, asked)
  else spans.splice(0, spans.length, asked)
  return asked
}

function askSpan(at: number, zone: string): Span {
  const local = Temporal.Instant.fromEpochMilliseconds(Math.floor(at)).toZonedDateTimeISO(zone)
  const next = local.getTimeZoneTransition('next')
  // "previous" is what lies strictly before: asked from the end of the millisecond, it includes a transition at this moment.
  const previous = local.add({ nanoseconds: 1 }).getTimeZoneTransition('previous')
  return {
    from: previous === null ? Number.NEGATIVE_INFINITY : previous.epochMilliseconds,
    to: next === null ? Number.POSITIVE_INFINITY : next.epochMilliseconds,
    offset: local.offsetNanoseconds / 1e6,
  }
}
