/** A round without events: looks at subjects because time has passed, evidence expires, or a track has changed. */
import type { FoldInput, SubjectCut } from '../engine/index.ts'
import type { ExpiredEvents, JournalStore, Round, SubjectKey } from '../ports/index.ts'
import type { Prepared } from './assess.ts'
import { addFold, compareText, emptyWriting, sorted } from './derived-rows.ts'
import { foldSubjects, type Read, type Surroundings } from './fold-subjects.ts'
import { owedEntries } from './owed-entries.ts'

export interface VisitContext extends Surroundings {
  readonly store: JournalStore
  readonly hash: (text: string) => string
  /** What the tracks were read at, and how they are read again. */
  readonly revision: () => number
  readonly reload: () => Promise<void>
}

export interface Visit {
  /** How each subject is looked at. */
  readonly fold: (key: SubjectKey, read: Read & Pick<FoldInput, 'entries' | 'tracksOf'>) => SubjectCut
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
  const { store, catalogue, hash } = context
  let round = await store.append([], subjects)
  try {
    if (round.revision !== context.revision()) {
      await round.rollback()
      await context.reload()
      return 'stale'
    }
    const owed = owedIn(context, subjects, round)
    if (owed.length > 0) {
      await round.rollback()
      round = await store.append(
        owed.map(({ row }) => row),
        subjects,
      )
      // What they were owed by may be another track now.
      if (round.revision !== context.revision()) {
        await round.rollback()
        return 'stale'
      }
    }
    const fresh = owed.filter((_, place) => round.outcomes[place] === 'recorded')
    const { folds } = await foldSubjects(context, round, subjects, (place, read) => {
      const key = subjects[place] as SubjectKey
      const entries = fresh.filter(({ row }) => isOf(key, row)).map(({ entry }) => entry)
      return fold(key, { ...read, entries, tracksOf: catalogue.tracksOf })
    })
    const writing = emptyWriting()
    for (const [place, subject] of subjects.entries())
      addFold(writing, subject, folds[place] as SubjectCut, {
        hash,
        now: context.now,
        version: round.states[place]?.version ?? 0,
        isBackfilled: ({ isPast }) => isBackfill || isPast,
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

/** What publishing owes these subjects, sorted by key. */
function owedIn(
  { catalogue, hash }: VisitContext,
  subjects: readonly SubjectKey[],
  { states }: Pick<Round, 'states'>,
): Prepared[] {
  return subjects.flatMap((key, place) =>
    [...owedEntries(catalogue, key, states[place]?.state ?? null, hash)].sort((a, b) =>
      compareText(a.row.eventId, b.row.eventId),
    ),
  )
}

function isOf({ tenant, subject }: SubjectKey, row: SubjectKey): boolean {
  return row.tenant === tenant && row.subject === subject
}
