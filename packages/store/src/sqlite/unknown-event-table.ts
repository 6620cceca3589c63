import type { DatabaseSync } from 'node:sqlite'
import type { UnknownEventRow } from '@waymark/learning-journey/ports'
import type { Calls } from './calls.ts'

/** What is read of events that nothing knows. */
export function createUnknownEventReader(db: DatabaseSync) {
  const read = db.prepare(
    `select tenant, name, count, first_at as firstAt, last_at as lastAt, samples from unknown_event
     where tenant = ? order by last_at desc, name desc`,
  )
  return {
    readUnknownEvents: (tenant: string): readonly UnknownEventRow[] => read.all(tenant) as never,
  } satisfies Partial<Calls>
}

/** What is written of them; the caller makes each call a transaction. */
export function createUnknownEventWriter(db: DatabaseSync) {
  const count = db.prepare(
    `insert into unknown_event (tenant, name, count, first_at, last_at, samples) values (?, ?, ?, ?, ?, ?)
     on conflict do update set count = count + excluded.count,
       first_at = min(first_at, excluded.first_at), last_at = max(last_at, excluded.last_at),
       samples = case when excluded.last_at < last_at then samples else excluded.samples end`,
  )
  const drop = db.prepare(
    `delete from unknown_event where tenant = ?1 and name in (
       select name from unknown_event where tenant = ?1 order by last_at desc, name desc limit -1 offset ?2)`,
  )
  const prune = db.prepare('delete from unknown_event where last_at < ?')
  return {
    countUnknownEvents({ rows, names }: Parameters<Calls['countUnknownEvents']>[0]): void {
      for (const { tenant, name, count: added, firstAt, lastAt, samples } of rows)
        count.run(tenant, name, added, firstAt, lastAt, samples)
      for (const tenant of new Set(rows.map(({ tenant }) => tenant))) drop.run(tenant, names)
    },
    pruneUnknownEvents(lastBefore: number): void {
      prune.run(lastBefore)
    },
  } satisfies Partial<Calls>
}
