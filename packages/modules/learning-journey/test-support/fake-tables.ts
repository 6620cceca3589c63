import type {
  ClaimedRow,
  EmittedRow,
  EnrolmentRow,
  EntryRow,
  FactCursorKey,
  JobRow,
  JournalStore,
  MembershipRow,
  Merge,
  OutgoingRow,
  StoredFact,
  SubjectKey,
  TombstoneRow,
  TrackStatusRow,
} from '../src/ports/index.ts'

/** What the fake store keeps beside the journal; tests may look into it, and write into it. */
export interface FakeTables {
  readonly timers: (SubjectKey & { readonly at: number })[]
  readonly enrolments: EnrolmentRow[]
  readonly memberships: MembershipRow[]
  readonly outgoing: { readonly row: ClaimedRow; readonly heldUntil: number }[]
  readonly emitted: { readonly row: EmittedRow; readonly heldUntil: number }[]
  readonly cursors: (FactCursorKey & { readonly holder: string; readonly position: number; readonly heldUntil: number })[]
  readonly merges: Merge[]
  readonly tombstones: TombstoneRow[]
  readonly statuses: TrackStatusRow[]
  readonly jobs: { readonly job: JobRow; readonly heldUntil: number }[]
  revision: number
}

export function createFakeTables(): FakeTables {
  return {
    timers: [],
    enrolments: [],
    memberships: [],
    outgoing: [],
    emitted: [],
    cursors: [],
    merges: [],
    tombstones: [],
    statuses: [],
    jobs: [],
    revision: 0,
  }
}

interface Journal {
  readonly entries: EntryRow[]
  readonly facts: StoredFact[]
  readonly states: Map<string, { readonly version: number; readonly state: Uint8Array }>
  readonly keyOf: (key: SubjectKey) => string
}

type InRounds =
  | 'maxRounds'
  | 'unitOfWork'
  | 'append'
  | 'readState'
  | 'readEntries'
  | 'readEntry'
  | 'readNewestEntries'
  | 'readHistory'
  | 'readExpiring'
  | 'removeExpired'
  | 'sequence'
  | 'sequenced'
  | 'readFacts'
  | 'readFactsOf'
  | 'lastPosition'
  | 'readRejected'
  | 'readRejectedById'
  | 'pruneRejected'
  | 'countUnknownEvents'
  | 'readUnknownEvents'
  | 'pruneUnknownEvents'
  | 'readTrackVersions'
  | 'putTrackVersion'
  | 'close'

/** The part of the fake store that is about people, alarms, jobs and lists. */
export function createFakePeople(tables: FakeTables, { entries, facts, states, keyOf }: Journal): Omit<JournalStore, InRounds> {
  const isOf = (key: SubjectKey) => (row: SubjectKey) => keyOf(row) === keyOf(key)
  const mergedInto = ({ tenant, subject }: SubjectKey) =>
    tables.merges.find((row) => row.tenant === tenant && row.from === subject)?.into ?? null
  const aliasesOf = ({ tenant, subject }: SubjectKey) =>
    tables.merges.filter((row) => row.tenant === tenant && row.into === subject).map(({ from }) => from)

  function dropDerived(key: SubjectKey): void {
    states.delete(keyOf(key))
    remove(tables.timers, isOf(key))
    remove(tables.enrolments, isOf(key))
    remove(tables.memberships, ({ tenant, learner }) => tenant === key.tenant && `l:${learner}` === key.subject)
  }

  return {
    async claimTimers(due, until, count) {
      const found = tables.timers.filter(({ at }) => at <= due).sort((a, b) => a.at - b.at)
      return found.slice(0, count).map(({ tenant, subject }) => {
        put(tables.timers, { tenant, subject, at: until }, isOf({ tenant, subject }))
        return { tenant, subject }
      })
    },
    async claimOutgoing(events, now, until, count) {
      const isFree = (held: (typeof tables.outgoing)[number]) => held.heldUntil <= now && events.includes(held.row.event)
      const free = tables.outgoing.filter(isFree).slice(0, count)
      for (const { row } of free) put(tables.outgoing, { row, heldUntil: until }, (old) => old.row === row)
      return free.map(({ row }) => row)
    },
    addOutgoing: async (rows, until) => addOutgoing(tables, rows, until),
    async holdOutgoing(rows, until) {
      for (const [index, { row }] of tables.outgoing.entries()) {
        const tries = rows.find(({ number }) => number === row.number)?.tries
        if (tries !== undefined) tables.outgoing[index] = { row: { ...row, tries }, heldUntil: until }
      }
    },
    async removeOutgoing(rows) {
      for (const { number } of rows) remove(tables.outgoing, ({ row }) => row.number === number)
    },
    async claimEmitted(events, now, until, count) {
      const free = tables.emitted.filter(({ row, heldUntil }) => heldUntil <= now && events.includes(row.event)).slice(0, count)
      for (const { row } of free) put(tables.emitted, { row, heldUntil: until }, (old) => old.row === row)
      return free.map(({ row }) => row).sort((a, b) => a.number - b.number)
    },
    async holdEmitted(rows, until) {
      for (const [index, { row }] of tables.emitted.entries()) {
        const tries = rows.find(({ number }) => number === row.number)?.tries
        if (tries !== undefined) tables.emitted[index] = { row: { ...row, tries }, heldUntil: until }
      }
    },
    async removeEmitted(rows) {
      for (const { number } of rows) remove(tables.emitted, ({ row }) => row.number === number)
    },
    readFactTenants: async () => [...new Set(facts.map(({ tenant }) => tenant))].sort(),
    async takeFactCursor({ relay, tenant }, holder, start, now, until) {
      const isOwn = (row: FactCursorKey) => row.relay === relay && row.tenant === tenant
      const { position, heldUntil } = tables.cursors.find(isOwn) ?? { position: start, heldUntil: 0 }
      if (heldUntil > now) return null
      put(tables.cursors, { relay, tenant, holder, position, heldUntil: until }, isOwn)
      return position
    },
    async putFactCursor({ relay, tenant }, holder, position, until) {
      const isOwn = (row: FactCursorKey) => row.relay === relay && row.tenant === tenant
      const known = tables.cursors.find(isOwn)
      if (known?.holder !== holder) return false
      put(tables.cursors, { ...known, position: Math.max(position, known.position), heldUntil: until }, isOwn)
      return true
    },
    nextTimer: async () => (tables.timers.length === 0 ? null : Math.min(...tables.timers.map(({ at }) => at))),
    readMemberships: async (learners) =>
      tables.memberships.filter((row) =>
        learners.some(({ tenant, learner }) => tenant === row.tenant && learner === row.learner),
      ),
    readMerged: async (key) => mergedInto(key),
    readAliases: async (key) => aliasesOf(key).sort(),
    async merge({ tenant, from, into, mergedAt }) {
      const known = mergedInto({ tenant, subject: from })
      const target = mergedInto({ tenant, subject: into }) ?? into
      if (target === from || known === target) return 'duplicate'
      if (known !== null) return 'conflict'
      const moved = remove(entries, isOf({ tenant, subject: from }))
      for (const row of moved) {
        const next = { ...row, subject: target, actor: row.actor ?? from }
        if (!entries.some((old) => isOf(next)(old) && old.source === row.source && old.eventId === row.eventId))
          entries.push(next)
      }
      dropDerived({ tenant, subject: from })
      tables.timers.push({ tenant, subject: from, at: mergedAt })
      for (const alias of aliasesOf({ tenant, subject: from })) {
        put(tables.merges, { tenant, from: alias, into: target, mergedAt }, (row) => row.tenant === tenant && row.from === alias)
      }
      tables.merges.push({ tenant, from, into: target, mergedAt })
      const key = keyOf({ tenant, subject: target })
      const state = states.get(key)
      if (state !== undefined) states.set(key, { ...state, version: state.version + 1 })
      return 'merged'
    },
    async erase(subjects, tombstones, jobs = []) {
      for (const { tenant, subject } of subjects) {
        for (const name of [subject, ...aliasesOf({ tenant, subject })]) {
          const key = { tenant, subject: name }
          remove(entries, isOf(key))
          for (const [index, row] of entries.entries())
            if (row.tenant === tenant && row.actor === name && row.subject.startsWith('a:'))
              entries[index] = { ...row, actor: null }
          remove(facts, isOf(key))
          remove(tables.outgoing, ({ row }) => isOf(key)(row))
          remove(tables.emitted, ({ row }) => isOf(key)(row))
          dropDerived(key)
          remove(tables.merges, (row) => row.tenant === tenant && (row.from === name || row.into === name))
        }
      }
      tables.tombstones.push(...tombstones)
      tables.jobs.push(...jobs.map((job) => ({ job, heldUntil: 0 })))
      tables.revision += 1
    },
    readTombstones: async () => tables.tombstones,
    readRevision: async () => tables.revision,
    async readSubjects(after, count) {
      const keys = entries.flatMap(({ tenant, subject, account }) =>
        account === null
          ? [{ tenant, subject }]
          : [
              { tenant, subject },
              { tenant, subject: `a:${account}` },
            ],
      )
      const sorted = [...new Map(keys.map((key) => [keyOf(key), key])).values()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
      return sorted.filter((key) => after === null || keyOf(key) > keyOf(after)).slice(0, count)
    },
    readTrackStatus: async () => tables.statuses,
    async putTrackStatus(row) {
      put(tables.statuses, row, ({ key }) => key === row.key)
      tables.revision += 1
    },
    readJobs: async () => tables.jobs.map(({ job }) => job).sort((a, b) => b.createdAt - a.createdAt),
    async addJob(job) {
      tables.jobs.push({ job, heldUntil: 0 })
    },
    async claimJob(kind, now, until) {
      const found = tables.jobs.find(({ job, heldUntil }) => job.kind === kind && job.status === 'running' && heldUntil <= now)
      if (found === undefined) return null
      put(tables.jobs, { job: found.job, heldUntil: until }, (row) => row === found)
      return found.job
    },
    async putJob(values, until) {
      const found = tables.jobs.find(({ job }) => job.id === values.id && job.status === 'running')
      if (found === undefined) return false
      put(tables.jobs, { job: { ...found.job, ...values }, heldUntil: until }, (row) => row === found)
      return true
    },
    // What these answer is tested with real stores.
    listEvents: unasked('listEvents'),
    listFacts: unasked('listFacts'),
    listEnrolments: unasked('listEnrolments'),
    listSubjects: unasked('listSubjects'),
    readRollup: unasked('readRollup'),
  }
}

function unasked(call: string) {
  return () => Promise.reject(new Error(`The fake store does not answer ${call}; test it with a real one.`))
}

function remove<T>(rows: T[], isGone: (row: T) => boolean): readonly T[] {
  const gone = rows.filter(isGone)
  rows.splice(0, rows.length, ...rows.filter((row) => !isGone(row)))
  return gone
}

/** Replaces the row that is there, or adds one. */
export function put<T>(rows: T[], row: T, isSame: (old: T) => boolean): void {
  const index = rows.findIndex(isSame)
  if (index < 0) rows.push(row)
  else rows[index] = row
}

let outgoingCount = 0

export function addOutgoing({ outgoing }: Pick<FakeTables, 'outgoing'>, rows: readonly OutgoingRow[], heldUntil: number): void {
  for (const row of rows) {
    const isSame = (old: OutgoingRow) =>
      (['tenant', 'subject', 'kind', 'source', 'eventId'] as const).every((name) => old[name] === row[name])
    if (outgoing.some((old) => isSame(old.row))) continue
    outgoingCount += 1
    outgoing.push({ row: { ...row, number: outgoingCount, tries: 0 }, heldUntil })
  }
}
