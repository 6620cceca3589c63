import type { DatabaseSync } from 'node:sqlite'
import type { SubjectKey } from '@waymark/learning-journey/ports'
import type { Calls } from './calls.ts'

/** What is written outside of rounds; the caller makes each call a transaction. */
export function createJourneyWriter(db: DatabaseSync) {
  const dueTimers = db.prepare('select tenant, subject from timer where at <= ? order by at limit ?')
  const moveTimer = db.prepare('update timer set at = ? where tenant = ? and subject = ?')
  return {
    claimTimers({ due, until, count }: Parameters<Calls['claimTimers']>[0]): readonly SubjectKey[] {
      const found = dueTimers.all(due, count) as unknown as readonly SubjectKey[]
      for (const { tenant, subject } of found) moveTimer.run(until, tenant, subject)
      return found
    },
  } satisfies Partial<Calls>
}
