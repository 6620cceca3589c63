/**
 * Hands facts on, contract by contract and tenant by tenant, from where the last process that did so had got. The cursor of a contract and
 * a tenant is held by one process at a time, of those that have handlers for it, and is kept about every second, so that a crash hands the
 * facts of a second on again. Facts that were brought in from the past, and those of people who are held out, are passed over. A fact that
 * could not be published is written down among the outgoing events, and is handed on with those.
 *
 * States of a cursor: unknown, followed (it is held here), left. Invariant: the cursor lies before every fact that is neither published
 * nor written down. Only its holder moves it: who finds that another process took it stops following.
 */
import type { Ports, Registry } from '@waymark/contract'
import type { JournalStore, StoredFact, StoreFailure } from '../ports/index.ts'
import { contractOf } from '../record/entry-row.ts'
import type { FactFeed, FollowedFacts } from './fact-feed.ts'
import { growingPause } from './growing-pause.ts'
import { factToEvent, type Hashes, type Publish, versionOfFact } from './relayed-event.ts'

export interface FactRelay {
  /** Takes no more; resolves when what is on its way was published or refused, and the cursors are kept. */
  close(): Promise<void>
}

export interface FactRelayOptions {
  readonly store: Pick<
    JournalStore,
    'readFactTenants' | 'takeFactCursor' | 'putFactCursor' | 'addOutgoing' | 'lastPosition' | 'sequenced'
  >
  readonly feed: Pick<FactFeed, 'follow'>
  /** What is handed on, as `key@major`. */
  readonly events: readonly string[]
  /** This process, for those that share the database. */
  readonly holder: string
  readonly registry: Registry
  readonly publish: Publish
  readonly hashes: Hashes
  readonly now: Ports['now']
  readonly after: Ports['after']
  readonly onFailure?: ((error: unknown) => void) | undefined
}

interface Followed {
  readonly event: string
  readonly tenant: string
  readonly facts: FollowedFacts
  /** Up to where everything was published. */
  position: number
  /** What was kept of that, and until when the cursor is held. */
  kept: number
  heldUntil: number
  /** True once another process holds the cursor. */
  isLost: boolean
  /** Positions in their order, and whether each is published. */
  readonly onTheWay: { readonly position: number; isDone: boolean }[]
  /** Called when there is room again. */
  room(): void
}

const TURN_MS = 1_000
const HELD_MS = 30_000
const MOST = 256
/** How long a fact that could not be published rests before it is handed on with the outgoing events. */
const REFUSED_MS = 1_000

export function createFactRelay(options: FactRelayOptions): FactRelay {
  const { store, feed, events, holder, registry, publish, hashes, now, after, onFailure } = options
  const cursors = new Map<string, Followed>()
  const publishing = new Set<Promise<void>>()
  const begun = new Set<string>()
  const pauses = new Set<() => void>()
  let isClosed = false
  let failures = 0
  let cancelTimer = () => {}
  let running: Promise<void> = Promise.resolve()
  /** What an earlier process held is free where there is no other process. */
  const freeAt = () => (store.sequenced ? now() : Number.MAX_SAFE_INTEGER)

  function schedule(milliseconds: number): void {
    if (isClosed) return
    cancelTimer = after(milliseconds, () => {
      running = turn().then(
        () => {
          failures = 0
          schedule(TURN_MS)
        },
        (error: unknown) => {
          if ((error as Partial<StoreFailure> | undefined)?.outlook === 'closed') return
          failures += 1
          if (!isClosed) onFailure?.(error)
          schedule(growingPause(failures))
        },
      )
    })
  }

  async function turn(): Promise<void> {
    for (const followed of [...cursors.values()]) await keep(followed)
    const known = await store.readFactTenants()
    for (const event of events) {
      if (!begun.has(event)) await begin(event, known)
      for (const tenant of known) {
        if (isClosed) return
        if (!cursors.has(keyOf(event, tenant))) await follow(event, tenant)
      }
    }
  }

  /** The first relay of a contract in a database starts with what comes. From then on a tenant without a cursor is a new one. */
  async function begin(event: string, known: readonly string[]): Promise<void> {
    const mark = { relay: event, tenant: '' }
    if ((await store.takeFactCursor(mark, holder, 0, Number.MAX_SAFE_INTEGER, 0)) === 0) {
      for (const tenant of known) {
        await store.takeFactCursor({ relay: event, tenant }, holder, await store.lastPosition(tenant), freeAt(), 0)
      }
      await store.putFactCursor(mark, holder, 1, 0)
    }
    begun.add(event)
  }

  async function follow(event: string, tenant: string): Promise<void> {
    const heldUntil = now() + HELD_MS
    const position = await store.takeFactCursor({ relay: event, tenant }, holder, 0, freeAt(), heldUntil)
    if (position === null) return
    const facts = await feed.follow({ tenant, after: position })
    const place = { position, kept: position, heldUntil, isLost: false }
    const followed: Followed = { event, tenant, facts, ...place, onTheWay: [], room: () => {} }
    cursors.set(keyOf(event, tenant), followed)
    void handOn(followed)
  }

  async function handOn(followed: Followed): Promise<void> {
    const { event, tenant } = followed
    for (let item = await followed.facts.next(); item.done !== true; item = await followed.facts.next()) {
      const fact = item.value
      const isWanted = contractOf(fact.name, versionOfFact(registry, fact.name)) === event
      const place = { position: fact.position, isDone: !isWanted || fact.backfilled || fact.heldOut }
      followed.onTheWay.push(place)
      if (place.isDone) moveOn(followed)
      else {
        const done = handedOn(followed, fact).then((isDone) => {
          place.isDone = isDone
          publishing.delete(done)
          moveOn(followed)
        })
        publishing.add(done)
      }
      if (followed.onTheWay.length >= MOST && !isClosed && !followed.isLost) {
        await new Promise<void>((resolve) => {
          followed.room = resolve
        })
      }
    }
    if (!isClosed && cursors.get(keyOf(event, tenant)) === followed) cursors.delete(keyOf(event, tenant))
  }

  /** Publishes a fact, or writes it down. Answers false when it did neither, for the relay was closed or the cursor is another one's. */
  async function handedOn(followed: Followed, fact: StoredFact): Promise<boolean> {
    try {
      await publish([factToEvent(registry, fact, hashes)])
      return true
    } catch (error) {
      if (!isClosed) onFailure?.(error)
    }
    const { tenant, subject, factId } = fact
    const row = { tenant, subject, kind: 'fact' as const, source: '', eventId: factId, event: followed.event }
    for (let tries = 1; !isClosed && !followed.isLost; tries += 1) {
      try {
        await store.addOutgoing([row], now() + REFUSED_MS)
        return true
      } catch (error) {
        if (!isClosed) onFailure?.(error)
        await pause(growingPause(tries))
      }
    }
    return false
  }

  /** Over at once when the relay closes. */
  async function pause(milliseconds: number): Promise<void> {
    if (isClosed) return
    await new Promise<void>((resolve) => {
      const end = () => {
        cancel()
        pauses.delete(end)
        resolve()
      }
      const cancel = after(milliseconds, end)
      pauses.add(end)
    })
  }

  function moveOn(followed: Followed): void {
    while (followed.onTheWay[0]?.isDone === true) followed.position = followed.onTheWay.shift()?.position ?? followed.position
    if (followed.onTheWay.length < MOST) followed.room()
  }

  async function keep(followed: Followed, isLast = false): Promise<void> {
    const { event, tenant, position, kept, heldUntil } = followed
    if (position === kept && heldUntil - now() > HELD_MS / 2 && !isLast) return
    const until = isLast ? 0 : now() + HELD_MS
    const isHeld = await store.putFactCursor({ relay: event, tenant }, holder, position, until)
    followed.kept = position
    followed.heldUntil = until
    if (isHeld) return
    followed.isLost = true
    if (cursors.get(keyOf(event, tenant)) === followed) cursors.delete(keyOf(event, tenant))
    await followed.facts.return()
    followed.room()
  }

  schedule(0)
  return {
    async close() {
      isClosed = true
      cancelTimer()
      for (const end of [...pauses]) end()
      // A turn that runs may follow one more.
      await running
      for (const { facts, room } of cursors.values()) {
        await facts.return()
        room()
      }
      await Promise.all(publishing)
      try {
        for (const followed of [...cursors.values()]) await keep(followed, true)
      } catch (error) {
        onFailure?.(error)
      }
    },
  }
}

function keyOf(event: string, tenant: string): string {
  return JSON.stringify([event, tenant])
}
