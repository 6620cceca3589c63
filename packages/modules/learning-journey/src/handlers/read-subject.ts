import type { JournalStore, SubjectKey } from '../ports/index.ts'

/** The packed state of a subject, and under which name it is kept: a merged one has the state of the one it was merged into. */
export async function readSubject(
  store: Pick<JournalStore, 'readState' | 'readMerged'>,
  key: SubjectKey,
): Promise<{ readonly key: SubjectKey; readonly bytes: Uint8Array | null }> {
  const bytes = await store.readState(key)
  if (bytes !== null) return { key, bytes }
  // A merged subject has no state, so most reads need not ask for this.
  const into = await store.readMerged(key)
  if (into === null) return { key, bytes }
  const target = { tenant: key.tenant, subject: into }
  return { key: target, bytes: await store.readState(target) }
}
