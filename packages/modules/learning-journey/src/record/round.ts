/**
 * One round of the store: entries in, states out; the fold; states and facts in. Nothing of it is kept between rounds.
 */
import type { CheckedOutput } from '@waymark/contract'
import {
  type CompiledTrack,
  definitionOf,
  type EntryOutcome,
  emptyState,
  foldSubject,
  GROUPED,
  IMPORT,
  type SubjectFold,
  SubjectRow,
  verdictsOfAll,
  verdictsOfDuplicate,
} from '../engine/index.ts'
import type {
  AppendOutcome,
  EntryRow,
  FactRow,
  JournalStore,
  OutgoingRow,
  RedrivenRow,
  RejectedRow,
  Round,
  SubjectKey,
} from '../ports/index.ts'
import type { Prepared } from './assess.ts'
import { addFold, compareText, emptyWriting, sorted } from './derived-rows.ts'
import { accountSubject, contractOf, isAbout, learnerOf, toEntry } from './entry-row.ts'
import { foldSubjects, type Read, type Surroundings } from './fold-subjects.ts'
import { membershipsOf } from './memberships.ts'
import { owedEntries, PUBLISH } from './owed-entries.ts'
import type { Tombstones } from './tombstones.ts'

/** What became of one entry. */
export interface Recorded {
  /** As it came to the store: of the person that its maker was merged into, and in the account that was found for it. */
  readonly row: EntryRow
  /**
   * `refused`: the database does not take it, with `error`; it is kept as rejected. `erased`: it is about somebody who was forgotten
   * after it happened, and is not kept.
   */
  readonly append: AppendOutcome | 'refused' | 'erased'
  readonly error?: unknown
  /** Experience points that its arrival brought to its own subject. */
  readonly xp: number
  readonly outcomes: readonly EntryOutcome[]
  readonly facts: readonly FactRow[]
  /** The packed state of its subject after the round; null when there is none. */
  readonly after: Uint8Array | null
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

export interface RoundContext extends Surroundings {
  readonly store: JournalStore
  readonly hash: (text: string) => string
  readonly tombstones: Tombstones
  /** What the tracks and the tombstones were read at. */
  readonly revision: number
  /** Names of the product events that are handed on. */
  readonly relayed: ReadonlySet<string>
}

/**
 * Done, with one output for each job. Or not done, because a state changed meanwhile, the tracks or the forgotten people did, subjects
 * (by tenant and subject) were merged into others, publishing a track owes some subjects entries which have to be recorded with these, or
 * outputs of some jobs (by index) were refused.
 */
export type RoundResult =
  | 'stale'
  | 'outdated'
  | { readonly moved: ReadonlyMap<string, string> }
  | { readonly owed: readonly Prepared[] }
  | {
      readonly outputs: readonly CheckedOutput[]
      readonly hasFacts: boolean
      readonly hasOutgoing: boolean
      readonly alarm: number | null
    }
  | { readonly refused: ReadonlyMap<number, Error> }

/** Does one round for a batch of jobs. What it throws is a lost resource, or a defect of one of the jobs. */
export async function runRound(context: RoundContext, batch: readonly Job[]): Promise<RoundResult> {
  const { store, hash, catalogue, now } = context
  const items = batch.flatMap(({ prepared, trace }) => prepared.map((one): Item => ({ prepared: one, trace })))
  const recorded = items.map(({ prepared }): Mutable<Recorded> => {
    const append = isErased(context, prepared) ? 'erased' : 'recorded'
    return { row: prepared.row, append, xp: 0, outcomes: [], facts: [], after: null }
  })
  // Sorted by key, so that concurrent rounds lock rows in one order.
  const order = items
    .map((_, index) => index)
    .filter((index) => recorded[index]?.append !== 'erased')
    .sort((a, b) => compareKeys((items[a] as Item).prepared.row, (items[b] as Item).prepared.row))
  const subjects = groupBySubject(context, items, order)
  const round = await store.append(
    order.map((index) => (items[index] as Item).prepared.row),
    subjects,
  )
  try {
    const obstacle = obstacleOf(context, round, subjects)
    if (obstacle !== undefined) {
      await round.rollback()
      return obstacle
    }
    for (const [place, index] of order.entries())
      (recorded[index] as Mutable<Recorded>).append = round.outcomes[place] as AppendOutcome
    const duplicates = subjects.flatMap((subject, place) =>
      subject.items
        .filter(({ index, item }) => item.trace && recorded[index]?.append === 'duplicate')
        .map((entry) => ({ place, ...entry })),
    )
    const moving = subjects.filter((subject) =>
      subject.items.some(({ index, item }) => isOwn(subject, item, GROUPED) && recorded[index]?.append === 'recorded'),
    )
    const { folds, more } = await foldSubjects(
      context,
      round,
      subjects,
      (place, read) => foldOne(subjects[place] as Subject, read, recorded),
      [
        ...duplicates.map(({ place, item }) => ({ ...keyOf(subjects[place] as Subject), names: [item.prepared.row.name] })),
        ...moving.map((subject) => ({ ...keyOf(subject), names: [GROUPED] })),
      ],
    )
    const writing = emptyWriting()
    for (const [place, subject] of subjects.entries()) {
      const { fold, indexes } = folds[place] as Folded
      const rows = addFold(writing, subject, fold, {
        hash,
        now,
        version: round.states[place]?.version ?? 0,
        isBackfilled: ({ trigger, isPast }) => isPast || isOfThePast(items[indexes[trigger] ?? -1]),
        isWoken: false,
      })
      const after = fold.row ?? round.states[place]?.state ?? null
      for (const { index, item } of subject.items)
        if (item.prepared.row.subject === subject.subject) (recorded[index] as Mutable<Recorded>).after = after
      for (const [number, row] of rows.entries()) {
        const index = indexes[fold.facts[number]?.trigger ?? -1]
        if (index === undefined) continue
        const target = recorded[index] as Mutable<Recorded>
        target.facts = [...target.facts, row]
        if (items[index]?.prepared.row.subject !== subject.subject) continue
        target.xp += row.name === XP_GRANTED ? (fold.facts[number]?.data.xp ?? 0) : 0
      }
      for (const { entry, ...outcome } of fold.outcomes) addOutcomes(recorded, indexes[entry], [{ entry, ...outcome }])
    }
    for (const index of order) {
      const { prepared } = items[index] as Item
      addOutcomes(recorded, index, pausedOutcomes(catalogue.paused(prepared.entry), prepared))
    }
    for (const [number, { place, index, item }] of duplicates.entries()) {
      const subject = subjects[place] as Subject
      const { source, eventId, subject: maker } = item.prepared.row
      // What was stored, not what came again: it may have come later, or through another door.
      const stored = more[number]?.entries.find(
        (row) => row.source === source && row.eventId === eventId && row.subject === maker,
      )
      const row = (folds[place] as Folded).fold.row ?? round.states[place]?.state ?? null
      const states = new SubjectRow(row)
      const tracks = context.catalogue
        .tracksOf(item.prepared.entry)
        .filter((track) => isAbout(track, subject.subject))
        .map((track) => definitionOf(track, states))
      if (stored !== undefined) addOutcomes(recorded, index, duplicateOutcomes(stored, tracks, states))
    }
    const { outputs, redriven, refused } = finishAll(batch, recorded)
    if (refused.size > 0) {
      await round.rollback()
      return { refused }
    }
    writing.redriven.push(...redriven)
    for (const job of batch) {
      writing.rejected.push(...job.rejected)
    }
    for (const index of order) {
      const { row, append } = recorded[index] as Recorded
      if (append === 'recorded' && isRelayed(context, row)) writing.outgoing.push(toOutgoing(row))
    }
    for (const [number, subject] of moving.entries())
      writing.memberships.push(...membershipsOf(subject, more[duplicates.length + number]?.entries ?? []))
    const derived = sorted(writing)
    if ((await round.commit(derived)) === 'stale') return 'stale'
    const alarms = derived.timers.flatMap(({ at }) => at ?? [])
    const [hasFacts, hasOutgoing] = [derived.facts.length > 0, derived.outgoing.length > 0]
    return { outputs, hasFacts, hasOutgoing, alarm: alarms.length === 0 ? null : Math.min(...alarms) }
  } catch (error) {
    await round.rollback()
    throw error
  }
}

/** What is brought in from the past is history, and nothing to act upon. */
function isRelayed({ relayed }: RoundContext, { kind, name, version, channel }: EntryRow): boolean {
  return kind === 'event' && channel !== IMPORT && relayed.has(contractOf(name, version))
}

function toOutgoing({ tenant, subject, source, eventId, name, version }: EntryRow): OutgoingRow {
  return { tenant, subject, kind: 'entry', source, eventId, event: contractOf(name, version) }
}

const XP_GRANTED = 'learning.onboarding.xp.granted'

interface Item {
  readonly prepared: Prepared
  readonly trace: boolean
}

interface Subject extends SubjectKey {
  /** The items of this subject, in the order they arrived, and the tracks that each concerns. */
  readonly items: { readonly index: number; readonly item: Item; readonly tracks: readonly CompiledTrack[] }[]
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }

function isOfThePast(item: Item | undefined): boolean {
  const channel = item?.prepared.row.channel
  return channel === IMPORT || channel === PUBLISH
}

function isErased({ tombstones }: RoundContext, { row }: Prepared): boolean {
  return row.subject.startsWith('l:') && tombstones.isErased(row.tenant, learnerOf(row.subject), row.occurredAt)
}

/** What has to be done before the round can go on; undefined when nothing has. */
function obstacleOf(
  { revision, catalogue, hash }: RoundContext,
  round: Pick<Round, 'revision' | 'states'>,
  subjects: readonly Subject[],
): 'outdated' | { readonly moved: ReadonlyMap<string, string> } | { readonly owed: readonly Prepared[] } | undefined {
  if (round.revision !== revision) return 'outdated'
  const moved = new Map<string, string>()
  const owed: Prepared[] = []
  for (const [place, { mergedInto, state }] of round.states.entries()) {
    const { tenant, subject, items } = subjects[place] as Subject
    if (mergedInto !== null) moved.set(`${tenant}\0${subject}`, mergedInto)
    for (const prepared of owedEntries(catalogue, { tenant, subject }, state, hash))
      if (!items.some(({ item }) => item.prepared.row.eventId === prepared.row.eventId)) owed.push(prepared)
  }
  if (moved.size > 0) return { moved }
  return owed.length > 0 ? { owed } : undefined
}

/** The subjects whose state is needed, sorted: those who made an entry, and the accounts in which they made it. */
function groupBySubject({ catalogue }: RoundContext, items: readonly Item[], order: readonly number[]): Subject[] {
  const subjects = new Map<string, Subject>()
  const add = (tenant: string, subject: string, index: number, tracks: readonly CompiledTrack[]) => {
    const key = `${tenant}\0${subject}`
    const known = subjects.get(key) ?? { tenant, subject, items: [] }
    known.items.push({ index, item: items[index] as Item, tracks })
    subjects.set(key, known)
  }
  for (const index of [...order].sort((a, b) => a - b)) {
    const { row, entry } = (items[index] as Item).prepared
    const tracks = catalogue.tracksOf(entry)
    const own = tracks.filter((track) => isAbout(track, row.subject))
    add(row.tenant, row.subject, index, own)
    if (own.length === tracks.length || row.account === null || row.subject.startsWith('a:')) continue
    const account = accountSubject(row.account)
    add(
      row.tenant,
      account,
      index,
      tracks.filter((track) => isAbout(track, account)),
    )
  }
  return [...subjects.values()].sort((a, b) => compareText(a.tenant, b.tenant) || compareText(a.subject, b.subject))
}

interface Folded {
  readonly needs: SubjectFold['needs']
  readonly fold: SubjectFold
  /** Item index of each new entry. */
  readonly indexes: readonly number[]
}

/** Whether an entry is one of the subject's own, with this name. */
function isOwn({ subject }: Subject, { prepared: { row } }: Item, name: string): boolean {
  return row.subject === subject && row.name === name
}

function keyOf({ tenant, subject }: SubjectKey): SubjectKey {
  return { tenant, subject }
}

function foldOne({ subject, items }: Subject, read: Read, recorded: readonly Recorded[]): Folded {
  const fresh = items.filter(({ index }) => recorded[index]?.append === 'recorded')
  const entries = fresh.map(({ item: { prepared } }) =>
    prepared.row.subject === subject ? prepared.entry : { ...prepared.entry, actor: prepared.row.subject },
  )
  const tracks = new Map(entries.map((entry, place) => [entry, fresh[place]?.tracks ?? []]))
  const trace = items.some(({ item }) => item.trace)
  const fold = foldSubject({ ...read, entries, tracksOf: (entry) => tracks.get(entry) ?? [], trace })
  return { needs: fold.needs, fold, indexes: fresh.map(({ index }) => index) }
}

function addOutcomes(recorded: readonly Mutable<Recorded>[], index: number | undefined, outcomes: readonly EntryOutcome[]): void {
  const target = index === undefined ? undefined : recorded[index]
  if (target !== undefined && outcomes.length > 0) target.outcomes = [...target.outcomes, ...outcomes]
}

/** A paused track keeps what comes for later. */
function pausedOutcomes(tracks: readonly CompiledTrack[], { entry }: Prepared): EntryOutcome[] {
  return tracks.flatMap((track) =>
    verdictsOfAll(track, entry, 'paused').map((verdict) => ({ ...verdict, entry: -1, track, state: emptyState(track) })),
  )
}

function duplicateOutcomes(stored: EntryRow, tracks: readonly CompiledTrack[], row: SubjectRow): EntryOutcome[] {
  const entry = toEntry(stored)
  return tracks.flatMap((track) => {
    const state = row.get(track)?.state ?? emptyState(track)
    const verdicts =
      stored.payload === null ? verdictsOfAll(track, entry, 'evidence_expired') : verdictsOfDuplicate(track, entry, state)
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
  return { outputs, redriven, refused }
}

function compareKeys(a: Prepared['row'], b: Prepared['row']): number {
  return (
    compareText(a.tenant, b.tenant) ||
    compareText(a.subject, b.subject) ||
    compareText(a.source, b.source) ||
    compareText(a.eventId, b.eventId)
  )
}
