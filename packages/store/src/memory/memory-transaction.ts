import type { InboxKey } from '@waymark/contract'
import type { NewEmitted } from '../new-emitted.ts'
import type { TransactionDriver } from '../unit-of-work.ts'
import { addEmitted, type HandledEvent, type KeptRecord, type Tables, toKey } from './tables.ts'

/** A unit of work in memory: records are staged and reach the tables with the commit. */
export function openMemoryTransaction(tables: Tables, tenant: string, assertOpen: () => void): TransactionDriver {
  const kept = new Map<string, KeptRecord>()
  const handled = new Map<string, HandledEvent>()
  const emitted: NewEmitted[] = []
  const toInboxKey = ({ handler, source, eventId }: InboxKey) => toKey(tenant, handler, source, eventId)
  const isHandled = (key: string, now: number): boolean => {
    const { expiresAt } = handled.get(key) ?? tables.inbox.get(key) ?? {}
    if (expiresAt === undefined || expiresAt > now) return expiresAt !== undefined
    tables.inbox.delete(key)
    return false
  }
  return {
    idempotency: {
      async find(scope, now) {
        assertOpen()
        const key = toKey(tenant, scope)
        const found = kept.get(key) ?? tables.idempotency.get(key)
        if (found === undefined) return undefined
        if (found.expiresAt > now) return { inputHash: found.inputHash, answer: found.answer }
        tables.idempotency.delete(key)
        return undefined
      },
      async keep(scope, { inputHash, answer }, expiresAt) {
        assertOpen()
        kept.set(toKey(tenant, scope), { inputHash, answer, expiresAt })
      },
    },
    inbox: {
      async has(key, now) {
        assertOpen()
        return isHandled(toInboxKey(key), now)
      },
      async add(key, now, expiresAt) {
        assertOpen()
        if (isHandled(toInboxKey(key), now)) return false
        handled.set(toInboxKey(key), { tenant, eventId: key.eventId, expiresAt })
        return true
      },
    },
    async addEmitted(rows) {
      assertOpen()
      emitted.push(...rows)
    },
    async commit() {
      assertOpen()
      for (const [key, record] of kept) tables.idempotency.set(key, record)
      for (const [key, row] of handled) tables.inbox.set(key, row)
      addEmitted(tables, tenant, emitted)
    },
    async rollback() {},
  }
}
