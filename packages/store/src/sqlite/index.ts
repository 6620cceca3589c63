export { STORE_ERRORS, StoreError, type StoreErrorCode } from '../errors.ts'
export type { BackupCopy } from './backup-database.ts'
export { createSqliteStore, type SqliteStore, type SqliteStoreOptions } from './sqlite-store.ts'
