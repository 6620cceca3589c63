import type { UnknownEventCounts, UnknownEventRow } from '@waymark/learning-journey/ports'
import { compareText } from '../compare-text.ts'
import { getOrAdd, type Tables } from './tables.ts'

/** Counts of events that nothing knows. */
export function createMemoryUnknownEvents(
  { unknownEvents }: Tables,
  inTurn: <T>(work: () => T) => Promise<T>,
  assertOpen: () => void,
): UnknownEventCounts {
  return {
    countUnknownEvents: (rows, names) =>
      inTurn(() => {
        for (const row of rows) {
          const own = getOrAdd(unknownEvents, row.tenant, () => new Map())
          const known = own.get(row.name)
          own.set(row.name, Object.freeze(known === undefined ? { ...row } : added(known, row)))
        }
        for (const tenant of new Set(rows.map(({ tenant }) => tenant))) {
          const own = unknownEvents.get(tenant)
          for (const { name } of [...(own?.values() ?? [])].sort(newestFirst).slice(names)) own?.delete(name)
        }
      }),
    async readUnknownEvents(tenant) {
      assertOpen()
      return [...(unknownEvents.get(tenant)?.values() ?? [])].sort(newestFirst)
    },
    pruneUnknownEvents: (lastBefore) =>
      inTurn(() => {
        for (const own of unknownEvents.values()) {
          for (const { name, lastAt } of own.values()) if (lastAt < lastBefore) own.delete(name)
        }
      }),
  }
}

function added(known: UnknownEventRow, row: UnknownEventRow): UnknownEventRow {
  return {
    ...row,
    count: known.count + row.count,
    firstAt: Math.min(known.firstAt, row.firstAt),
    lastAt: Math.max(known.lastAt, row.lastAt),
    samples: row.lastAt < known.lastAt ? known.samples : row.samples,
  }
}

function newestFirst(a: UnknownEventRow, b: UnknownEventRow): number {
  return b.lastAt - a.lastAt || compareText(b.name, a.name)
}
