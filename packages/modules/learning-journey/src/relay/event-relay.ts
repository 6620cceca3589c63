/**
 * Hands recorded events on, and facts that could not be handed on in their turn. A round writes down which of its events leave, in its own
 * transaction; here they are taken, read, published and forgotten. Taking holds a row for a while, so that no other process hands it on
 * meanwhile; one whose process died is taken again when that is over, at once where a store has one process only. A row that could not be
 * published rests longer each time, and is read again before the next try.
 *
 * Its states are those of its loop. Invariants: a row is forgotten only after it was published, or when what it names is gone; a process takes
 * only what it has handlers for.
 */
import type { Ports, Registry } from '@waymark/contract'
import type { ClaimedRow, JournalStore, SubjectKey } from '../ports/index.ts'
import { growingPause } from './growing-pause.ts'
import { createRelayLoop } from './relay-loop.ts'
import { entryToEvent, factToEvent, type Hashes, type Publish, type RelayedEvent } from './relayed-event.ts'

export interface EventRelay {
  /** Says that there are events to hand on. */
  kick(): void
  /** Takes no more; resolves when what is on its way was published or refused. What was refused is handed on again later. */
  close(): Promise<void>
}

export interface EventRelayOptions {
  readonly store: Pick<
    JournalStore,
    'claimOutgoing' | 'holdOutgoing' | 'removeOutgoing' | 'readEntry' | 'readFactsOf' | 'readMerged' | 'sequenced'
  >
  /** What is handed on, as `key@major`. */
  readonly events: readonly string[]
  readonly registry: Registry
  readonly publish: Publish
  readonly hashes: Hashes
  readonly now: Ports['now']
  readonly after: Ports['after']
  readonly onFailure?: ((error: unknown) => void) | undefined
}

interface OnTheWay {
  readonly row: ClaimedRow
  readonly done: Promise<void>
  heldUntil: number
}

/** Renewed while it is on its way. */
const HELD_MS = 120_000
/** How long what could not be published rests, the first time and at the most. */
const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 10 * 60 * 1_000
/** So many events are on their way at once, besides those of the last turn. */
const MOST = 256
const AT_ONCE = 64

export function createEventRelay(options: EventRelayOptions): EventRelay {
  const { store, events, registry, publish, hashes, now, after, onFailure } = options
  const onTheWay = new Map<number, OnTheWay>()
  /** Where there is no other process, what an earlier one held is free: it held nothing for as long as this one does. Over once all of it is taken. */
  let freeUntil = store.sequenced ? 0 : now() + HELD_MS - 1
  const loop = createRelayLoop({ turn, after, onFailure })

  /** Takes what there is room for. Answers whether there may be more. */
  async function turn(): Promise<boolean> {
    await renew()
    if (onTheWay.size >= MOST || loop.isClosed()) return false
    const heldUntil = now() + HELD_MS
    const rows = await store.claimOutgoing(events, Math.max(now(), freeUntil), heldUntil, AT_ONCE)
    const fresh = rows.filter(({ number }) => !onTheWay.has(number))
    // Asked anew, for `close` may have come while the turn waited.
    if (loop.isClosed()) {
      await store.holdOutgoing(fresh, 0)
      return false
    }
    for (const row of fresh) {
      const done = handOn(row)
        .catch((error: unknown) => {
          // It is held, and comes again.
          if (!loop.isClosed()) onFailure?.(error)
        })
        .then(() => {
          onTheWay.delete(row.number)
          if (onTheWay.size === MOST - 1) loop.kick()
        })
      onTheWay.set(row.number, { row, done, heldUntil })
    }
    if (rows.length < AT_ONCE) freeUntil = 0
    return rows.length === AT_ONCE
  }

  /** Holds on to what takes long. */
  async function renew(): Promise<void> {
    const due = [...onTheWay.values()].filter(({ heldUntil }) => heldUntil - now() < HELD_MS / 2)
    if (due.length === 0) return
    const heldUntil = now() + HELD_MS
    for (const held of due) held.heldUntil = heldUntil
    await store.holdOutgoing(
      due.map(({ row }) => row),
      heldUntil,
    )
  }

  async function handOn(row: ClaimedRow): Promise<void> {
    try {
      const event = row.kind === 'fact' ? await factOf(row) : await entryOf(row)
      if (event !== null) await publish([event])
    } catch (error) {
      const held = onTheWay.get(row.number)
      if (held !== undefined) held.heldUntil = Number.POSITIVE_INFINITY
      const tries = row.tries + 1
      const pause = growingPause(tries, FIRST_PAUSE_MS, LONGEST_PAUSE_MS)
      // Another process may have it at once where this one ends.
      if (loop.isClosed()) await store.holdOutgoing([row], 0)
      else await store.holdOutgoing([{ number: row.number, tries }], Math.max(now() + pause, freeUntil + 1))
      throw error
    }
    await store.removeOutgoing([row])
  }

  async function entryOf(row: ClaimedRow): Promise<RelayedEvent | null> {
    const entry = await whereItIs(row, (key) => store.readEntry(key, row.eventId, row.source))
    return entry === null || entry.payload === null ? null : entryToEvent(row, entry, hashes)
  }

  async function factOf(row: ClaimedRow): Promise<RelayedEvent | null> {
    const fact = await whereItIs(row, async (key) => {
      const facts = await store.readFactsOf(key)
      return facts.find(({ factId }) => factId === row.eventId) ?? null
    })
    return fact === null ? null : factToEvent(registry, fact, hashes)
  }

  /** What a row names is with the person whom its own became, or nowhere. */
  async function whereItIs<T>({ tenant, subject }: ClaimedRow, read: (key: SubjectKey) => Promise<T | null>): Promise<T | null> {
    const own = await read({ tenant, subject })
    if (own !== null) return own
    const into = await store.readMerged({ tenant, subject })
    return into === null ? null : read({ tenant, subject: into })
  }

  loop.kick()
  return {
    kick: loop.kick,
    async close() {
      // What it takes last is on its way only afterwards.
      await loop.close()
      await Promise.all([...onTheWay.values()].map(({ done }) => done))
    },
  }
}
