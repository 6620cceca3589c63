import { OPEN_COLUMNS } from './connections.ts'
import type { Asked } from './statement.ts'
import { statement } from './statement.ts'

/** Any number that no other program is likely to lock. */
const SEED = 7_461_209_885

const GATES = {
  shared: statement(`select ${OPEN_COLUMNS}, pg_advisory_xact_lock_shared(hashtextextended($2, ${SEED}))`),
  alone: statement(`select ${OPEN_COLUMNS}, pg_advisory_xact_lock(hashtextextended($2, ${SEED}))`),
}

/**
 * Opens a transaction in the journal of a tenant. Any number pass its gate `shared`, as rounds do; who wants to be `alone` waits until
 * they have ended, and holds up those who come later.
 */
export function openedAtGate(tenant: string, how: keyof typeof GATES): Asked {
  return [GATES[how], ['waymark_app', tenant]]
}
