import type { DatabaseSync } from 'node:sqlite'
import type { Calls } from './calls.ts'

const PRUNE_EVERY_MS = 10 * 60 * 1_000
const PRUNE_AT_MOST = 1_000

/** The kept answers. Expired ones are not found, and some of them are removed now and then. */
export function createIdempotencyTable(db: DatabaseSync) {
  const find = db.prepare(
    'select input_hash as inputHash, answer from idempotency where tenant = ? and scope = ? and expires_at > ?',
  )
  const keep = db.prepare(
    `insert into idempotency (tenant, scope, input_hash, answer, expires_at) values (?, ?, ?, ?, ?)
     on conflict do update set input_hash = excluded.input_hash, answer = excluded.answer, expires_at = excluded.expires_at`,
  )
  const prune = db.prepare(
    `delete from idempotency where rowid in (select rowid from idempotency where expires_at <= ? limit ${PRUNE_AT_MOST})`,
  )
  let prunedAt = 0

  return {
    find({ tenant, scope, now }: Parameters<Calls['findIdempotency']>[0]): ReturnType<Calls['findIdempotency']> {
      if (now - prunedAt >= PRUNE_EVERY_MS) {
        prunedAt = now
        prune.run(now)
      }
      return find.get(tenant, scope, now) as ReturnType<Calls['findIdempotency']>
    },
    keep({ tenant, scope, record, expiresAt }: Parameters<Calls['keepIdempotency']>[0]): void {
      keep.run(tenant, scope, record.inputHash, record.answer, expiresAt)
    },
  }
}
