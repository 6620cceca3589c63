import type { JournalStore, Merge, SubjectKey } from '@waymark/learning-journey/ports'
import { byKey, compareText } from '../compare-text.ts'
import { idsOf, toNeedles } from '../rejected-needles.ts'
import { addJob, insertEvent, replaceEvent, type Tables, toEventKey, toKey, toSubjectKey } from './tables.ts'

/** Who is who, and who was forgotten. Writes take turns with the rounds. */
export function createMemoryPeople(tables: Tables, inTurn: <T>(work: () => T) => Promise<T>, assertOpen: () => void) {
  return {
    async readMerged(key) {
      assertOpen()
      return tables.merged.get(toSubjectKey(key))?.into ?? null
    },
    async readAliases(key) {
      assertOpen()
      return aliasesOf(tables, key).sort(compareText)
    },
    merge: (merge) => inTurn(() => mergeSubjects(tables, merge)),
    erase: (subjects, tombstones, jobs = []) =>
      inTurn(() => {
        for (const { tenant, subject } of subjects) {
          for (const name of [subject, ...aliasesOf(tables, { tenant, subject })]) eraseSubject(tables, { tenant, subject: name })
        }
        for (const { tenant, idHash, erasedAt } of tombstones) {
          const known = tables.tombstones.get(toKey(tenant, idHash))?.erasedAt ?? erasedAt
          deleteWhere(tables.inbox, (row) => row.tenant === tenant && row.eventId.startsWith(`${idHash}.`))
          tables.tombstones.set(toKey(tenant, idHash), Object.freeze({ tenant, idHash, erasedAt: Math.max(known, erasedAt) }))
        }
        for (const job of jobs) addJob(tables, job)
        tables.revision += 1
      }),
    async readTombstones() {
      assertOpen()
      return [...tables.tombstones.values()].sort((a, b) => compareText(a.tenant, b.tenant) || compareText(a.idHash, b.idHash))
    },
    async readSubjects(after, count) {
      assertOpen()
      const keys = new Map<string, SubjectKey>()
      for (const { tenant, subject, account } of tables.events.values()) {
        keys.set(toKey(tenant, subject), { tenant, subject })
        if (account !== null) keys.set(toKey(tenant, `a:${account}`), { tenant, subject: `a:${account}` })
      }
      const sorted = [...keys.values()].sort(byKey)
      return sorted.filter((key) => after === null || byKey(key, after) > 0).slice(0, count)
    },
  } satisfies Partial<JournalStore>
}

function aliasesOf(tables: Tables, { tenant, subject }: SubjectKey): string[] {
  return [...tables.merged.values()].filter((row) => row.tenant === tenant && row.into === subject).map(({ from }) => from)
}

function mergeSubjects(tables: Tables, { tenant, from, into, mergedAt }: Merge): 'merged' | 'duplicate' | 'conflict' {
  const known = tables.merged.get(toKey(tenant, from))?.into
  const target = tables.merged.get(toKey(tenant, into))?.into ?? into
  if (target === from || known === target) return 'duplicate'
  if (known !== undefined) return 'conflict'
  for (const entry of ownEntries(tables, { tenant, subject: from })) {
    replaceEvent(tables, entry, undefined)
    const moved = Object.freeze({ ...entry, subject: target, actor: entry.actor ?? from })
    if (!tables.events.has(toEventKey(moved))) insertEvent(tables, moved)
  }
  dropDerived(tables, { tenant, subject: from })
  tables.timers.set(toKey(tenant, from), Object.freeze({ tenant, subject: from, at: mergedAt }))
  for (const [key, row] of tables.merged) {
    if (row.tenant === tenant && row.into === from) tables.merged.set(key, Object.freeze({ ...row, into: target }))
  }
  tables.merged.set(toKey(tenant, from), Object.freeze({ tenant, from, into: target, mergedAt }))
  const state = tables.states.get(toKey(tenant, target))
  if (state !== undefined) tables.states.set(toKey(tenant, target), { ...state, version: state.version + 1 })
  return 'merged'
}

function eraseSubject(tables: Tables, { tenant, subject }: SubjectKey): void {
  for (const entry of ownEntries(tables, { tenant, subject })) replaceEvent(tables, entry, undefined)
  dropDerived(tables, { tenant, subject })
  const facts = tables.facts.get(tenant) ?? []
  for (const { subject: whose, factId } of facts) if (whose === subject) tables.factIds.delete(toKey(tenant, subject, factId))
  tables.facts.set(
    tenant,
    facts.filter((fact) => fact.subject !== subject),
  )
  deleteWhere(tables.outgoing, ({ row }) => row.tenant === tenant && row.subject === subject)
  deleteWhere(tables.emitted, ({ row }) => row.tenant === tenant && row.subject === subject)
  deleteWhere(tables.merged, (row) => row.tenant === tenant && (row.from === subject || row.into === subject))
  const [account] = idsOf('a', [subject])
  deleteWhere(tables.memberships, (row) => row.tenant === tenant && row.account === account)
  for (const entry of [...tables.events.values()]) {
    if (entry.tenant !== tenant || entry.actor !== subject || !entry.subject.startsWith('a:')) continue
    replaceEvent(tables, entry, Object.freeze({ ...entry, actor: null }))
  }
  const needles = toNeedles(idsOf('l', [subject]))
  deleteWhere(tables.rejected.get(tenant) ?? new Map(), ({ body }) => needles.some((needle) => body.includes(needle)))
}

/** What was computed from the entries of a subject, except facts. */
function dropDerived(tables: Tables, { tenant, subject }: SubjectKey): void {
  const isOwn = (row: SubjectKey) => row.tenant === tenant && row.subject === subject
  const [learner] = idsOf('l', [subject])
  tables.states.delete(toKey(tenant, subject))
  tables.timers.delete(toKey(tenant, subject))
  deleteWhere(tables.checkpoints, (rows) => [...rows.values()].some(isOwn))
  deleteWhere(tables.enrolments, isOwn)
  deleteWhere(tables.memberships, (row) => row.tenant === tenant && row.learner === learner)
}

/** Not those that people made in an account. */
function ownEntries(tables: Tables, key: SubjectKey) {
  return [...(tables.eventsOf.get(toSubjectKey(key)) ?? [])].filter(({ subject }) => subject === key.subject)
}

function deleteWhere<V>(map: Map<string, V>, isGone: (value: V) => boolean): void {
  for (const [key, value] of map) if (isGone(value)) map.delete(key)
}
