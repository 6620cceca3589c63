import type { Registry } from '@waymark/contract'
import type { EntryRow, FactRow, OutgoingRow, SubjectKey } from '../ports/index.ts'
import { idsOf } from '../record/entry-row.ts'
import { toIdHash } from '../record/tombstones.ts'

/** An event on its way to whoever listens to events. */
export interface RelayedEvent {
  readonly tenant: string
  /** Unique within the tenant, and the same whenever the event is handed on. */
  readonly id: string
  readonly source: string
  readonly key: string
  readonly version: string
  /** Epoch milliseconds. */
  readonly occurredAt: number
  /** How the event came; `fact` for what Waymark derived. */
  readonly channel: string
  readonly learnerId?: string
  readonly accountId?: string
  readonly payload: unknown
}

/** Hands events on. Resolves when nothing of them can be lost any more; until then they are handed on again, also after a crash. */
export type Publish = (events: readonly RelayedEvent[]) => Promise<void>

/** How hashes are made for the ids of events. */
export interface Hashes {
  readonly hash: (text: string) => string
  /** With a secret key, so that nobody finds a person by trying. */
  readonly keyedHash: (text: string) => string
}

/** The version of the contract that describes facts of a name. */
export function versionOfFact(registry: Registry, name: string): string {
  return registry.event(name)?.event.meta.version ?? '1.0.0'
}

/**
 * A fact as the contract of its name describes it. Its id begins with the mark of whom it is about: what was handled of a person can be
 * forgotten by it.
 */
export function factToEvent(registry: Registry, fact: FactRow, hashes: Hashes): RelayedEvent {
  return {
    tenant: fact.tenant,
    id: `${markOf(fact, hashes)}.${fact.factId}`,
    source: sourceOf(fact.tenant),
    key: fact.name,
    version: versionOfFact(registry, fact.name),
    occurredAt: fact.occurredAt,
    channel: 'fact',
    ...present(idsOf(fact.subject)),
    payload: JSON.parse(fact.data),
  }
}

/**
 * A recorded event. Producers number their events for each person, so its id begins with the mark of whom it was recorded for, and one of
 * the source; both stay when it becomes another one's.
 */
export function entryToEvent(row: OutgoingRow, entry: EntryRow, hashes: Hashes): RelayedEvent {
  const source = hashes.hash(`source\0${row.source}`).slice(0, SOURCE_LENGTH)
  const { learnerId, accountId } = idsOf(entry.subject)
  return {
    tenant: row.tenant,
    id: `${markOf(row, hashes)}.${source}.${row.eventId}`,
    source: sourceOf(row.tenant),
    key: entry.name,
    version: entry.version,
    occurredAt: entry.occurredAt,
    channel: entry.channel,
    ...present({ learnerId, accountId: accountId ?? entry.account }),
    payload: JSON.parse(entry.payload ?? 'null'),
  }
}

const SOURCE_LENGTH = 12

/** The tombstone of a person who is forgotten has the same hash. */
function markOf({ tenant, subject }: SubjectKey, { keyedHash }: Hashes): string {
  const { learnerId, accountId } = idsOf(subject)
  return learnerId === null ? keyedHash(`account\0${tenant}\0${accountId}`) : toIdHash(keyedHash, tenant, learnerId)
}

function sourceOf(tenant: string): string {
  return `/tenants/${encodeURIComponent(tenant)}`
}

function present(ids: { readonly learnerId: string | null; readonly accountId: string | null }) {
  return {
    ...(ids.learnerId === null ? {} : { learnerId: ids.learnerId }),
    ...(ids.accountId === null ? {} : { accountId: ids.accountId }),
  }
}
