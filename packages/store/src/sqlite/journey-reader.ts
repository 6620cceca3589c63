import type { DatabaseSync } from 'node:sqlite'
import type { MembershipRow } from '@waymark/learning-journey/ports'
import type { Calls, LearnerKey } from './calls.ts'

/** What is known beside the journal: alarms, people, tracks and jobs. */
export function createJourneyReader(db: DatabaseSync) {
  const nextTimer = db.prepare('select min(at) as at from timer')
  const memberships = db.prepare('select tenant, learner, account, since, until from membership where tenant = ? and learner = ?')
  const revision = db.prepare('select value from revision')
  return {
    nextTimer: () => nextTimer.get()?.at as number | null,
    readMemberships(learners: readonly LearnerKey[]): readonly MembershipRow[] {
      const wanted = new Map(learners.map((key) => [JSON.stringify([key.tenant, key.learner]), key]))
      return [...wanted.values()].flatMap(({ tenant, learner }) => memberships.all(tenant, learner) as never)
    },
    readRevision: () => revision.get()?.value as number,
  } satisfies Partial<Calls>
}
