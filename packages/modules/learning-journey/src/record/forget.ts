/**
 * Forgets a person. One transaction of the store removes what there is, and leaves tombstones, by which every process refuses what
 * happened before and arrives later, and a job that has the accounts in which the person acted computed again, without them. Whoever
 * forgets does that job at once; after a crash the next process does.
 */
import { foldSubject } from '../engine/index.ts'
import type { JobRow, SubjectKey } from '../ports/index.ts'
import { accountSubject, isAbout, learnerOf } from './entry-row.ts'
import { findPerson, readKept } from './kept.ts'
import type { Tombstones } from './tombstones.ts'
import { type VisitContext, visit } from './visit.ts'

export interface ForgetContext extends Omit<VisitContext, 'now'> {
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly tombstones: Tombstones
  readonly newId: () => string
  /** Told when a round committed facts. */
  readonly onFacts: () => void
  /** Told when a round set alarms, of the earliest of them. */
  readonly onAlarm: (at: number) => void
}

/** The kind of the jobs. */
export const ERASE = 'erase'

interface EraseSpec {
  readonly tenant: string
  readonly accounts: readonly string[]
}

const MOST_TRIES = 20

/** @returns what there was. */
export async function forgetLearner(
  context: ForgetContext,
  named: SubjectKey,
): Promise<{ readonly erasedAt: number; readonly kept: Awaited<ReturnType<typeof readKept>> }> {
  const { store, tombstones, newId } = context
  const person = await findPerson(store, named)
  const kept = await readKept(store, person)
  const { tenant, subject } = person.key
  const erasedAt = context.now()
  const ids = new Set([subject, ...person.aliases, named.subject].map(learnerOf))
  const accounts = [...new Set(kept.entries.flatMap(({ account }) => account ?? []))]
  const spec: EraseSpec = { tenant, accounts }
  const times = { createdAt: erasedAt, updatedAt: erasedAt }
  const job: JobRow = { id: newId(), kind: ERASE, status: 'running', spec: JSON.stringify(spec), progress: '{}', ...times }
  const stones = [...ids].map((id) => tombstones.of(tenant, id, erasedAt))
  await store.erase([person.key], stones, accounts.length === 0 ? [] : [job])
  await context.reload()
  await computeAccounts(context, job)
  if (accounts.length > 0) await store.putJob({ ...job, status: 'done', updatedAt: context.now() }, 0)
  return { erasedAt, kept }
}

/** Computes the accounts of a job again. Doing it twice adds nothing. */
export async function computeAccounts(context: ForgetContext, { spec }: JobRow): Promise<void> {
  const { tenant, accounts } = JSON.parse(spec) as EraseSpec
  for (const account of accounts) await computeAgain(context, { tenant, subject: accountSubject(account) })
}

async function computeAgain(context: ForgetContext, key: SubjectKey): Promise<void> {
  const { catalogue } = context
  const tracks = () =>
    catalogue.tracks.filter((track) => isAbout(track, key.subject) && catalogue.running(track.key) !== undefined)
  if (tracks().length === 0) return
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const done = await visit({ ...context, now: context.now() }, [key], {
      fold: (_, read) => foldSubject({ ...read, refresh: tracks(), again: true, trace: false }),
      isBackfill: true,
      isWake: true,
    })
    if (done === 'stale') continue
    if (done.facts > 0) context.onFacts()
    if (done.alarm !== null) context.onAlarm(done.alarm)
    return
  }
  throw new Error(`${key.subject} changed ${MOST_TRIES} times while a member was forgotten.`)
}
