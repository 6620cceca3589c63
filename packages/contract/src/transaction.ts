/**
 * The ports through which the pipeline reaches a database. Stores implement them; the pipeline never knows which one.
 */

/** One database transaction, bound to one tenant. */
export interface Transaction {
  readonly tenant: string
  readonly idempotency: IdempotencyRecords
  readonly inbox: Inbox
  readonly emitted: Emitted
}

/**
 * What a port throws while the database is away or has too much to do: the same call may succeed later. Whether the one that failed had an
 * effect is not known. It is answered `TIMEOUT`.
 */
export interface Unavailable {
  readonly outlook: 'retry'
}

export function isUnavailable(error: unknown): error is Unavailable {
  return typeof error === 'object' && error !== null && 'outlook' in error && error.outlook === 'retry'
}

/** Runs work in one transaction: commits when the promise resolves, rolls back when it rejects. */
export interface UnitOfWork {
  run<T>(tenant: string, work: (tx: Transaction) => Promise<T>): Promise<T>
}

/** A call that committed under an idempotency key. */
export interface IdempotencyRecord {
  /** Hash of the input the key came with. */
  readonly inputHash: string
  /** The answer as JSON text. */
  readonly answer: string
}

/** Kept answers, within the transaction of the call itself. */
export interface IdempotencyRecords {
  /** The record of a scope that is not older than its time to live; it blocks while another transaction writes the same scope. */
  find(scope: string, now: number): Promise<IdempotencyRecord | undefined>
  /** @param expiresAt epoch milliseconds. */
  keep(scope: string, record: IdempotencyRecord, expiresAt: number): Promise<void>
}

/** A delivery of an event to one of its handlers. Its key is all of it. */
export interface InboxKey {
  /** Who handles the event. */
  readonly handler: string
  readonly source: string
  readonly eventId: string
}

/** What was handled, within the transaction that handles it. Times in epoch milliseconds. */
export interface Inbox {
  /** Whether the event was handled, and is to be known at that time. */
  has(key: InboxKey, now: number): Promise<boolean>
  /** Says that this transaction handles the event. False when another one did; while one is about to, it waits for its end. */
  add(key: InboxKey, now: number, expiresAt: number): Promise<boolean>
}

/** An event that a handler emitted, and that is to be recorded once its call has committed. Times in epoch milliseconds. */
export interface EmittedEvent {
  readonly eventId: string
  /** The key of the module whose handler emitted it. */
  readonly source: string
  readonly key: string
  readonly major: number
  readonly learnerId: string
  readonly accountId?: string
  /** Absent: when it was emitted. */
  readonly occurredAt?: number
  readonly emittedAt: number
  /** What JSON says of it. */
  readonly payload: unknown
}

/** What a call emits, within the transaction of the call itself. */
export interface Emitted {
  /** Keeps events, in their order, until they are recorded. */
  add(events: readonly EmittedEvent[]): Promise<void>
}
