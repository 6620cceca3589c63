/**
 * Forgets a person. One transaction of the store removes what there is, and leaves tombstones, by which every process refuses what
 * happened before and arrives later. After it the accounts in which the person acted are computed again, without them.
 */
import { foldSubject } from '../engine/index.ts'
import type { SubjectKey } from '../ports/index.ts'
import { accountSubject, isAbout, learnerOf } from './entry-row.ts'
import { findPerson, readKept } from './kept.ts'
import type { Tombstones } from './tombstones.ts'
import { type VisitContext, visit } from './visit.ts'

export interface ForgetContext extends Omit<VisitContext, 'now'> {
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly tombstones: Tombstones
}

const MOST_TRIES = 20

/** @returns what there was. */
export async function forgetLearner(
  context: ForgetContext,
  named: SubjectKey,
): Promise<{ readonly erasedAt: number; readonly kept: Awaited<ReturnType<typeof readKept>> }> {
  const { store, tombstones } = context
  const person = await findPerson(store, named)
  const kept = await readKept(store, person)
  const { tenant, subject } = person.key
  const erasedAt = context.now()
  const ids = new Set([subject, ...person.aliases, named.subject].map(learnerOf))
  await store.erase(
    [person.key],
    [...ids].map((id) => tombstones.of(tenant, id, erasedAt)),
  )
  await context.reload()
  const accounts = new Set(kept.entries.flatMap(({ account }) => account ?? []))
  for (const account of accounts) await computeAgain(context, { tenant, subject: accountSubject(account) })
  return { erasedAt, kept }
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
    if (done !== 'stale') return
  }
  throw new Error(`${key.subject} changed ${MOST_TRIES} times while a member was forgotten.`)
}
