/**
 * Hands recorded events on. A round writes down which of its events leave, in its own transaction; here they are taken, read, published and
 * forgotten. Taking holds an event for a while, so that no other process hands it on meanwhile; one whose process died is taken again
 * when that is over, at once where a store has one process only.
 *
 * States: running (one turn at a time), resting until it is kicked or a second has passed, closed. Invariant: an event is forgotten only
 * after it was published, or when its entry is gone.
 */
import type { Ports } from '@waymark/contract'
import type { JournalStore, OutgoingRow, StoreFailure } from '../ports/index.ts'
import { growingPause } from './growing-pause.ts'
import { entryToEvent, type Publish } from './relayed-event.ts'

export interface EventRelay {
  /** Says that there are events to hand on. */
  kick(): void
  /** Takes no more; resolves when what is on its way was published or refused. What was refused is handed on again later. */
  close(): Promise<void>
}

export interface EventRelayOptions {
  readonly store: Pick<
    JournalStore,
    'claimOutgoing' | 'holdOutgoing' | 'removeOutgoing' | 'readEntry' | 'readMerged' | 'sequenced'
  >
  readonly publish: Publish
  readonly hash: (text: string) => string
  readonly now: Ports['now']
  readonly after: Ports['after']
  readonly onFailure?: ((error: unknown) => void) | undefined
}

/** Longer than a handler is tried again. */
const HELD_MS = 120_000
const REST_MS = 1_000
/** How long an event rests that could not be published. */
const REFUSED_MS = 5_000
/** So many events are on their way at once, besides those of the last turn. */
const MOST = 256
const AT_ONCE = 64

export function createEventRelay({ store, publish, hash, now, after, onFailure }: EventRelayOptions): EventRelay {
  const onTheWay = new Map<string, Promise<void>>()
  let state: 'running' | 'resting' | 'closed' = 'resting'
  let isKicked = false
  /** Where there is no other process, what an earlier one held is free: it held nothing for as long as this one does. */
  const freeUntil = store.sequenced ? 0 : now() + HELD_MS - 1
  let failures = 0
  let cancelTimer = () => {}
  let running: Promise<void> = Promise.resolve()

  function start(): void {
    if (state !== 'resting') {
      isKicked = true
      return
    }
    cancelTimer()
    state = 'running'
    isKicked = false
    running = turn().then(
      (isMore) => {
        failures = 0
        rest(isMore || isKicked ? 0 : REST_MS)
      },
      (error: unknown) => {
        if ((error as Partial<StoreFailure> | undefined)?.outlook === 'closed') {
          state = 'closed'
          return
        }
        failures += 1
        if (state !== 'closed') onFailure?.(error)
        rest(growingPause(failures))
      },
    )
  }

  function rest(milliseconds: number): void {
    if (state === 'closed') return
    state = 'resting'
    cancelTimer = after(milliseconds, start)
  }

  /** Takes what there is room for. Answers whether there may be more. */
  async function turn(): Promise<boolean> {
    if (onTheWay.size >= MOST) return false
    const rows = await store.claimOutgoing(Math.max(now(), freeUntil), now() + HELD_MS, AT_ONCE)
    for (const row of rows) {
      const key = JSON.stringify([row.tenant, row.subject, row.source, row.eventId])
      if (onTheWay.has(key)) continue
      const done = handOn(row)
        .catch((error: unknown) => {
          // It is held, and comes again.
          if (state !== 'closed') onFailure?.(error)
        })
        .then(() => {
          onTheWay.delete(key)
          if (onTheWay.size === MOST - 1) start()
        })
      onTheWay.set(key, done)
    }
    return rows.length === AT_ONCE
  }

  async function handOn(row: OutgoingRow): Promise<void> {
    const entry = await entryOf(row)
    try {
      if (entry !== null && entry.payload !== null) await publish([entryToEvent(row, entry, hash)])
    } catch (error) {
      // Another process may have it at once where this one ends.
      await store.holdOutgoing([row], state === 'closed' ? 0 : now() + REFUSED_MS)
      throw error
    }
    await store.removeOutgoing([row])
  }

  /** Where the entry is now: with the person whom its own became, or nowhere. */
  async function entryOf({ tenant, subject, source, eventId }: OutgoingRow) {
    const own = await store.readEntry({ tenant, subject }, eventId, source)
    if (own !== null) return own
    const into = await store.readMerged({ tenant, subject })
    return into === null ? null : store.readEntry({ tenant, subject: into }, eventId, source)
  }

  start()
  return {
    kick: start,
    async close() {
      state = 'closed'
      cancelTimer()
      await Promise.all([running, ...onTheWay.values()])
    },
  }
}
