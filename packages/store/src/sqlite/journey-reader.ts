import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { JobRow, MembershipRow, SubjectKey, TombstoneRow, TrackStatusRow } from '@waymark/learning-journey/ports'
import { byKey } from '../compare-text.ts'
import { lastAccountUpTo } from '../last-account.ts'
import type { Calls, LearnerKey } from './calls.ts'

export const JOB_COLUMNS = 'id, kind, status, spec, progress, created_at as createdAt, updated_at as updatedAt'

/** What is known beside the journal: alarms, people, tracks and jobs. */
export function createJourneyReader(db: DatabaseSync) {
  const nextTimer = db.prepare('select min(at) as at from timer')
  const memberships = db.prepare('select tenant, learner, account, since, until from membership where tenant = ? and learner = ?')
  const merged = db.prepare('select into_subject from merged where tenant = ? and subject = ?')
  const aliases = db.prepare('select subject from merged where tenant = ? and into_subject = ? order by subject')
  const tombstones = db.prepare('select tenant, id_hash as idHash, erased_at as erasedAt from tombstone order by tenant, id_hash')
  const nextOwn = db.prepare(
    'select tenant, subject from event where (tenant, subject) > (?, ?) order by tenant, subject limit 1',
  )
  const nextAccount = db.prepare(
    `select tenant, account as subject from event indexed by event_by_account
     where account is not null and (tenant, account) > (?, ?) order by tenant, account limit 1`,
  )
  const trackStatus = db.prepare(
    'select key, status, version, policy, generation, changed_at as changedAt from track_status order by key',
  )
  const jobs = db.prepare(`select ${JOB_COLUMNS} from job order by created_at desc, id desc`)
  const nextFactTenant = db.prepare('select min(tenant) as tenant from fact where tenant > ?')
  const revision = db.prepare('select value from revision')
  return {
    /** From one tenant to the next, so that the cost is that of the tenants and not of their facts. */
    readFactTenants(): readonly string[] {
      const found: string[] = []
      for (let last = ''; ; ) {
        const next = nextFactTenant.get(last)?.tenant as string | null
        if (next === null) return found
        found.push(next)
        last = next
      }
    },
    nextTimer: () => nextTimer.get()?.at as number | null,
    readMemberships(learners: readonly LearnerKey[]): readonly MembershipRow[] {
      const wanted = new Map(learners.map((key) => [JSON.stringify([key.tenant, key.learner]), key]))
      return [...wanted.values()].flatMap(({ tenant, learner }) => memberships.all(tenant, learner) as never)
    },
    readMerged({ tenant, subject }: SubjectKey): string | null {
      return (merged.get(tenant, subject)?.into_subject as string | undefined) ?? null
    },
    readAliases({ tenant, subject }: SubjectKey): readonly string[] {
      return aliases.all(tenant, subject).map((row) => row.subject as string)
    },
    readTombstones: () => tombstones.all() as unknown as readonly TombstoneRow[],
    readSubjects({ after, count }: Parameters<Calls['readSubjects']>[0]): readonly SubjectKey[] {
      const { tenant, subject } = after ?? { tenant: '', subject: '' }
      const accounts = walk(nextAccount, { tenant, subject: lastAccountUpTo(subject) }, count)
      const found = [
        ...walk(nextOwn, { tenant, subject }, count),
        ...accounts.map((row) => ({ tenant: row.tenant, subject: `a:${row.subject}` })),
      ]
      const unique = new Map(found.map((key) => [JSON.stringify([key.tenant, key.subject]), key]))
      return [...unique.values()].sort(byKey).slice(0, count)
    },
    readTrackStatus: () => trackStatus.all() as unknown as readonly TrackStatusRow[],
    readJobs: () => jobs.all() as unknown as readonly JobRow[],
    readRevision: () => revision.get()?.value as number,
  } satisfies Partial<Calls>
}

/** Steps from one key to the next down an index, however many entries each has. */
function walk(next: StatementSync, from: SubjectKey, count: number): SubjectKey[] {
  const found: SubjectKey[] = []
  let last = from
  while (found.length < count) {
    const row = next.get(last.tenant, last.subject) as SubjectKey | undefined
    if (row === undefined) break
    found.push(row)
    last = row
  }
  return found
}
