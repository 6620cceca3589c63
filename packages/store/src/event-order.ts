import type { EventQuery } from '@waymark/learning-journey/ports'
import { compareText } from './compare-text.ts'

type Place = NonNullable<EventQuery['after']>

/** The order in which operators list events. */
export function newestFirst(a: Place, b: Place): number {
  return (
    b.receivedAt - a.receivedAt ||
    compareText(b.subject, a.subject) ||
    compareText(b.source, a.source) ||
    compareText(b.eventId, a.eventId)
  )
}
