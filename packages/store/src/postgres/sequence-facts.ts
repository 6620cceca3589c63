import { HELD_OUT } from '../fact-flags.ts'
import { DAY } from '../rollup.ts'
import { type Connections, opened } from './connections.ts'
import { statement } from './statement.ts'

const AT_MOST = 5_000

/**
 * One sequencer at a time: the row is locked to the end of the transaction. Only when there is something to do: a lock is a write, and
 * idle processes ask many times in a second.
 */
const LOCK = statement(
  'select last from waymark.fact_sequence where exists (select from waymark.fact where position is null) for update',
)

/**
 * Gives positions to facts that are committed and have none, in the order in which they arrived, and counts them in the rollup: once each,
 * because no fact gets a position twice. It is a statement of its own, so that
 * it sees what the sequencer before it committed. Positions become visible in their order: whoever saw one has seen all before it.
 *
 * Rows are found again by their place in the table. Joined by their key, a plan that was made while the table was empty, and kept, walks
 * the table once for each row: 1,000 facts took half a second, 5,000 more than ten.
 */
const SEQUENCE = statement(`with fresh as materialized (
      select ctid as place, row_number() over (order by arrival) as n
      from waymark.fact where position is null order by arrival limit ${AT_MOST}),
    given as (
      update waymark.fact f set position = s.last + fresh.n from fresh, waymark.fact_sequence s
      where f.ctid = fresh.place
      returning f.*),
    counted as (
      insert into waymark.rollup as r (tenant, track, day, held_out, step, name, bucket, count)
      select tenant, track, run_started_at / ${DAY}, (flags & ${HELD_OUT}) > 0, coalesce(step, ''), name, bucket, count(*)
      from given where bucket is not null group by 1, 2, 3, 4, 5, 6, 7
      on conflict (tenant, track, day, held_out, step, name, bucket) do update set count = r.count + excluded.count)
    update waymark.fact_sequence set last = g.last from (select max(position) as last, count(*) as n from given) g where g.n > 0
    returning g.n`)

/** Positions for all facts committed by now; answers how many were given here. */
export async function sequenceFacts(connections: Connections): Promise<number> {
  let total = 0
  for (;;) {
    const { transaction, answers } = await connections.begin(opened('waymark_worker', ''), [LOCK, []])
    if (answers.at(-1)?.rows.length === 0) {
      await transaction.rollback()
      return total
    }
    const [answer] = await transaction.commit([SEQUENCE, []])
    const count = Number(answer?.rows[0]?.[0] ?? 0)
    total += count
    if (count < AT_MOST) return total
  }
}
