/**
 * Retention: what events said is forgotten when their contract says so, and the rows themselves after the dedupe window. Invariants:
 * - a round takes payloads only together with the checkpoints that every later rebuild starts from;
 * - each round stands alone, so a sweep may end between any two, and the next one goes on where it was;
 * - where nothing has expired it reads once and writes nothing.
 */
import type { Registry } from '@waymark/contract'
import { type Calendar, type CompiledTrack, cutSubject, parseDuration } from '../engine/index.ts'
import type { ExpiredEvents, JournalStore, RetentionLimit, StoreFailure, SubjectKey } from '../ports/index.ts'
import type { Catalogue } from './catalogue.ts'
import { accountSubject, isAbout } from './entry-row.ts'
import { visit } from './visit.ts'

export interface SweepContext {
  readonly registry: Registry
  readonly catalogue: Catalogue
  readonly store: JournalStore
  readonly hash: (text: string) => string
  readonly calendar: Calendar
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly revision: () => number
  readonly reload: () => Promise<void>
  /** Asked between rounds. */
  readonly isStopped: () => boolean
  /** Told when a round committed facts. */
  readonly onFacts?: () => void
  /** Told when a round set alarms, of the earliest of them. */
  readonly onAlarm?: (at: number) => void
  /** Told of a subject that cannot be swept: it is passed over. */
  readonly onFailure?: ((error: unknown) => void) | undefined
}

/** How much a sweep did. */
export interface Swept {
  /** Times that a subject lost the payloads of one kind of event. */
  readonly expired: number
  /** Events that were removed. */
  readonly removed: number
}

const DAY_MS = 24 * 60 * 60 * 1_000
/** How long an id is known after its event was received. */
const DEDUPE_WINDOW_MS = 400 * DAY_MS
const AT_ONCE = 100
const REMOVED_AT_ONCE = 1_000

export async function sweep(context: SweepContext): Promise<Swept> {
  const { store, isStopped } = context
  const now = context.now()
  const limits = limitsOf(context.registry, now)
  let expired = 0
  const passedOver = new Set<string>()
  while (!isStopped() && limits.length > 0) {
    const all = await store.readExpiring(limits, AT_ONCE + passedOver.size)
    const found = all.filter((row) => !passedOver.has(keyOf(row)))
    if (found.length === 0) break
    expired += await expireAll(context, found, passedOver)
  }
  let removed = 0
  while (!isStopped()) {
    const count = await store.removeExpired(now - DEDUPE_WINDOW_MS, REMOVED_AT_ONCE)
    removed += count
    if (count < REMOVED_AT_ONCE) break
  }
  return { expired, removed }
}

function limitsOf(registry: Registry, now: number): RetentionLimit[] {
  const names = new Set(registry.events.map(({ event }) => event.meta.key))
  return [...names].flatMap((name) => {
    const retention = parseDuration(registry.event(name)?.event.retention ?? '')
    return retention === undefined ? [] : [{ name, before: now - retention }]
  })
}

/** All in one round, or, when that fails, subject by subject, so that one of them holds up no other. Returns how many did expire. */
async function expireAll(context: SweepContext, found: readonly ExpiredEvents[], passedOver: Set<string>): Promise<number> {
  try {
    return (await expire(context, found)) ? found.length : 0
  } catch (error) {
    const subjects = new Set(found.map(keyOf))
    const [only] = subjects
    if (subjects.size === 1 && only !== undefined) {
      passedOver.add(only)
      context.onFailure?.(error)
      return 0
    }
    // The store itself: the next sweep goes on.
    if ((error as Partial<StoreFailure>)?.outlook === 'closed') throw error
    let expired = 0
    for (const subject of subjects) {
      if (context.isStopped()) break
      expired += await expireAll(
        context,
        found.filter((row) => keyOf(row) === subject),
        passedOver,
      )
    }
    return expired
  }
}

function keyOf({ tenant, subject }: SubjectKey): string {
  return `${tenant}\0${subject}`
}

/** One round. False when states changed meanwhile: nothing was written then. */
async function expire(context: SweepContext, expired: readonly ExpiredEvents[]): Promise<boolean> {
  const subjects = await groupBySubject(expired, context)
  const done = await visit({ ...context, now: context.now() }, [...subjects.values()], {
    fold: ({ tenant, subject }, read) =>
      cutSubject({ ...read, cuts: subjects.get(keyOf({ tenant, subject }))?.cuts ?? new Map() }),
    isBackfill: false,
    isWake: false,
    expired,
  })
  if (done === 'stale') return false
  if (done.facts > 0) context.onFacts?.()
  if (done.alarm !== null) context.onAlarm?.(done.alarm)
  return true
}

interface Subject extends SubjectKey {
  /** By track: the moment before which nothing of what it listens to will be left. */
  readonly cuts: Map<CompiledTrack, number>
}

/** Those whose evidence expires, and the accounts in which they acted. */
async function groupBySubject(
  expired: readonly ExpiredEvents[],
  { catalogue, store }: Pick<SweepContext, 'catalogue' | 'store'>,
): Promise<Map<string, Subject>> {
  const subjects = new Map<string, Subject>()
  const add = (key: SubjectKey, tracks: readonly CompiledTrack[], before: number) => {
    const known = subjects.get(keyOf(key)) ?? { ...key, cuts: new Map<CompiledTrack, number>() }
    for (const track of tracks)
      if (isAbout(track, key.subject)) known.cuts.set(track, Math.max(known.cuts.get(track) ?? 0, before))
    subjects.set(keyOf(key), known)
  }
  for (const { tenant, subject, name, before } of expired) {
    const tracks = catalogue.tracksOf({ kind: 'event', name, track: null })
    add({ tenant, subject }, tracks, before)
    if (!tracks.some((track) => track.subject === 'account')) continue
    const entries = await store.readEntries({ tenant, subject }, [name])
    const own = entries.filter(({ payload, occurredAt }) => payload !== null && occurredAt < before)
    for (const account of new Set(own.flatMap(({ account }) => account ?? [])))
      add({ tenant, subject: accountSubject(account) }, tracks, before)
  }
  return subjects
}
