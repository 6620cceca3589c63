import { StoreError, type StoreErrorCode } from '../errors.ts'

/** The error of `refuse_stale()` in the migrations. */
export const STALE = 'WM001'

/** A pooler that gives every transaction another connection loses named statements: unknown there, or known already. */
const STATEMENT_NAMES = new Set(['26000', '42P05'])
/** Deadlock, serialisation failure, lock timeout, statement timeout, and lost statement names: the same again may succeed at once. */
const BUSY = new Set(['40001', '40P01', '55P03', '57014', ...STATEMENT_NAMES])
const FULL = new Set(['53100', '53200'])

/** Whatever `pg` threw, as a StoreError with its next action. */
export function toStoreError(error: unknown): StoreError {
  if (error instanceof StoreError) return error
  const sqlState = sqlStateOf(error)
  const { code, advice } = classify(sqlState)
  const reason = error instanceof Error ? error.message || error.name : String(error)
  return new StoreError(code, `PostgreSQL: ${reason}${sqlState === undefined ? '' : ` (${sqlState})`}. ${advice}`, {
    errcode: sqlState,
    cause: error,
  })
}

/** The five-character SQLSTATE; undefined for an error of the connection itself. */
export function sqlStateOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && 'severity' in (error as object) ? code : undefined
}

/** True when a named statement was lost on its way through a pooler. */
export function hasLostStatement(error: unknown): boolean {
  return STATEMENT_NAMES.has(sqlStateOf(error) ?? '')
}

function classify(sqlState: string | undefined): { readonly code: StoreErrorCode; readonly advice: string } {
  if (sqlState !== undefined && BUSY.has(sqlState)) {
    return { code: 'STORE_BUSY', advice: 'Nothing of the transaction was written; do it again.' }
  }
  if (sqlState !== undefined && FULL.has(sqlState)) {
    return { code: 'STORE_FULL', advice: 'Nothing of the transaction was written. Free space for the server, then try again.' }
  }
  switch (sqlState?.slice(0, 2)) {
    // Bad data, a broken constraint, a limit of the program; and the error of our own function.
    case '21':
    case '22':
    case '23':
    case '54':
    case 'WM':
      return { code: 'STORE_FAILED', advice: 'Nothing of the transaction was written.' }
    // The login, or the database's name.
    case '28':
    case '3D':
      return { code: 'STORE_UNUSABLE', advice: 'Correct the user, the password or the database name in DATABASE_URL.' }
    // A table, a column or a right that is not there.
    case '42':
    case '3F':
      return { code: 'STORE_UNUSABLE', advice: 'Run `waymark migrate` with a DATABASE_URL whose user owns the database.' }
    // No SQLSTATE: it is the connection that speaks. Anything else is trouble of the server, and no fault of the rows.
    default:
      return {
        code: 'STORE_UNREACHABLE',
        advice: 'Check that the server of DATABASE_URL runs, takes connections and is well; the same call may be made again.',
      }
  }
}
