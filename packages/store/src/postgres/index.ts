export { STORE_ERRORS, StoreError, type StoreErrorCode } from '../errors.ts'
export { inspectPostgres, type PostgresReport } from './inspect-postgres.ts'
export { migratePostgres } from './migrate-postgres.ts'
export { createPostgresStore, type PostgresStoreOptions } from './postgres-store.ts'
