import type { EnrolmentQuery, EventQuery } from '@waymark/learning-journey/ports'
import { compareText } from './compare-text.ts'

/** Control entries have names that start with this, and events of products have not. */
export const CONTROL_PREFIX = 'waymark.'

type EventPlace = NonNullable<EventQuery['after']>
type EnrolmentPlace = NonNullable<EnrolmentQuery['after']>

/** The order in which operators list events. */
export function newestFirst(a: EventPlace, b: EventPlace): number {
  return (
    b.receivedAt - a.receivedAt ||
    compareText(b.subject, a.subject) ||
    compareText(b.source, a.source) ||
    compareText(b.eventId, a.eventId)
  )
}

/** The order in which operators list runs. */
export function latestStartFirst(a: EnrolmentPlace, b: EnrolmentPlace): number {
  return b.startedAt - a.startedAt || compareText(b.track, a.track) || compareText(b.subject, a.subject) || b.run - a.run
}
