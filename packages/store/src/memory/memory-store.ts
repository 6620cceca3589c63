import type { ExpiredEvents, JournalStore } from '@waymark/learning-journey/ports'
import { StoreError } from '../errors.ts'
import { createRound } from '../round.ts'
import { createTurns } from '../turns.ts'
import { createUnitOfWork } from '../unit-of-work.ts'
import { createMemoryJourneys } from './memory-journeys.ts'
import { createMemoryOperatorReads } from './memory-operator-reads.ts'
import { createMemoryPeople } from './memory-people.ts'
import { createMemoryRelay } from './memory-relay.ts'
import { openMemoryRound } from './memory-round.ts'
import { openMemoryTransaction } from './memory-transaction.ts'
import { byTime, createTables, historyOf, newestFirst, replaceEvent, toKey, toSubjectKey } from './tables.ts'

/**
 * A store that forgets everything when it is closed: for tests, and for browsers. It keeps the same promises as a database
 * otherwise, one round at a time.
 */
export function createMemoryStore(): JournalStore {
  const tables = createTables()
  const turns = createTurns()
  let closed: StoreError | undefined

  function assertOpen(): void {
    if (closed !== undefined) throw closed
  }

  /** Between rounds, as a database does. */
  async function inTurn<T>(work: () => T): Promise<T> {
    const endTurn = await turns.take()
    try {
      assertOpen()
      return work()
    } finally {
      endTurn()
    }
  }

  return {
    maxRounds: 1,
    unitOfWork: createUnitOfWork(turns, async (tenant) => openMemoryTransaction(tables, tenant, assertOpen)),
    async append(entries, wanted) {
      const endTurn = await turns.take()
      try {
        const { opened, driver } = openMemoryRound(tables, entries, wanted, assertOpen)
        return createRound(opened, driver, endTurn)
      } catch (error) {
        endTurn()
        throw error
      }
    },
    async readState(key) {
      assertOpen()
      return tables.states.get(toSubjectKey(key))?.state.slice() ?? null
    },
    async readEntries(key, names) {
      assertOpen()
      const entries = tables.eventsOf.get(toSubjectKey(key)) ?? []
      return entries.filter(({ name }) => names === undefined || names.includes(name)).sort(byTime)
    },
    async readEntry(key, eventId, source) {
      assertOpen()
      const own = (tables.eventsOf.get(toSubjectKey(key)) ?? []).filter((entry) => entry.subject === key.subject)
      const found = own.filter((entry) => entry.eventId === eventId && (source === undefined || entry.source === source))
      return found.sort(byTime)[0] ?? null
    },
    async readNewestEntries(key, names, count) {
      assertOpen()
      const entries = tables.eventsOf.get(toSubjectKey(key)) ?? []
      const named = entries.filter(({ name }) => names.includes(name))
      return named.sort((a, b) => byTime(b, a)).slice(0, count)
    },
    async sequence() {
      assertOpen()
      return 0
    },
    sequenced: false,
    async readHistory(wanted) {
      assertOpen()
      return historyOf(tables, wanted, [])
    },
    async readExpiring(limits, count) {
      assertOpen()
      const before = new Map(limits.map((limit) => [limit.name, limit.before]))
      const found = new Map<string, ExpiredEvents>()
      for (const { tenant, subject, kind, name, occurredAt, payload } of tables.events.values()) {
        const limit = before.get(name)
        if (found.size === count) break
        if (kind !== 'event' || payload === null || limit === undefined || occurredAt >= limit) continue
        found.set(toKey(tenant, subject, name), { tenant, subject, name, before: limit })
      }
      return [...found.values()]
    },
    async removeExpired(receivedBefore, count) {
      assertOpen()
      const rows = [...tables.events.values()].filter(
        ({ payload, receivedAt }) => payload === null && receivedAt < receivedBefore,
      )
      for (const row of rows.slice(0, count)) replaceEvent(tables, row, undefined)
      return Math.min(rows.length, count)
    },
    async readFacts({ tenant, subject, after = 0, limit }) {
      assertOpen()
      const facts = (tables.facts.get(tenant) ?? []).filter(({ position }) => position > after)
      return facts.filter((fact) => subject === undefined || fact.subject === subject).slice(0, limit)
    },
    async readFactsOf({ tenant, subject }) {
      assertOpen()
      return (tables.facts.get(tenant) ?? []).filter((fact) => fact.subject === subject).map(({ position: _, ...fact }) => fact)
    },
    async lastPosition(tenant) {
      assertOpen()
      return tables.facts.get(tenant)?.at(-1)?.position ?? 0
    },
    async readRejected({ tenant, before, limit }) {
      assertOpen()
      const rows = [...(tables.rejected.get(tenant)?.values() ?? [])].sort(newestFirst)
      return rows.filter((row) => before === undefined || newestFirst(before, row) < 0).slice(0, limit)
    },
    async readRejectedById(tenant, ids) {
      assertOpen()
      return [...new Set(ids)].flatMap((id) => tables.rejected.get(tenant)?.get(id) ?? [])
    },
    async pruneRejected(receivedBefore) {
      assertOpen()
      let count = 0
      for (const rows of tables.rejected.values()) {
        for (const { id, receivedAt } of rows.values()) if (receivedAt < receivedBefore && rows.delete(id)) count += 1
      }
      return count
    },
    ...createMemoryJourneys(tables, inTurn, assertOpen),
    ...createMemoryOperatorReads(tables, assertOpen),
    ...createMemoryPeople(tables, inTurn, assertOpen),
    ...createMemoryRelay(tables, inTurn, assertOpen),
    async close() {
      closed ??= new StoreError('STORE_CLOSED', 'The store was closed. Open a new one with createMemoryStore().')
      turns.close(closed)
    },
  }
}
