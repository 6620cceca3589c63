import type { DatabaseSync } from 'node:sqlite'
import type { Calls } from './calls.ts'

const PRUNE_EVERY_MS = 10 * 60 * 1_000
const PRUNE_AT_MOST = 1_000

/** Which events were handled. What has expired is not known any more, and some of it is removed now and then. */
export function createInboxTable(db: DatabaseSync) {
  const has = db.prepare(
    'select 1 from inbox where tenant = ? and handler = ? and source = ? and event_id = ? and expires_at > ?',
  )
  const add = db.prepare(
    `insert into inbox (tenant, handler, source, event_id, expires_at) values (?1, ?2, ?3, ?4, ?5)
     on conflict do update set expires_at = excluded.expires_at where expires_at <= ?6`,
  )
  const prune = db.prepare(
    `delete from inbox where (tenant, handler, source, event_id) in
       (select tenant, handler, source, event_id from inbox where expires_at <= ? limit ${PRUNE_AT_MOST})`,
  )
  let prunedAt = 0

  return {
    has({ tenant, key: { handler, source, eventId }, now }: Parameters<Calls['hasInbox']>[0]): boolean {
      return has.get(tenant, handler, source, eventId, now) !== undefined
    },
    add({ tenant, key: { handler, source, eventId }, now, expiresAt }: Parameters<Calls['addInbox']>[0]): boolean {
      if (now - prunedAt >= PRUNE_EVERY_MS) {
        prunedAt = now
        prune.run(now)
      }
      return add.run(tenant, handler, source, eventId, expiresAt, now).changes === 1
    },
  }
}
