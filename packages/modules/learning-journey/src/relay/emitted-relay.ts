/**
 * Records what calls emitted. A call writes its events down with its own commit; here they are taken, recorded and forgotten, in the order in
 * which they came. Taking holds a row for a while, so that no other process records it meanwhile; one whose process died is taken again when
 * that is over, at once where a store has one process only. What was recorded before such an end is a duplicate then, and changes nothing.
 * A row that could not be recorded rests longer each time, and the others pass.
 *
 * Its states are those of its loop. Invariant: a row is forgotten only after it is in the journal, or kept as rejected.
 */
import type { EmittedEvent, Ports } from '@waymark/contract'
import type { EmittedRow, JournalStore } from '../ports/index.ts'
import { growingPause } from './growing-pause.ts'
import { createRelayLoop } from './relay-loop.ts'

export interface EmittedRelay {
  /** Says that there are events to record. */
  kick(): void
  /** Takes no more; resolves when what was taken is recorded, or can be taken again. */
  close(): Promise<void>
}

export interface EmittedRelayOptions {
  readonly store: Pick<JournalStore, 'claimEmitted' | 'holdEmitted' | 'removeEmitted' | 'sequenced'>
  /** What can be recorded here, as `key@major`. */
  readonly events: readonly string[]
  /** Resolves when the event is in the journal, or kept as rejected. */
  readonly record: (tenant: string, event: EmittedEvent) => Promise<void>
  readonly now: Ports['now']
  readonly after: Ports['after']
  readonly onFailure?: ((error: unknown) => void) | undefined
}

/** Longer than the recorder tries. What takes longer still is recorded twice, and is a duplicate then. */
const HELD_MS = 15_000
/** How long what could not be recorded rests, the first time and at the most. */
const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 10 * 60 * 1_000
/** So many are taken at once: they share rounds. */
const AT_ONCE = 64

export function createEmittedRelay({ store, events, record, now, after, onFailure }: EmittedRelayOptions): EmittedRelay {
  /** Where there is no other process, what an earlier one held is free: it held nothing for as long as this one does. Over once all of it is taken. */
  let freeUntil = store.sequenced ? 0 : now() + HELD_MS - 1
  const loop = createRelayLoop({ turn, after, onFailure })

  /** Takes some and records them. Answers whether there may be more. */
  async function turn(): Promise<boolean> {
    const rows = await store.claimEmitted(events, Math.max(now(), freeUntil), now() + HELD_MS, AT_ONCE)
    // `close` may have come while the turn waited.
    if (loop.isClosed()) {
      await store.holdEmitted(rows, 0)
      return false
    }
    // All at once, so that they share a round.
    const results = await Promise.allSettled(rows.map((row) => record(row.tenant, JSON.parse(row.body) as EmittedEvent)))
    await store.removeEmitted(rows.filter((_, index) => results[index]?.status === 'fulfilled'))
    for (const [index, result] of results.entries()) {
      if (result.status === 'rejected') await putOff(rows[index] as EmittedRow, result.reason)
    }
    if (rows.length < AT_ONCE) freeUntil = 0
    return rows.length === AT_ONCE
  }

  async function putOff({ number, tries: before }: EmittedRow, reason: unknown): Promise<void> {
    const tries = before + 1
    const pause = growingPause(tries, FIRST_PAUSE_MS, LONGEST_PAUSE_MS)
    // Another process may have it at once where this one ends.
    await store.holdEmitted([{ number, tries }], loop.isClosed() ? 0 : Math.max(now() + pause, freeUntil + 1))
    if (!loop.isClosed()) onFailure?.(reason)
  }

  loop.kick()
  return loop
}
