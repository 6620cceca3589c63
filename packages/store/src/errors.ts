import type { StoreFailure } from '@waymark/learning-journey/ports'

/** Every error code of this package, with what it means. */
export const STORE_ERRORS = {
  STORE_LOCKED: 'Another process, or another store of this process, has the database file open',
  STORE_CLOSED: 'The store was closed, or the thread that held the database ended',
  STORE_UNUSABLE: 'The database cannot be opened, is not one of ours, or lacks what Waymark needs',
  STORE_UNREACHABLE:
    'The connection to the database was lost or refused, or the server is not well; whether the last commit took place is not known',
  STORE_BUSY: 'The database ended the transaction in favour of another one; it was rolled back and can be done again',
  STORE_SCHEMA_NEWER: 'The database was written by a newer release',
  STORE_SCHEMA_OLDER: 'The database waits for migrations that this login may not apply',
  STORE_MIGRATION_CHANGED: 'A migration file differs from the one that was applied',
  STORE_MIGRATION_FAILED: 'A migration could not be applied and was rolled back',
  STORE_TRANSACTION_ENDED: 'A round or a unit of work was used after it had ended',
  STORE_FULL: 'The disk or the database is full; the transaction was rolled back',
  STORE_FAILED: 'The database refused a statement; the transaction was rolled back',
} as const

export type StoreErrorCode = keyof typeof STORE_ERRORS

/** What a store throws. `errcode` is the database's own number or SQLSTATE of the error, where it gave one. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly code: StoreErrorCode
  readonly errcode: number | string | undefined

  constructor(
    code: StoreErrorCode,
    message: string,
    options: { readonly errcode?: number | string | undefined; readonly cause?: unknown } = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : {})
    this.code = code
    this.errcode = options.errcode
  }

  /** What the record path may do about it: see the port `StoreFailure`. */
  get outlook(): StoreFailure['outlook'] {
    switch (this.code) {
      case 'STORE_UNREACHABLE':
      case 'STORE_BUSY':
      case 'STORE_FULL':
        return 'retry'
      case 'STORE_FAILED':
        return 'refused'
      default:
        return 'closed'
    }
  }
}
