/** A round without entries: looks at subjects because time has passed, evidence expires, or a track has changed. */
import type { SubjectCut } from '../engine/index.ts'
import type { ExpiredEvents, JournalStore, SubjectKey } from '../ports/index.ts'
import { addFold, compareText, emptyWriting, sorted } from './derived-rows.ts'
import { foldSubjects, type Read, type Surroundings } from './fold-subjects.ts'

export interface VisitContext extends Surroundings {
  readonly store: JournalStore
  readonly hash: (text: string) => string
  /** What the tracks were read at, and how they are read again. */
  readonly revision: () => number
  readonly reload: () => Promise<void>
}

export interface Visit {
  /** How each subject is looked at. */
  readonly fold: (key: SubjectKey, read: Read) => SubjectCut
  /** Whether what comes of it is of the past, and not new. */
  readonly isBackfill: boolean
  /** Whether the alarms are written even where they are the same. */
  readonly isWake: boolean
  /** Events that lose their payload in the same round. */
  readonly expired?: readonly ExpiredEvents[]
}

/**
 * Looks at subjects, in one round. `stale`: a state or the tracks changed meanwhile, and nothing was written.
 * @returns how many facts it brought, and the next alarm among those that it wrote.
 */
export async function visit(
  context: VisitContext,
  keys: readonly SubjectKey[],
  { fold, isBackfill, isWake, expired = [] }: Visit,
): Promise<'stale' | { readonly facts: number; readonly alarm: number | null }> {
  // Sorted, so that concurrent rounds lock rows in one order.
  const subjects = [...keys].sort((a, b) => compareText(a.tenant, b.tenant) || compareText(a.subject, b.subject))
  const round = await context.store.append([], subjects)
  try {
    if (round.revision !== context.revision()) {
      await round.rollback()
      await context.reload()
      return 'stale'
    }
    const { folds } = await foldSubjects(context, round, subjects, (place, read) => fold(subjects[place] as SubjectKey, read))
    const writing = emptyWriting()
    for (const [place, subject] of subjects.entries())
      addFold(writing, subject, folds[place] as SubjectCut, {
        hash: context.hash,
        now: context.now,
        version: round.states[place]?.version ?? 0,
        isBackfilled: () => isBackfill,
        isWoken: isWake,
      })
    writing.expired.push(...expired)
    const derived = sorted(writing)
    if ((await round.commit(derived)) === 'stale') return 'stale'
    const alarms = derived.timers.flatMap(({ at }) => at ?? [])
    return { facts: derived.facts.length, alarm: alarms.length === 0 ? null : Math.min(...alarms) }
  } catch (error) {
    await round.rollback()
    throw error
  }
}
