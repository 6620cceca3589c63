/**
 * The relay: one reader of new facts in a process, for all its listeners. It reads once for each tenant that somebody listens to,
 * and hands each fact to those who listen to the tenant or to the subject.
 *
 * States: idle, running, resting (a moment after a run, or longer after one that failed), closed. With listeners, a kick in `idle`
 * starts a run; in `running` and `resting` it is remembered, so many rounds share one run. Where the store gives positions later, the
 * relay runs by itself too, for facts of other processes: after each rest with listeners, now and then without. Invariant: of a tenant
 * with listeners, every fact above its position is still to be handed over.
 */
import type { Ports } from '@waymark/contract'
import type { JournalStore, StoreFailure } from '../ports/index.ts'
import { createFactListener, type FactListener } from './fact-listener.ts'
import { growingPause } from './growing-pause.ts'

export interface FactFeed {
  /** Says that facts were committed. */
  kick(): void
  /** Listens to a tenant, or to one subject in it: what is stored after a position, from now on when there is none, and then what comes. */
  follow(whom: {
    readonly tenant: string
    readonly subject?: string | undefined
    readonly after?: number | undefined
  }): Promise<FollowedFacts>
  /** Ends all listeners; resolves when nothing runs any more. */
  close(): Promise<void>
}

export interface FollowedFacts extends Pick<FactListener, 'next' | 'return'> {
  /** Where it starts: the facts that follow have higher positions. */
  readonly position: number
}

export interface FactFeedOptions {
  readonly store: Pick<JournalStore, 'readFacts' | 'lastPosition' | 'sequenced' | 'sequence'>
  readonly now: Ports['now']
  readonly after: Ports['after']
  /** Told when the store failed; the feed tries again by itself. */
  readonly onFailure?: ((error: unknown) => void) | undefined
}

/** The listeners of one tenant; under `''` those to all of it. */
interface Tenant {
  /** Up to where facts were handed over. */
  position: number
  readonly listeners: Map<string, Set<FactListener>>
}

const PAGE_SIZE = 500
/** Long enough that busy rounds share a run, too short to be noticed: with 10 ms a busy relay cost twice as much. */
const REST_MS = 50
/** A run that takes long meets a store that is busy, so it rests this many times as long as it took. */
const RESTS = 10
const LONGEST_REST_MS = 250
const REST_MS_ALONE = 1_000

export function createFactFeed({ store, now, after, onFailure }: FactFeedOptions): FactFeed {
  const tenants = new Map<string, Tenant>()
  let state: 'idle' | 'running' | 'resting' | 'closed' = 'idle'
  let isKicked = false
  let failures = 0
  let cancelTimer = () => {}
  let running: Promise<void> = Promise.resolve()

  function kick(): void {
    if (state === 'running' || state === 'resting') isKicked = true
    else if (state === 'idle' && tenants.size > 0) start()
  }

  function start(): void {
    cancelTimer()
    state = 'running'
    isKicked = false
    const startedAt = now()
    running = run().then(
      () => {
        failures = 0
        rest(Math.min(Math.max(REST_MS, (now() - startedAt) * RESTS), LONGEST_REST_MS))
      },
      (error: unknown) => {
        // A store that was closed has no more facts, and a timer for it would keep the process alive.
        if ((error as Partial<StoreFailure> | undefined)?.outlook === 'closed') return end()
        failures += 1
        isKicked = true
        if (state !== 'closed') onFailure?.(error)
        rest(growingPause(failures))
      },
    )
  }

  function rest(milliseconds: number): void {
    if (state === 'closed') return
    state = 'resting'
    cancelTimer = after(milliseconds, () => {
      if (tenants.size > 0 && (isKicked || store.sequenced)) return start()
      state = 'idle'
      if (store.sequenced) cancelTimer = after(REST_MS_ALONE, start)
    })
  }

  async function run(): Promise<void> {
    if (store.sequenced) await store.sequence()
    for (const [name, tenant] of tenants) await handOver(name, tenant)
  }

  async function handOver(name: string, tenant: Tenant): Promise<void> {
    while (tenants.get(name) === tenant) {
      const facts = await store.readFacts({ tenant: name, after: tenant.position, limit: PAGE_SIZE })
      for (const fact of facts) {
        for (const key of ['', fact.subject]) for (const listener of tenant.listeners.get(key) ?? []) listener.push(fact)
        tenant.position = fact.position
      }
      if (facts.length < PAGE_SIZE) return
    }
  }

  function join(name: string, key: string, listener: FactListener, position: number): void {
    const tenant = tenants.get(name) ?? { position, listeners: new Map<string, Set<FactListener>>() }
    tenants.set(name, tenant)
    tenant.listeners.set(key, (tenant.listeners.get(key) ?? new Set()).add(listener))
  }

  function leave(name: string, key: string, listener: FactListener): void {
    const tenant = tenants.get(name)
    const listeners = tenant?.listeners.get(key)
    listeners?.delete(listener)
    if (listeners?.size === 0) tenant?.listeners.delete(key)
    if (tenant?.listeners.size === 0) tenants.delete(name)
  }

  async function end(): Promise<void> {
    state = 'closed'
    cancelTimer()
    for (const { listeners } of [...tenants.values()]) {
      for (const listener of [...listeners.values()].flatMap((set) => [...set])) await listener.return()
    }
  }

  // What an earlier process committed may have no position yet.
  if (store.sequenced) start()
  return {
    kick,
    async follow({ tenant: name, subject, after: from }) {
      const last = await store.lastPosition(name)
      if (state === 'closed') throw new Error('The feed of facts was closed.')
      // A position beyond the end is from before the database was set back.
      const position = from === undefined ? last : Math.min(from, last)
      const key = subject ?? ''
      const listener = createFactListener({
        position,
        read: (after) =>
          store.readFacts({ tenant: name, after, limit: PAGE_SIZE, ...(subject === undefined ? {} : { subject }) }),
        pageSize: PAGE_SIZE,
        after,
        onEnd: () => leave(name, key, listener),
      })
      join(name, key, listener, last)
      kick()
      return { position, next: listener.next, return: listener.return }
    },
    async close() {
      await end()
      await running
    },
  }
}
