/**
 * The database of one file, as the thread serves it: the owner's lock, a writing connection, and a reading one that sees only what
 * is committed, so reads neither wait for a round nor see into it. States: open, closed.
 */
import { existsSync, mkdirSync, realpathSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { StoreError } from '../errors.ts'
import type { Calls } from './calls.ts'
import { createEmittedTable } from './emitted-table.ts'
import { createIdempotencyTable } from './idempotency-table.ts'
import { createInboxTable } from './inbox-table.ts'
import { createJournalReader } from './journal-reader.ts'
import { createJournalWriter } from './journal-writer.ts'
import { createJourneyReader } from './journey-reader.ts'
import { createJourneyWriter } from './journey-writer.ts'
import { MIGRATIONS, migrate } from './migrate.ts'
import { openConnection } from './open-connection.ts'
import { createOperatorReader } from './operator-reader.ts'
import { type OwnerLock, takeOwnerLock } from './owner-lock.ts'
import { createPeopleWriter } from './people-writer.ts'
import { createRelayTable } from './relay-table.ts'
import { toStoreError } from './to-store-error.ts'
import { createUnknownEventReader, createUnknownEventWriter } from './unknown-event-table.ts'

export interface Database extends Omit<Calls, 'open'> {
  readonly notices: readonly string[]
  /** Copies the log into the file as far as nobody is held up; does nothing in a transaction, or when nothing was written. */
  checkpoint(): void
}

/** Opens or makes a database and brings its schema up to date. */
export function openDatabase(path: string): Database {
  const file = toRealFile(path)
  let lock: OwnerLock | undefined
  let db: DatabaseSync | undefined
  try {
    lock = takeOwnerLock(file)
    db = openConnection(file)
    const applied = migrate(db, file, MIGRATIONS, Date.now())
    const notices = applied.map((name) => `${file}: applied migration ${name}.`)
    if (lock.stalePid !== undefined) {
      notices.unshift(`${file}: process ${lock.stalePid} ended without closing the database; all it had committed is there.`)
    }
    return createDatabase(db, new DatabaseSync(file, { timeout: 0, readOnly: true }), lock, notices)
  } catch (error) {
    db?.close()
    lock?.release()
    throw error instanceof StoreError ? error : unusable(error, file)
  }
}

function createDatabase(db: DatabaseSync, readOnly: DatabaseSync, lock: OwnerLock, notices: readonly string[]): Database {
  const writer = createJournalWriter(db)
  const ownReader = createJournalReader(db)
  const reader = createJournalReader(readOnly)
  const journeys = createJourneyWriter(db)
  const people = createPeopleWriter(db, journeys.addJob)
  const idempotency = createIdempotencyTable(db)
  const inbox = createInboxTable(db)
  const relay = createRelayTable(db)
  const emitted = createEmittedTable(db)
  const unknownEvents = createUnknownEventWriter(db)
  const checkpoint = db.prepare('pragma wal_checkpoint(passive)')
  let hasWritten = false

  /** SQLite ends a transaction by itself when the disk fails; what came after would each be committed alone. */
  function assertTransaction(): void {
    if (db.isTransaction) return
    throw new StoreError('STORE_FAILED', 'The transaction was rolled back by an earlier error. Begin again.')
  }

  /** A call that writes, as a transaction of its own. */
  function alone<A, R>(call: (ask: A) => R): (ask: A) => R {
    return (ask) => {
      hasWritten = true
      writer.begin()
      try {
        const answer = call(ask)
        writer.commit()
        return answer
      } catch (error) {
        writer.rollback()
        throw error
      }
    }
  }

  return {
    ...reader,
    ...createJourneyReader(readOnly),
    ...createOperatorReader(readOnly),
    ...createUnknownEventReader(readOnly),
    notices,
    append: writer.append,
    history(wanted) {
      assertTransaction()
      return ownReader.history(wanted)
    },
    commit(derived) {
      assertTransaction()
      hasWritten = true
      return writer.commitRound(derived)
    },
    begin: writer.begin,
    findIdempotency(ask) {
      assertTransaction()
      return idempotency.find(ask)
    },
    keepIdempotency(ask) {
      assertTransaction()
      idempotency.keep(ask)
    },
    hasInbox(ask) {
      assertTransaction()
      return inbox.has(ask)
    },
    addInbox(ask) {
      assertTransaction()
      return inbox.add(ask)
    },
    addEmitted(ask) {
      assertTransaction()
      emitted.addEmitted(ask)
    },
    commitUnit() {
      assertTransaction()
      hasWritten = true
      writer.commit()
    },
    rollback: writer.rollback,
    removeExpired: alone(writer.removeExpired),
    pruneRejected: alone(writer.pruneRejected),
    countUnknownEvents: alone(unknownEvents.countUnknownEvents),
    pruneUnknownEvents: alone(unknownEvents.pruneUnknownEvents),
    putTrackVersion: alone(journeys.putTrackVersion),
    claimTimers: alone(journeys.claimTimers),
    claimOutgoing: alone(relay.claimOutgoing),
    addOutgoing: alone(relay.addOutgoing),
    holdOutgoing: alone(relay.holdOutgoing),
    removeOutgoing: alone(relay.removeOutgoing),
    claimEmitted: alone(emitted.claimEmitted),
    holdEmitted: alone(emitted.holdEmitted),
    removeEmitted: alone(emitted.removeEmitted),
    takeFactCursor: alone(relay.takeFactCursor),
    putFactCursor: alone(relay.putFactCursor),
    putTrackStatus: alone(journeys.putTrackStatus),
    addJob: alone(journeys.addJob),
    claimJob: alone(journeys.claimJob),
    putJob: alone(journeys.putJob),
    merge: alone(people.merge),
    erase: alone(people.erase),
    checkpoint() {
      if (!hasWritten || db.isTransaction) return
      checkpoint.get()
      hasWritten = false
    },
    close() {
      writer.rollback()
      readOnly.close()
      // The last connection to close copies the log into the file and removes it.
      db.close()
      lock.release()
    },
  }
}

/** One file has one lock, by whatever path it is named. Makes the folder. */
function toRealFile(path: string): string {
  try {
    mkdirSync(dirname(path), { recursive: true })
    return existsSync(path) ? realpathSync(path) : join(realpathSync(dirname(path)), basename(path))
  } catch (error) {
    throw unusable(error, path)
  }
}

function unusable(error: unknown, file: string): StoreError {
  const { errcode } = toStoreError(error, file)
  const reason = error instanceof Error ? error.message : String(error)
  return new StoreError(
    'STORE_UNUSABLE',
    `${file} cannot be opened as a database: ${reason}. Expected a Waymark database, or a path in a folder that this process may write to. Choose another file, or correct the folder's permissions.`,
    { errcode, cause: error },
  )
}
