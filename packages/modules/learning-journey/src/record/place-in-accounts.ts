import type { JournalStore, MembershipRow } from '../ports/index.ts'
import type { Prepared } from './assess.ts'
import { learnerOf } from './entry-row.ts'
import { accountAt, groupingsOf, spansAfter } from './memberships.ts'

/**
 * Gives events that name no account the one in which their learner was as they happened. It stays with the event. What the same batch
 * says of memberships counts.
 */
export async function placeInAccounts(
  store: Pick<JournalStore, 'readMemberships'>,
  batches: readonly (readonly Prepared[])[],
): Promise<readonly (readonly Prepared[])[]> {
  const people = new Map<string, { readonly tenant: string; readonly learner: string; readonly said: Prepared['row'][] }>()
  for (const { row } of batches.flat()) {
    if (row.kind !== 'event' || row.account !== null) continue
    people.set(keyOf(row), { tenant: row.tenant, learner: learnerOf(row.subject), said: [] })
  }
  if (people.size === 0) return batches
  const known = Map.groupBy(await store.readMemberships([...people.values()]), ({ tenant, learner }: MembershipRow) =>
    keyOf({ tenant, subject: `l:${learner}` }),
  )
  for (const { row } of batches.flat()) people.get(keyOf(row))?.said.push(row)
  const spans = new Map([...people].map(([key, { said }]) => [key, spansAfter(known.get(key) ?? [], groupingsOf(said))]))
  return batches.map((prepared) =>
    prepared.map((one) => {
      if (one.row.kind !== 'event' || one.row.account !== null) return one
      const account = accountAt(spans.get(keyOf(one.row)) ?? [], one.row.occurredAt)
      return account === null ? one : { ...one, row: { ...one.row, account } }
    }),
  )
}

function keyOf({ tenant, subject }: { readonly tenant: string; readonly subject: string }): string {
  return `${tenant}\0${subject}`
}
