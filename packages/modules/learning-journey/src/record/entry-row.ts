import { majorOf } from '@waymark/contract'
import type { CompiledTrack, Entry } from '../engine/index.ts'
import type { EntryRow } from '../ports/index.ts'

/** The subject of a learner's own journal. */
export function learnerSubject(learnerId: string): string {
  return `l:${learnerId}`
}

/** The subject of what the members of an account share. */
export function accountSubject(accountId: string): string {
  return `a:${accountId}`
}

/** The learner whose journal it is. */
export function learnerOf(subject: string): string {
  return subject.slice(2)
}

/** A subject as the contracts name it. */
export function idsOf(subject: string): { readonly learnerId: string | null; readonly accountId: string | null } {
  const id = subject.slice(2)
  return subject.startsWith('a:') ? { learnerId: null, accountId: id } : { learnerId: id, accountId: null }
}

/** The subject that an entry is about in a track; undefined when it was made in no account, and the track is about accounts. */
export function subjectIn({ subject: kind }: CompiledTrack, { subject, account }: Pick<EntryRow, 'subject' | 'account'>) {
  if (kind === 'learner' || subject.startsWith('a:')) return subject
  return account === null ? undefined : accountSubject(account)
}

/** Whether a track is about subjects like this one. */
export function isAbout({ subject: kind }: CompiledTrack, subject: string): boolean {
  return (kind === 'account') === subject.startsWith('a:')
}

/**
 * A stored entry as the engine reads it; its payload is null once it has expired.
 * @param reader the subject whose journal is read: in that of an account, who made the entry is part of its key.
 */
export function toEntry(
  row: EntryRow,
  payload: unknown = row.payload === null ? null : JSON.parse(row.payload),
  reader = row.subject,
): Entry {
  const { kind, source, eventId, name, version, occurredAt, receivedAt, channel, track } = row
  const entry = { kind, source, eventId, name, version, occurredAt, receivedAt, channel, track, payload }
  return reader === row.subject ? entry : { ...entry, actor: row.subject }
}

/** The contract of an event, as `key@major`. */
export function contractOf(name: string, version: string): string {
  return `${name}@${majorOf(version)}`
}
