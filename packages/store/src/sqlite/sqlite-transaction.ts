import type { TransactionDriver } from '../unit-of-work.ts'
import type { DatabaseThread } from './database-thread.ts'
import { rollBack } from './sqlite-round.ts'

/** A unit of work in the database thread. */
export async function openSqliteTransaction(thread: DatabaseThread, tenant: string): Promise<TransactionDriver> {
  await thread.call('begin')
  return {
    idempotency: {
      find: (scope, now) => thread.call('findIdempotency', { tenant, scope, now }),
      keep: (scope, { inputHash, answer }, expiresAt) =>
        thread.call('keepIdempotency', { tenant, scope, record: { inputHash, answer }, expiresAt }),
    },
    inbox: {
      has: ({ handler, source, eventId }, now) => thread.call('hasInbox', { tenant, key: { handler, source, eventId }, now }),
      add: ({ handler, source, eventId }, now, expiresAt) =>
        thread.call('addInbox', { tenant, key: { handler, source, eventId }, now, expiresAt }),
    },
    addEmitted: (rows) => thread.call('addEmitted', { tenant, rows }),
    commit: () => thread.call('commitUnit'),
    rollback: () => rollBack(thread),
  }
}
