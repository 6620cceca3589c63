import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import { createInboxTable } from './inbox-table.ts'
import { MIGRATIONS, migrate } from './migrate.ts'

it('forgets what has expired, now and then', () => {
  const db = new DatabaseSync(':memory:')
  migrate(db, 'my.db', MIGRATIONS, 1)
  const table = createInboxTable(db)
  const start = Date.UTC(2026, 0)
  const add = (eventId: string, now: number, expiresAt: number) =>
    table.add({ tenant: 'acme', key: { handler: 'crm/deal.created@1', source: '', eventId }, now, expiresAt })
  const ids = () =>
    db
      .prepare('select event_id from inbox order by event_id')
      .all()
      .map((row) => row.event_id)

  add('old', start, start + 1)
  add('new', start, start + 86_400_000)
  add('soon', start + 1_000, start + 86_400_000)
  expect(ids()).toEqual(['new', 'old', 'soon'])
  add('later', start + 600_000, start + 86_400_000)
  expect(ids()).toEqual(['later', 'new', 'soon'])
  db.close()
})
