import type { TransactionDriver } from '../unit-of-work.ts'
import type { DatabaseThread } from './database-thread.ts'
import { rollBack } from './sqlite-round.ts'

/** A unit of work in the database thread. */
export async function openSqliteTransaction(thread: DatabaseThread, tenant: string): Promise<TransactionDriver> {
  await thread.call('begin')
  return {
    find: (scope, now) => thread.call('findIdempotency', { tenant, scope, now }),
    keep: (scope, { inputHash, answer }, expiresAt) =>
      thread.call('keepIdempotency', { tenant, scope, record: { inputHash, answer }, expiresAt }),
    commit: () => thread.call('commitUnit'),
    rollback: () => rollBack(thread),
  }
}
