/**
 * What follows when two ids turn out to be one person. Two transactions:
 * 1. the store moves the entries (`merge`), and leaves an alarm of the merged subject;
 * 2. one round computes the other one again, of all its tracks and of those of the accounts in which the merged one acted, writes
 *    `waymark.merged` into its journal with the fact `merged`, takes back the rewards that the merged one holds, and clears the alarm.
 * Who dies in between leaves the alarm: it rings in whatever process lives, and that one does the second. Doing it twice adds nothing:
 * the entry has the same id, and so have the facts.
 */
import { ContractError } from '@waymark/contract'
import { isId } from '../contracts/text.ts'
import { foldSubject, GROUPED, MERGED } from '../engine/index.ts'
import type { EntryRow, FactRow, SubjectKey } from '../ports/index.ts'
import { controlEntry, type Report } from './assess.ts'
import { accountSubject, isAbout, learnerOf } from './entry-row.ts'
import { membershipsOf } from './memberships.ts'
import { type VisitContext, visit } from './visit.ts'

/** Who said that two ids are one. */
export type Reporter = Pick<Report, 'principal' | 'channel' | 'receivedAt'>

export interface MergeContext extends Omit<VisitContext, 'now'> {
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Told when a round committed facts. */
  readonly onFacts?: () => void
  /** Told when a round set alarms, of the earliest of them. */
  readonly onAlarm?: (at: number) => void
}

const MOST_TRIES = 20

/** Makes what belongs to one learner another one's. `conflict`: it belongs to a third one already. */
export async function mergeLearners(
  context: MergeContext,
  from: SubjectKey,
  into: SubjectKey,
  reporter: Reporter,
): Promise<'merged' | 'duplicate' | 'conflict'> {
  const { store } = context
  const outcome = await store.merge({ tenant: from.tenant, from: from.subject, into: into.subject, mergedAt: context.now() })
  if (outcome === 'conflict') return outcome
  // Who said it first may have died before it was followed.
  if (outcome === 'merged' || !(await isFollowed(context, from))) await followMerge(context, from, reporter)
  return outcome
}

async function isFollowed({ store }: MergeContext, from: SubjectKey): Promise<boolean> {
  const target = await store.readMerged(from)
  // Nobody, or the other one was merged into it.
  if (target === null) return true
  const entries = await store.readEntries({ ...from, subject: target }, [MERGED])
  return entries.some(
    ({ payload }) => (JSON.parse(payload ?? '{}') as { learnerId?: string }).learnerId === learnerOf(from.subject),
  )
}

/** Does what follows from a merge that the store knows. */
export async function followMerge(context: MergeContext, from: SubjectKey, reporter: Reporter): Promise<void> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const target = await context.store.readMerged(from)
    if (target === null) return
    const done = await follow(context, from, { ...from, subject: target }, reporter)
    if (done === 'stale') continue
    if (done.facts > 0) context.onFacts?.()
    if (done.alarm !== null) context.onAlarm?.(done.alarm)
    return
  }
  throw new ContractError('TIMEOUT', {
    detail: `${learnerOf(from.subject)} changed ${MOST_TRIES} times while it was merged. Send the same again; it goes on by itself too.`,
    retryAfter: 1,
  })
}

async function follow(context: MergeContext, from: SubjectKey, into: SubjectKey, reporter: Reporter) {
  const { catalogue, hash, store } = context
  const entry = toMerged(from, into, reporter, hash)
  const accounts = await accountsOf(context, into)
  return visit({ ...context, now: context.now() }, [into, ...accounts], {
    fold: ({ subject }, read) =>
      foldSubject({
        ...read,
        refresh: catalogue.tracks.filter((track) => isAbout(track, subject) && catalogue.running(track.key) !== undefined),
        again: true,
        trace: false,
      }),
    isBackfill: false,
    isNews: true,
    isWake: true,
    entries: [entry],
    adds: async (round) => {
      const [own] = await round.history([{ ...into, names: [GROUPED] }])
      return {
        facts: [...takenBack(await store.readFactsOf(from), entry, hash), toFact(from, entry, hash)],
        timers: [{ ...from, at: null }],
        memberships: membershipsOf(into, own?.entries ?? []),
      }
    },
  })
}

/** The entry that says it, the same whoever writes it. */
function toMerged(from: SubjectKey, { subject }: SubjectKey, reporter: Reporter, hash: (text: string) => string): EntryRow {
  const learnerId = learnerOf(from.subject)
  const id = `merged:${learnerId}`
  const eventId = isId(id) ? id : hash(id)
  const { receivedAt: occurredAt } = reporter
  const control = { name: MERGED, subject, track: null, eventId, occurredAt, claimedAt: null, payload: { learnerId } }
  return controlEntry(control, reporter, hash).row
}

/** Where somebody acted under another id: there, who made an entry is part of its place in the order. */
async function accountsOf({ store, catalogue }: MergeContext, key: SubjectKey): Promise<SubjectKey[]> {
  if (!catalogue.tracks.some(({ subject }) => subject === 'account')) return []
  const entries = await store.readEntries(key)
  const accounts = new Set(entries.flatMap(({ account, actor }) => (account === null || actor === null ? [] : [account])))
  return [...accounts].map((account) => ({ tenant: key.tenant, subject: accountSubject(account) }))
}

const GRANTS: ReadonlyMap<string, string> = new Map([
  ['learning.onboarding.xp.granted', 'learning.onboarding.xp.revoked'],
  ['learning.onboarding.badge.granted', 'learning.onboarding.badge.revoked'],
])

/** The rewards that the merged one still holds, taken back: the other one gets what both earned, once. */
function takenBack(facts: readonly FactRow[], cause: EntryRow, hash: (text: string) => string): FactRow[] {
  const revocations = new Set(GRANTS.values())
  const spent = new Map<string, number>()
  for (const fact of facts)
    if (revocations.has(fact.name)) spent.set(rewardOf(fact.name, fact), (spent.get(rewardOf(fact.name, fact)) ?? 0) + 1)
  return facts.flatMap((fact) => {
    const name = GRANTS.get(fact.name)
    if (name === undefined) return []
    const key = rewardOf(name, fact)
    const left = spent.get(key) ?? 0
    if (left > 0) {
      spent.set(key, left - 1)
      return []
    }
    return [
      {
        ...fact,
        factId: hash(`${fact.factId}\0merged`),
        name,
        causeSource: cause.source,
        causeId: cause.eventId,
        occurredAt: cause.occurredAt,
      },
    ]
  })
}

function rewardOf(name: string, { track, run, data }: FactRow): string {
  return [name, track, run, data].join('\0')
}

function toFact({ tenant, subject: from }: SubjectKey, cause: EntryRow, hash: (text: string) => string): FactRow {
  return {
    tenant,
    subject: cause.subject,
    factId: hash([tenant, cause.subject, 'merged', from].join('\0')),
    name: 'learning.onboarding.merged',
    track: '',
    run: 0,
    step: null,
    causeSource: cause.source,
    causeId: cause.eventId,
    occurredAt: cause.occurredAt,
    runStartedAt: cause.occurredAt,
    data: JSON.stringify({ from: learnerOf(from) }),
    backfilled: false,
    heldOut: false,
  }
}
