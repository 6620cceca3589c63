import { OPEN_COLUMNS } from './connections.ts'
import { type Asked, statement } from './statement.ts'

/** Any number that no other program is likely to lock. */
const SEED = 7_461_209_885

/**
 * How long one waits at the gate to be alone, in milliseconds. Who comes later waits behind, so it is given up and tried again where a
 * round does not end: a process that stalls holds up what wants to be alone, and not the rounds of the others.
 */
const PATIENCE = 2_000

const GATES = {
  shared: statement(`select ${OPEN_COLUMNS}, pg_advisory_xact_lock_shared(hashtextextended($2, ${SEED}))`),
  alone: statement(
    `select ${OPEN_COLUMNS}, set_config('lock_timeout', '${PATIENCE}', true), pg_advisory_xact_lock(hashtextextended($2, ${SEED}))`,
  ),
}

/**
 * Opens a transaction in the journal of a tenant. Any number pass its gate `shared`, as rounds do; who wants to be `alone` waits until
 * they have ended, and holds up those who come later.
 */
export function openedAtGate(tenant: string, how: keyof typeof GATES): Asked {
  return [GATES[how], ['waymark_app', tenant]]
}
