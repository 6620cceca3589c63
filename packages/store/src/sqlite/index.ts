export { STORE_ERRORS, StoreError, type StoreErrorCode } from '../errors.ts'
export { createSqliteStore, type SqliteStoreOptions } from './sqlite-store.ts'
