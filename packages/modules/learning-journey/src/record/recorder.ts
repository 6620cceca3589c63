/**
 * The shell around the fold: many invocations share one round of the store.
 *
 * States of a job: queued → in a round → answered. Invariants:
 * - a job is answered after its round is committed, never before;
 * - a job whose output is refused takes nothing of its own into the commit; the rest of its round is done again without it;
 * - a round that finds its states changed is done again from the start;
 * - a round that fails for another reason is halved, so that one poisonous job costs no other;
 * - there is no timer: a round starts as soon as a place is free, with whatever is queued by then.
 */
import type { CheckedOutput } from '@waymark/contract'
import {
  type DerivedFact,
  type Entry,
  type EntryOutcome,
  emptyState,
  foldSubject,
  namesOf,
  type SubjectFold,
  SubjectRow,
  verdictsOfDuplicate,
} from '../engine/index.ts'
import type { AppendOutcome, FactRow, JournalStore, RejectedRow, Round, StateWrite, SubjectKey } from '../ports/index.ts'
import type { Prepared } from './assess.ts'
import { toEntry } from './entry-row.ts'

/** What became of one entry. */
export interface Recorded {
  readonly append: AppendOutcome
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
  /** Builds the answer and checks it against the contract. */
  finish(
    recorded: readonly Recorded[],
  ): { readonly ok: true; readonly output: CheckedOutput } | { readonly ok: false; readonly error: Error }
}

export interface Recorder {
  /** Resolves after the commit. Rejects with the error of `finish`, or with a QueueFull. */
  submit(job: Job): Promise<CheckedOutput>
  /** Resolves when nothing is queued or in a round. */
  idle(): Promise<void>
}

/** More is waiting than the recorder takes. */
export class QueueFull extends Error {
  override readonly name = 'QueueFull'
}

const ROUND_CAP = 500
const QUEUE_CAP = 50_000
const MOST_ATTEMPTS = 20

interface Queued {
  readonly job: Job
  readonly resolve: (output: CheckedOutput) => void
  readonly reject: (error: unknown) => void
}

/** Creates the recorder of one store. */
export function createRecorder({
  store,
  hash,
}: {
  readonly store: JournalStore
  readonly hash: (text: string) => string
}): Recorder {
  let queue: Queued[] = []
  let queuedEntries = 0
  let rounds = 0
  let waiting: (() => void)[] = []

  const pump = () => {
    while (queue.length > 0 && rounds < store.maxRounds) {
      const batch = nextBatch()
      rounds++
      void settle(store, hash, batch).finally(() => {
        rounds--
        pump()
      })
    }
    if (rounds === 0 && queue.length === 0) {
      for (const done of waiting) done()
      waiting = []
    }
  }

  const nextBatch = () => {
    let entries = 0
    let count = 0
    for (const { job } of queue) {
      if (count > 0 && entries + job.prepared.length > ROUND_CAP) break
      entries += job.prepared.length
      count++
    }
    const batch = queue.slice(0, count)
    queue = queue.slice(count)
    queuedEntries -= entries
    return batch
  }

  return {
    submit: (job) =>
      new Promise((resolve, reject) => {
        if (queuedEntries + job.prepared.length > QUEUE_CAP)
          return reject(new QueueFull(`${queuedEntries} entries are waiting to be stored.`))
        queue.push({ job, resolve, reject })
        queuedEntries += job.prepared.length
        // The round starts after the calls that arrived in this turn of the event loop have joined the queue.
        if (rounds < store.maxRounds) queueMicrotask(pump)
      }),
    idle: () => new Promise((resolve) => (rounds === 0 && queue.length === 0 ? resolve() : waiting.push(resolve))),
  }
}

/** Answers all jobs of a batch; never rejects. */
async function settle(store: JournalStore, hash: (text: string) => string, batch: readonly Queued[]): Promise<void> {
  let jobs = batch
  try {
    for (let attempt = 0; jobs.length > 0 && attempt < MOST_ATTEMPTS; attempt++) {
      const result = await runRound(store, hash, jobs)
      if (result === 'stale') continue
      if (result.committed) {
        for (const [index, { resolve }] of jobs.entries()) resolve(result.outputs[index] as CheckedOutput)
        return
      }
      for (const { queued, error } of result.refused) queued.reject(error)
      jobs = jobs.filter((queued) => !result.refused.some((refusal) => refusal.queued === queued))
    }
    if (jobs.length > 0) throw new Error(`The states of a round changed ${MOST_ATTEMPTS} times while it ran.`)
  } catch (error) {
    if (jobs.length === 1) return jobs[0]?.reject(error)
    const middle = jobs.length >> 1
    await settle(store, hash, jobs.slice(0, middle))
    await settle(store, hash, jobs.slice(middle))
  }
}

type RoundResult =
  | 'stale'
  | { readonly committed: true; readonly outputs: readonly CheckedOutput[] }
  | { readonly committed: false; readonly refused: readonly { readonly queued: Queued; readonly error: Error }[] }

async function runRound(store: JournalStore, hash: (text: string) => string, batch: readonly Queued[]): Promise<RoundResult> {
  const items = batch.flatMap(({ job }) => job.prepared.map((prepared) => ({ prepared, trace: job.trace })))
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
        const row = toFactRow(subject, fact, hash)
        facts.push(row)
        const target = recorded[fold.indexes[fact.trigger] as number] as Mutable<Recorded>
        target.facts = [...target.facts, row]
        target.xp += fact.data.xp ?? 0
      }
      for (const [index, outcomes] of fold.outcomes) (recorded[index] as Mutable<Recorded>).outcomes = outcomes
    }
    const { outputs, refused } = finishAll(batch, recorded)
    if (refused.length > 0) {
      await round.rollback()
      return { committed: false, refused }
    }
    const rejected = batch.flatMap(({ job }) => job.rejected)
    return (await round.commit({ states, facts, rejected })) === 'stale' ? 'stale' : { committed: true, outputs }
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

interface Folded extends Pick<SubjectFold, 'row' | 'facts'> {
  /** Item index of each new entry. */
  readonly indexes: readonly number[]
  /** By item index. */
  readonly outcomes: ReadonlyMap<number, readonly EntryOutcome[]>
}

async function foldSubjects(round: Round, subjects: readonly Subject[], appended: readonly AppendOutcome[]): Promise<Folded[]> {
  const first = subjects.map((subject, place) => foldOne(subject, round.states[place], appended))
  const wanted = first.flatMap(({ needs }, place) => needs.map((track) => ({ place, track })))
  if (wanted.length === 0) return first
  const journals = await round.history(
    wanted.map(({ place, track }) => ({ ...keyOf(subjects[place] as Subject), names: namesOf(track) })),
  )
  return first.map((folded, place) => {
    if (folded.needs.length === 0) return folded
    const entries = new Map(
      wanted.flatMap((request, index) =>
        request.place === place ? [[request.track, (journals[index] ?? []).map(toEntry)] as const] : [],
      ),
    )
    return foldOne(subjects[place] as Subject, round.states[place], appended, (track) => entries.get(track) ?? [])
  })
}

function keyOf({ tenant, subject }: SubjectKey): SubjectKey {
  return { tenant, subject }
}

function foldOne(
  subject: Subject,
  state: Round['states'][number] | undefined,
  appended: readonly AppendOutcome[],
  history?: (track: Prepared['tracks'][number]) => readonly Entry[],
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
  const outcomes = new Map<number, EntryOutcome[]>()
  for (const outcome of fold.outcomes) {
    const index = indexes[outcome.entry] as number
    const list = outcomes.get(index)
    if (list === undefined) outcomes.set(index, [outcome])
    else list.push(outcome)
  }
  if (trace) {
    const row = new SubjectRow(fold.row ?? state?.state ?? null)
    for (const { index, item } of subject.items)
      if (appended[index] === 'duplicate') outcomes.set(index, duplicateOutcomes(item.prepared, row))
  }
  return { needs: fold.needs, row: fold.row, facts: fold.facts, indexes, outcomes }
}

function duplicateOutcomes({ entry, tracks }: Prepared, row: SubjectRow): EntryOutcome[] {
  return tracks.flatMap((track) => {
    const state = row.get(track)?.state ?? emptyState(track)
    return verdictsOfDuplicate(track, entry, state).map((verdict) => ({ ...verdict, entry: -1, track, state }))
  })
}

function finishAll(batch: readonly Queued[], recorded: readonly Recorded[]) {
  const outputs: CheckedOutput[] = []
  const refused: { queued: Queued; error: Error }[] = []
  let start = 0
  for (const queued of batch) {
    const end = start + queued.job.prepared.length
    const result = queued.job.finish(recorded.slice(start, end))
    if (result.ok) outputs.push(result.output)
    else refused.push({ queued, error: result.error })
    start = end
  }
  return { outputs, refused }
}

/** Rewards count once over all runs, so the run is no part of their id. */
function toFactRow({ tenant, subject }: SubjectKey, fact: DerivedFact, hash: (text: string) => string): FactRow {
  const step = fact.step < 0 ? null : (fact.track.steps[fact.step]?.key ?? null)
  const run = fact.name === 'xp.granted' || fact.name === 'badge.granted' ? '*' : '0'
  return {
    tenant,
    subject,
    factId: hash([tenant, subject, fact.track.key, run, step ?? '', fact.name, '0'].join('\0')),
    name: `learning.onboarding.${fact.name}`,
    track: fact.track.key,
    run: 0,
    step,
    causeSource: fact.cause.source,
    causeId: fact.cause.eventId,
    occurredAt: fact.at,
    data: JSON.stringify({
      trackId: fact.track.key,
      run: 0,
      ...(fact.name === 'enrolled' || fact.name === 'track.completed' ? {} : { stepId: step }),
      ...fact.data,
    }),
  }
}

function compareKeys(a: Prepared['row'], b: Prepared['row']): number {
  return (
    compare(a.tenant, b.tenant) || compare(a.subject, b.subject) || compare(a.source, b.source) || compare(a.eventId, b.eventId)
  )
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
