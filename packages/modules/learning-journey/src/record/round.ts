/**
 * One round of the store: entries in, states out; the fold; states and facts in. Nothing of it is kept between rounds.
 */
import type { CheckedOutput } from '@waymark/contract'
import {
  type EntryOutcome,
  emptyState,
  foldSubject,
  type History,
  IMPORT,
  type SubjectFold,
  SubjectRow,
  verdictsOfDuplicate,
  verdictsOfExpired,
} from '../engine/index.ts'
import type {
  AppendOutcome,
  CheckpointRange,
  CheckpointRow,
  EntryRow,
  FactRow,
  JournalStore,
  RedrivenRow,
  RejectedRow,
  Round,
  StateWrite,
  SubjectKey,
} from '../ports/index.ts'
import type { Prepared } from './assess.ts'
import { toCheckpointRows, toFactRow, toHistory, toHistoryRequest } from './derived-rows.ts'
import { toEntry } from './entry-row.ts'

/** What became of one entry. */
export interface Recorded {
  /** `refused`: the database does not take it, with `error`; it is kept as rejected. */
  readonly append: AppendOutcome | 'refused'
  readonly error?: unknown
  /** Experience points that its arrival brought. */
  readonly xp: number
  readonly outcomes: readonly EntryOutcome[]
  readonly facts: readonly FactRow[]
}

/** One invocation's part of a round. */
export interface Job {
  readonly prepared: readonly Prepared[]
  readonly rejected: readonly RejectedRow[]
  /** Whether verdicts are wanted. */
  readonly trace: boolean
  /** How an entry, by its index, is kept when the database refuses it; without it the whole job fails then. */
  toRejected?(index: number, error: unknown): RejectedRow | undefined
  /** What became of rejected events that are tried again, once their entries from an index on are recorded or refused. */
  toRedriven?(from: number, recorded: readonly Recorded[]): readonly RedrivenRow[]
  /** Builds the answer and checks it against the contract. */
  finish(
    recorded: readonly Recorded[],
  ): { readonly ok: true; readonly output: CheckedOutput } | { readonly ok: false; readonly error: Error }
}

/** Done, with one output for each job; or not done, because outputs of some jobs (by index) were refused, or states changed meanwhile. */
export type RoundResult =
  | 'stale'
  | { readonly outputs: readonly CheckedOutput[]; readonly hasFacts: boolean }
  | { readonly refused: ReadonlyMap<number, Error> }

/** Does one round for a batch of jobs. What it throws is a lost resource, or a defect of one of the jobs. */
export async function runRound(store: JournalStore, hash: (text: string) => string, batch: readonly Job[]): Promise<RoundResult> {
  const items = batch.flatMap(({ prepared, trace }) => prepared.map((one) => ({ prepared: one, trace })))
  // Sorted by key, so that concurrent rounds lock rows in one order.
  const order = items
    .map((_, index) => index)
    .sort((a, b) => compareKeys(items[a]?.prepared.row as Prepared['row'], items[b]?.prepared.row as Prepared['row']))
  const subjects = groupBySubject(items)
  const round = await store.append(
    order.map((index) => (items[index] as Item).prepared.row),
    subjects,
  )
  try {
    const appended = new Array<AppendOutcome>(items.length)
    for (const [place, index] of order.entries()) appended[index] = round.outcomes[place] as AppendOutcome
    const folds = await foldSubjects(round, subjects, appended)
    const recorded = items.map(
      (_, index): Mutable<Recorded> => ({ append: appended[index] as AppendOutcome, xp: 0, outcomes: [], facts: [] }),
    )
    const states: StateWrite[] = []
    const facts: FactRow[] = []
    const checkpoints: CheckpointRow[] = []
    const outdated: CheckpointRange[] = []
    for (const [place, subject] of subjects.entries()) {
      const fold = folds[place] as Folded
      if (fold.row !== null)
        states.push({
          tenant: subject.tenant,
          subject: subject.subject,
          expected: round.states[place]?.version ?? 0,
          state: fold.row,
        })
      for (const fact of fold.facts) {
        const index = fold.indexes[fact.trigger] as number
        const row = toFactRow(subject, fact, items[index]?.prepared.row.channel === IMPORT, hash)
        facts.push(row)
        const target = recorded[index] as Mutable<Recorded>
        target.facts = [...target.facts, row]
        target.xp += fact.data.xp ?? 0
      }
      const rows = toCheckpointRows(subject, fold)
      checkpoints.push(...rows.checkpoints)
      outdated.push(...rows.outdated)
      for (const [index, outcomes] of fold.outcomes) (recorded[index] as Mutable<Recorded>).outcomes = outcomes
    }
    const { outputs, redriven, refused } = finishAll(batch, recorded)
    if (refused.size > 0) {
      await round.rollback()
      return { refused }
    }
    const rejected = batch.flatMap((job) => job.rejected)
    const derived = { states, facts, rejected, redriven, outdated, checkpoints, expired: [] }
    return (await round.commit(derived)) === 'stale' ? 'stale' : { outputs, hasFacts: facts.length > 0 }
  } catch (error) {
    await round.rollback()
    throw error
  }
}

interface Item {
  readonly prepared: Prepared
  readonly trace: boolean
}

interface Subject extends SubjectKey {
  /** The items of this subject, in the order they arrived. */
  readonly items: { readonly index: number; readonly item: Item }[]
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }

/** The subjects whose state is needed, sorted. Entries that concern no track need none. */
function groupBySubject(items: readonly Item[]): Subject[] {
  const subjects = new Map<string, Subject>()
  for (const [index, item] of items.entries()) {
    if (item.prepared.tracks.length === 0) continue
    const { tenant, subject } = item.prepared.row
    const key = `${tenant}\0${subject}`
    const known = subjects.get(key)
    if (known === undefined) subjects.set(key, { tenant, subject, items: [{ index, item }] })
    else known.items.push({ index, item })
  }
  return [...subjects.values()].sort((a, b) =>
    a.tenant === b.tenant ? compare(a.subject, b.subject) : compare(a.tenant, b.tenant),
  )
}

interface Folded extends Pick<SubjectFold, 'row' | 'facts' | 'checkpoints' | 'outdated'> {
  /** Item index of each new entry. */
  readonly indexes: readonly number[]
  /** By item index. */
  readonly outcomes: Map<number, readonly EntryOutcome[]>
}

async function foldSubjects(round: Round, subjects: readonly Subject[], appended: readonly AppendOutcome[]): Promise<Folded[]> {
  const first = subjects.map((subject, place) => foldOne(subject, round.states[place], appended))
  const wanted = first.flatMap(({ needs }, place) => needs.map((need) => ({ place, need })))
  const duplicates = subjects.flatMap((subject, place) =>
    subject.items
      .filter(({ index, item }) => item.trace && appended[index] === 'duplicate')
      .map((entry) => ({ place, ...entry })),
  )
  if (wanted.length === 0 && duplicates.length === 0) return first
  const journals = await round.history([
    ...wanted.map(({ place, need }) => toHistoryRequest(subjects[place] as Subject, need)),
    ...duplicates.map(({ place, item }) => ({ ...keyOf(subjects[place] as Subject), names: [item.prepared.row.name] })),
  ])
  const folds = first.map((folded, place) => {
    if (folded.needs.length === 0) return folded
    const histories = new Map(
      wanted.flatMap((request, index) =>
        request.place === place ? [[request.need.track, toHistory(journals[index] ?? NO_HISTORY)] as const] : [],
      ),
    )
    return foldOne(subjects[place] as Subject, round.states[place], appended, (track) => histories.get(track) ?? NO_HISTORY)
  })
  for (const [number, { place, index, item }] of duplicates.entries()) {
    const { source, eventId } = item.prepared.row
    // What was stored, not what came again: it may have come later, or through another door.
    const stored = journals[wanted.length + number]?.entries.find((row) => row.source === source && row.eventId === eventId)
    const row = new SubjectRow(folds[place]?.row ?? round.states[place]?.state ?? null)
    if (stored !== undefined) folds[place]?.outcomes.set(index, duplicateOutcomes(stored, item.prepared.tracks, row))
  }
  return folds
}

const NO_HISTORY = { checkpoint: null, entries: [] }

function keyOf({ tenant, subject }: SubjectKey): SubjectKey {
  return { tenant, subject }
}

function foldOne(
  subject: Subject,
  state: Round['states'][number] | undefined,
  appended: readonly AppendOutcome[],
  history?: (track: Prepared['tracks'][number]) => History,
): Folded & { readonly needs: SubjectFold['needs'] } {
  const fresh = subject.items.filter(({ index }) => appended[index] === 'recorded')
  const indexes = fresh.map(({ index }) => index)
  const trace = subject.items.some(({ item }) => item.trace)
  const tracks = new Map(fresh.map(({ item }) => [item.prepared.entry, item.prepared.tracks]))
  const fold = foldSubject({
    row: state?.state ?? null,
    hasHistory: state?.hasHistory ?? false,
    entries: fresh.map(({ item }) => item.prepared.entry),
    tracksOf: (entry) => tracks.get(entry) ?? [],
    trace,
    ...(history === undefined ? {} : { history }),
  })
  const outcomes = new Map<number, readonly EntryOutcome[]>()
  for (const outcome of fold.outcomes) {
    const index = indexes[outcome.entry] as number
    outcomes.set(index, [...(outcomes.get(index) ?? []), outcome])
  }
  const { needs, row, facts, checkpoints, outdated } = fold
  return { needs, row, facts, checkpoints, outdated, indexes, outcomes }
}

function duplicateOutcomes(stored: EntryRow, tracks: Prepared['tracks'], row: SubjectRow): EntryOutcome[] {
  const entry = toEntry(stored)
  return tracks.flatMap((track) => {
    const state = row.get(track)?.state ?? emptyState(track)
    const verdicts = stored.payload === null ? verdictsOfExpired(track, entry) : verdictsOfDuplicate(track, entry, state)
    return verdicts.map((verdict) => ({ ...verdict, entry: -1, track, state }))
  })
}

function finishAll(batch: readonly Job[], recorded: readonly Recorded[]) {
  const outputs: CheckedOutput[] = []
  const redriven: RedrivenRow[] = []
  const refused = new Map<number, Error>()
  let start = 0
  for (const [index, job] of batch.entries()) {
    const end = start + job.prepared.length
    const own = recorded.slice(start, end)
    const result = job.finish(own)
    if (result.ok) outputs.push(result.output)
    else refused.set(index, result.error)
    redriven.push(...(job.toRedriven?.(0, own) ?? []))
    start = end
  }
  redriven.sort((a, b) => compare(a.tenant, b.tenant) || compare(a.id, b.id))
  return { outputs, redriven, refused }
}

function compareKeys(a: Prepared['row'], b: Prepared['row']): number {
  return (
    compare(a.tenant, b.tenant) || compare(a.subject, b.subject) || compare(a.source, b.source) || compare(a.eventId, b.eventId)
  )
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
