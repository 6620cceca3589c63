/**
 * The transaction of a round, in two round trips. The first inserts the entries and locks the states, the second writes what was
 * derived and commits. A third stands between them where entries were there already. Rows of several tenants share the transaction:
 * those of one tenant come together, under its row-level security.
 *
 * Why no two rounds wait for each other in a circle: entries are inserted in the order of their key, then states are locked in the order
 * of theirs, tenant after tenant; the second trip waits only for what other second trips insert, and those insert in the order of keys too.
 *
 * Rounds share the gate of each of their tenants, before they touch anything of it. Who moves or removes entries passes it alone, so no
 * round can add some under a subject meanwhile, whether it has a state to lock or not.
 */
import type { AppendOutcome, Derived, EntryRow, SubjectKey, SubjectState } from '@waymark/learning-journey/ports'
import { StoreError } from '../errors.ts'
import type { OpenedRound, RoundDriver } from '../round.ts'
import { type Answer, type Connections, opened, type Transaction } from './connections.ts'
import { openedAtGate } from './gate.ts'
import { readHistory, toHistory } from './journal-queries.ts'
import {
  blankPayloads,
  findEvents,
  insertEvents,
  insertFacts,
  insertRejected,
  insertStates,
  lockStates,
  putCheckpoints,
  redrive,
  removeCheckpoints,
  toLockedStates,
  updateStates,
} from './journal-statements.ts'
import { addOutgoing, putEnrolments, putMemberships, putTimers } from './journey-statements.ts'
import { readRevision, toRevision } from './revision.ts'
import type { Asked } from './statement.ts'
import { STALE } from './to-store-error.ts'

/** The rows of one tenant, and where they stand in the round. */
interface Group {
  readonly tenant: string
  readonly entries: EntryRow[]
  readonly indexes: number[]
  readonly wanted: string[]
  readonly places: number[]
}

export async function openPostgresRound(
  connections: Connections,
  entries: readonly EntryRow[],
  wanted: readonly SubjectKey[],
): Promise<{ readonly opened: OpenedRound; readonly driver: RoundDriver }> {
  const groups = groupByTenant(entries, wanted)
  // Read last, when all locks are held: what the holder before has changed is in it.
  const { transaction, answers } = await connections.begin(
    ...groups.flatMap(firstStatements),
    ...(groups.length === 0 ? [opened('waymark_worker', '')] : []),
    readRevision,
  )
  try {
    const scope = createScope(transaction, groups.at(-1)?.tenant)
    const outcomes = new Array<AppendOutcome>(entries.length).fill('recorded')
    const states = wanted.map((): SubjectState => UNKNOWN)
    const unread = [...answers]
    for (const group of groups) {
      // That of `opened`.
      unread.shift()
      const inserted = group.entries.length === 0 ? 0 : (unread.shift() as Answer).count
      const locked = group.wanted.length === 0 ? [] : toLockedStates(unread.shift() as Answer)
      for (const [place, state] of locked) states[group.places[place - 1] as number] = state
      if (inserted === group.entries.length) continue
      const [stored] = await scope.send(group.tenant, findEvents(group.tenant, group.entries))
      for (const [place, outcome] of judge(group.entries, stored as Answer).entries()) {
        outcomes[group.indexes[place] as number] = outcome
      }
    }
    const revision = toRevision(answers.at(-1) as Answer)
    return { opened: { outcomes, states, revision }, driver: createDriver(scope) }
  } catch (error) {
    await transaction.rollback()
    throw error
  }
}

function firstStatements({ tenant, entries, wanted }: Group): Asked[] {
  return [
    openedAtGate(tenant, 'shared'),
    ...(entries.length === 0 ? [] : [insertEvents(tenant, entries)]),
    ...(wanted.length === 0 ? [] : [lockStates(tenant, wanted)]),
  ]
}

const UNKNOWN: SubjectState = { version: 0, state: null, hasHistory: false, mergedInto: null }

/** Rows in the order given; the tenants in the order of their names. */
function groupByTenant(entries: readonly EntryRow[], wanted: readonly SubjectKey[]): Group[] {
  const groups = new Map<string, Group>()
  const of = (tenant: string) => {
    const known = groups.get(tenant)
    if (known !== undefined) return known
    const group: Group = { tenant, entries: [], indexes: [], wanted: [], places: [] }
    groups.set(tenant, group)
    return group
  }
  for (const [index, entry] of entries.entries()) {
    const group = of(entry.tenant)
    group.entries.push(entry)
    group.indexes.push(index)
  }
  for (const [place, { tenant, subject }] of wanted.entries()) {
    const group = of(tenant)
    group.wanted.push(subject)
    group.places.push(place)
  }
  return [...groups.values()].sort((a, b) => (a.tenant < b.tenant ? -1 : 1))
}

/** An entry that this transaction stored is recorded the first time it comes, and a duplicate of itself after that. */
function judge(entries: readonly EntryRow[], { rows }: Answer): AppendOutcome[] {
  const seen = new Set<string>()
  return entries.map((entry, index) => {
    const [hash, isOwn] = rows[index] as readonly (string | null)[]
    // It was there a moment ago: somebody has just removed it.
    if (hash === null) throw new StoreError('STORE_BUSY', 'An entry was removed while it came again. Do the round again.')
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
    return [openedAtGate(tenant, 'shared')]
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

type Scope = ReturnType<typeof createScope>

function createDriver({ transaction, under }: Scope): RoundDriver {
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
      return wanted.map((request, index) => toHistory(request, answers[places[index] as number] as Answer))
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

function writesOf(derived: Derived, under: (tenant: string) => readonly Asked[]): Asked[] {
  const tenants = new Set(Object.values(derived).flatMap((rows: readonly OfTenant[]) => rows.map(({ tenant }) => tenant)))
  const [first, later] = [
    derived.states.filter(({ expected }) => expected === 0),
    derived.states.filter(({ expected }) => expected > 0),
  ]
  return [...tenants].sort().flatMap((tenant) => {
    const write = <T extends OfTenant>(rows: readonly T[], toAsked: (tenant: string, rows: readonly T[]) => Asked): Asked[] => {
      const own = rows.filter((row) => row.tenant === tenant)
      return own.length > 0 ? [toAsked(tenant, own)] : []
    }
    return [
      ...under(tenant),
      ...write(first, insertStates),
      ...write(later, updateStates),
      ...write(derived.facts, insertFacts),
      ...write(derived.rejected, insertRejected),
      ...write(derived.redriven, redrive),
      ...write(derived.outdated, removeCheckpoints),
      ...write(derived.checkpoints, putCheckpoints),
      ...write(derived.expired, blankPayloads),
      ...write(derived.timers, putTimers),
      ...write(derived.enrolments, putEnrolments),
      ...write(derived.memberships, putMemberships),
      ...write(derived.outgoing, addOutgoing),
    ]
  })
}

type OfTenant = Pick<SubjectKey, 'tenant'>
