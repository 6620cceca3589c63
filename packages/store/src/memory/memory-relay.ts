import type { RelayStore } from '@waymark/learning-journey/ports'
import { compareText } from '../compare-text.ts'
import { addOutgoing, type HeldOutgoing, type Tables, toKey } from './tables.ts'

/** What of the memory store hands events and facts on. Writes take turns with the rounds. */
export function createMemoryRelay(tables: Tables, inTurn: <T>(work: () => T) => Promise<T>, assertOpen: () => void): RelayStore {
  return {
    claimOutgoing: (events, now, until, count) =>
      inTurn(() => {
        const wanted = new Set(events)
        const isFree = ({ row, heldUntil }: HeldOutgoing) => heldUntil <= now && wanted.has(row.event)
        const free = [...tables.outgoing].filter(([, held]) => isFree(held)).slice(0, count)
        for (const [key, { row }] of free) tables.outgoing.set(key, { row, heldUntil: until })
        return free.map(([, { row }]) => row)
      }),
    addOutgoing: (rows, until) => inTurn(() => addOutgoing(tables, rows, until)),
    holdOutgoing: (rows, until) =>
      inTurn(() => {
        const tries = new Map(rows.map((row) => [row.number, row.tries]))
        for (const [key, { row }] of tables.outgoing) {
          const own = tries.get(row.number)
          if (own !== undefined) tables.outgoing.set(key, { row: Object.freeze({ ...row, tries: own }), heldUntil: until })
        }
      }),
    removeOutgoing: (rows) =>
      inTurn(() => {
        const gone = new Set(rows.map(({ number }) => number))
        for (const [key, { row }] of tables.outgoing) if (gone.has(row.number)) tables.outgoing.delete(key)
      }),
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
