import type { CompiledTrack } from '../engine/index.ts'
import type { JournalStore, SubjectKey } from '../ports/index.ts'
import { isAbout } from '../record/entry-row.ts'
import type { Progress } from './jobs.ts'

interface Context {
  readonly store: JournalStore
  /** Epoch milliseconds. */
  readonly now: () => number
}

const COUNTED_AT_ONCE = 5_000

/** What became of the subjects of a page. */
export interface Looked {
  readonly facts: number
  readonly failed: number
  readonly tally?: Progress['tally']
}

/**
 * One page of a job over all subjects that a track is about: first it counts them, then it looks at them.
 * @param tenant only its subjects; of all tenants when null.
 */
export async function pageOfSubjects(
  { store, now }: Context,
  progress: Progress,
  { track, tenant, size }: { readonly track: CompiledTrack; readonly tenant: string | null; readonly size: number },
  look: (subjects: readonly SubjectKey[]) => Promise<Looked>,
): Promise<{ readonly progress: Progress; readonly isDone: boolean }> {
  const count = progress.isCounted ? size : COUNTED_AT_ONCE
  // No subject is called nothing, so this is before all of a tenant.
  const after = progress.cursor ?? (tenant === null ? null : { tenant, subject: '' })
  const read = await store.readSubjects(after, count)
  const own = tenant === null ? read : read.filter((key) => key.tenant === tenant)
  const subjects = own.filter(({ subject }) => isAbout(track, subject))
  const isLast = own.length < count
  const cursor = own.at(-1) ?? progress.cursor
  if (!progress.isCounted) {
    const counted = progress.counted + subjects.length
    if (!isLast) return { progress: { ...progress, counted, cursor }, isDone: false }
    return { progress: { ...progress, counted, isCounted: true, cursor: null, since: now() }, isDone: false }
  }
  const { facts, failed, tally = progress.tally } = await look(subjects)
  return {
    progress: {
      ...progress,
      cursor,
      done: progress.done + subjects.length,
      facts: progress.facts + facts,
      failed: progress.failed + failed,
      ...(tally === undefined ? {} : { tally }),
    },
    isDone: isLast,
  }
}
