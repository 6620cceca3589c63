import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import { createIdempotencyTable } from './idempotency-table.ts'
import { MIGRATIONS, migrate } from './migrate.ts'

it('removes expired records now and then', () => {
  const db = new DatabaseSync(':memory:')
  migrate(db, 'my.db', MIGRATIONS, 1)
  const table = createIdempotencyTable(db)
  const start = Date.UTC(2026, 0)
  const count = () => db.prepare('select count(*) as n from idempotency').get()?.n

  for (const [scope, expiresAt] of [
    ['old', start + 1],
    ['new', start + 86_400_000],
  ] as const) {
    table.find({ tenant: 'acme', scope, now: start })
    table.keep({ tenant: 'acme', scope, record: { inputHash: 'h', answer: '1' }, expiresAt })
  }
  table.find({ tenant: 'acme', scope: 'any', now: start + 1_000 })
  expect(count()).toBe(2)
  table.find({ tenant: 'acme', scope: 'any', now: start + 600_000 })
  expect(count()).toBe(1)
  expect(table.find({ tenant: 'acme', scope: 'new', now: start + 600_000 })).toBeDefined()
  db.close()
})
