/** Folds real journals into a definition that is not published, and counts what would change. It writes nothing. */
import { type CompiledTrack, type DerivedFact, foldSubject, RESET } from '../engine/index.ts'
import type { JournalStore, SubjectKey, TrackStatusRow, TrackVersionRow } from '../ports/index.ts'
import type { Prepared } from '../record/assess.ts'
import type { Catalogue } from '../record/catalogue.ts'
import { toFactRow } from '../record/derived-rows.ts'
import { foldSubjects, type Surroundings } from '../record/fold-subjects.ts'
import { owedEntries } from '../record/owed-entries.ts'
import type { Page } from './job-runner.ts'
import { type DryRunSpec, specOf } from './jobs.ts'
import { isEnding } from './publisher.ts'
import { pageOfSubjects } from './subject-pages.ts'
import { addToTally, type Change, emptyTally } from './tally.ts'

interface Context extends Omit<Surroundings, 'now'> {
  readonly store: JournalStore
  readonly hash: (text: string) => string
  /** Epoch milliseconds. */
  readonly now: () => number
  /** What would be served with one more version and another status. */
  readonly catalogueWith: (version: TrackVersionRow, status: TrackStatusRow) => Promise<Catalogue>
  /** Told of a subject that cannot be looked at: it is passed over. */
  readonly onFailure?: ((error: unknown) => void) | undefined
}

const AT_ONCE = 100

export function dryRun(context: Context): Page {
  return async (job, progress) => {
    const spec = specOf<DryRunSpec>(job)
    const { tenant, track: key, sample } = spec
    const candidate = await candidateOf(context, spec)
    const to = candidate.running(key)
    if (to === undefined) return 'elsewhere'
    const from = context.catalogue.track(key)
    const stride = sample === null || progress.counted <= sample ? 1 : progress.counted / sample
    return pageOfSubjects(context, progress, { track: to, tenant, size: AT_ONCE }, async (subjects) => {
      const chosen = subjects.filter((_, index) => {
        const place = progress.done + index
        return Math.floor(place / stride) !== Math.floor((place - 1) / stride)
      })
      const { changes, failed } = await look(context, { ...context, catalogue: candidate, now: spec.at }, to, chosen)
      const tally = addToTally(
        progress.tally ?? emptyTally(to),
        changes.map((change) => ({ ...change, from, to })),
      )
      return { facts: 0, failed, tally }
    })
  }
}

/** What would be served. */
async function candidateOf({ store, catalogueWith }: Context, { track: key, version, definition, policy, at }: DryRunSpec) {
  const known = (await store.readTrackStatus()).find((row) => row.key === key)
  const generation = (known?.generation ?? 0) + (isEnding(policy) ? 1 : 0)
  return catalogueWith(
    { tenant: '*', key, version, contentHash: '', definition: JSON.stringify(definition), publishedAt: at },
    { key, status: 'active', version, policy, generation, changedAt: at },
  )
}

type Seen = Omit<Change, 'from' | 'to'>

async function look(
  { store, hash, onFailure }: Context,
  around: Surroundings,
  to: CompiledTrack,
  keys: readonly SubjectKey[],
): Promise<{ readonly changes: readonly Seen[]; readonly failed: number }> {
  const seen = await Promise.all(
    keys.map(async (key) => {
      try {
        return await lookAtOne(store, hash, around, to, key)
      } catch (error) {
        // The store itself: the job goes on later.
        if ((error as { outlook?: string } | null)?.outlook !== undefined) throw error
        onFailure?.(error)
        return undefined
      }
    }),
  )
  const changes = seen.filter((change) => change !== undefined)
  return { changes, failed: seen.length - changes.length }
}

async function lookAtOne(
  store: JournalStore,
  hash: (text: string) => string,
  around: Surroundings,
  to: CompiledTrack,
  key: SubjectKey,
): Promise<Seen> {
  const before = await store.readState(key)
  const owed = owedEntries(around.catalogue, key, before, hash).filter(({ entry }) => entry.track === to.key)
  const round = {
    states: [{ version: 0, state: before, hasHistory: true, mergedInto: null }],
    history: (wanted: Parameters<typeof store.readHistory>[0][]) =>
      Promise.all(wanted.map(async (one) => withOwed(await store.readHistory(one), owed))),
  }
  const { folds } = await foldSubjects(around, round as never, [key], (_, read) =>
    foldSubject({
      ...read,
      entries: owed.map(({ entry }) => entry),
      tracksOf: () => [to],
      dependents: () => [],
      refresh: [to],
      trace: false,
    }),
  )
  const [fold] = folds
  const known = fold === undefined || fold.facts.length === 0 ? [] : await store.readFactsOf(key)
  const told = new Set(known.map(({ factId }) => factId))
  const isNew = (fact: DerivedFact) => !told.has(toFactRow(key, fact, true, hash).factId)
  const [ending] = owed
  return {
    before,
    after: fold?.row ?? before,
    facts: fold?.facts.filter(isNew) ?? [],
    ending: ending === undefined ? null : ending.entry.name === RESET ? 'restart' : 'exit',
  }
}

function withOwed<Found extends { readonly entries: readonly unknown[] }>(found: Found, owed: readonly Prepared[]): Found {
  return owed.length === 0 ? found : { ...found, entries: [...found.entries, ...owed.map(({ row }) => row)] }
}
