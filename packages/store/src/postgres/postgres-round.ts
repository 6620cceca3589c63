/**
 * The transaction of a round, in two round trips. The first inserts the entries and locks the states, the second writes what was
 * derived and commits. Rows of several tenants share the transaction: those of one tenant come together, under its row-level security.
 *
 * Why no two rounds wait for each other in a circle: entries are inserted in the order of their key, then states are locked in the order
 * of theirs, tenant after tenant; what the second trip writes conflicts only with second trips, and those write in the order of keys too.
 */
import type { AppendOutcome, Derived, EntryRow, Round, SubjectKey, SubjectState } from '@waymark/learning-journey/ports'
import { StoreError } from '../errors.ts'
import type { RoundDriver } from '../round.ts'
import { type Answer, type Asked, type Connections, opened, type Transaction } from './connections.ts'
import { readHistory, toBytes, toEntry } from './journal-queries.ts'
import { findEvents, findPast, insertEvents, insertFacts, insertRejected, lockStates, writeStates } from './journal-statements.ts'
import { STALE } from './to-store-error.ts'

interface Group {
  readonly tenant: string
  /** Indexes into the entries and the wanted subjects of the round. */
  readonly entries: number[]
  readonly wanted: number[]
}

export async function openPostgresRound(
  connections: Connections,
  entries: readonly EntryRow[],
  wanted: readonly SubjectKey[],
): Promise<{ readonly opened: Pick<Round, 'outcomes' | 'states'>; readonly driver: RoundDriver }> {
  const groups = groupByTenant(entries, wanted)
  const asked: Asked[] = []
  // Takes the answers of the statements that were pushed since, in their order.
  const readers: ((answer: Answer) => void)[] = []
  const ask = (statement: Asked, reader: (answer: Answer) => void) => {
    asked.push(statement)
    readers.push(reader)
  }
  const outcomes = new Array<AppendOutcome>(entries.length).fill('recorded')
  const states = wanted.map((): SubjectState => NO_STATE)
  const unclear: Group[] = []
  for (const group of groups) {
    const own = group.entries.map((index) => entries[index] as EntryRow)
    const subjects = group.wanted.map((index) => (wanted[index] as SubjectKey).subject)
    ask(opened('waymark_app', group.tenant), () => {})
    if (subjects.length > 0) {
      ask(findPast(group.tenant, subjects), ({ rows }) => {
        for (const [place] of rows) states[group.wanted[Number(place) - 1] as number] = PAST_ONLY
      })
    }
    if (own.length > 0) {
      ask(insertEvents(group.tenant, own), ({ count }) => {
        if (count < own.length) unclear.push(group)
      })
    }
    if (subjects.length > 0) {
      ask(lockStates(group.tenant, subjects), ({ rows }) => {
        for (const [place, version, state] of rows) {
          const index = group.wanted[Number(place) - 1] as number
          states[index] = { version: Number(version), state: toBytes(state as string), hasHistory: true }
        }
      })
    }
  }
  const { transaction, answers } = await connections.begin(...asked)
  for (const [index, answer] of answers.entries()) readers[index]?.(answer)
  const scope = createScope(transaction, groups.at(-1)?.tenant)
  for (const group of unclear) {
    const own = group.entries.map((index) => entries[index] as EntryRow)
    const [found] = await scope.send(group.tenant, findEvents(group.tenant, own))
    const judged = judge(own, found as Answer)
    for (const [place, index] of group.entries.entries()) outcomes[index] = judged[place] as AppendOutcome
  }
  return { opened: { outcomes, states }, driver: createDriver(scope) }
}

const NO_STATE: SubjectState = { version: 0, state: null, hasHistory: false }
const PAST_ONLY: SubjectState = { ...NO_STATE, hasHistory: true }

/** Rows in the order given; the tenants in the order of their names. */
function groupByTenant(entries: readonly EntryRow[], wanted: readonly SubjectKey[]): Group[] {
  const groups = new Map<string, Group>()
  const of = (tenant: string) => {
    const known = groups.get(tenant)
    if (known !== undefined) return known
    const group: Group = { tenant, entries: [], wanted: [] }
    groups.set(tenant, group)
    return group
  }
  for (const [index, { tenant }] of entries.entries()) of(tenant).entries.push(index)
  for (const [index, { tenant }] of wanted.entries()) of(tenant).wanted.push(index)
  return [...groups.values()].sort((a, b) => (a.tenant < b.tenant ? -1 : 1))
}

/** An entry that this transaction stored is recorded the first time it comes, and a duplicate of itself after that. */
function judge(entries: readonly EntryRow[], { rows }: Answer): AppendOutcome[] {
  const seen = new Set<string>()
  return entries.map((entry, index) => {
    const [hash, isOwn] = rows[index] as readonly string[]
    const key = `${entry.subject}\0${entry.source}\0${entry.eventId}`
    if (isOwn === 't' && !seen.has(key)) {
      seen.add(key)
      return 'recorded'
    }
    return hash === entry.bodyHash ? 'duplicate' : 'conflict'
  })
}

/** A transaction that knows for which tenant it is open. */
function createScope(transaction: Transaction, first: string | undefined) {
  let current = first
  const under = (tenant: string): readonly Asked[] => {
    if (tenant === current) return []
    current = tenant
    return [opened('waymark_app', tenant)]
  }
  return {
    transaction,
    under,
    async send(tenant: string, ...asked: readonly Asked[]): Promise<readonly Answer[]> {
      const before = under(tenant)
      return (await transaction.send(...before, ...asked)).slice(before.length)
    },
  }
}

function createDriver({ transaction, under }: ReturnType<typeof createScope>): RoundDriver {
  return {
    async history(wanted) {
      const asked: Asked[] = []
      const places: number[] = []
      for (const request of wanted) {
        asked.push(...under(request.tenant))
        places.push(asked.length)
        asked.push(readHistory(request))
      }
      const answers = await transaction.send(...asked)
      return places.map((place) => (answers[place] as Answer).rows.map(toEntry))
    },
    async commit(derived) {
      try {
        await transaction.commit(...writesOf(derived, under))
        return 'committed'
      } catch (error) {
        if (error instanceof StoreError && error.errcode === STALE) return 'stale'
        throw error
      }
    },
    rollback: transaction.rollback,
  }
}

function writesOf({ states, facts, rejected }: Derived, under: (tenant: string) => readonly Asked[]): Asked[] {
  const tenants = new Set([...states, ...facts, ...rejected].map(({ tenant }) => tenant))
  return [...tenants].sort().flatMap((tenant) => {
    const own = <T extends { readonly tenant: string }>(rows: readonly T[]) => rows.filter((row) => row.tenant === tenant)
    const [ownStates, ownFacts, ownRejected] = [own(states), own(facts), own(rejected)]
    return [
      ...under(tenant),
      ...(ownStates.length > 0 ? [writeStates(tenant, ownStates)] : []),
      ...(ownFacts.length > 0 ? [insertFacts(tenant, ownFacts)] : []),
      ...(ownRejected.length > 0 ? [insertRejected(tenant, ownRejected)] : []),
    ]
  })
}
