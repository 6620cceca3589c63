/**
 * Retention: what events said is forgotten when their contract says so, and the rows themselves after the dedupe window. Invariants:
 * - a round takes payloads only together with the checkpoints that every later rebuild starts from;
 * - each round stands alone, so a sweep may end between any two, and the next one goes on where it was;
 * - where nothing has expired it reads once and writes nothing.
 */
import type { Registry } from '@waymark/contract'
import { type CompiledTrack, cutSubject, type History, parseDuration, type SubjectCut } from '../engine/index.ts'
import type { Derived, ExpiredEvents, JournalStore, RetentionLimit, Round, StoreFailure, SubjectKey } from '../ports/index.ts'
import type { Catalogue } from './catalogue.ts'
import { toCheckpointRows, toFactRow, toHistory, toHistoryRequest } from './derived-rows.ts'

export interface SweepContext {
  readonly registry: Registry
  readonly catalogue: Catalogue
  readonly store: JournalStore
  readonly hash: (text: string) => string
  /** Asked between rounds. */
  readonly isStopped: () => boolean
  /** Told when a round committed facts. */
  readonly onFacts?: () => void
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

export async function sweep(context: SweepContext, now: number): Promise<Swept> {
  const { store, isStopped } = context
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
async function expire({ store, catalogue, hash, onFacts }: SweepContext, expired: readonly ExpiredEvents[]): Promise<boolean> {
  const subjects = groupBySubject(expired, catalogue)
  const round = await store.append([], subjects)
  try {
    const cuts = await cutSubjects(round, subjects)
    const rows = subjects.map((subject, place) => toCheckpointRows(subject, cuts[place] as SubjectCut))
    const derived: Derived = {
      states: subjects.flatMap(({ tenant, subject }, place) => {
        const state = cuts[place]?.row
        return state == null ? [] : [{ tenant, subject, expected: round.states[place]?.version ?? 0, state }]
      }),
      facts: subjects.flatMap((subject, place) =>
        (cuts[place]?.facts ?? []).map((fact) => toFactRow(subject, fact, false, hash)),
      ),
      rejected: [],
      redriven: [],
      outdated: rows.flatMap(({ outdated }) => outdated),
      checkpoints: rows.flatMap(({ checkpoints }) => checkpoints),
      expired,
    }
    const isCommitted = (await round.commit(derived)) === 'committed'
    if (isCommitted && derived.facts.length > 0) onFacts?.()
    return isCommitted
  } catch (error) {
    await round.rollback()
    throw error
  }
}

interface Subject extends SubjectKey {
  /** By track: the moment before which nothing of what it listens to will be left. */
  readonly cuts: Map<CompiledTrack, number>
}

/** Sorted, so that concurrent rounds lock rows in one order. */
function groupBySubject(expired: readonly ExpiredEvents[], { tracksOf }: Catalogue): Subject[] {
  const subjects = new Map<string, Subject>()
  for (const { tenant, subject, name, before } of expired) {
    const key = keyOf({ tenant, subject })
    const { cuts } = subjects.get(key) ?? { cuts: new Map() }
    for (const track of tracksOf({ kind: 'event', name, track: null })) cuts.set(track, Math.max(cuts.get(track) ?? 0, before))
    subjects.set(key, { tenant, subject, cuts })
  }
  return [...subjects].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, subject]) => subject)
}

async function cutSubjects(round: Round, subjects: readonly Subject[]): Promise<SubjectCut[]> {
  const cut = ({ cuts }: Subject, place: number, history?: (track: CompiledTrack) => History) => {
    const { state: row = null, hasHistory = true } = round.states[place] ?? {}
    return cutSubject({ row, hasHistory, cuts, ...(history === undefined ? {} : { history }) })
  }
  const first = subjects.map((subject, place) => cut(subject, place))
  const wanted = first.flatMap(({ needs }, place) => needs.map((need) => ({ place, need })))
  if (wanted.length === 0) return first
  const histories = await round.history(wanted.map(({ place, need }) => toHistoryRequest(subjects[place] as Subject, need)))
  return first.map((done, place) => {
    if (done.needs.length === 0) return done
    const own = new Map(
      wanted.flatMap((request, index) => {
        const history = histories[index]
        return request.place === place && history !== undefined ? [[request.need.track, toHistory(history)]] : []
      }),
    )
    return cut(subjects[place] as Subject, place, (track) => own.get(track) as History)
  })
}
