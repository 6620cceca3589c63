/**
 * The transaction of a round in memory. New entries are staged beside the tables, so that nobody else sees them and a rollback
 * only forgets them. Invariant: nothing reaches the tables before every version was checked.
 */
import type { AppendOutcome, Derived, EntryRow, SubjectKey } from '@waymark/learning-journey/ports'
import type { OpenedRound, RoundDriver } from '../round.ts'
import {
  addOutgoing,
  getOrAdd,
  historyOf,
  insertEvent,
  insertFact,
  insertRejected,
  replaceEvent,
  type Tables,
  toEventKey,
  toKey,
  toSubjectKey,
  updateRejected,
  type VersionedState,
} from './tables.ts'

export function openMemoryRound(
  tables: Tables,
  entries: readonly EntryRow[],
  wanted: readonly SubjectKey[],
  assertOpen: () => void,
): { readonly opened: OpenedRound; readonly driver: RoundDriver } {
  const staged = new Map<string, EntryRow>()
  const outcomes = entries.map((entry) => stage(tables, staged, entry))
  const states = wanted.map((key) => {
    const kept = tables.states.get(toSubjectKey(key))
    return {
      version: kept?.version ?? 0,
      state: kept?.state.slice() ?? null,
      hasHistory: tables.states.has(toSubjectKey(key)) || tables.eventsOf.has(toSubjectKey(key)),
      mergedInto: tables.merged.get(toSubjectKey(key))?.into ?? null,
    }
  })

  const driver: RoundDriver = {
    async history(wanted) {
      assertOpen()
      return wanted.map((request) => historyOf(tables, request, [...staged.values()]))
    },
    async commit(derived) {
      assertOpen()
      return write(tables, staged, derived)
    },
    async rollback() {},
  }
  return { opened: { outcomes, states, revision: tables.revision }, driver }
}

function stage(tables: Tables, staged: Map<string, EntryRow>, entry: EntryRow): AppendOutcome {
  const key = toEventKey(entry)
  const earlier = tables.events.get(key) ?? staged.get(key)
  if (earlier !== undefined) return earlier.bodyHash === entry.bodyHash ? 'duplicate' : 'conflict'
  staged.set(key, Object.freeze({ ...entry }))
  return 'recorded'
}

function write(tables: Tables, staged: ReadonlyMap<string, EntryRow>, derived: Derived): 'committed' | 'stale' {
  const states = new Map<string, VersionedState>()
  for (const { expected, state, ...subject } of derived.states) {
    const key = toSubjectKey(subject)
    const version = (states.get(key) ?? tables.states.get(key))?.version ?? 0
    if (version !== expected) return 'stale'
    states.set(key, { version: version + 1, state: state.slice() })
  }
  for (const entry of staged.values()) insertEvent(tables, entry)
  for (const [key, state] of states) tables.states.set(key, state)
  for (const fact of derived.facts) insertFact(tables, fact)
  for (const row of derived.rejected) insertRejected(tables, row)
  for (const row of derived.redriven) updateRejected(tables, row)
  for (const { tenant, subject, track, from, before } of derived.outdated) {
    const rows = tables.checkpoints.get(toKey(tenant, subject, track))
    for (const at of rows?.keys() ?? []) if (at >= from && (before === null || at < before)) rows?.delete(at)
  }
  for (const row of derived.checkpoints) {
    const rows = getOrAdd(tables.checkpoints, toKey(row.tenant, row.subject, row.track), () => new Map())
    rows.set(row.at, Object.freeze({ ...row, state: row.state.slice() }))
  }
  for (const { name, before, ...subject } of derived.expired) {
    for (const entry of [...(tables.eventsOf.get(toSubjectKey(subject)) ?? [])]) {
      const isOwn = entry.subject === subject.subject && entry.kind === 'event'
      if (isOwn && entry.name === name && entry.occurredAt < before)
        replaceEvent(tables, entry, Object.freeze({ ...entry, payload: null }))
    }
  }
  writeJourneys(tables, derived)
  return 'committed'
}

function writeJourneys(tables: Tables, { timers, enrolments, memberships, outgoing }: Derived): void {
  for (const { tenant, subject, at } of timers) {
    if (at === null) tables.timers.delete(toKey(tenant, subject))
    else tables.timers.set(toKey(tenant, subject), Object.freeze({ tenant, subject, at }))
  }
  for (const row of enrolments) {
    tables.enrolments.set(toKey(row.tenant, row.subject, row.track, `${row.run}`), Object.freeze({ ...row }))
  }
  for (const row of memberships) {
    tables.memberships.set(toKey(row.tenant, row.learner, row.account, `${row.since}`), Object.freeze({ ...row }))
  }
  addOutgoing(tables, outgoing, 0)
}
