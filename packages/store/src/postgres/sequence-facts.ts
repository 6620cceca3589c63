import { type Connections, opened } from './connections.ts'
import { statement } from './statement.ts'

const AT_MOST = 5_000

/** One sequencer at a time: the row is locked to the end of the transaction. */
const LOCK = statement('select last from waymark.fact_sequence for update')

/**
 * Gives positions to facts that are committed and have none, in the order in which they arrived. It is a statement of its own, so that
 * it sees what the sequencer before it committed. Positions become visible in their order: whoever saw one has seen all before it.
 */
const SEQUENCE = statement(`with fresh as (
      select tenant, subject, fact_id, row_number() over (order by arrival) as n
      from (select tenant, subject, fact_id, arrival from waymark.fact where position is null order by arrival limit ${AT_MOST}) f),
    given as (
      update waymark.fact f set position = s.last + fresh.n from fresh, waymark.fact_sequence s
      where f.tenant = fresh.tenant and f.subject = fresh.subject and f.fact_id = fresh.fact_id and f.position is null
      returning f.position)
    update waymark.fact_sequence set last = g.last from (select max(position) as last, count(*) as n from given) g where g.n > 0
    returning g.n`)

/** Positions for all facts committed by now; answers how many were given here. */
export async function sequenceFacts(connections: Connections): Promise<number> {
  let total = 0
  for (;;) {
    const { transaction } = await connections.begin(opened('waymark_worker', ''), [LOCK, []])
    const [answer] = await transaction.commit([SEQUENCE, []])
    const count = Number(answer?.rows[0]?.[0] ?? 0)
    total += count
    if (count < AT_MOST) return total
  }
}
