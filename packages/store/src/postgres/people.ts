import type { JournalStore, MembershipRow, SubjectKey } from '@waymark/learning-journey/ports'
import { lastAccountUpTo } from '../last-account.ts'
import { textArray } from './binary-array.ts'
import type { Connections } from './connections.ts'
import { eraseSubjects } from './erase-subjects.ts'
import { mergeSubjects } from './merge-subjects.ts'
import { type Asked, statement, unkept } from './statement.ts'

type People = 'readMemberships' | 'readMerged' | 'readAliases' | 'merge' | 'erase' | 'readTombstones' | 'readSubjects'

/** Who is who, in which accounts, and who was forgotten. */
export function createPeople(connections: Connections): Pick<JournalStore, People> {
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
    async readMerged({ tenant, subject }) {
      const [answer] = await connections.run('waymark_app', tenant, [MERGED, [tenant, subject]])
      return answer?.rows[0]?.[0] ?? null
    },
    async readAliases({ tenant, subject }) {
      const [answer] = await connections.run('waymark_app', tenant, [ALIASES, [tenant, subject]])
      return (answer?.rows ?? []).map(([alias]) => alias as string)
    },
    merge: (merge) => mergeSubjects(connections, merge),
    erase: (subjects, tombstones, jobs) => eraseSubjects(connections, subjects, tombstones, jobs),
    async readTombstones() {
      const [answer] = await connections.run('waymark_worker', '', [TOMBSTONES, []])
      const rows = (answer?.rows ?? []) as readonly (readonly string[])[]
      return rows.map(([tenant = '', idHash = '', erasedAt]) => ({ tenant, idHash, erasedAt: Number(erasedAt) }))
    },
    async readSubjects(after, count) {
      const [answer] = await connections.run('waymark_worker', '', readSubjects(after, count))
      return (answer?.rows ?? []).map(([tenant, subject]) => ({ tenant, subject }) as SubjectKey)
    },
  }
}

const MEMBERSHIPS = statement(`select m.* from (select distinct learner from unnest($2::text[]) u(learner)) u
    cross join lateral (
      select learner, account, since, until from waymark.membership where tenant = $1 and learner = u.learner offset 0) m`)

const MERGED = statement('select into_subject from waymark.merged where tenant = $1 and subject = $2')

const ALIASES = statement('select subject from waymark.merged where tenant = $1 and into_subject = $2 order by subject')

const TOMBSTONES = unkept('select tenant, id_hash, erased_at from waymark.tombstone order by tenant, id_hash')

/** Steps from one subject to the next down the indexes: it reads one entry of each, however many there are. */
const SUBJECTS = unkept(`with recursive own as (
      (select tenant, subject, 1 as n from waymark.event where (tenant, subject) > ($1, $2) order by tenant, subject limit 1)
      union all
      select next.tenant, next.subject, n + 1 from own
      cross join lateral (
        select tenant, subject from waymark.event where (tenant, subject) > (own.tenant, own.subject) order by tenant, subject limit 1) next
      where n < $4::integer
    ), account as (
      (select tenant, account, 1 as n from waymark.event
        where account is not null and (tenant, account) > ($1, $3) order by tenant, account limit 1)
      union all
      select next.tenant, next.account, n + 1 from account
      cross join lateral (
        select tenant, account from waymark.event
        where account is not null and (tenant, account) > (account.tenant, account.account) order by tenant, account limit 1) next
      where n < $4::integer
    )
    select tenant, subject from own union select tenant, 'a:' || account from account order by 1, 2 limit $4::integer`)

export function readSubjects(after: SubjectKey | null, count: number): Asked {
  const { tenant, subject } = after ?? { tenant: '', subject: '' }
  return [SUBJECTS, [tenant, subject, lastAccountUpTo(subject), count]]
}
