import type { OutgoingRow, RelayStore } from '@waymark/learning-journey/ports'
import { textArray } from './binary-array.ts'
import type { Connections } from './connections.ts'
import { unkept } from './statement.ts'

/** What is handed on, and how far that is, of all tenants. Processes pass over what another one is taking. */
export function createRelay(connections: Connections): RelayStore {
  return {
    async claimOutgoing(now, until, count) {
      const [answer] = await connections.run('waymark_worker', '', [CLAIM, [now, until, count]])
      return (answer?.rows ?? []).map(
        ([tenant, subject, source, eventId]) => ({ tenant, subject, source, eventId }) as OutgoingRow,
      )
    },
    async holdOutgoing(rows, until) {
      await connections.run('waymark_worker', '', [HOLD, [...toColumns(rows), until]])
    },
    async removeOutgoing(rows) {
      await connections.run('waymark_worker', '', [REMOVE, toColumns(rows)])
    },
    async readFactTenants() {
      const [answer] = await connections.run('waymark_worker', '', [TENANTS, []])
      return (answer?.rows ?? []).map(([tenant]) => tenant as string)
    },
    async takeFactCursor({ relay, tenant }, start, now, until) {
      const [answer] = await connections.run('waymark_worker', '', [TAKE, [relay, tenant, start, now, until]])
      const [row] = answer?.rows ?? []
      return row === undefined ? null : Number(row[0])
    },
    async putFactCursor({ relay, tenant }, position, until) {
      await connections.run('waymark_worker', '', [PUT, [relay, tenant, position, until]])
    },
  }
}

const CLAIM = unkept(`with free as materialized (
      select number, tenant, subject, source, event_id from waymark.outgoing where held_until <= $1
      order by number limit $3 for update skip locked
    ), held as (
      update waymark.outgoing set held_until = $2 where number = any(array(select number from free))
    )
    select tenant, subject, source, event_id from free order by number`)

const HOLD = unkept(`update waymark.outgoing set held_until = $5 where (tenant, subject, source, event_id) in (
      select * from unnest($1::text[], $2::text[], $3::text[], $4::text[]))`)

const REMOVE = unkept(`delete from waymark.outgoing where (tenant, subject, source, event_id) in (
      select * from unnest($1::text[], $2::text[], $3::text[], $4::text[]))`)

/** From one tenant to the next, so that the cost is that of the tenants and not of their facts. */
const TENANTS = unkept(`with recursive tenants as (
      (select tenant from waymark.fact where position is not null order by tenant limit 1)
      union all
      select (select tenant from waymark.fact where position is not null and tenant > t.tenant order by tenant limit 1)
      from tenants t where t.tenant is not null
    )
    select tenant from tenants where tenant is not null`)

const TAKE = unkept(`insert into waymark.fact_cursor as held (relay, tenant, position, held_until) values ($1, $2, $3, $5)
    on conflict (relay, tenant) do update set held_until = excluded.held_until where held.held_until <= $4 returning position`)

const PUT = unkept(
  'update waymark.fact_cursor set position = greatest(position, $3), held_until = $4 where relay = $1 and tenant = $2',
)

function toColumns(rows: readonly OutgoingRow[]): readonly Buffer[] {
  return (['tenant', 'subject', 'source', 'eventId'] as const).map((name) => textArray(rows, (row) => row[name]))
}
