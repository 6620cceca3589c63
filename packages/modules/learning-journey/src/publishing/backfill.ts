/** Brings all subjects up to date with a track: those whose state another version wrote, and those who have only a past. */
import { foldSubject } from '../engine/index.ts'
import type { SubjectKey } from '../ports/index.ts'
import { type VisitContext, visit } from '../record/visit.ts'
import type { Page } from './job-runner.ts'
import { specOf } from './jobs.ts'
import { lookAtEach, pageOfSubjects } from './subject-pages.ts'

interface Context extends Omit<VisitContext, 'now'> {
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Told when a round committed facts. */
  readonly onFacts: () => void
  /** Told when a round set alarms, of the earliest of them. */
  readonly onAlarm: (at: number) => void
  /** Told of a subject that cannot be looked at: it is passed over. */
  readonly onFailure?: ((error: unknown) => void) | undefined
}

const AT_ONCE = 100
const MOST_TRIES = 20

export function backfill(context: Context): Page {
  const { store, catalogue, reload, revision } = context
  return async (job, progress) => {
    // The job may be about what another process published a moment ago.
    if ((await store.readRevision()) !== revision()) await reload()
    const { track: key } = specOf(job)
    const track = catalogue.running(key)
    if (track === undefined) return 'elsewhere'
    const rounds = store.maxRounds
    return pageOfSubjects(context, progress, { track, tenant: null, size: AT_ONCE * rounds }, async (subjects) => {
      const parts = Array.from({ length: rounds }, (_, part) => subjects.slice(part * AT_ONCE, (part + 1) * AT_ONCE))
      const look = (some: readonly SubjectKey[]) => lookAtAll(context, key, some)
      const looked = await Promise.all(parts.map((part) => lookAtEach(part, look, context.onFailure)))
      return {
        facts: looked.flatMap(({ seen }) => seen).reduce((sum, facts) => sum + facts, 0),
        failed: looked.reduce((sum, { failed }) => sum + failed, 0),
      }
    })
  }
}

async function lookAtAll(context: Context, key: string, subjects: readonly SubjectKey[]): Promise<number> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const done = await visit({ ...context, now: context.now() }, subjects, {
      fold: (_, read) => {
        const track = context.catalogue.running(key)
        return foldSubject({ ...read, refresh: track === undefined ? [] : [track], trace: false })
      },
      isBackfill: true,
      isWake: false,
    })
    if (done === 'stale') continue
    if (done.facts > 0) context.onFacts()
    if (done.alarm !== null) context.onAlarm(done.alarm)
    return done.facts
  }
  throw new Error(`${subjects.length} subjects changed ${MOST_TRIES} times while they were brought up to date.`)
}
