import { DatabaseSync } from 'node:sqlite'
import type { EntryRow, FactRow } from '@waymark/learning-journey/ports'
import { query } from '../../packages/store/fixtures/make-database.ts'

/** Everything that a database holds of journeys, read around the store. */
export interface StoredRows {
  readonly events: readonly StoredEvent[]
  readonly facts: readonly StoredFact[]
  readonly states: readonly { readonly subject: string; readonly state: Uint8Array }[]
  /** Event ids. */
  readonly rejected: readonly string[]
  /** What was emitted and is not recorded yet, as JSON texts. */
  readonly emitted: readonly string[]
}

export type StoredEvent = Pick<
  EntryRow,
  'subject' | 'source' | 'eventId' | 'kind' | 'name' | 'version' | 'occurredAt' | 'receivedAt' | 'channel' | 'track' | 'payload'
>
export type StoredFact = Pick<FactRow, 'subject' | 'factId' | 'name' | 'track' | 'step' | 'data'>

const EVENTS =
  'select subject, source, event_id, kind, name, version, occurred_at, received_at, channel, track, payload from TABLE order by subject'
const FACTS = 'select subject, fact_id, name, track, step, data from TABLE'
const STATES = 'select subject, state from TABLE'
const EMITTED = 'select body from TABLE'
const REJECTED = 'select event_id from TABLE where event_id is not null'

/** As a superuser, to whom row-level security hides nothing. */
export async function readPostgresRows(url: string): Promise<StoredRows> {
  const read = (sql: string, table: string) => query<Row>(url, sql.replace('TABLE', `waymark.${table}`))
  return toRows(
    await read(EVENTS, 'event'),
    await read(FACTS, 'fact'),
    await read(STATES, 'subject_state'),
    await read(REJECTED, 'rejected'),
    await read(EMITTED, 'emitted'),
  )
}

export function readSqliteRows(file: string): StoredRows {
  const db = new DatabaseSync(file, { readOnly: true })
  try {
    const read = (sql: string, table: string) => db.prepare(sql.replace('TABLE', table)).all() as Row[]
    return toRows(
      read(EVENTS, 'event'),
      read(FACTS, 'fact'),
      read(STATES, 'subject_state'),
      read(REJECTED, 'rejected'),
      read(EMITTED, 'emitted'),
    )
  } finally {
    db.close()
  }
}

type Row = Readonly<Record<string, unknown>>

function toRows(
  events: readonly Row[],
  facts: readonly Row[],
  states: readonly Row[],
  rejected: readonly Row[],
  emitted: readonly Row[],
): StoredRows {
  return {
    events: events.map(({ event_id, occurred_at, received_at, ...row }) => ({
      ...(row as unknown as StoredEvent),
      eventId: event_id as string,
      occurredAt: Number(occurred_at),
      receivedAt: Number(received_at),
    })),
    facts: facts.map(({ fact_id, ...row }) => ({ ...(row as unknown as StoredFact), factId: fact_id as string })),
    states: states as unknown as StoredRows['states'],
    rejected: rejected.map(({ event_id }) => event_id as string),
    emitted: emitted.map(({ body }) => body as string),
  }
}
