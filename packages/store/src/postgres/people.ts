import type { JournalStore, MembershipRow } from '@waymark/learning-journey/ports'
import { textArray } from './binary-array.ts'
import type { Connections } from './connections.ts'
import { statement } from './statement.ts'

/** Who is who, and in which accounts. */
export function createPeople(connections: Connections): Pick<JournalStore, 'readMemberships'> {
  return {
    async readMemberships(learners) {
      const rows: MembershipRow[] = []
      for (const tenant of new Set(learners.map((key) => key.tenant))) {
        const own = learners.filter((key) => key.tenant === tenant)
        const asked = [MEMBERSHIPS, [tenant, textArray(own, ({ learner }) => learner)]] as const
        const [answer] = await connections.run('waymark_app', tenant, asked)
        for (const [learner, account, since, until] of answer?.rows ?? []) {
          rows.push({
            tenant,
            learner,
            account,
            since: Number(since),
            until: until === null ? null : Number(until),
          } as MembershipRow)
        }
      }
      return rows
    },
  }
}

const MEMBERSHIPS = statement(`select m.* from (select distinct learner from unnest($2::text[]) u(learner)) u
    cross join lateral (
      select learner, account, since, until from waymark.membership where tenant = $1 and learner = u.learner offset 0) m`)
