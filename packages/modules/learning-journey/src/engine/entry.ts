/** One entry of a subject's journal, as the engine reads it. */
export interface Entry {
  readonly kind: 'event' | 'control'
  readonly source: string
  readonly eventId: string
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

/** The control entry that starts a run. */
export const ENROLLED = 'waymark.enrolled'
