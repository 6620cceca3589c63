import type { CompiledTrack } from '../engine/index.ts'
import type { JournalStore, StoreFailure, SubjectKey } from '../ports/index.ts'
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

/**
 * Looks at subjects, all in one round, or, when that fails, one by one, so that one of them holds up no other.
 * @param onFailure told of each that cannot be looked at: it is passed over.
 * @throws what went wrong with the store itself: the job goes on later.
 */
export async function lookAtEach<T>(
  subjects: readonly SubjectKey[],
  look: (subjects: readonly SubjectKey[]) => Promise<T>,
  onFailure: ((error: unknown) => void) | undefined,
): Promise<{ readonly seen: readonly T[]; readonly failed: number }> {
  const [only] = subjects
  if (only === undefined) return { seen: [], failed: 0 }
  try {
    return { seen: [await look(subjects)], failed: 0 }
  } catch (error) {
    if (subjects.length > 1) {
      const seen: T[] = []
      let failed = 0
      for (const subject of subjects) {
        const one = await lookAtEach([subject], look, onFailure)
        seen.push(...one.seen)
        failed += one.failed
      }
      return { seen, failed }
    }
    if ((error as Partial<StoreFailure> | null)?.outlook !== undefined) throw error
    onFailure?.(new Error(`${only.subject} of ${only.tenant} cannot be looked at, and was passed over.`, { cause: error }))
    return { seen: [], failed: 1 }
  }
}
