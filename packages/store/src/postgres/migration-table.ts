import type pg from 'pg'
import type { Migration } from '../migrations.ts'

/** The migrations that were applied; none when there is no table yet. Within a transaction. */
export async function readApplied(client: pg.Client): Promise<readonly Omit<Migration, 'sql'>[]> {
  const { rows } = await client.query(`select to_regclass('waymark.migration') is not null as is_there`)
  if (rows[0]?.is_there !== true) return []
  return asWorker(client, 'select number, name, hash from waymark.migration order by number', [])
}

/** The owner sees no rows of its own tables. */
export async function asWorker<T>(client: pg.Client, sql: string, values: readonly unknown[]): Promise<readonly T[]> {
  await client.query('set local role waymark_worker')
  const { rows } = await client.query(sql, values as unknown[])
  await client.query('reset role')
  return rows as readonly T[]
}
