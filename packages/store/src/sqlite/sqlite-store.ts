import { resolve } from 'node:path'
import type { JournalStore, RejectedRow, SubjectKey } from '@waymark/learning-journey/ports'
import { createRound } from '../round.ts'
import { createTurns } from '../turns.ts'
import { createUnitOfWork } from '../unit-of-work.ts'
import { type BackupCopy, backupDatabase } from './backup-database.ts'
import { createDatabaseThread } from './database-thread.ts'
import { toEntry, toEntryValues, toFact, toStoredFact } from './row-values.ts'
import { createRoundDriver, toHistory, toOpened } from './sqlite-round.ts'
import { openSqliteTransaction } from './sqlite-transaction.ts'

export interface SqliteStoreOptions {
  /** Path of the database. It is made when it is not there, with its folder; `.lock`, `.pid`, `-wal` and `-shm` stand beside it. */
  readonly file: string
  /** Told in one line each: migrations applied, an earlier owner that died, a checkpoint that failed, the end of the thread. */
  readonly onNotice?: (notice: string) => void
}

/** The embedded store. */
export interface SqliteStore extends JournalStore {
  /**
   * Copies everything that is committed by now into a file that is not there, while reads and writes go on. The file appears when it is
   * complete and was checked.
   */
  backup(to: string): Promise<BackupCopy>
}

/**
 * Opens the embedded store: one SQLite file, owned by this process, in a thread of its own. What it has committed survives the
 * death of the process and a loss of power. The open store keeps the process alive; `close` it.
 * @throws StoreError `STORE_LOCKED` when the file has an owner, `STORE_UNUSABLE`, `STORE_SCHEMA_NEWER`, `STORE_MIGRATION_CHANGED`,
 * `STORE_MIGRATION_FAILED`.
 */
export async function createSqliteStore({ file, onNotice }: SqliteStoreOptions): Promise<SqliteStore> {
  const turns = createTurns()
  // The thread's file has the extension of this one: .ts in the sources, .js in the package.
  const url = new URL(`./worker${import.meta.url.slice(-3)}`, import.meta.url)
  const thread = createDatabaseThread(url, { onNotice, onEnd: turns.close })
  try {
    for (const notice of await thread.call('open', resolve(file))) onNotice?.(notice)
  } catch (error) {
    await thread.terminate()
    throw error
  }

  /** Between rounds: the writing connection has one transaction at a time. */
  async function inTurn<T>(call: () => Promise<T>): Promise<T> {
    const endTurn = await turns.take()
    try {
      return call()
    } finally {
      endTurn()
    }
  }

  return {
    maxRounds: 1,
    unitOfWork: createUnitOfWork(turns, (tenant) => openSqliteTransaction(thread, tenant)),
    async append(entries, wanted) {
      const ask = { entries: toEntryValues(entries), wanted: wanted.flatMap(({ tenant, subject }) => [tenant, subject]) }
      const endTurn = await turns.take()
      try {
        return createRound(toOpened(await thread.call('append', ask)), createRoundDriver(thread), endTurn)
      } catch (error) {
        endTurn()
        throw error
      }
    },
    readState: async (key) => thread.call('readState', toSubject(key)),
    readEntries: async (key, names) => (await thread.call('readEntries', { key: toSubject(key), names })).map(toEntry),
    async readEntry(key, eventId, source) {
      const found = await thread.call('readEntry', { key: toSubject(key), eventId, source })
      return found === null ? null : toEntry(found)
    },
    readNewestEntries: async (key, names, count) =>
      (await thread.call('readNewestEntries', { key: toSubject(key), names, count })).map(toEntry),
    // A round gives the positions itself, and no other process has one.
    sequenced: false,
    sequence: async () => 0,
    readHistory: async (wanted) => toHistory(await thread.call('readHistory', wanted)),
    readExpiring: async (limits, count) => thread.call('readExpiring', { limits, count }),
    removeExpired: (receivedBefore, count) => inTurn(() => thread.call('removeExpired', { receivedBefore, count })),
    readFacts: async (query) => (await thread.call('readFacts', query)).map(toStoredFact),
    readFactsOf: async (key) => (await thread.call('readFactsOf', toSubject(key))).map(toFact),
    lastPosition: (tenant) => thread.call('lastPosition', tenant),
    readRejected: async (query): Promise<readonly RejectedRow[]> => thread.call('readRejected', query),
    readRejectedById: async (tenant, ids): Promise<readonly RejectedRow[]> => thread.call('readRejectedById', { tenant, ids }),
    pruneRejected: (receivedBefore) => inTurn(() => thread.call('pruneRejected', receivedBefore)),
    countUnknownEvents: (rows, names) => inTurn(() => thread.call('countUnknownEvents', { rows, names })),
    readUnknownEvents: (tenant) => thread.call('readUnknownEvents', tenant),
    pruneUnknownEvents: (lastBefore) => inTurn(() => thread.call('pruneUnknownEvents', lastBefore)),
    readTrackVersions: () => thread.call('readTrackVersions'),
    putTrackVersion: (...rows) => inTurn(() => thread.call('putTrackVersion', rows)),
    claimTimers: (due, until, count) => inTurn(() => thread.call('claimTimers', { due, until, count })),
    nextTimer: () => thread.call('nextTimer'),
    claimOutgoing: (events, now, until, count) => inTurn(() => thread.call('claimOutgoing', { events, now, until, count })),
    addOutgoing: (rows, until) => inTurn(() => thread.call('addOutgoing', { rows, until })),
    holdOutgoing: (rows, until) => inTurn(() => thread.call('holdOutgoing', { rows, until })),
    removeOutgoing: (rows) => inTurn(() => thread.call('removeOutgoing', rows)),
    claimEmitted: (events, now, until, count) => inTurn(() => thread.call('claimEmitted', { events, now, until, count })),
    holdEmitted: (rows, until) =>
      inTurn(() => thread.call('holdEmitted', { rows: rows.map(({ number, tries }) => ({ number, tries })), until })),
    removeEmitted: (rows) =>
      inTurn(() =>
        thread.call(
          'removeEmitted',
          rows.map(({ number }) => ({ number })),
        ),
      ),
    readFactTenants: () => thread.call('readFactTenants'),
    takeFactCursor: (key, holder, start, now, until) =>
      inTurn(() => thread.call('takeFactCursor', { key, holder, start, now, until })),
    putFactCursor: (key, holder, position, until) => inTurn(() => thread.call('putFactCursor', { key, holder, position, until })),
    readMemberships: (learners) =>
      thread.call(
        'readMemberships',
        learners.map(({ tenant, learner }) => ({ tenant, learner })),
      ),
    readMerged: (key) => thread.call('readMerged', toSubject(key)),
    readAliases: (key) => thread.call('readAliases', toSubject(key)),
    merge: (merge) => inTurn(() => thread.call('merge', merge)),
    erase: (subjects, tombstones, jobs = []) =>
      inTurn(() => thread.call('erase', { subjects: subjects.map(toSubject), tombstones, jobs })),
    readTombstones: () => thread.call('readTombstones'),
    readSubjects: (after, count) => thread.call('readSubjects', { after: after && toSubject(after), count }),
    readTrackStatus: () => thread.call('readTrackStatus'),
    putTrackStatus: (row) => inTurn(() => thread.call('putTrackStatus', row)),
    readJobs: () => thread.call('readJobs'),
    addJob: (job) => inTurn(() => thread.call('addJob', job)),
    claimJob: (kind, now, until) => inTurn(() => thread.call('claimJob', { kind, now, until })),
    putJob: (job, until) => inTurn(() => thread.call('putJob', { job, until })),
    listEvents: async (query) => (await thread.call('listEvents', query)).map(toEntry),
    listFacts: async (query) => (await thread.call('listFacts', query)).map(toStoredFact),
    listEnrolments: (query) => thread.call('listEnrolments', query),
    listSubjects: (query) => thread.call('listSubjects', query),
    readRollup: (query) => thread.call('readRollup', query),
    readRevision: () => thread.call('readRevision'),
    backup: (to) => backupDatabase(resolve(file), to),
    close: () => thread.close(),
  }
}

/** Callers pass rows that have more fields; only the key is copied to the thread. */
function toSubject({ tenant, subject }: SubjectKey): SubjectKey {
  return { tenant, subject }
}
