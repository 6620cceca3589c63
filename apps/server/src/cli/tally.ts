import type { IngestStatus } from '@waymark/learning-journey'

/** How many events have which status. */
export type Tally = Partial<Record<IngestStatus | 'not_found', number>>

/** The server has these: one more attempt brings nothing new. */
const STORED: ReadonlySet<string> = new Set<IngestStatus>(['recorded', 'duplicate', 'unmatched'])

export function isStored(status: IngestStatus | 'not_found'): boolean {
  return STORED.has(status)
}

export function count(tally: Tally, status: IngestStatus | 'not_found'): void {
  tally[status] = (tally[status] ?? 0) + 1
}

/** `3 events: 2 recorded, 1 invalid` */
export function describeTally(tally: Tally): string {
  const entries = Object.entries(tally)
  const all = entries.reduce((sum, [, count]) => sum + count, 0)
  return `${all} events: ${entries.map(([status, count]) => `${count} ${status}`).join(', ') || 'none'}`
}
