import type { RelayStore } from '@waymark/learning-journey/ports'
import { compareText } from '../compare-text.ts'
import { type Tables, toKey, toOutgoingKey } from './tables.ts'

/** What of the memory store hands events and facts on. Writes take turns with the rounds. */
export function createMemoryRelay(tables: Tables, inTurn: <T>(work: () => T) => Promise<T>, assertOpen: () => void): RelayStore {
  return {
    claimOutgoing: (now, until, count) =>
      inTurn(() => {
        const free = [...tables.outgoing].filter(([, { heldUntil }]) => heldUntil <= now).slice(0, count)
        for (const [key, { row }] of free) tables.outgoing.set(key, { row, heldUntil: until })
        return free.map(([, { row }]) => row)
      }),
    holdOutgoing: (rows, until) =>
      inTurn(() => {
        for (const row of rows) {
          const key = toOutgoingKey(row)
          if (tables.outgoing.has(key)) tables.outgoing.set(key, { row, heldUntil: until })
        }
      }),
    removeOutgoing: (rows) =>
      inTurn(() => {
        for (const row of rows) tables.outgoing.delete(toOutgoingKey(row))
      }),
    async readFactTenants() {
      assertOpen()
      return [...tables.facts].flatMap(([tenant, facts]) => (facts.length > 0 ? [tenant] : [])).sort(compareText)
    },
    takeFactCursor: ({ relay, tenant }, start, now, until) =>
      inTurn(() => {
        const { position, heldUntil } = tables.factCursors.get(toKey(relay, tenant)) ?? { position: start, heldUntil: 0 }
        if (heldUntil > now) return null
        tables.factCursors.set(toKey(relay, tenant), { position, heldUntil: until })
        return position
      }),
    putFactCursor: ({ relay, tenant }, position, until) =>
      inTurn(() => {
        const key = toKey(relay, tenant)
        tables.factCursors.set(key, {
          position: Math.max(position, tables.factCursors.get(key)?.position ?? 0),
          heldUntil: until,
        })
      }),
  }
}
