import type { DatabaseSync } from 'node:sqlite'
import type { ClaimedRow } from '@waymark/learning-journey/ports'
import type { Calls } from './calls.ts'

/** What is handed on, and how far that is; the caller makes each call a transaction. */
export function createRelayTable(db: DatabaseSync) {
  const free = db.prepare(
    `select tenant, subject, kind, source, event_id as eventId, event, number, tries from outgoing
     where held_until <= ? and event in (select value from json_each(?)) order by number limit ?`,
  )
  const hold = db.prepare('update outgoing set held_until = ? where number = ?')
  const holdTried = db.prepare('update outgoing set held_until = ?, tries = ? where number = ?')
  const add = db.prepare(
    `insert into outgoing (tenant, subject, kind, source, event_id, event, held_until) values (?, ?, ?, ?, ?, ?, ?)
     on conflict do nothing`,
  )
  const remove = db.prepare('delete from outgoing where number = ?')
  const take = db.prepare(
    `insert into fact_cursor (relay, tenant, position, held_until, holder) values (?1, ?2, ?3, ?5, ?6)
     on conflict do update set held_until = excluded.held_until, holder = excluded.holder where held_until <= ?4
     returning position`,
  )
  const put = db.prepare(
    'update fact_cursor set position = max(position, ?3), held_until = ?4 where relay = ?1 and tenant = ?2 and holder = ?5',
  )
  return {
    claimOutgoing({ events, now, until, count }: Parameters<Calls['claimOutgoing']>[0]): readonly ClaimedRow[] {
      const found = free.all(now, JSON.stringify(events), count) as unknown as readonly ClaimedRow[]
      for (const { number } of found) hold.run(until, number)
      return found.map((row) => ({ ...row }))
    },
    addOutgoing({ rows, until }: Parameters<Calls['addOutgoing']>[0]): void {
      for (const { tenant, subject, kind, source, eventId, event } of rows)
        add.run(tenant, subject, kind, source, eventId, event, until)
    },
    holdOutgoing({ rows, until }: Parameters<Calls['holdOutgoing']>[0]): void {
      for (const { number, tries } of rows) holdTried.run(until, tries, number)
    },
    removeOutgoing(rows: Parameters<Calls['removeOutgoing']>[0]): void {
      for (const { number } of rows) remove.run(number)
    },
    takeFactCursor(ask: Parameters<Calls['takeFactCursor']>[0]): number | null {
      const { relay, tenant } = ask.key
      const row = take.get(relay, tenant, ask.start, ask.now, ask.until, ask.holder)
      return (row?.position as number | undefined) ?? null
    },
    putFactCursor({ key: { relay, tenant }, holder, position, until }: Parameters<Calls['putFactCursor']>[0]): boolean {
      return put.run(relay, tenant, position, until, holder).changes === 1
    },
  } satisfies Partial<Calls>
}
