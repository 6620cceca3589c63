export { STORE_ERRORS, StoreError, type StoreErrorCode } from '../errors.ts'
export { createMemoryStore } from './memory-store.ts'
