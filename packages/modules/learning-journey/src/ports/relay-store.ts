import type { SubjectKey } from './journal-store.ts'

/** An event that is still to be handed on. Its key is that of its entry when it was recorded; the entry may have moved since, or be gone. */
export interface OutgoingRow extends SubjectKey {
  readonly source: string
  readonly eventId: string
}

/** Up to where the facts of a tenant were handed on. */
export interface FactCursorKey {
  /** Who hands them on. */
  readonly relay: string
  readonly tenant: string
}

/** What hands events and facts on needs of a database. All times are epoch milliseconds. */
export interface RelayStore {
  /**
   * Up to so many events of all tenants that are to be handed on and that nobody holds at a time, oldest first; they are held until another
   * one.
   */
  claimOutgoing(now: number, until: number, count: number): Promise<readonly OutgoingRow[]>
  /** Holds events until another time, so that they can be claimed from then on; one that is not there changes nothing. */
  holdOutgoing(rows: readonly OutgoingRow[], until: number): Promise<void>
  /** Forgets events that were handed on; one that is not there changes nothing. */
  removeOutgoing(rows: readonly OutgoingRow[]): Promise<void>
  /** The tenants that have facts with a position, by name. */
  readFactTenants(): Promise<readonly string[]>
  /**
   * Takes a cursor that nobody holds at a time, and holds it until another one; a new one starts at a position. Answers its position, null
   * when somebody holds it.
   */
  takeFactCursor(key: FactCursorKey, start: number, now: number, until: number): Promise<number | null>
  /** Moves a cursor on, never back, and holds it until a time. */
  putFactCursor(key: FactCursorKey, position: number, until: number): Promise<void>
}
