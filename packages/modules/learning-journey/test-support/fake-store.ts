import type { Transaction } from '@waymark/contract'
import type {
  AppendOutcome,
  CheckpointRow,
  Derived,
  EntryRow,
  History,
  HistoryRequest,
  JournalStore,
  MembershipRow,
  RejectedRow,
  StoredFact,
  SubjectKey,
  TrackVersionRow,
  UnknownEventRow,
} from '../src/ports/index.ts'
import { addOutgoing, createFakePeople, createFakeTables, type FakeTables, put } from './fake-tables.ts'

/** A store in memory that keeps a record of what it was asked for, and fails where a test says so. */
export interface FakeStore extends JournalStore {
  readonly tables: FakeTables
  /** The entries of every `append`, in order. */
  readonly appends: (readonly EntryRow[])[]
  /** How each round ended. */
  readonly ends: ('committed' | 'stale' | 'rolled back')[]
  /** What each commit wrote. */
  readonly commits: Derived[]
  readonly histories: { readonly subject: string; readonly names: readonly string[] }[][]
  readonly entries: EntryRow[]
  readonly rejected: RejectedRow[]
  readonly facts: StoredFact[]
  readonly versions: TrackVersionRow[]
  readonly checkpoints: CheckpointRow[]
  /** Rounds that are open now. */
  readonly open: () => number
  /** Called before each commit, and may throw or say `stale`. */
  beforeCommit: (entries: readonly EntryRow[]) => 'stale' | undefined
  /** Called before each append, and may throw or wait. */
  beforeAppend: (entries: readonly EntryRow[], wanted: readonly SubjectKey[]) => void | Promise<void>
}

export function createFakeStore(maxRounds = 1, { sequenced = false } = {}): FakeStore {
  const entries: EntryRow[] = []
  const states = new Map<string, { readonly version: number; readonly state: Uint8Array }>()
  const facts: StoredFact[] = []
  const rejected: RejectedRow[] = []
  const versions: TrackVersionRow[] = []
  const checkpoints: CheckpointRow[] = []
  const unknown: UnknownEventRow[] = []
  let open = 0
  const keyOf = ({ tenant, subject }: SubjectKey) => `${tenant}\0${subject}`
  const historyOf = ({ names, since, ...key }: HistoryRequest, rows: readonly EntryRow[]): History => {
    const [newest] = checkpoints
      .filter((row) => isOf(key)(row) && row.track === since?.track && row.behaviour === since.behaviour && row.at < since.before)
      .sort((a, b) => b.at - a.at)
    const from = newest?.at ?? Number.NEGATIVE_INFINITY
    const until = since?.until ?? Number.POSITIVE_INFINITY
    return {
      checkpoint: newest?.state ?? null,
      entries: rows.filter(
        (row) => isMadeIn(key)(row) && names.includes(row.name) && row.occurredAt >= from && row.occurredAt <= until,
      ),
    }
  }
  const isOf = (key: SubjectKey) => (row: SubjectKey) => keyOf(row) === keyOf(key)
  /** Of an account, also what people made in it. */
  const isMadeIn = (key: SubjectKey) => (row: EntryRow) =>
    isOf(key)(row) || (row.tenant === key.tenant && row.account !== null && key.subject === `a:${row.account}`)

  const tables = createFakeTables()

  const store: FakeStore = {
    ...createFakePeople(tables, { entries, facts, states, keyOf }),
    tables,
    appends: [],
    ends: [],
    commits: [],
    histories: [],
    entries,
    rejected,
    facts,
    versions,
    checkpoints,
    open: () => open,
    beforeCommit: () => undefined,
    beforeAppend: () => undefined,
    maxRounds,
    unitOfWork: { run: (tenant, work) => work({ tenant } as Transaction) },
    async append(rows, wanted) {
      store.appends.push(rows)
      await store.beforeAppend(rows, wanted)
      const staged: EntryRow[] = []
      const outcomes = rows.map((row): AppendOutcome => {
        const known = [...entries, ...staged].find(
          (other) => isOf(row)(other) && other.source === row.source && other.eventId === row.eventId,
        )
        if (known === undefined) staged.push(row)
        return known === undefined ? 'recorded' : known.bodyHash === row.bodyHash ? 'duplicate' : 'conflict'
      })
      const read = wanted.map((key) => ({
        version: states.get(keyOf(key))?.version ?? 0,
        state: states.get(keyOf(key))?.state ?? null,
        hasHistory: states.has(keyOf(key)) || entries.some(isMadeIn(key)),
        mergedInto: tables.merges.find((row) => row.tenant === key.tenant && row.from === key.subject)?.into ?? null,
      }))
      open++
      let isOpen = true
      const end = (how: (typeof store.ends)[number]) => {
        if (!isOpen) return
        isOpen = false
        open--
        store.ends.push(how)
      }
      return {
        outcomes,
        states: read,
        revision: tables.revision,
        async history(requests) {
          store.histories.push(requests.map(({ subject, names }) => ({ subject, names })))
          return requests.map((request) => historyOf(request, [...entries, ...staged]))
        },
        async commit(derived) {
          if (!isOpen) throw new Error('The round had ended')
          const isStale = derived.states.some((row) => (states.get(keyOf(row))?.version ?? 0) !== row.expected)
          if (store.beforeCommit(rows) === 'stale' || isStale) {
            end('stale')
            return 'stale'
          }
          entries.push(...staged)
          for (const { expected, state, ...key } of derived.states) states.set(keyOf(key), { version: expected + 1, state })
          for (const fact of derived.facts) {
            const isKnown = facts.some((other) => isOf(fact)(other) && other.factId === fact.factId)
            if (!isKnown) facts.push({ ...fact, position: facts.length + 1 })
          }
          for (const row of derived.rejected)
            if (!rejected.some(({ tenant, id }) => tenant === row.tenant && id === row.id)) rejected.push(row)
          for (const { tenant, id, problem } of derived.redriven) {
            const index = rejected.findIndex((row) => row.tenant === tenant && row.id === id)
            const row = rejected[index]
            if (row !== undefined) rejected.splice(index, 1, ...(problem === null ? [] : [{ ...row, problem }]))
          }
          for (const { track, from, before, ...key } of derived.outdated) {
            const kept = checkpoints.filter(
              (row) => !(isOf(key)(row) && row.track === track && row.at >= from && (before === null || row.at < before)),
            )
            checkpoints.splice(0, checkpoints.length, ...kept)
          }
          for (const row of derived.checkpoints) {
            const index = checkpoints.findIndex((old) => isOf(row)(old) && old.track === row.track && old.at === row.at)
            if (index >= 0) checkpoints.splice(index, 1)
            checkpoints.push(row)
          }
          for (const { name, before, ...key } of derived.expired) {
            for (const [index, row] of entries.entries())
              if (isOf(key)(row) && row.kind === 'event' && row.name === name && row.occurredAt < before)
                entries[index] = { ...row, payload: null }
          }
          for (const { at, ...key } of derived.timers) {
            if (at !== null) put(tables.timers, { ...key, at }, isOf(key))
            else tables.timers.splice(0, tables.timers.length, ...tables.timers.filter((row) => !isOf(key)(row)))
          }
          for (const row of derived.enrolments)
            put(tables.enrolments, row, (old) => isOf(row)(old) && old.track === row.track && old.run === row.run)
          addOutgoing(tables, derived.outgoing, 0)
          for (const row of derived.memberships) put(tables.memberships, row, (old) => membershipKey(old) === membershipKey(row))
          store.commits.push(derived)
          end('committed')
          return 'committed'
        },
        async rollback() {
          end('rolled back')
        },
      }
    },
    readState: async (key) => states.get(keyOf(key))?.state ?? null,
    readEntries: async (key, names) =>
      entries
        .filter((row) => isMadeIn(key)(row) && (names === undefined || names.includes(row.name)))
        .sort((a, b) => a.occurredAt - b.occurredAt),
    readEntry: async (key, eventId, source) =>
      entries
        .filter((row) => isOf(key)(row) && row.eventId === eventId && (source === undefined || row.source === source))
        .sort((a, b) => a.occurredAt - b.occurredAt)[0] ?? null,
    readNewestEntries: async (key, names, count) =>
      entries
        .filter((row) => isMadeIn(key)(row) && names.includes(row.name))
        .sort((a, b) => b.occurredAt - a.occurredAt)
        .slice(0, count),
    sequence: async () => 0,
    readHistory: async (request) => historyOf(request, entries),
    async readExpiring(limits, count) {
      const found = limits.flatMap((limit) => {
        const rows = entries.filter(
          ({ kind, name, payload, occurredAt }) =>
            kind === 'event' && payload !== null && name === limit.name && occurredAt < limit.before,
        )
        return [...new Map(rows.map((row) => [keyOf(row), { tenant: row.tenant, subject: row.subject, ...limit }])).values()]
      })
      return found.slice(0, count)
    },
    async removeExpired(receivedBefore, count) {
      const gone = entries.filter(({ payload, receivedAt }) => payload === null && receivedAt < receivedBefore).slice(0, count)
      entries.splice(0, entries.length, ...entries.filter((row) => !gone.includes(row)))
      return gone.length
    },
    readFacts: async ({ tenant, subject, after = 0, limit }) =>
      facts
        .filter((fact) => fact.tenant === tenant && (subject === undefined || fact.subject === subject) && fact.position > after)
        .slice(0, limit),
    readFactsOf: async (key) => facts.filter(isOf(key)),
    lastPosition: async (tenant) => facts.filter((fact) => fact.tenant === tenant).at(-1)?.position ?? 0,
    sequenced,
    async readRejected({ tenant, before, limit }) {
      const rows = rejected.filter((row) => row.tenant === tenant).reverse()
      const start = before === undefined ? 0 : rows.findIndex(({ id }) => id === before.id) + 1
      return rows.slice(start, start + limit)
    },
    readRejectedById: async (tenant, ids) => rejected.filter((row) => row.tenant === tenant && ids.includes(row.id)),
    async pruneRejected(receivedBefore) {
      const kept = rejected.filter(({ receivedAt }) => receivedAt >= receivedBefore)
      return rejected.splice(0, rejected.length, ...kept).length - kept.length
    },
    async countUnknownEvents(rows) {
      for (const row of rows) {
        const known = unknown.find(({ tenant, name }) => tenant === row.tenant && name === row.name)
        put(
          unknown,
          known === undefined ? row : { ...row, count: known.count + row.count, firstAt: known.firstAt },
          (other) => other === known,
        )
      }
    },
    readUnknownEvents: async (tenant) =>
      unknown.filter((row) => row.tenant === tenant).sort((a, b) => b.lastAt - a.lastAt || (a.name < b.name ? 1 : -1)),
    async pruneUnknownEvents(lastBefore) {
      unknown.splice(0, unknown.length, ...unknown.filter(({ lastAt }) => lastAt >= lastBefore))
    },
    readTrackVersions: async () => [...versions],
    async putTrackVersion(...rows) {
      for (const row of rows) {
        const index = versions.findIndex(
          ({ key, version, contentHash }) => key === row.key && version === row.version && contentHash === row.contentHash,
        )
        if (index >= 0) versions.splice(index, 1)
        versions.push(row)
        tables.revision += 1
      }
    },
    close: async () => {},
  }
  return store
}

function membershipKey({ tenant, learner, account, since }: MembershipRow): string {
  return [tenant, learner, account, since].join('\0')
}
