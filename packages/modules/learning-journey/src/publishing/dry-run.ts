/** Folds real journals into a definition that is not published, and counts what would change. It writes nothing. */
import { type CompiledTrack, type DerivedFact, foldSubject, RESET, type TrackModel } from '../engine/index.ts'
import type { JournalStore, Round, SubjectKey, TrackStatusRow, TrackVersionRow } from '../ports/index.ts'
import type { Catalogue } from '../record/catalogue.ts'
import { toFactRow } from '../record/derived-rows.ts'
import { foldSubjects, type Surroundings } from '../record/fold-subjects.ts'
import { owedEntries } from '../record/owed-entries.ts'
import type { Page } from './job-runner.ts'
import { type DryRunSpec, specOf } from './jobs.ts'
import { isEnding } from './publisher.ts'
import { lookAtEach, pageOfSubjects } from './subject-pages.ts'
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
    const trial: Trial = {
      ...context,
      around: { ...context, catalogue: candidate, now: spec.at },
      to,
      returning: await returningSteps(context.store, to, from),
    }
    return pageOfSubjects(context, progress, { track: to, tenant, size: AT_ONCE }, async (subjects) => {
      const chosen = subjects.filter((_, index) => {
        const place = progress.done + index
        return Math.floor(place / stride) !== Math.floor((place - 1) / stride)
      })
      const { seen, failed } = await lookAtEach(chosen, (keys) => lookAtAll(trial, keys), trial.onFailure)
      const tally = addToTally(
        progress.tally ?? emptyTally(to),
        seen.flat().map((change) => ({ ...change, from, to })),
      )
      return { facts: 0, failed, tally }
    })
  }
}

interface Trial extends Pick<Context, 'store' | 'hash' | 'onFailure'> {
  /** With what would be served. */
  readonly around: Surroundings
  readonly to: CompiledTrack
  /** Steps that an earlier version had and the served one has not: only the facts know who has completed them. */
  readonly returning: ReadonlySet<string>
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

async function returningSteps(store: JournalStore, to: CompiledTrack, from: CompiledTrack | undefined): Promise<Set<string>> {
  const versions = (await store.readTrackVersions()).filter(({ key }) => key === to.key)
  const known = new Set(versions.flatMap(({ definition }) => (JSON.parse(definition) as TrackModel).steps.map(({ key }) => key)))
  for (const { key } of from?.steps ?? []) known.delete(key)
  return known
}

type Seen = Omit<Change, 'from' | 'to'>

/** In a round that is rolled back: it reads many subjects in two round trips. */
async function lookAtAll({ store, hash, around, to, returning }: Trial, keys: readonly SubjectKey[]): Promise<Seen[]> {
  const owedBy = (states: Round['states']) =>
    keys.map((key, place) =>
      owedEntries(around.catalogue, key, states[place]?.state ?? null, hash).filter(({ entry }) => entry.track === to.key),
    )
  let round = await store.append([], keys)
  try {
    const owed = owedBy(round.states)
    const rows = owed.flat().map(({ row }) => row)
    if (rows.length > 0) {
      await round.rollback()
      round = await store.append(rows, keys)
    }
    const { folds } = await foldSubjects(around, round, keys, (place, read) =>
      foldSubject({
        ...read,
        entries: (owed[place] ?? []).map(({ entry }) => entry),
        tracksOf: () => [to],
        dependents: () => [],
        refresh: [to],
        trace: false,
      }),
    )
    const seen = folds.map(({ row, facts }, place): Seen => {
      const before = round.states[place]?.state ?? null
      const [ending] = owed[place] ?? []
      return {
        before,
        after: row ?? before,
        facts,
        ending: ending === undefined ? null : ending.entry.name === RESET ? 'restart' : 'exit',
      }
    })
    await round.rollback()
    const isReturning = ({ track, step }: DerivedFact) => returning.has(track.steps[step]?.key ?? '')
    return await Promise.all(
      seen.map(async (one, place) => {
        if (!one.facts.some(isReturning)) return one
        const key = keys[place] as SubjectKey
        const told = new Set((await store.readFactsOf(key)).map(({ factId }) => factId))
        return { ...one, facts: one.facts.filter((fact) => !told.has(toFactRow(key, fact, true, hash).factId)) }
      }),
    )
  } finally {
    await round.rollback()
  }
}
