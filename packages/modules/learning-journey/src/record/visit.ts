/** A round that is about subjects and not about events: time has passed, evidence expires, a track has changed, two ids are one person. */
import type { FoldInput, SubjectCut } from '../engine/index.ts'
import type { Derived, EntryRow, ExpiredEvents, JournalStore, Round, SubjectKey } from '../ports/index.ts'
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
  /** Whether all that comes of it is new, though it may be computed for the first time. */
  readonly isNews?: boolean
  /** Whether the alarms are written even where they are the same. */
  readonly isWake: boolean
  /** Events that lose their payload in the same round. */
  readonly expired?: readonly ExpiredEvents[]
  /** Entries that the round writes. They are not folded as new ones. */
  readonly entries?: readonly EntryRow[]
  /** What else it writes. */
  readonly adds?: (round: Round) => Promise<Pick<Derived, 'facts' | 'timers' | 'memberships'>>
}

/**
 * Looks at subjects, in one round. `stale`: a state or the tracks changed meanwhile, or some of the subjects were merged into others, and
 * nothing was written.
 * @param onMerged told of those that were merged.
 * @returns how many facts it brought, and the next alarm among those that it wrote.
 */
export function visit(
  context: VisitContext,
  keys: readonly SubjectKey[],
  how: Visit,
  onMerged?: (merged: readonly SubjectKey[]) => void,
): Promise<Visited> {
  // Sorted, so that concurrent rounds lock rows in one order.
  const subjects = [...keys].sort((a, b) => compareText(a.tenant, b.tenant) || compareText(a.subject, b.subject))
  return visitWith(context, subjects, [], how, onMerged)
}

type Visited = 'stale' | { readonly facts: number; readonly alarm: number | null }

/** @param owed what publishing owes the subjects, as far as it is known: the round writes it too. */
async function visitWith(
  context: VisitContext,
  subjects: readonly SubjectKey[],
  owed: readonly Prepared[],
  how: Visit,
  onMerged?: (merged: readonly SubjectKey[]) => void,
): Promise<Visited> {
  const { fold, isBackfill, isNews = false, isWake, expired = [], entries = [], adds } = how
  const { store, catalogue, hash } = context
  const round = await store.append([...entries, ...owed.map(({ row }) => row)], subjects)
  try {
    if (round.revision !== context.revision()) {
      await round.rollback()
      await context.reload()
      return 'stale'
    }
    const merged = subjects.filter((_, place) => (round.states[place]?.mergedInto ?? null) !== null)
    if (merged.length > 0) {
      await round.rollback()
      onMerged?.(merged)
      return 'stale'
    }
    const more = owedIn(context, subjects, round).filter((one) => !owed.some(({ row }) => isSame(row, one.row)))
    if (more.length > 0) {
      await round.rollback()
      return visitWith(context, subjects, [...owed, ...more], how, onMerged)
    }
    const fresh = owed.filter((_, place) => round.outcomes[entries.length + place] === 'recorded')
    const { folds } = await foldSubjects(context, round, subjects, (place, read) => {
      const key = subjects[place] as SubjectKey
      const own = fresh.filter(({ row }) => isOf(key, row)).map(({ entry }) => entry)
      return fold(key, { ...read, entries: own, tracksOf: catalogue.tracksOf })
    })
    const writing = emptyWriting()
    for (const [place, subject] of subjects.entries())
      addFold(writing, subject, folds[place] as SubjectCut, {
        hash,
        now: context.now,
        version: round.states[place]?.version ?? 0,
        // What publishing owed is of the past, too.
        isBackfilled: ({ isPast, trigger }) => isBackfill || ((isPast || trigger >= 0) && !isNews),
        isWoken: isWake,
      })
    writing.expired.push(...expired)
    if (adds !== undefined) {
      const { facts, timers, memberships } = await adds(round)
      writing.facts.push(...facts)
      writing.timers.push(...timers)
      writing.memberships.push(...memberships)
    }
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

function isSame(a: EntryRow, b: EntryRow): boolean {
  return isOf(a, b) && a.eventId === b.eventId
}

function isOf({ tenant, subject }: SubjectKey, row: SubjectKey): boolean {
  return row.tenant === tenant && row.subject === subject
}
