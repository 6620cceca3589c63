/**
 * The writing connection. States: idle, in a round (between `append` and `commit` or `rollback`). Invariants: a call that throws
 * has rolled back; a position is larger than all that the table holds of its tenant.
 */
import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import type { RejectedRow } from '@waymark/learning-journey/ports'
import type { AppendAnswer, AppendAsk, Calls, DerivedValues } from './calls.ts'
import { isAccount } from './journal-reader.ts'
import { createJourneyWrite } from './journey-write.ts'
import { packBytes, unpackBytes } from './packed-bytes.ts'
import { createRollupTable } from './rollup-table.ts'
import { ENTRY_WIDTH, FACT_WIDTH, type Value } from './row-values.ts'

const RECORDED = 0
const DUPLICATE = 1
const CONFLICT = 2

export type JournalWriter = ReturnType<typeof createJournalWriter>

export function createJournalWriter(db: DatabaseSync) {
  const insertEvent = createEventInsert(db)
  const readSubject = createSubjectRead(db)
  const writeState = createStateWrite(db)
  const insertFact = createFactInsert(db)
  const countFacts = createRollupTable(db)
  const insertRejected = db.prepare(
    `insert into rejected (tenant, id, received_at, channel, key_id, event_id, name, problem, body)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing`,
  )
  const keepRejected = db.prepare('update rejected set problem = ? where tenant = ? and id = ?')
  const removeRejected = db.prepare('delete from rejected where tenant = ? and id = ?')
  const writeCheckpoints = createCheckpointWrite(db)
  const writeJourneys = createJourneyWrite(db)
  const readRevision = db.prepare('select value from revision')
  const blankPayloads = db.prepare(
    `update event set payload = '', payload_format = 0
     where tenant = ? and subject = ? and name = ? and occurred_at < ? and payload_format > 0 and kind = 'event'`,
  )
  const removeExpired = db.prepare(
    'delete from event where rowid in (select rowid from event where payload_format = 0 and received_at < ? limit ?)',
  )
  const pruneRejected = db.prepare('delete from rejected where received_at < ?')
  const begin = db.prepare('begin immediate')
  const commit = db.prepare('commit')

  function rollback(): void {
    // SQLite has already rolled back by itself when the disk was full or failed.
    if (db.isTransaction) db.exec('rollback')
  }

  function orRollback<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      rollback()
      throw error
    }
  }

  return {
    begin: () => void begin.run(),
    commit: () => orRollback(() => void commit.run()),
    rollback,
    append({ entries, wanted }: AppendAsk): AppendAnswer {
      begin.run()
      return orRollback(() => {
        // Before the inserts: it asks for entries of earlier rounds.
        const subjects = Array.from({ length: wanted.length / 2 }, (_, i) =>
          readSubject(wanted[i * 2] as string, wanted[i * 2 + 1] as string),
        )
        const outcomes = new Uint8Array(entries.length / ENTRY_WIDTH)
        for (let i = 0; i < outcomes.length; i += 1) {
          outcomes[i] = insertEvent(entries.slice(i * ENTRY_WIDTH, (i + 1) * ENTRY_WIDTH))
        }
        return {
          outcomes,
          versions: subjects.map(({ version }) => version),
          states: packBytes(subjects.map(({ state }) => state)),
          hasHistory: Uint8Array.from(subjects, ({ hasHistory }) => hasHistory),
          mergedInto: subjects.map(({ mergedInto }) => mergedInto),
          revision: readRevision.get()?.value as number,
        }
      })
    },
    commitRound(derived: DerivedValues): 'committed' | 'stale' {
      const { states, bytes, facts, rejected, redriven, expired } = derived
      return orRollback(() => {
        for (const [i, state] of unpackBytes(bytes).entries()) {
          if (writeState(states.slice(i * 3, i * 3 + 3), state as Uint8Array)) continue
          rollback()
          return 'stale'
        }
        const rows = Array.from({ length: facts.length / FACT_WIDTH }, (_, i) =>
          facts.slice(i * FACT_WIDTH, (i + 1) * FACT_WIDTH),
        )
        countFacts(rows.filter(insertFact))
        for (const row of rejected) insertRejected.run(...toRejectedValues(row))
        for (const { tenant, id, problem } of redriven) {
          if (problem === null) removeRejected.run(tenant, id)
          else keepRejected.run(problem, tenant, id)
        }
        writeCheckpoints(derived)
        for (const { tenant, subject, name, before } of expired) blankPayloads.run(tenant, subject, name, before)
        writeJourneys(derived)
        commit.run()
        return 'committed'
      })
    },
    removeExpired({ receivedBefore, count }: Parameters<Calls['removeExpired']>[0]): number {
      return Number(removeExpired.run(receivedBefore, count).changes)
    },
    pruneRejected(receivedBefore: number): number {
      return Number(pruneRejected.run(receivedBefore).changes)
    },
  }
}

function createEventInsert(db: DatabaseSync) {
  const insert = db.prepare(
    `insert into event (tenant, subject, source, event_id, kind, name, version, occurred_at, received_at, claimed_at, account, actor,
       track, channel, key_id, body_hash, payload, payload_format)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1) on conflict do nothing`,
  )
  const readHash = db.prepare('select body_hash from event where tenant = ? and subject = ? and source = ? and event_id = ?')
  return (values: readonly Value[]): number => {
    if (insert.run(...values).changes === 1) return RECORDED
    return readHash.get(...values.slice(0, 4))?.body_hash === values[15] ? DUPLICATE : CONFLICT
  }
}

function createSubjectRead(db: DatabaseSync) {
  const readState = db.prepare('select version, state from subject_state where tenant = ? and subject = ?')
  const readMerged = db.prepare('select into_subject from merged where tenant = ? and subject = ?')
  const hasOwn = db.prepare('select 1 from event where tenant = ? and subject = ? limit 1')
  const hasOfAccount = db.prepare('select 1 from event where tenant = ? and account = ? limit 1')
  return (tenant: string, subject: string) => {
    const row = readState.get(tenant, subject) as { version: number; state: Uint8Array } | undefined
    // Where there is a state there was an entry that it came from.
    const hasHistory =
      row !== undefined ||
      hasOwn.get(tenant, subject) !== undefined ||
      (isAccount(subject) && hasOfAccount.get(tenant, subject.slice(2)) !== undefined)
    // Who was merged has no state.
    const mergedInto = row === undefined ? ((readMerged.get(tenant, subject)?.into_subject as string | undefined) ?? null) : null
    return { version: row?.version ?? 0, state: row?.state ?? null, hasHistory: hasHistory ? 1 : 0, mergedInto }
  }
}

/** Answers false when the state is not at the expected version. */
function createStateWrite(db: DatabaseSync) {
  const insert = db.prepare(
    'insert into subject_state (tenant, subject, version, state) values (?, ?, 1, ?) on conflict do nothing',
  )
  const update = db.prepare(
    'update subject_state set version = version + 1, state = ? where tenant = ? and subject = ? and version = ?',
  )
  return ([tenant, subject, expected]: readonly Value[], state: Uint8Array): boolean => {
    const { changes } =
      expected === 0
        ? insert.run(tenant as string, subject as string, state)
        : update.run(state, tenant as string, subject as string, expected as number)
    return changes === 1
  }
}

function createCheckpointWrite(db: DatabaseSync) {
  const remove = db.prepare(
    'delete from checkpoint where tenant = ?1 and subject = ?2 and track = ?3 and at >= ?4 and (?5 is null or at < ?5)',
  )
  const put = db.prepare(
    `insert into checkpoint (tenant, subject, track, at, behaviour, state) values (?, ?, ?, ?, ?, ?)
     on conflict do update set behaviour = excluded.behaviour, state = excluded.state`,
  )
  return ({ outdated, checkpoints, checkpointBytes }: DerivedValues): void => {
    for (const { tenant, subject, track, from, before } of outdated) remove.run(tenant, subject, track, from, before)
    for (const [i, state] of unpackBytes(checkpointBytes).entries()) put.run(...checkpoints.slice(i * 5, i * 5 + 5), state)
  }
}

/** Answers false when the fact was there already. */
function createFactInsert(db: DatabaseSync) {
  const lastPosition = db.prepare(
    `select max(coalesce((select max(position) from fact where tenant = ?1), 0),
       coalesce((select position from erased_position where tenant = ?1), 0)) as position`,
  )
  const insert = db.prepare(
    `insert into fact (tenant, subject, fact_id, name, track, run, step, cause_source, cause_id, occurred_at, data, flags,
       run_started_at, position)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (tenant, subject, fact_id) do nothing`,
  )
  // The last position given in each tenant. A rollback leaves it as it is: that makes a gap, and gaps are normal.
  const positions = new Map<string, number>()
  return (values: readonly Value[]): boolean => {
    const tenant = values[0] as string
    const position = (positions.get(tenant) ?? (lastPosition.get(tenant)?.position as number)) + 1
    if (insert.run(...values, position).changes === 0) return false
    positions.set(tenant, position)
    return true
  }
}

function toRejectedValues({
  tenant,
  id,
  receivedAt,
  channel,
  keyId,
  eventId,
  name,
  problem,
  body,
}: RejectedRow): SQLInputValue[] {
  return [tenant, id, receivedAt, channel, keyId, eventId, name, problem, body]
}
