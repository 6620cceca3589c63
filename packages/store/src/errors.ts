/** Every error code of this package, with what it means. */
export const STORE_ERRORS = {
  STORE_LOCKED: 'Another process, or another store of this process, has the database file open',
  STORE_CLOSED: 'The store was closed, or the thread that held the database ended',
  STORE_UNUSABLE: 'The database file cannot be opened, or is not one of ours',
  STORE_SCHEMA_NEWER: 'The database was written by a newer release',
  STORE_MIGRATION_CHANGED: 'A migration file differs from the one that was applied',
  STORE_MIGRATION_FAILED: 'A migration could not be applied and was rolled back',
  STORE_TRANSACTION_ENDED: 'A round or a unit of work was used after it had ended',
  STORE_FULL: 'The disk or the database is full; the transaction was rolled back',
  STORE_FAILED: 'The database refused a statement; the transaction was rolled back',
} as const

export type StoreErrorCode = keyof typeof STORE_ERRORS

/** What a store throws. `errcode` is the database's own number of the error, where it gave one. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly code: StoreErrorCode
  readonly errcode: number | undefined

  constructor(
    code: StoreErrorCode,
    message: string,
    options: { readonly errcode?: number | undefined; readonly cause?: unknown } = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : {})
    this.code = code
    this.errcode = options.errcode
  }
}
