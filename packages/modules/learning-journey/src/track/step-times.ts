import { type Duration, type StepModel, splitDuration } from '../engine/index.ts'

const HOUR_MS = 60 * 60 * 1_000
const DAY_MS = 24 * HOUR_MS
/** How much longer or shorter than so many times 24 hours calendar days can be: changes of the clock, and travel across the date line. */
const SLACK_MS = 26 * HOUR_MS

/** True when a step is certainly due before it opens, whenever the run starts. */
export function isOverBeforeOpen({ opens, due }: StepModel): boolean {
  const end = splitDuration(due?.after ?? '')
  if (opens === undefined || end === undefined) return false
  if ('onDay' in opens) {
    // A day begins at midnight, and the start is somewhere in day 1.
    const days = opens.onDay - 1
    return end.ms === 0 ? days > end.days : (days - 1) * DAY_MS - SLACK_MS > end.ms + end.days * DAY_MS + slack(end)
  }
  const opening = splitDuration(opens.after)
  if (opening === undefined) return false
  if (opening.days === end.days) return opening.ms > end.ms
  if (opening.ms === end.ms) return opening.days > end.days
  return opening.days * DAY_MS + opening.ms - slack(opening) > end.days * DAY_MS + end.ms + slack(end)
}

function slack({ days }: Duration): number {
  return days === 0 ? 0 : SLACK_MS
}
