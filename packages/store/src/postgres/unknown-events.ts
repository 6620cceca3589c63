import type { UnknownEventCounts, UnknownEventRow } from '@waymark/learning-journey/ports'
import { compareText } from '../compare-text.ts'
import { textArray } from './binary-array.ts'
import type { Connections, Row } from './connections.ts'
import { statement } from './statement.ts'

/** Counts of events that nothing knows. */
export function createUnknownEvents(connections: Connections): UnknownEventCounts {
  return {
    async countUnknownEvents(rows, names) {
      for (const [tenant, own] of Map.groupBy(rows, ({ tenant }) => tenant)) {
        // Always in one order, so that two processes never wait for each other in a circle.
        const sorted = own.toSorted((a, b) => compareText(a.name, b.name))
        const column = (value: (row: UnknownEventRow) => string) => textArray(sorted, value)
        const values = [
          tenant,
          column(({ name }) => name),
          column(({ count }) => String(count)),
          column(({ firstAt }) => String(firstAt)),
          column(({ lastAt }) => String(lastAt)),
          column(({ samples }) => samples),
        ]
        await connections.run('waymark_app', tenant, [COUNT, values], [DROP, [tenant, names]])
      }
    },
    async readUnknownEvents(tenant) {
      const [answer] = await connections.run('waymark_app', tenant, [READ, [tenant]])
      return (answer?.rows ?? []).map(toUnknownEvent)
    },
    async pruneUnknownEvents(lastBefore) {
      await connections.run('waymark_worker', '', [PRUNE, [lastBefore]])
    },
  }
}

const COUNT = statement(`insert into waymark.unknown_event as u (tenant, name, count, first_at, last_at, samples)
    select $1, n.name, n.count::bigint, n.first_at::bigint, n.last_at::bigint, n.samples
    from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[]) as n (name, count, first_at, last_at, samples)
    on conflict (tenant, name) do update set
      count = u.count + excluded.count, first_at = least(u.first_at, excluded.first_at), last_at = greatest(u.last_at, excluded.last_at),
      samples = case when excluded.last_at < u.last_at then u.samples else excluded.samples end`)

const DROP = statement(`delete from waymark.unknown_event where tenant = $1 and name in (
    select name from waymark.unknown_event where tenant = $1 order by last_at desc, name desc offset $2)`)

const READ = statement(`select tenant, name, count, first_at, last_at, samples from waymark.unknown_event
    where tenant = $1 order by last_at desc, name desc`)

const PRUNE = statement('delete from waymark.unknown_event where last_at < $1')

function toUnknownEvent(row: Row): UnknownEventRow {
  const [tenant, name, count, firstAt, lastAt, samples] = row as readonly string[]
  return { tenant, name, count: Number(count), firstAt: Number(firstAt), lastAt: Number(lastAt), samples } as UnknownEventRow
}
