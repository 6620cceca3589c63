import { availableParallelism } from 'node:os'
import type { JournalStore, RetentionLimit } from '@waymark/learning-journey/ports'
import { createRound } from '../round.ts'
import { createUnitOfWork } from '../unit-of-work.ts'
import { createConnections } from './connections.ts'
import { createJobs } from './jobs.ts'
import {
  pruneRejected,
  readEntries,
  readEntry,
  readExpiring,
  readFacts,
  readFactsOf,
  readHistory,
  readLastPosition,
  readNewestEntries,
  readRejected,
  readRejectedById,
  readState,
  removeExpired,
  toBytes,
  toEntry,
  toFact,
  toHistory,
  toRejected,
  toStoredFact,
} from './journal-queries.ts'
import { migratePostgres } from './migrate-postgres.ts'
import { createOperatorReads } from './operator-reads.ts'
import { createPeople } from './people.ts'
import { openPostgresRound } from './postgres-round.ts'
import { createTransactions } from './postgres-transaction.ts'
import { createRelay } from './relay.ts'
import { sequenceFacts } from './sequence-facts.ts'
import { createTimers } from './timers.ts'
import { createTracks } from './tracks.ts'

export interface PostgresStoreOptions {
  /** `postgres://user:password@host:port/database`, with the parameters of libpq, e.g. `sslmode`. */
  readonly url: string
  /** How many rounds of the record path may be open at once; the number of processors, at most 8, when absent. */
  readonly rounds?: number
  /** How many connections queries and units of work share, besides one for each round; 10 when absent. */
  readonly connections?: number
  /** Told in one line each: migrations applied, named statements that a pooler loses. */
  readonly onNotice?: (notice: string) => void
}

/**
 * Opens the store of a PostgreSQL database (15 or newer), and brings its schema up to date. Any number of processes may share one
 * database; `close` ends the connections of this one.
 * @throws StoreError `STORE_UNREACHABLE`, `STORE_UNUSABLE`, `STORE_SCHEMA_NEWER`, `STORE_SCHEMA_OLDER`, `STORE_MIGRATION_CHANGED`,
 * `STORE_MIGRATION_FAILED`.
 */
export async function createPostgresStore(options: PostgresStoreOptions): Promise<JournalStore> {
  const { url, rounds = Math.min(availableParallelism(), 8), connections: size = 10, onNotice } = options
  for (const name of await migratePostgres(url)) onNotice?.(`The database: applied migration ${name}.`)
  const roundConnections = createConnections(url, rounds, onNotice)
  const connections = createConnections(url, size, onNotice)

  return {
    maxRounds: rounds,
    unitOfWork: createUnitOfWork(NO_TURNS, createTransactions(connections)),
    async append(entries, wanted) {
      const { opened, driver } = await openPostgresRound(roundConnections, entries, wanted)
      return createRound(opened, driver, () => {})
    },
    async readState(key) {
      const [answer] = await connections.run('waymark_app', key.tenant, readState(key))
      const [row] = answer?.rows ?? []
      return row === undefined ? null : toBytes(row[0] as string)
    },
    async readEntries(key, names) {
      const [answer] = await connections.run('waymark_app', key.tenant, readEntries(key, names))
      return (answer?.rows ?? []).map(toEntry)
    },
    async readEntry(key, eventId, source) {
      const [answer] = await connections.run('waymark_app', key.tenant, readEntry(key, eventId, source))
      const [row] = answer?.rows ?? []
      return row === undefined ? null : toEntry(row)
    },
    async readNewestEntries(key, names, count) {
      const [answer] = await connections.run('waymark_app', key.tenant, readNewestEntries(key, names, count))
      return (answer?.rows ?? []).map(toEntry)
    },
    async readHistory(wanted) {
      const [answer] = await connections.run('waymark_app', wanted.tenant, readHistory(wanted))
      return toHistory(wanted, answer ?? { rows: [], count: 0 })
    },
    async readExpiring(limits, count) {
      const asked = limits.map(({ name, before }) => readExpiring(name, before, count))
      const answers = await connections.run('waymark_worker', '', ...asked)
      const found = answers.flatMap(({ rows }, index) =>
        (rows as readonly (readonly [string, string])[]).map(([tenant, subject]) => ({
          tenant,
          subject,
          ...(limits[index] as RetentionLimit),
        })),
      )
      return found.slice(0, count)
    },
    async removeExpired(receivedBefore, count) {
      const [answer] = await connections.run('waymark_worker', '', removeExpired(receivedBefore, count))
      return answer?.count ?? 0
    },
    async readFacts(query) {
      const [answer] = await connections.run('waymark_app', query.tenant, readFacts(query))
      return (answer?.rows ?? []).map(toStoredFact)
    },
    async readFactsOf(key) {
      const [answer] = await connections.run('waymark_app', key.tenant, readFactsOf(key))
      return (answer?.rows ?? []).map(toFact)
    },
    async readRejected(query) {
      const [answer] = await connections.run('waymark_app', query.tenant, readRejected(query))
      return (answer?.rows ?? []).map(toRejected)
    },
    async readRejectedById(tenant, ids) {
      const [answer] = await connections.run('waymark_app', tenant, readRejectedById(tenant, ids))
      return (answer?.rows ?? []).map(toRejected)
    },
    async pruneRejected(receivedBefore) {
      const [answer] = await connections.run('waymark_worker', '', pruneRejected(receivedBefore))
      return answer?.count ?? 0
    },
    async lastPosition(tenant) {
      const [answer] = await connections.run('waymark_app', tenant, readLastPosition(tenant))
      return Number(answer?.rows[0]?.[0] ?? 0)
    },
    ...createOperatorReads(connections),
    ...createTimers(connections),
    ...createTracks(connections),
    ...createJobs(connections),
    ...createPeople(connections),
    ...createRelay(connections),
    sequenced: true,
    sequence: () => sequenceFacts(connections),
    async close() {
      await Promise.all([roundConnections.close(), connections.close()])
    },
  }
}

/** Transactions of a server do not wait for each other here. */
const NO_TURNS = { take: async () => () => {} }
