/** One entry of a subject's journal, as the engine reads it. */
export interface Entry {
  readonly kind: 'event' | 'control'
  readonly source: string
  readonly eventId: string
  /** In the journal of an account: the subject who made it, which is part of its key there. */
  readonly actor?: string | undefined
  readonly name: string
  /** Semantic version of the event; `''` on control entries. */
  readonly version: string
  /** Epoch milliseconds, both. */
  readonly occurredAt: number
  readonly receivedAt: number
  /** `client` when the learner's own app reported it, `import` when it was brought in from elsewhere, at whatever age. */
  readonly channel: string
  /** The one track it is meant for; null for all. */
  readonly track: string | null
  readonly payload: unknown
}

/** Names an entry within its subject. */
export interface EntryRef {
  readonly source: string
  readonly eventId: string
}

/** The channel of entries that are never too late. */
export const IMPORT = 'import'

/** What passing time derives has this as its cause. */
export const CLOCK: EntryRef = Object.freeze({ source: 'waymark', eventId: 'clock' })

/** The control entries that a track reads, by what they do. */
export const ENROLLED = 'waymark.enrolled'
export const SKIPPED = 'waymark.skipped'
export const WAIVED = 'waymark.waived'
export const EXITED = 'waymark.exited'
export const RESET = 'waymark.reset'
export const REVOKED = 'waymark.revoked'
export const IDENTIFIED = 'waymark.identified'
/** Control entries that no track reads. */
export const DISMISSED = 'waymark.dismissed'
export const SNOOZED = 'waymark.snoozed'
export const GROUPED = 'waymark.grouped'
export const MERGED = 'waymark.merged'
/** Names the control entries that are about one track, by their `trackId`. */
export const TRACK_CONTROLS: readonly string[] = [ENROLLED, SKIPPED, WAIVED, EXITED, RESET, REVOKED]
