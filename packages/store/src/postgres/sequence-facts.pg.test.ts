import { expect, inject, it } from 'vitest'
import { makeDatabase, query } from '../../fixtures/make-database.ts'
import { createPostgresStore } from './postgres-store.ts'

const COUNT = 20_000

it('gives positions to many facts at once, also by a plan that was made while there was none, and by several processes', async () => {
  const url = await makeDatabase(inject('postgres'))
  const stores = [await createPostgresStore({ url }), await createPostgresStore({ url })]
  try {
    for (let count = 0; count < 10; count++) for (const store of stores) expect(await store.sequence()).toBe(0)
    await query(
      url,
      `insert into waymark.fact (tenant, subject, fact_id, name, track, run, cause_source, cause_id, occurred_at, data)
       select 'acme', 'l:' || i % 5000, 'f' || i, 'learning.onboarding.enrolled', 'track', 0, '', 'e' || i, 0, '{}'
       from generate_series(1, ${COUNT}) i`,
    )
    const given = await Promise.all(stores.map((store) => store.sequence()))
    expect(given.reduce((sum, count) => sum + count, 0)).toBe(COUNT)
    const positions = await query<{ fact_id: string }>(url, 'select fact_id from waymark.fact order by position')
    expect(positions.map(({ fact_id }) => fact_id)).toEqual(Array.from({ length: COUNT }, (_, index) => `f${index + 1}`))
    expect(await stores[0]?.lastPosition('acme')).toBe(COUNT)
  } finally {
    await Promise.all(stores.map((store) => store.close()))
  }
})
