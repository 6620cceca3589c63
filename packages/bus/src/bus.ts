import type { Signal } from '@waymark/contract'

/** What is carried. */
export interface BusMessage {
  /** Letters, digits, `.`, `_` and `-`, at most 200 of them: a Kafka topic, a NATS subject. */
  readonly subject: string
  /** Messages of a subject with the same key keep their order; `''` has none. */
  readonly key: string
  /** Names in lower case, values in visible ASCII and spaces. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** What a handler says became of a message. `retry`: it comes again; `dead`: it never will, because it can never succeed. */
export type Settlement =
  | { readonly outcome: 'ack' }
  /** After `delayMs`, or after the delay of the subscription. */
  | { readonly outcome: 'retry'; readonly reason: string; readonly delayMs?: number }
  | { readonly outcome: 'dead'; readonly reason: string }

/** One try of a message. */
export interface Attempt {
  /** From 1. */
  readonly number: number
  /** Aborted when the subscription has been closing for longer than its grace period. */
  readonly signal: Signal
}

export interface Subscription {
  /** Letters, digits, `_` and `-`. Each group gets every message of its subjects; one of its members does. */
  readonly group: string
  readonly subjects: readonly string[]
  /** Called at least once for each message. What it throws is a `retry`. */
  handle(message: BusMessage, attempt: Attempt): Promise<Settlement>
  /** Keeps a message that is dead where somebody looks for it. While it throws, the message comes again. */
  onDead(message: BusMessage, reason: string): Promise<void>
  /** How often a message is tried before it is given back to who published it, where nothing stores it; 8 when absent. */
  readonly maxAttempts?: number
  /** Milliseconds until the next try, after so many; half a second when absent, and each time twice as long. */
  readonly retryDelay?: (attempts: number) => number
  /** How many messages a member handles at once; 16 when absent. Those with the same key always come one after the other. */
  readonly concurrency?: number
  /** How long `close` lets handlers run before it aborts their signal, in milliseconds; 5 s when absent. It then waits a second more. */
  readonly graceMs?: number
}

export interface BusSubscription {
  /**
   * Takes no more messages; resolves when the handlers that run have ended, or did not although they were told to. The group stays, and
   * what comes waits for its next member.
   */
  close(): Promise<void>
}

/**
 * Carries messages at least once. Order is kept among messages of one subject and key, as long as none of them is tried again: one that
 * waits for its next try lets others pass.
 */
export interface Bus {
  /**
   * Resolves when the messages do not depend on the caller any more: when a broker has stored them, or, where nothing stores them, when
   * every group has settled them. A message that may succeed later is never lost: a broker keeps it, and where nothing stores it this rejects.
   * @throws BusError `BUS_NAME_ILLEGAL`, `BUS_CLOSED`, `BUS_UNHANDLED`.
   */
  publish(messages: readonly BusMessage[]): Promise<void>
  /** @throws BusError `BUS_NAME_ILLEGAL`, `BUS_CLOSED`. */
  subscribe(subscription: Subscription): Promise<BusSubscription>
  /** Closes all subscriptions as their `close` does, and lets go of what carries the messages. */
  close(): Promise<void>
}
