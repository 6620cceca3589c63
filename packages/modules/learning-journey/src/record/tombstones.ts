import type { JournalStore, TombstoneRow } from '../ports/index.ts'

/** The people who were forgotten, by keyed hashes of their ids. */
export interface Tombstones {
  /** True when an event of a learner lies before the moment at which they were forgotten. */
  isErased(tenant: string, learnerId: string, occurredAt: number): boolean
  /** The row that says so from now on. */
  of(tenant: string, learnerId: string, erasedAt: number): TombstoneRow
  /** Reads them again, after another process may have added some. */
  reload(): Promise<void>
}

/** @param keyed a hash that nobody can try out without the key. */
export function createTombstones(store: JournalStore, keyed: (text: string) => string): Tombstones {
  let byTenant = new Map<string, Map<string, number>>()
  const hashOf = (tenant: string, learnerId: string) => toIdHash(keyed, tenant, learnerId)
  return {
    isErased(tenant, learnerId, occurredAt) {
      // Where nobody was forgotten, nothing is hashed.
      const erasedAt = byTenant.get(tenant)?.get(hashOf(tenant, learnerId))
      return erasedAt !== undefined && occurredAt <= erasedAt
    },
    of: (tenant, learnerId, erasedAt) => ({ tenant, idHash: hashOf(tenant, learnerId), erasedAt }),
    async reload() {
      const next = new Map<string, Map<string, number>>()
      for (const { tenant, idHash, erasedAt } of await store.readTombstones()) {
        const known = next.get(tenant) ?? new Map<string, number>()
        known.set(idHash, Math.max(known.get(idHash) ?? 0, erasedAt))
        next.set(tenant, known)
      }
      byTenant = next
    },
  }
}

/** What a learner is called where nobody may find out who it is. */
export function toIdHash(keyed: (text: string) => string, tenant: string, learnerId: string): string {
  return keyed(`${tenant}\0${learnerId}`)
}
