import type { ClaimedRow, EmittedRow, RelayStore } from '@waymark/learning-journey/ports'
import { int4Array, int8Array, textArray } from './binary-array.ts'
import type { Connections } from './connections.ts'
import { unkept } from './statement.ts'

/** What is handed on, and how far that is, of all tenants. Processes pass over what another one is taking. */
export function createRelay(connections: Connections): RelayStore {
  return {
    async claimOutgoing(events, now, until, count) {
      const names = textArray(events, (event) => event)
      const [answer] = await connections.run('waymark_worker', '', [CLAIM, [now, until, count, names]])
      return (answer?.rows ?? []).map(([tenant, subject, kind, source, eventId, event, number, tries]) => {
        return { tenant, subject, kind, source, eventId, event, number: Number(number), tries: Number(tries) } as ClaimedRow
      })
    },
    async addOutgoing(rows, until) {
      const columns = (['tenant', 'subject', 'kind', 'source', 'eventId', 'event'] as const).map((name) =>
        textArray(rows, (row) => row[name]),
      )
      await connections.run('waymark_worker', '', [ADD, [...columns, until]])
    },
    async holdOutgoing(rows, until) {
      const tries = int4Array(rows, (row) => row.tries)
      await connections.run('waymark_worker', '', [HOLD, [int8Array(rows, ({ number }) => number), tries, until]])
    },
    async removeOutgoing(rows) {
      await connections.run('waymark_worker', '', [REMOVE, [int8Array(rows, ({ number }) => number)]])
    },
    async claimEmitted(events, now, until, count) {
      const names = textArray(events, (event) => event)
      const [answer] = await connections.run('waymark_worker', '', [CLAIM_EMITTED, [now, until, count, names]])
      const claimed = (answer?.rows ?? []).map(([tenant, subject, event, number, tries]) => {
        return { tenant, subject, event, number: Number(number), tries: Number(tries) } as Omit<EmittedRow, 'body'>
      })
      const bodies = new Map<number, string>()
      for (const tenant of new Set(claimed.map((row) => row.tenant))) {
        const own = claimed.filter((row) => row.tenant === tenant)
        const asked = [BODIES, [tenant, int8Array(own, ({ number }) => number)]] as const
        const [found] = await connections.run('waymark_app', tenant, asked)
        for (const [number, body] of found?.rows ?? []) bodies.set(Number(number), body as string)
      }
      // Who was erased meanwhile has none.
      return claimed.flatMap((row) => {
        const body = bodies.get(row.number)
        return body === undefined ? [] : [{ ...row, body }]
      })
    },
    async holdEmitted(rows, until) {
      const tries = int4Array(rows, (row) => row.tries)
      await connections.run('waymark_worker', '', [HOLD_EMITTED, [int8Array(rows, ({ number }) => number), tries, until]])
    },
    async removeEmitted(rows) {
      await connections.run('waymark_worker', '', [REMOVE_EMITTED, [int8Array(rows, ({ number }) => number)]])
    },
    async readFactTenants() {
      const [answer] = await connections.run('waymark_worker', '', [TENANTS, []])
      return (answer?.rows ?? []).map(([tenant]) => tenant as string)
    },
    async takeFactCursor({ relay, tenant }, holder, start, now, until) {
      const [answer] = await connections.run('waymark_worker', '', [TAKE, [relay, tenant, start, now, until, holder]])
      const [row] = answer?.rows ?? []
      return row === undefined ? null : Number(row[0])
    },
    async putFactCursor({ relay, tenant }, holder, position, until) {
      const [answer] = await connections.run('waymark_worker', '', [PUT, [relay, tenant, position, until, holder]])
      return answer?.count === 1
    },
  }
}

const CLAIM = unkept(`with free as materialized (
      select * from waymark.outgoing where held_until <= $1 and event = any($4::text[])
      order by number limit $3 for update skip locked
    ), held as (
      update waymark.outgoing set held_until = $2 where number = any(array(select number from free))
    )
    select tenant, subject, kind, source, event_id, event, number, tries from free order by number`)

const ADD = unkept(`insert into waymark.outgoing (tenant, subject, kind, source, event_id, event, held_until)
    select u.*, $7::int8 from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[]) u
    on conflict (tenant, subject, kind, source, event_id) do nothing`)

const HOLD = unkept(`update waymark.outgoing o set held_until = $3, tries = u.tries
    from unnest($1::int8[], $2::int4[]) u(number, tries) where o.number = u.number`)

const REMOVE = unkept('delete from waymark.outgoing where number = any($1::int8[])')

const CLAIM_EMITTED = unkept(`with free as materialized (
      select tenant, subject, event, number, tries from waymark.emitted where held_until <= $1 and event = any($4::text[])
      order by number limit $3 for update skip locked
    ), held as (
      update waymark.emitted set held_until = $2 where number = any(array(select number from free))
    )
    select tenant, subject, event, number, tries from free order by number`)

const BODIES = unkept('select number, body from waymark.emitted where tenant = $1 and number = any($2::int8[])')

const HOLD_EMITTED = unkept(`update waymark.emitted e set held_until = $3, tries = u.tries
    from unnest($1::int8[], $2::int4[]) u(number, tries) where e.number = u.number`)

const REMOVE_EMITTED = unkept('delete from waymark.emitted where number = any($1::int8[])')

/** From one tenant to the next, so that the cost is that of the tenants and not of their facts. */
const TENANTS = unkept(`with recursive tenants as (
      (select tenant from waymark.fact where position is not null order by tenant limit 1)
      union all
      select (select tenant from waymark.fact where position is not null and tenant > t.tenant order by tenant limit 1)
      from tenants t where t.tenant is not null
    )
    select tenant from tenants where tenant is not null`)

const TAKE = unkept(`insert into waymark.fact_cursor as held (relay, tenant, position, held_until, holder)
    values ($1, $2, $3, $5, $6)
    on conflict (relay, tenant) do update set held_until = excluded.held_until, holder = excluded.holder
    where held.held_until <= $4 returning position`)

const PUT = unkept(
  `update waymark.fact_cursor set position = greatest(position, $3), held_until = $4
    where relay = $1 and tenant = $2 and holder = $5`,
)
