import { StoreError, type StoreErrorCode } from '../errors.ts'

/** The error of `refuse_stale()` in the migrations. */
export const STALE = 'WM001'

/** A pooler that gives every transaction another connection loses named statements: unknown there, or known already. */
const STATEMENT_NAMES = new Set(['26000', '42P05'])
/** Deadlock, serialisation failure, lock timeout, statement timeout, and lost statement names: the same again may succeed at once. */
const BUSY = new Set(['40001', '40P01', '55P03', '57014', ...STATEMENT_NAMES])
/** Connections refused for want of slots, shutdown and start-up, a standby that takes no writes, a transaction that idled too long. */
const UNREACHABLE = new Set(['53300', '57P01', '57P02', '57P03', '57P05', '25006', '25P03', '25P04'])
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
  // No SQLSTATE: it is not the server that speaks, but the connection to it.
  if (sqlState === undefined || sqlState.startsWith('08') || UNREACHABLE.has(sqlState)) {
    return {
      code: 'STORE_UNREACHABLE',
      advice: 'Check that the server of DATABASE_URL runs and takes connections; the same call may be made again.',
    }
  }
  if (BUSY.has(sqlState)) return { code: 'STORE_BUSY', advice: 'Nothing of the transaction was written; do it again.' }
  if (FULL.has(sqlState)) {
    return { code: 'STORE_FULL', advice: 'Nothing of the transaction was written. Free space for the server, then try again.' }
  }
  if (sqlState === '28P01' || sqlState === '28000' || sqlState === '3D000') {
    return { code: 'STORE_UNUSABLE', advice: 'Correct the user, the password or the database name in DATABASE_URL.' }
  }
  if (sqlState === '42501' || sqlState === '42P01' || sqlState === '3F000' || sqlState === '42704') {
    return { code: 'STORE_UNUSABLE', advice: 'Run `waymark migrate` with a DATABASE_URL whose user owns the database.' }
  }
  return { code: 'STORE_FAILED', advice: 'Nothing of the transaction was written.' }
}
