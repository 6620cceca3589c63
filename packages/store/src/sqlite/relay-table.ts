import type { DatabaseSync } from 'node:sqlite'
import type { OutgoingRow } from '@waymark/learning-journey/ports'
import type { Calls } from './calls.ts'

/** What is handed on, and how far that is; the caller makes each call a transaction. */
export function createRelayTable(db: DatabaseSync) {
  const free = db.prepare(
    `select number, tenant, subject, source, event_id as eventId from outgoing where held_until <= ? order by number limit ?`,
  )
  const hold = db.prepare('update outgoing set held_until = ? where number = ?')
  const holdRow = db.prepare(
    'update outgoing set held_until = ? where tenant = ? and subject = ? and source = ? and event_id = ?',
  )
  const remove = db.prepare('delete from outgoing where tenant = ? and subject = ? and source = ? and event_id = ?')
  const take = db.prepare(
    `insert into fact_cursor (relay, tenant, position, held_until) values (?1, ?2, ?3, ?5)
     on conflict do update set held_until = excluded.held_until where held_until <= ?4 returning position`,
  )
  const put = db.prepare('update fact_cursor set position = max(position, ?3), held_until = ?4 where relay = ?1 and tenant = ?2')
  return {
    claimOutgoing({ now, until, count }: Parameters<Calls['claimOutgoing']>[0]): readonly OutgoingRow[] {
      const found = free.all(now, count) as unknown as readonly (OutgoingRow & { readonly number: number })[]
      for (const { number } of found) hold.run(until, number)
      return found.map(({ number: _, ...row }) => row)
    },
    holdOutgoing({ rows, until }: Parameters<Calls['holdOutgoing']>[0]): void {
      for (const { tenant, subject, source, eventId } of rows) holdRow.run(until, tenant, subject, source, eventId)
    },
    removeOutgoing(rows: readonly OutgoingRow[]): void {
      for (const { tenant, subject, source, eventId } of rows) remove.run(tenant, subject, source, eventId)
    },
    takeFactCursor({ key: { relay, tenant }, start, now, until }: Parameters<Calls['takeFactCursor']>[0]): number | null {
      return (take.get(relay, tenant, start, now, until)?.position as number | undefined) ?? null
    },
    putFactCursor({ key: { relay, tenant }, position, until }: Parameters<Calls['putFactCursor']>[0]): void {
      put.run(relay, tenant, position, until)
    },
  } satisfies Partial<Calls>
}
