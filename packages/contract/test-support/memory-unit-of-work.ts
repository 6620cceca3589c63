import type { EmittedEvent, IdempotencyRecord, InboxKey, Transaction, UnitOfWork } from '../src/transaction.ts'

/** A transaction over a Map: what a handler puts there is seen by others once it committed. */
export interface MemoryTransaction extends Transaction {
  readonly rows: Map<string, unknown>
}

export interface MemoryUnitOfWork extends UnitOfWork {
  /** Committed rows. */
  readonly rows: Map<string, unknown>
  readonly kept: Map<string, IdempotencyRecord & { readonly expiresAt: number }>
  /** What was handled, with when that is forgotten. */
  readonly handled: Map<string, number>
  /** What was emitted, in order. */
  readonly emitted: EmittedEvent[]
  readonly commits: () => number
  readonly rollbacks: () => number
  /** The next commit fails with this error. */
  failNextCommit(error: Error): void
}

/** Transactions in memory that do not wait for each other, so a race in the pipeline shows. */
export function createMemoryUnitOfWork(): MemoryUnitOfWork {
  const rows = new Map<string, unknown>()
  const kept: MemoryUnitOfWork['kept'] = new Map()
  const handled: MemoryUnitOfWork['handled'] = new Map()
  const emitted: EmittedEvent[] = []
  let commits = 0
  let rollbacks = 0
  let failure: Error | undefined
  return {
    rows,
    kept,
    handled,
    emitted,
    commits: () => commits,
    rollbacks: () => rollbacks,
    failNextCommit: (error) => {
      failure = error
    },
    async run(tenant, work) {
      const staged = new Map<string, unknown>()
      const stagedRecords: typeof kept = new Map()
      const stagedHandled: typeof handled = new Map()
      const stagedEmitted: EmittedEvent[] = []
      const tx: MemoryTransaction = {
        tenant,
        rows: staged,
        idempotency: {
          async find(scope, now) {
            const record = kept.get(scope)
            return record !== undefined && record.expiresAt > now ? record : undefined
          },
          async keep(scope, record, expiresAt) {
            stagedRecords.set(scope, { ...record, expiresAt })
          },
        },
        inbox: {
          async has(key, now) {
            return (handled.get(toInboxKey(tenant, key)) ?? 0) > now
          },
          async add(key, now, expiresAt) {
            if ((handled.get(toInboxKey(tenant, key)) ?? 0) > now) return false
            stagedHandled.set(toInboxKey(tenant, key), expiresAt)
            return true
          },
        },
        emitted: {
          async add(events) {
            stagedEmitted.push(...events)
          },
        },
      }
      try {
        const result = await work(tx)
        if (failure !== undefined) {
          const error = failure
          failure = undefined
          throw error
        }
        for (const [key, value] of staged) rows.set(key, value)
        for (const [scope, record] of stagedRecords) kept.set(scope, record)
        for (const [key, expiresAt] of stagedHandled) handled.set(key, expiresAt)
        emitted.push(...stagedEmitted)
        commits += 1
        return result
      } catch (error) {
        rollbacks += 1
        throw error
      }
    },
  }
}

/** Puts a row through the transaction a handler was given. */
export function putRow(tx: Transaction, key: string, value: unknown): void {
  ;(tx as MemoryTransaction).rows.set(key, value)
}

function toInboxKey(tenant: string, { handler, source, eventId }: InboxKey): string {
  return JSON.stringify([tenant, handler, source, eventId])
}
