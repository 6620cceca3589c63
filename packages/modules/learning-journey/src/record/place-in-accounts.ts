import { GROUPED } from '../engine/index.ts'
import type { JournalStore, MembershipRow } from '../ports/index.ts'
import type { Prepared } from './assess.ts'
import { learnerOf } from './entry-row.ts'
import { accountAt, membershipsOf } from './memberships.ts'

/**
 * Gives events that name no account the one in which their learner was as they happened. It stays with the event. What the same batch
 * says of memberships counts.
 */
export async function placeInAccounts(
  store: Pick<JournalStore, 'readMemberships' | 'readEntries'>,
  batches: readonly (readonly Prepared[])[],
): Promise<readonly (readonly Prepared[])[]> {
  const people = new Map<string, { readonly tenant: string; readonly subject: string; readonly learner: string }>()
  for (const { row } of batches.flat()) {
    if (row.kind !== 'event' || row.account !== null) continue
    const { tenant, subject } = row
    people.set(keyOf(row), { tenant, subject, learner: learnerOf(subject) })
  }
  if (people.size === 0) return batches
  const said = Map.groupBy(
    batches.flat().flatMap(({ row }) => (row.name === GROUPED ? [row] : [])),
    keyOf,
  )
  const known: Map<string, readonly MembershipRow[]> = Map.groupBy(
    await store.readMemberships([...people.values()]),
    ({ tenant, learner }) => keyOf({ tenant, subject: `l:${learner}` }),
  )
  // What is new can begin before something that is known ended.
  for (const [key, person] of people) {
    const rows = said.get(key)
    if (rows !== undefined) known.set(key, membershipsOf(person, [...(await store.readEntries(person, [GROUPED])), ...rows]))
  }
  return batches.map((prepared) =>
    prepared.map((one) => {
      if (one.row.kind !== 'event' || one.row.account !== null) return one
      const account = accountAt(known.get(keyOf(one.row)) ?? [], one.row.occurredAt)
      return account === null ? one : { ...one, row: { ...one.row, account } }
    }),
  )
}

function keyOf({ tenant, subject }: { readonly tenant: string; readonly subject: string }): string {
  return `${tenant}\0${subject}`
}
