import type { Calendar } from './calendar.ts'
import { isIdle, moveTo, type StreakClose, type StreakRule, type StreakState } from './streak.ts'

const DAY = 86_400_000
/** More than the dates that can still change. */
const RECENT = 4 * DAY

/**
 * Takes a streak through the dates of one zone up to a moment, which belongs to the date that begins with it. Returns what ended
 * without credit on the way, in order.
 */
export function passTime(rule: StreakRule, state: StreakState, at: number, zone: string, calendar: Calendar): StreakClose[] {
  const closes: StreakClose[] = []
  for (;;) {
    const end = state.dates === 0 ? at : endOfCurrent(rule, state, zone, calendar)
    if (end >= at) break
    // With nothing to lose, only the last dates can matter to what comes.
    const next = isIdle(rule, state) ? Math.max(end, at - RECENT) : end
    closes.push(...moveTo(rule, state, dateAt(rule, next, zone, calendar), next))
  }
  closes.push(...changeZone(rule, state, at, zone, calendar))
  return closes
}

/** The clock of a person changes to a zone at a moment, up to which `passTime` took the streak in the zone before. */
export function changeZone(
  rule: StreakRule,
  state: StreakState,
  at: number,
  zone: string,
  calendar: Calendar,
): readonly StreakClose[] {
  return moveTo(rule, state, dateAt(rule, at, zone, calendar), at)
}

/** The moment when the current date is over; −1 when nothing can be lost then. */
export function nextClose(rule: StreakRule, state: StreakState, zone: string, calendar: Calendar): number {
  return isIdle(rule, state) ? -1 : endOfCurrent(rule, state, zone, calendar)
}

function endOfCurrent(rule: StreakRule, state: StreakState, zone: string, calendar: Calendar): number {
  const end = calendar.startOfDay(state.current + 1, zone) + rule.graceMs
  if (end > state.at) return end
  // The clock went back over midnight, to a date that had ended before. It ends again within a day or so.
  let before = state.at
  let after = state.at + 3 * DAY
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2)
    if (dateAt(rule, middle, zone, calendar) > state.current) after = middle
    else before = middle
  }
  return after
}

/** The date of a streak at a moment. */
function dateAt(rule: StreakRule, at: number, zone: string, calendar: Calendar): number {
  return calendar.localDate(at - rule.graceMs, zone)
}
