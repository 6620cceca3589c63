import { DURATION, parseDuration, type StepModel } from '../engine/index.ts'

const HOUR_MS = 60 * 60 * 1_000
const DAY_MS = 24 * HOUR_MS
/** How much longer or shorter than so many times 24 hours calendar days can be: changes of the clock, and travel across the date line. */
const SLACK_MS = 26 * HOUR_MS

/** True when a step is certainly due before it opens, whenever the run starts. */
export function isOverBeforeOpen({ opens, due }: StepModel): boolean {
  const end = split(due?.after)
  if (opens === undefined || end === undefined) return false
  if ('onDay' in opens) {
    // A day begins at midnight, and the start is somewhere in day 1.
    const days = opens.onDay - 1
    return end.elapsed === 0 ? days > end.days : (days - 1) * DAY_MS - SLACK_MS > end.elapsed + end.days * DAY_MS + slack(end)
  }
  const opening = split(opens.after)
  if (opening === undefined) return false
  if (opening.days === end.days) return opening.elapsed > end.elapsed
  if (opening.elapsed === end.elapsed) return opening.days > end.days
  return opening.days * DAY_MS + opening.elapsed - slack(opening) > end.days * DAY_MS + end.elapsed + slack(end)
}

interface Split {
  readonly days: number
  readonly elapsed: number
}

function split(duration: string | undefined): Split | undefined {
  const parts = DURATION.exec(duration ?? '')
  if (parts === null || duration === undefined) return undefined
  const days = Number(parts[1] ?? 0) * 7 + Number(parts[2] ?? 0)
  return { days, elapsed: (parseDuration(duration) ?? 0) - days * DAY_MS }
}

function slack({ days }: Split): number {
  return days === 0 ? 0 : SLACK_MS
}
