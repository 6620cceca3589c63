import type { TransactionDriver } from '../unit-of-work.ts'
import { type KeptRecord, type Tables, toKey } from './tables.ts'

/** A unit of work in memory: records are staged and reach the table with the commit. */
export function openMemoryTransaction(tables: Tables, tenant: string, assertOpen: () => void): TransactionDriver {
  const staged = new Map<string, KeptRecord>()
  return {
    async find(scope, now) {
      assertOpen()
      const key = toKey(tenant, scope)
      const kept = staged.get(key) ?? tables.idempotency.get(key)
      if (kept === undefined) return undefined
      if (kept.expiresAt > now) return { inputHash: kept.inputHash, answer: kept.answer }
      tables.idempotency.delete(key)
      return undefined
    },
    async keep(scope, { inputHash, answer }, expiresAt) {
      assertOpen()
      staged.set(toKey(tenant, scope), { inputHash, answer, expiresAt })
    },
    async commit() {
      assertOpen()
      for (const [key, record] of staged) tables.idempotency.set(key, record)
    },
    async rollback() {},
  }
}
