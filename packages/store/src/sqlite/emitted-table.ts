import type { DatabaseSync } from 'node:sqlite'
import type { EmittedRow } from '@waymark/learning-journey/ports'
import type { Calls } from './calls.ts'

/** What calls emitted, until it is recorded; the caller makes each call a transaction, and adds within the one of the call. */
export function createEmittedTable(db: DatabaseSync) {
  const add = db.prepare('insert into emitted (tenant, subject, event, body) values (?, ?, ?, ?)')
  const free = db.prepare(
    `select number, tenant, subject, event, body, tries from emitted
     where held_until <= ? and event in (select value from json_each(?)) order by number limit ?`,
  )
  const hold = db.prepare('update emitted set held_until = ? where number = ?')
  const holdTried = db.prepare('update emitted set held_until = ?, tries = ? where number = ?')
  const remove = db.prepare('delete from emitted where number = ?')
  return {
    addEmitted({ tenant, rows }: Parameters<Calls['addEmitted']>[0]): void {
      for (const { subject, event, body } of rows) add.run(tenant, subject, event, body)
    },
    claimEmitted({ events, now, until, count }: Parameters<Calls['claimEmitted']>[0]): readonly EmittedRow[] {
      const found = free.all(now, JSON.stringify(events), count) as unknown as readonly EmittedRow[]
      for (const { number } of found) hold.run(until, number)
      return found.map((row) => ({ ...row }))
    },
    holdEmitted({ rows, until }: Parameters<Calls['holdEmitted']>[0]): void {
      for (const { number, tries } of rows) holdTried.run(until, tries, number)
    },
    removeEmitted(rows: Parameters<Calls['removeEmitted']>[0]): void {
      for (const { number } of rows) remove.run(number)
    },
  } satisfies Partial<Calls>
}
