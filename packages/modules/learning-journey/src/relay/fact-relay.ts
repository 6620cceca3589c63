/**
 * Hands facts on, tenant by tenant, from where the last process that did so had got. The cursor of a tenant is held by one process at a
 * time, and is kept about every second, so that a crash hands the facts of a second on again. Facts that were brought in from the past
 * are passed over.
 *
 * States of a tenant: unknown, followed (its cursor is held here), left. Invariant: the cursor lies before every fact that is not
 * published.
 */
import type { Ports, Registry } from '@waymark/contract'
import type { JournalStore, StoreFailure } from '../ports/index.ts'
import type { FactFeed, FollowedFacts } from './fact-feed.ts'
import { growingPause } from './growing-pause.ts'
import { factToEvent, type Publish } from './relayed-event.ts'

export interface FactRelay {
  /** Takes no more; resolves when what is on its way was published or refused, and the cursors are kept. */
  close(): Promise<void>
}

export interface FactRelayOptions {
  readonly store: Pick<JournalStore, 'readFactTenants' | 'takeFactCursor' | 'putFactCursor' | 'lastPosition' | 'sequenced'>
  readonly feed: Pick<FactFeed, 'follow'>
  readonly registry: Registry
  readonly publish: Publish
  readonly now: Ports['now']
  readonly after: Ports['after']
  readonly onFailure?: ((error: unknown) => void) | undefined
}

interface Followed {
  readonly facts: FollowedFacts
  /** Up to where everything was published. */
  position: number
  /** What was kept of that, and until when the cursor is held. */
  kept: number
  heldUntil: number
  /** Positions in their order, and whether each is published. */
  readonly onTheWay: { readonly position: number; isDone: boolean }[]
  /** Called when there is room again. */
  room(): void
}

const RELAY = 'bus'
const TURN_MS = 1_000
const HELD_MS = 30_000
const MOST = 256

export function createFactRelay(options: FactRelayOptions): FactRelay {
  const { store, feed, registry, publish, now, after, onFailure } = options
  const tenants = new Map<string, Followed>()
  const publishing = new Set<Promise<void>>()
  let hasBegun = false
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
    for (const [tenant, followed] of tenants) await keep(tenant, followed)
    const known = await store.readFactTenants()
    if (!hasBegun) await begin(known)
    for (const tenant of known) {
      if (isClosed) return
      if (!tenants.has(tenant)) await follow(tenant)
    }
  }

  /** The first relay of a database starts with what comes. From then on a tenant without a cursor is a new one. */
  async function begin(known: readonly string[]): Promise<void> {
    const mark = { relay: RELAY, tenant: '' }
    if ((await store.takeFactCursor(mark, 0, Number.MAX_SAFE_INTEGER, 0)) === 0) {
      for (const tenant of known) {
        await store.takeFactCursor({ relay: RELAY, tenant }, await store.lastPosition(tenant), freeAt(), 0)
      }
      await store.putFactCursor(mark, 1, 0)
    }
    hasBegun = true
  }

  async function follow(tenant: string): Promise<void> {
    const heldUntil = now() + HELD_MS
    const position = await store.takeFactCursor({ relay: RELAY, tenant }, 0, freeAt(), heldUntil)
    if (position === null) return
    const facts = await feed.follow({ tenant, after: position })
    const followed: Followed = { facts, position, kept: position, heldUntil, onTheWay: [], room: () => {} }
    tenants.set(tenant, followed)
    void handOn(tenant, followed)
  }

  async function handOn(tenant: string, followed: Followed): Promise<void> {
    for (let item = await followed.facts.next(); item.done !== true; item = await followed.facts.next()) {
      const fact = item.value
      const place = { position: fact.position, isDone: fact.backfilled }
      followed.onTheWay.push(place)
      if (place.isDone) moveOn(followed)
      else {
        const done = published(factToEvent(registry, fact)).then((isDone) => {
          place.isDone = isDone
          publishing.delete(done)
          moveOn(followed)
        })
        publishing.add(done)
      }
      if (followed.onTheWay.length >= MOST && !isClosed) {
        await new Promise<void>((resolve) => {
          followed.room = resolve
        })
      }
    }
    if (!isClosed) tenants.delete(tenant)
  }

  /** Answers false when the relay was closed before. */
  async function published(event: Parameters<Publish>[0][number]): Promise<boolean> {
    for (let tries = 1; !isClosed; tries += 1) {
      try {
        await publish([event])
        return true
      } catch (error) {
        if (isClosed) return false
        onFailure?.(error)
        await new Promise<void>((resolve) => void after(growingPause(tries), resolve))
      }
    }
    return false
  }

  function moveOn(followed: Followed): void {
    while (followed.onTheWay[0]?.isDone === true) followed.position = followed.onTheWay.shift()?.position ?? followed.position
    if (followed.onTheWay.length < MOST) followed.room()
  }

  async function keep(tenant: string, followed: Followed, isLast = false): Promise<void> {
    const { position, kept, heldUntil } = followed
    if (position === kept && heldUntil - now() > HELD_MS / 2 && !isLast) return
    const until = isLast ? 0 : now() + HELD_MS
    await store.putFactCursor({ relay: RELAY, tenant }, position, until)
    followed.kept = position
    followed.heldUntil = until
  }

  schedule(0)
  return {
    async close() {
      isClosed = true
      cancelTimer()
      for (const { facts, room } of tenants.values()) {
        await facts.return()
        room()
      }
      await Promise.all([running, ...publishing])
      try {
        for (const [tenant, followed] of tenants) await keep(tenant, followed, true)
      } catch (error) {
        onFailure?.(error)
      }
    },
  }
}
