import type { SubjectKey } from './journal-store.ts'

/**
 * An event, or a fact that could not be handed on in its turn, that is still to be handed on. All but `event` is its key: that of its entry
 * or fact when it was recorded; what it names may have moved since, or be gone.
 */
export interface OutgoingRow extends SubjectKey {
  readonly kind: 'entry' | 'fact'
  /** Empty for facts. */
  readonly source: string
  /** Of a fact its `factId`. */
  readonly eventId: string
  /** Its contract, as `key@major`. */
  readonly event: string
}

/** An event that somebody takes to hand it on. */
export interface ClaimedRow extends OutgoingRow {
  /** No other row ever had it: what is recorded anew under the same key has another one. */
  readonly number: number
  /** How often it could not be handed on. */
  readonly tries: number
}

/** Up to where the facts of a tenant were handed on. */
export interface FactCursorKey {
  /** What is handed on, as `key@major`. */
  readonly relay: string
  readonly tenant: string
}

/** An event that a call emitted, as somebody takes it to record it. Its subject is that of the learner whom it names. */
export interface EmittedRow extends SubjectKey {
  /** No other row ever had it. */
  readonly number: number
  /** Its contract, as `key@major`. */
  readonly event: string
  /** An `EmittedEvent` as JSON text. */
  readonly body: string
  /** How often it could not be recorded. */
  readonly tries: number
}

/** What hands events and facts on, and records what was emitted, needs of a database. All times are epoch milliseconds. */
export interface RelayStore {
  /**
   * Up to so many of what is to be handed on, of all tenants, that is of certain contracts and that nobody holds at a time, oldest first;
   * it is held until another one.
   */
  claimOutgoing(events: readonly string[], now: number, until: number, count: number): Promise<readonly ClaimedRow[]>
  /** Adds what is not there yet, held until a time. */
  addOutgoing(rows: readonly OutgoingRow[], until: number): Promise<void>
  /** Holds rows until another time, so that they can be claimed from then on, and keeps their tries; one that is gone changes nothing. */
  holdOutgoing(rows: readonly Pick<ClaimedRow, 'number' | 'tries'>[], until: number): Promise<void>
  /** Forgets rows that were handed on, by number; one that is gone changes nothing. */
  removeOutgoing(rows: readonly Pick<ClaimedRow, 'number'>[]): Promise<void>
  /** Like `claimOutgoing`, of what transactions emitted, in the order in which they did. */
  claimEmitted(events: readonly string[], now: number, until: number, count: number): Promise<readonly EmittedRow[]>
  /** Holds rows until another time, and keeps their tries; one that is gone changes nothing. */
  holdEmitted(rows: readonly Pick<EmittedRow, 'number' | 'tries'>[], until: number): Promise<void>
  /** Forgets rows that were recorded, by number; one that is gone changes nothing. */
  removeEmitted(rows: readonly Pick<EmittedRow, 'number'>[]): Promise<void>
  /** The tenants that have facts with a position, by name. */
  readFactTenants(): Promise<readonly string[]>
  /**
   * Takes a cursor that nobody holds at a time, and holds it for a holder until another one; a new one starts at a position. Answers its
   * position, null when somebody holds it.
   */
  takeFactCursor(key: FactCursorKey, holder: string, start: number, now: number, until: number): Promise<number | null>
  /** Moves a cursor on, never back, and holds it until a time. False, and nothing changes, when somebody else took it meanwhile. */
  putFactCursor(key: FactCursorKey, holder: string, position: number, until: number): Promise<boolean>
}
