import { DISMISSED, SNOOZED } from '../engine/index.ts'
import type { JournalStore, SubjectKey } from '../ports/index.ts'

/** Whether a learner put a track away. */
export interface Hiding {
  readonly dismissed: boolean
  /** Epoch milliseconds; null when the last word was that it is shown. */
  readonly snoozedUntil: number | null
}

export const SHOWN: Hiding = { dismissed: false, snoozedUntil: null }

/** What a learner put away, by track: of each kind the last word counts. */
export async function readHidden(
  store: Pick<JournalStore, 'readEntries'>,
  key: SubjectKey,
): Promise<ReadonlyMap<string, Hiding>> {
  const byTrack = new Map<string, Hiding>()
  for (const { name, payload } of await store.readEntries(key, [DISMISSED, SNOOZED])) {
    const { trackId, undo, until } = JSON.parse(payload ?? '{}') as { trackId: string; undo?: boolean; until?: string | null }
    const known = byTrack.get(trackId) ?? SHOWN
    const change =
      name === DISMISSED
        ? { dismissed: undo !== true }
        : { snoozedUntil: until === null || until === undefined ? null : Date.parse(until) }
    byTrack.set(trackId, { ...known, ...change })
  }
  return byTrack
}

/** Whether a track is out of sight at a moment. */
export function isHidden({ dismissed, snoozedUntil }: Hiding, at: number): boolean {
  return dismissed || (snoozedUntil !== null && snoozedUntil > at)
}
