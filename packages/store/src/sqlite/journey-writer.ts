import type { DatabaseSync } from 'node:sqlite'
import type { JobRow, SubjectKey, TrackStatusRow, TrackVersionRow } from '@waymark/learning-journey/ports'
import type { Calls } from './calls.ts'
import { JOB_COLUMNS } from './journey-reader.ts'

/** What is written outside of rounds; the caller makes each call a transaction. */
export function createJourneyWriter(db: DatabaseSync) {
  const dueTimers = db.prepare('select tenant, subject from timer where at <= ? order by at limit ?')
  const moveTimer = db.prepare('update timer set at = ? where tenant = ? and subject = ?')
  const putStatus = db.prepare(
    `insert into track_status (key, status, version, policy, generation, changed_at) values (?, ?, ?, ?, ?, ?)
     on conflict do update set status = excluded.status, version = excluded.version, policy = excluded.policy,
       generation = excluded.generation, changed_at = excluded.changed_at`,
  )
  const putVersion = db.prepare(
    `insert into track_version (tenant, key, version, content_hash, definition, published_at) values (?, ?, ?, ?, ?, ?)
     on conflict do update set published_at = excluded.published_at`,
  )
  const bumpRevision = db.prepare('update revision set value = value + 1')
  const addJob = db.prepare(
    `insert into job (id, kind, status, spec, progress, created_at, updated_at, held_until) values (?, ?, ?, ?, ?, ?, ?, 0)
     on conflict do nothing`,
  )
  const freeJob = db.prepare(
    `select ${JOB_COLUMNS} from job where kind = ? and status = 'running' and held_until <= ? order by created_at, id limit 1`,
  )
  const holdJob = db.prepare('update job set held_until = ? where id = ?')
  const putJob = db.prepare(
    `update job set status = ?, progress = ?, updated_at = ?, held_until = ? where id = ? and status = 'running'`,
  )
  return {
    claimTimers({ due, until, count }: Parameters<Calls['claimTimers']>[0]): readonly SubjectKey[] {
      const found = dueTimers.all(due, count) as unknown as readonly SubjectKey[]
      for (const { tenant, subject } of found) moveTimer.run(until, tenant, subject)
      return found
    },
    putTrackVersion(rows: readonly TrackVersionRow[]): void {
      for (const { tenant, key, version, contentHash, definition, publishedAt } of rows)
        putVersion.run(tenant, key, version, contentHash, definition, publishedAt)
      if (rows.length > 0) bumpRevision.run()
    },
    putTrackStatus({ key, status, version, policy, generation, changedAt }: TrackStatusRow): void {
      putStatus.run(key, status, version, policy, generation, changedAt)
      bumpRevision.run()
    },
    addJob({ id, kind, status, spec, progress, createdAt, updatedAt }: JobRow): void {
      addJob.run(id, kind, status, spec, progress, createdAt, updatedAt)
    },
    claimJob({ kind, now, until }: Parameters<Calls['claimJob']>[0]): JobRow | null {
      const found = freeJob.get(kind, now) as unknown as JobRow | undefined
      if (found === undefined) return null
      holdJob.run(until, found.id)
      return found
    },
    putJob({ job, until }: Parameters<Calls['putJob']>[0]): boolean {
      return putJob.run(job.status, job.progress, job.updatedAt, until, job.id).changes === 1
    },
  } satisfies Partial<Calls>
}
