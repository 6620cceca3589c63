/**
 * Looks at subjects when time has passed: what opens, what is due, a streak's day that ends. Invariants:
 * - an alarm is taken for a minute, so that no other process looks at its subject at the same time; a process that dies loses nothing;
 * - the round that looks at a subject writes its next alarm, so looking twice adds nothing;
 * - a subject that was merged into another one has an alarm until somebody has followed it there;
 * - there is one timer at most; where other processes can set alarms too, it looks at the store every half minute.
 */
import { foldSubject } from '../engine/index.ts'
import type { SubjectKey } from '../ports/index.ts'
import { followMerge } from './follow-merge.ts'
import { type Visit, type VisitContext, visit } from './visit.ts'

interface Context extends Omit<VisitContext, 'now'> {
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Calls back after some milliseconds; returns what cancels it. */
  readonly after: (milliseconds: number, call: () => void) => (() => void) | undefined
  /** Told when a round committed facts. */
  readonly onFacts?: () => void
  /** Told of what failed; it is tried again by itself. */
  readonly onFailure?: ((error: unknown) => void) | undefined
}

export interface AlarmClock {
  /** There is an alarm at this moment now. */
  expect(at: number): void
  /** Looks at every subject whose alarm has passed by now, also where a ring runs already. Returns how many. */
  ring(): Promise<number>
  close(): Promise<void>
}

const AT_ONCE = 100
const HELD_MS = 60_000
const LOOK_EVERY_MS = 30_000
const MOST_TRIES = 20

export function createAlarmClock(context: Context): AlarmClock {
  const { store, now, after } = context
  let isClosed = false
  let cancel: (() => void) | undefined
  let rings = Number.POSITIVE_INFINITY
  let ringing: Promise<number> | undefined
  /** The ring after the one that runs, for all who want one meanwhile. */
  let following: Promise<number> | undefined

  const schedule = (at: number) => {
    if (isClosed || at >= rings) return
    cancel?.()
    rings = at
    cancel = after(Math.max(0, Math.min(at - now(), LOOK_EVERY_MS)), () => {
      rings = Number.POSITIVE_INFINITY
      void ring().catch((error: unknown) => {
        context.onFailure?.(error)
        schedule(now() + LOOK_EVERY_MS)
      })
    })
  }

  const ringAll = async () => {
    let looked = 0
    while (!isClosed) {
      const due = await store.claimTimers(now(), now() + HELD_MS, AT_ONCE)
      if (due.length === 0) break
      await wakeAll(context, due)
      looked += due.length
    }
    const next = (await store.nextTimer()) ?? Number.POSITIVE_INFINITY
    schedule(store.sequenced ? Math.min(next, now() + LOOK_EVERY_MS) : next)
    return looked
  }
  const ring = (): Promise<number> => {
    if (ringing === undefined) {
      ringing = ringAll().finally(() => {
        ringing = undefined
      })
      return ringing
    }
    // The one that runs may have looked before the alarm had passed.
    following ??= ringing
      .catch(() => 0)
      .then(() => {
        following = undefined
        return ring()
      })
    return following
  }
  schedule(now())
  return {
    expect: (at) => schedule(Math.max(at, now())),
    ring,
    async close() {
      isClosed = true
      cancel?.()
      await (following ?? ringing)?.catch(() => 0)
    },
  }
}

/** Who wakes up as somebody who was merged is followed into the other one. */
async function follow(context: Context, merged: readonly SubjectKey[]): Promise<void> {
  for (const key of merged) {
    const principal = { kind: 'anonymous', tenant: key.tenant } as const
    await followMerge(context, key, { principal, channel: 'alarm', receivedAt: context.now() })
  }
}

/** All in one round, or, when that fails, one by one, so that one of them holds up no other. */
async function wakeAll(context: Context, keys: readonly SubjectKey[]): Promise<void> {
  try {
    await wake(context, keys)
  } catch (error) {
    if (keys.length === 1) context.onFailure?.(error)
    else for (const key of keys) await wakeAll(context, [key])
  }
}

async function wake(context: Context, keys: readonly SubjectKey[]): Promise<void> {
  let awake = keys
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    let merged: readonly SubjectKey[] = []
    const looking: Visit = {
      fold: (_, read) => foldSubject({ ...read, wake: true, trace: false }),
      isBackfill: false,
      isWake: true,
    }
    const done = await visit({ ...context, now: context.now() }, awake, looking, (found) => {
      merged = found
    })
    if (merged.length > 0) {
      await follow(context, merged)
      awake = awake.filter((key) => !merged.some(({ tenant, subject }) => tenant === key.tenant && subject === key.subject))
    }
    if (done === 'stale') continue
    if (done.facts > 0) context.onFacts?.()
    return
  }
  throw new Error(`${keys.length} subjects changed ${MOST_TRIES} times while their alarms were looked at.`)
}
