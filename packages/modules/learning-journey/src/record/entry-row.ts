import type { Entry } from '../engine/index.ts'
import type { EntryRow } from '../ports/index.ts'

/** The subject of a learner's own journal. */
export function learnerSubject(learnerId: string): string {
  return `l:${learnerId}`
}

/** The learner whose journal it is. */
export function learnerOf(subject: string): string {
  return subject.slice(2)
}

/** A stored entry as the engine reads it; its payload is null once it has expired. */
export function toEntry(row: EntryRow, payload: unknown = row.payload === null ? null : JSON.parse(row.payload)): Entry {
  const { kind, source, eventId, name, version, occurredAt, receivedAt, channel, track } = row
  return { kind, source, eventId, name, version, occurredAt, receivedAt, channel, track, payload }
}
