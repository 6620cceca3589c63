import { readdirSync, readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import type { EntryRow, FactRow, StateWrite } from '@waymark/learning-journey/ports'
import { MIGRATIONS } from '../../packages/store/src/sqlite/migrate.ts'
import { openConnection } from '../../packages/store/src/sqlite/open-connection.ts'
import type { CapturedRound } from '../fixtures/capture-rounds.ts'

export interface RawSqlite {
  /** Writes the rows of a round in one transaction. */
  write(round: CapturedRound): void
  /** How many rows the tables hold: event, subject_state, fact. */
  count(): readonly number[]
  close(): void
}

/**
 * `node:sqlite` on the calling thread and nothing else: tables, pragmas and statements of the store, rows that somebody else has worked
 * out. `reads`: also the two that a round needs before it can work out anything, the state of each subject and whether it has a past.
 */
export function openRawSqlite(file: string, { reads }: { readonly reads: boolean }): RawSqlite {
  const db = openConnection(file)
  for (const name of readdirSync(MIGRATIONS).sort()) db.exec(readFileSync(new URL(name, MIGRATIONS), 'utf8'))
  const readState = db.prepare('select version, state from subject_state where tenant = ? and subject = ?')
  const hasEntries = db.prepare('select 1 from event where tenant = ? and subject = ? limit 1')
  const insertEvent = db.prepare(
    `insert into event (tenant, subject, source, event_id, kind, name, version, occurred_at, received_at, claimed_at, account, actor,
       track, channel, key_id, body_hash, payload, payload_format)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1) on conflict do nothing`,
  )
  const insertState = db.prepare(
    'insert into subject_state (tenant, subject, version, state) values (?, ?, 1, ?) on conflict do nothing',
  )
  const updateState = db.prepare(
    'update subject_state set version = version + 1, state = ? where tenant = ? and subject = ? and version = ?',
  )
  const insertFact = db.prepare(
    `insert into fact (tenant, subject, fact_id, name, track, run, step, cause_source, cause_id, occurred_at, data, flags,
       run_started_at, position)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (tenant, subject, fact_id) do nothing`,
  )
  const begin = db.prepare('begin immediate')
  const commit = db.prepare('commit')
  let position = 0

  function writeEvent(row: EntryRow): void {
    insertEvent.run(
      row.tenant,
      row.subject,
      row.source,
      row.eventId,
      row.kind,
      row.name,
      row.version,
      row.occurredAt,
      row.receivedAt,
      row.claimedAt,
      row.account,
      row.actor,
      row.track,
      row.channel,
      row.keyId,
      row.bodyHash,
      row.payload,
    )
  }

  function writeState({ tenant, subject, expected, state }: StateWrite): void {
    if (expected === 0) insertState.run(tenant, subject, state)
    else updateState.run(state, tenant, subject, expected)
  }

  function writeFact(row: FactRow): void {
    insertFact.run(
      row.tenant,
      row.subject,
      row.factId,
      row.name,
      row.track,
      row.run,
      row.step,
      row.causeSource,
      row.causeId,
      row.occurredAt,
      row.data,
      row.backfilled ? 1 : 0,
      row.runStartedAt,
      ++position,
    )
  }

  return {
    write({ entries, wanted, states, facts }) {
      begin.run()
      if (reads) {
        for (const { tenant, subject } of wanted) {
          readState.get(tenant, subject)
          hasEntries.get(tenant, subject)
        }
      }
      for (const row of entries) writeEvent(row)
      for (const row of states) writeState(row)
      for (const row of facts) writeFact(row)
      commit.run()
    },
    count: () => countIn(db),
    close: () => db.close(),
  }
}

/** How many rows the tables of a closed database hold: event, subject_state, fact. */
export function countRows(file: string): readonly number[] {
  const db = new DatabaseSync(file, { readOnly: true })
  try {
    return countIn(db)
  } finally {
    db.close()
  }
}

function countIn(db: DatabaseSync): readonly number[] {
  return ['event', 'subject_state', 'fact'].map((table) => Number(db.prepare(`select count(*) as n from ${table}`).get()?.n))
}
