import type { Registry } from '@waymark/contract'
import type { EntryRow, OutgoingRow, StoredFact } from '../ports/index.ts'
import { idsOf } from '../record/entry-row.ts'

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

/** A fact as the contract of its name describes it. */
export function factToEvent(registry: Registry, fact: StoredFact): RelayedEvent {
  return {
    tenant: fact.tenant,
    id: fact.factId,
    source: sourceOf(fact.tenant),
    key: fact.name,
    version: registry.event(fact.name)?.event.meta.version ?? '1.0.0',
    occurredAt: fact.occurredAt,
    channel: 'fact',
    ...present(idsOf(fact.subject)),
    payload: JSON.parse(fact.data),
  }
}

/**
 * A recorded event. Producers number their events for each person, so its id gets a mark of whom it was recorded for; that stays when it
 * becomes another one's.
 */
export function entryToEvent(row: OutgoingRow, entry: EntryRow, hash: (text: string) => string): RelayedEvent {
  const mark = hash(`event of\0${row.tenant}\0${row.subject}\0${row.source}`).slice(0, MARK_LENGTH)
  const { learnerId, accountId } = idsOf(entry.subject)
  return {
    tenant: row.tenant,
    id: `${mark}.${row.eventId}`,
    source: sourceOf(row.tenant),
    key: entry.name,
    version: entry.version,
    occurredAt: entry.occurredAt,
    channel: entry.channel,
    ...present({ learnerId, accountId: accountId ?? entry.account }),
    payload: JSON.parse(entry.payload ?? 'null'),
  }
}

const MARK_LENGTH = 12

function sourceOf(tenant: string): string {
  return `/tenants/${encodeURIComponent(tenant)}`
}

function present(ids: { readonly learnerId: string | null; readonly accountId: string | null }) {
  return {
    ...(ids.learnerId === null ? {} : { learnerId: ids.learnerId }),
    ...(ids.accountId === null ? {} : { accountId: ids.accountId }),
  }
}
