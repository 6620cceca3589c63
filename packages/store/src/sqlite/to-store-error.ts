import { StoreError, type StoreErrorCode } from '../errors.ts'

// SQLite's primary result codes; the extended ones carry them in their low byte.
const SQLITE_BUSY = 5
const SQLITE_CORRUPT = 11
const SQLITE_FULL = 13
const SQLITE_NOTADB = 26

/** Whatever the database threw about a file, as a StoreError with its next action. */
export function toStoreError(error: unknown, file: string): StoreError {
  if (error instanceof StoreError) return error
  const errcode = toErrcode(error)
  const { code, advice } = classify(errcode)
  const reason = error instanceof Error ? error.message : String(error)
  return new StoreError(code, `${file}: ${reason}. ${advice}`, { errcode, cause: error })
}

/** SQLite's number of an error, undefined when it is not one of SQLite's. */
export function toErrcode(error: unknown): number | undefined {
  const errcode = error instanceof Error && 'errcode' in error ? error.errcode : undefined
  return typeof errcode === 'number' ? errcode : undefined
}

/** True when another connection holds the lock. */
export function isBusy(error: unknown): boolean {
  return ((toErrcode(error) ?? 0) & 0xff) === SQLITE_BUSY
}

function classify(errcode: number | undefined): { readonly code: StoreErrorCode; readonly advice: string } {
  switch ((errcode ?? 0) & 0xff) {
    case SQLITE_FULL:
      return {
        code: 'STORE_FULL',
        advice: 'Nothing of this transaction was written. Free space on the disk of the file and try again.',
      }
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      return { code: 'STORE_UNUSABLE', advice: 'Move the file away or restore it from a backup, then start again.' }
    case SQLITE_BUSY:
      return {
        code: 'STORE_FAILED',
        advice:
          'Another program is writing to the file, and nothing of this transaction was written. Close that program and try again.',
      }
    default:
      return {
        code: 'STORE_FAILED',
        advice: 'Nothing of this transaction was written. Check the disk of the file, then try again.',
      }
  }
}
