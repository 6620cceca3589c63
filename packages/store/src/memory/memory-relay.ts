import type { RelayStore } from '@waymark/learning-journey/ports'
import { compareText } from '../compare-text.ts'
import { addOutgoing, type HeldEmitted, type HeldOutgoing, type Tables, toKey } from './tables.ts'

/** What of the memory store hands events and facts on. Writes take turns with the rounds. */
export function createMemoryRelay(tables: Tables, inTurn: <T>(work: () => T) => Promise<T>, assertOpen: () => void): RelayStore {
  return {
    claimOutgoing: (events, now, until, count) => inTurn(() => claim(tables.outgoing, events, now, until, count)),
    addOutgoing: (rows, until) => inTurn(() => addOutgoing(tables, rows, until)),
    holdOutgoing: (rows, until) => inTurn(() => hold(tables.outgoing, rows, until)),
    removeOutgoing: (rows) => inTurn(() => remove(tables.outgoing, rows)),
    claimEmitted: (events, now, until, count) => inTurn(() => claim(tables.emitted, events, now, until, count)),
    holdEmitted: (rows, until) => inTurn(() => hold(tables.emitted, rows, until)),
    removeEmitted: (rows) => inTurn(() => remove(tables.emitted, rows)),
    async readFactTenants() {
      assertOpen()
      return [...tables.facts].flatMap(([tenant, facts]) => (facts.length > 0 ? [tenant] : [])).sort(compareText)
    },
    takeFactCursor: ({ relay, tenant }, holder, start, now, until) =>
      inTurn(() => {
        const { position, heldUntil } = tables.factCursors.get(toKey(relay, tenant)) ?? { position: start, heldUntil: 0 }
        if (heldUntil > now) return null
        tables.factCursors.set(toKey(relay, tenant), { position, holder, heldUntil: until })
        return position
      }),
    putFactCursor: ({ relay, tenant }, holder, position, until) =>
      inTurn(() => {
        const key = toKey(relay, tenant)
        const known = tables.factCursors.get(key)
        if (known?.holder !== holder) return false
        tables.factCursors.set(key, { position: Math.max(position, known.position), holder, heldUntil: until })
        return true
      }),
  }
}

type Held<Row> = { readonly row: Row; readonly heldUntil: number }
type AnyRow = (HeldOutgoing | HeldEmitted)['row']

function claim<Row extends AnyRow>(
  rows: Map<string, Held<Row>>,
  events: readonly string[],
  now: number,
  until: number,
  count: number,
): readonly Row[] {
  const wanted = new Set(events)
  const free = [...rows].filter(([, { row, heldUntil }]) => heldUntil <= now && wanted.has(row.event)).slice(0, count)
  for (const [key, { row }] of free) rows.set(key, { row, heldUntil: until })
  return free.map(([, { row }]) => row)
}

function hold<Row extends AnyRow>(
  rows: Map<string, Held<Row>>,
  wanted: readonly Pick<Row, 'number' | 'tries'>[],
  heldUntil: number,
): void {
  const tries = new Map(wanted.map((row) => [row.number, row.tries]))
  for (const [key, { row }] of rows) {
    const own = tries.get(row.number)
    if (own === undefined) continue
    const tried: Row = { ...row, tries: own }
    rows.set(key, { row: Object.freeze(tried), heldUntil })
  }
}

function remove<Row extends AnyRow>(rows: Map<string, Held<Row>>, wanted: readonly Pick<Row, 'number'>[]): void {
  const gone = new Set(wanted.map(({ number }) => number))
  for (const [key, { row }] of rows) if (gone.has(row.number)) rows.delete(key)
}
