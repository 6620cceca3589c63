import type { Entry } from '../engine/index.ts'
import type { EntryRow } from '../ports/index.ts'

/** The subject of a learner's own journal. */
export function learnerSubject(learnerId: string): string {
  return `l:${learnerId}`
}

/** A stored entry as the engine reads it. */
export function toEntry(row: EntryRow, payload: unknown = JSON.parse(row.payload)): Entry {
  const { kind, source, eventId, name, version, occurredAt, receivedAt, channel, track } = row
  return { kind, source, eventId, name, version, occurredAt, receivedAt, channel, track, payload }
}
