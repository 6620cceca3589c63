import type { EnrolmentRow, OperatorReads, SubjectRow } from '@waymark/learning-journey/ports'
import { compareText } from '../compare-text.ts'
import { latestStartFirst, newestFirst } from '../list-order.ts'
import { fromBucket, toDay } from '../rollup.ts'
import { byRollupKey, type RollupKey, type Tables, toKey } from './tables.ts'

export function createMemoryOperatorReads(tables: Tables, assertOpen: () => void): OperatorReads {
  return {
    async listEvents({ tenant, subject, name, source, kind, from, to, after, limit }) {
      assertOpen()
      const entries = subject === undefined ? [...tables.events.values()] : (tables.eventsOf.get(toKey(tenant, subject)) ?? [])
      const wanted = entries.filter(
        (row) =>
          row.tenant === tenant &&
          fits(row.name, name) &&
          fits(row.source, source) &&
          fits(row.kind, kind) &&
          row.receivedAt >= (from ?? Number.NEGATIVE_INFINITY) &&
          row.receivedAt < (to ?? Number.POSITIVE_INFINITY) &&
          (after === undefined || newestFirst(after, row) < 0),
      )
      return wanted.sort(newestFirst).slice(0, limit)
    },
    async listFacts({ tenant, subject, track, name, first = 'oldest', after, limit }) {
      assertOpen()
      const facts = tables.facts.get(tenant) ?? []
      const wanted = (first === 'oldest' ? facts : facts.toReversed()).filter(
        (fact) =>
          fits(fact.subject, subject) &&
          fits(fact.track, track) &&
          fits(fact.name, name) &&
          (after === undefined || (first === 'oldest' ? fact.position > after : fact.position < after)),
      )
      return wanted.slice(0, limit)
    },
    async listEnrolments({ tenant, track, status, openStep, subject, startedFrom, startedTo, after, limit }) {
      assertOpen()
      const wanted = [...tables.enrolments.values()].filter(
        (row) =>
          row.tenant === tenant &&
          fits(row.track, track) &&
          fits(row.status, status) &&
          fits(row.openStep, openStep) &&
          fits(row.subject, subject) &&
          row.startedAt >= (startedFrom ?? Number.NEGATIVE_INFINITY) &&
          row.startedAt < (startedTo ?? Number.POSITIVE_INFINITY) &&
          (after === undefined || latestStartFirst(after, row) < 0),
      )
      return wanted.sort(latestStartFirst).slice(0, limit)
    },
    async listSubjects({ tenant, kind, prefix = '', after, limit }) {
      assertOpen()
      const start = `${kind === 'learner' ? 'l' : 'a'}:${prefix}`
      const subjects = new Set<string>()
      for (const { tenant: of, subject, account } of tables.events.values()) {
        if (of !== tenant) continue
        subjects.add(subject)
        if (account !== null) subjects.add(`a:${account}`)
      }
      const wanted = [...subjects].filter(
        (subject) => subject.startsWith(start) && (after === undefined || compareText(subject, after) > 0),
      )
      const page = wanted.sort(compareText).slice(0, limit)
      return page.map((subject): SubjectRow => ({ tenant, subject, enrolments: enrolmentsOf(tables, tenant, subject) }))
    },
    async readRollup({ tenant, track, from, to }) {
      assertOpen()
      const counts = new Map<string, { readonly key: RollupKey; count: number }>()
      for (const { key, count } of tables.rollup.values()) {
        if (key.tenant !== tenant || key.track !== track) continue
        if (from !== undefined && key.day < toDay(from)) continue
        if (to !== undefined && key.day > toDay(to)) continue
        const id = toKey(`${key.heldOut}`, key.step ?? '', key.name, `${key.bucket}`)
        const known = counts.get(id)
        if (known === undefined) counts.set(id, { key, count })
        else known.count += count
      }
      const rows = [...counts.values()].sort((a, b) => byRollupKey(a.key, b.key))
      return rows.map(({ key: { heldOut, step, name, bucket }, count }) => ({
        heldOut,
        step,
        name,
        after: fromBucket(bucket),
        count,
      }))
    },
  }
}

function fits<T>(value: T, wanted: T | undefined): boolean {
  return wanted === undefined || value === wanted
}

function enrolmentsOf(tables: Tables, tenant: string, subject: string): readonly EnrolmentRow[] {
  const own = [...tables.enrolments.values()].filter((row) => row.tenant === tenant && row.subject === subject)
  return own.sort((a, b) => compareText(a.track, b.track) || a.run - b.run)
}
