/**
 * Units of work over one writer. States: idle (nothing asked yet), begun, ended. A unit takes its turn only with its first
 * statement, so work that asks nothing of its transaction holds nobody up; from there to the end no round can be open.
 */
import type { Emitted, IdempotencyRecords, Inbox, UnitOfWork } from '@waymark/contract'
import { StoreError } from './errors.ts'
import { type NewEmitted, toNewEmitted } from './new-emitted.ts'
import type { Turns } from './turns.ts'

/** An open transaction. `commit` and `rollback` end it, whatever they answer. */
export interface TransactionDriver {
  readonly idempotency: IdempotencyRecords
  readonly inbox: Inbox
  addEmitted(rows: readonly NewEmitted[]): Promise<void>
  commit(): Promise<void>
  rollback(): Promise<void>
}

export function createUnitOfWork(turns: Pick<Turns, 'take'>, begin: (tenant: string) => Promise<TransactionDriver>): UnitOfWork {
  return {
    async run(tenant, work) {
      const unit = createUnit(turns, () => begin(tenant))
      const idempotency: IdempotencyRecords = {
        find: (scope, now) => unit.use((driver) => driver.idempotency.find(scope, now)),
        keep: (scope, record, expiresAt) => unit.use((driver) => driver.idempotency.keep(scope, record, expiresAt)),
      }
      const inbox: Inbox = {
        has: (key, now) => unit.use((driver) => driver.inbox.has(key, now)),
        add: (key, now, expiresAt) => unit.use((driver) => driver.inbox.add(key, now, expiresAt)),
      }
      const emitted: Emitted = { add: (events) => unit.use((driver) => driver.addEmitted(events.map(toNewEmitted))) }
      let result: Awaited<ReturnType<typeof work>>
      try {
        result = await work({ tenant, idempotency, inbox, emitted })
      } catch (error) {
        // The reason of the work is the one to report; a transaction that could not even be rolled back is lost with its thread.
        await unit.end('rollback').catch(() => {})
        throw error
      }
      await unit.end('commit')
      return result
    },
  }
}

interface Begun {
  readonly driver: TransactionDriver
  readonly endTurn: () => void
}

function createUnit(turns: Pick<Turns, 'take'>, begin: () => Promise<TransactionDriver>) {
  let begun: Promise<Begun> | undefined
  let isEnded = false

  async function start(): Promise<Begun> {
    const endTurn = await turns.take()
    try {
      return { driver: await begin(), endTurn }
    } catch (error) {
      endTurn()
      throw error
    }
  }

  function assertOpen(): void {
    if (!isEnded) return
    throw new StoreError(
      'STORE_TRANSACTION_ENDED',
      'A unit of work was used after its function had returned. Await every call to it inside the function.',
    )
  }

  return {
    async use<T>(call: (driver: TransactionDriver) => Promise<T>): Promise<T> {
      assertOpen()
      begun ??= start()
      const { driver } = await begun
      // Again, right before the call: one that was not awaited must not fall into the transaction that comes next.
      assertOpen()
      return call(driver)
    },
    async end(how: 'commit' | 'rollback'): Promise<void> {
      isEnded = true
      if (begun === undefined) return
      const { driver, endTurn } = await begun
      const done = driver[how]()
      endTurn()
      await done
    },
  }
}
