/**
 * Changes what is served. Invariants:
 * - a version is stored before the status that serves it, and the status before the job that brings everybody to it; so a process that
 *   dies in between leaves something that can be asked for again, and then goes on;
 * - changes take turns in a process;
 * - while a backfill of a track runs, nothing else is published of it.
 */
import type { TrackModel } from '../engine/index.ts'
import type { JobRow, JournalStore, TrackStatusRow, TrackVersionRow } from '../ports/index.ts'
import { type Catalogue, contentOf } from '../record/catalogue.ts'
import { BACKFILL, newJob, type Policy, progressOf, runningBackfill, specOf } from './jobs.ts'

interface Context {
  readonly store: JournalStore
  readonly catalogue: Catalogue
  readonly reload: () => Promise<void>
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly newId: () => string
  readonly hash: (text: string) => string
  /** Told of a new job. */
  readonly onJob: () => void
}

/** What is in the way of every change of a track. */
export type Obstacle =
  | { readonly kind: 'backfill'; readonly jobId: string }
  | { readonly kind: 'paused'; readonly status: TrackStatusRow['status'] }

interface Unknown {
  readonly kind: 'unknown'
}

/** The version was published before with another content. */
interface Taken {
  readonly kind: 'taken'
}

interface NoVersion {
  readonly kind: 'no_version'
  readonly published: readonly string[]
}

interface InUse {
  readonly kind: 'in_use'
  readonly by: readonly string[]
}

export interface Changed {
  readonly kind: 'changed'
  readonly version: string
  readonly policy: Policy
  readonly status: TrackStatusRow['status']
  /** False when it was so already. */
  readonly isNew: boolean
  readonly jobId: string | null
}

export interface Publisher {
  publish(model: TrackModel, policy: Policy): Promise<Changed | Taken | Obstacle>
  /**
   * Serves an earlier version again; the one that was published before when none is named.
   * @param jobId of the backfill: a second call with the same one changes nothing.
   */
  rollback(key: string, version: string | undefined, jobId: string): Promise<Changed | Unknown | NoVersion | Obstacle>
  setStatus(key: string, status: TrackStatusRow['status']): Promise<Changed | Unknown | InUse>
  /** Adds a backfill of what is served, as `jobId`. */
  backfill(key: string, jobId: string): Promise<(Changed & { readonly jobId: string }) | Unknown | Obstacle>
}

export function createPublisher(context: Context): Publisher {
  const { store, catalogue, reload, now, newId, hash } = context
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const next = last.then(work, work)
    last = next
    return next
  }
  const readAll = async () => {
    const [versions, statuses, jobs] = await Promise.all([store.readTrackVersions(), store.readTrackStatus(), store.readJobs()])
    return { versions, jobs, statusOf: (key: string) => statuses.find((row) => row.key === key) ?? impliedStatus(catalogue, key) }
  }

  const serve = async (row: TrackVersionRow, policy: Policy, newJobId: string): Promise<Changed | Taken | Obstacle> => {
    const { key, version, contentHash } = row
    const { versions, jobs, statusOf } = await readAll()
    const status = statusOf(key)
    const known = versions.findLast((other) => other.key === key && other.version === version)
    if (known !== undefined && known.contentHash !== contentHash) return { kind: 'taken' }
    if (status?.status === 'paused') return { kind: 'paused', status: 'paused' }
    const job = runningBackfill(jobs, key)
    const isServed = status?.status === 'active' && status.version === version && known !== undefined
    if (isServed) return unchanged(status, jobs)
    if (job !== undefined) return { kind: 'backfill', jobId: job.id }
    await store.putTrackVersion(row)
    // What was archived was not kept up to date.
    const isStale = isEnding(policy) || status?.status === 'archived'
    const generation = (status?.generation ?? 0) + (isStale ? 1 : 0)
    await store.putTrackStatus({ key, status: 'active', version, policy, generation, changedAt: now() })
    await reload()
    const jobId = await addBackfill(context, key, version, newJobId)
    return { kind: 'changed', version, policy, status: 'active', isNew: true, jobId }
  }

  /** As it is already, with the job that a process which died did not come to add. */
  const unchanged = async ({ key, ...row }: TrackStatusRow, jobs: readonly JobRow[]): Promise<Changed> => {
    const { status, version, policy, changedAt } = row
    const isOwed = status === 'active' && changedAt >= 0 && backfillsSince(jobs, { key, ...row }).length === 0
    const jobId = runningBackfill(jobs, key)?.id ?? (isOwed ? await addBackfill(context, key, version, newId()) : null)
    return { kind: 'changed', version, policy, status, isNew: false, jobId }
  }

  return {
    publish: (model, policy) =>
      inTurn(() => {
        const { key, version } = model
        return serve({ tenant: '*', key, version, ...contentOf(model, hash), publishedAt: now() }, policy, newId())
      }),
    rollback: (key, version, jobId) =>
      inTurn(async () => {
        const { versions, jobs, statusOf } = await readAll()
        const status = statusOf(key)
        const made = jobs.find(({ id }) => id === jobId)
        if (made !== undefined && status !== undefined)
          return { ...status, kind: 'changed', version: specOf(made).version, policy: 'carry', isNew: true, jobId }
        const own = versions.filter((row) => row.key === key)
        if (status === undefined || own.length === 0) return { kind: 'unknown' }
        const earlier = own.filter((row) => row.version !== status.version)
        const row = version === undefined ? earlier.at(-1) : own.findLast((other) => other.version === version)
        if (row === undefined) return { kind: 'no_version', published: [...new Set(own.map((other) => other.version))] }
        const done = await serve({ ...row, publishedAt: now() }, 'carry', jobId)
        // The stored content is what it was.
        if (done.kind === 'taken') throw new Error(`The version ${row.version} of ${key} was published with two contents.`)
        return done
      }),
    setStatus: (key, next) =>
      inTurn(async () => {
        const { jobs, statusOf } = await readAll()
        const row = statusOf(key)
        if (row === undefined) return { kind: 'unknown' }
        const { version, status, policy } = row
        if (status === next) return unchanged(row, jobs)
        const by = catalogue.tracks.filter(({ after }) => after.includes(key)).map((track) => track.key)
        if (next === 'archived' && by.length > 0) return { kind: 'in_use', by }
        const job = runningBackfill(jobs, key)
        if (job !== undefined && next !== 'active') await cancel(context, job)
        // An ending that was brought to everybody is over.
        const isOver = isEnding(policy) && backfillsSince(jobs, row).some((one) => one.status === 'done')
        const generation = row.generation + (next === 'active' ? 1 : 0)
        const changed = { key, version, status: next, policy: isOver ? ('carry' as const) : policy, generation, changedAt: now() }
        await store.putTrackStatus(changed)
        await reload()
        const jobId = next === 'active' ? await addBackfill(context, key, version, newId()) : null
        return { ...changed, kind: 'changed', isNew: true, jobId }
      }),
    backfill: (key, jobId) =>
      inTurn(async () => {
        const { jobs, statusOf } = await readAll()
        const row = statusOf(key)
        if (row === undefined) return { kind: 'unknown' }
        if (row.status !== 'active') return { kind: 'paused', status: row.status }
        if (jobs.every(({ id }) => id !== jobId)) {
          const job = runningBackfill(jobs, key)
          if (job !== undefined) return { kind: 'backfill', jobId: job.id }
          await addBackfill(context, key, row.version, jobId)
        }
        return { ...row, kind: 'changed', isNew: true, jobId }
      }),
  }
}

/** Whether a policy ends open runs. */
export function isEnding(policy: Policy): policy is 'restart' | 'exit' {
  return policy === 'restart' || policy === 'exit'
}

/** Ends a job. False when it had ended already. */
export function cancel({ store, now }: Pick<Context, 'store' | 'now'>, job: JobRow): Promise<boolean> {
  return store.putJob({ id: job.id, status: 'cancelled', progress: JSON.stringify(progressOf(job)), updatedAt: now() }, 0)
}

/** A track that nobody published by hand is served as it is at hand. */
function impliedStatus({ track }: Catalogue, key: string): TrackStatusRow | undefined {
  const served = track(key)
  return served === undefined
    ? undefined
    : { key, status: 'active', version: served.version, policy: 'carry', generation: 0, changedAt: -1 }
}

/** The backfills to what is served, of those that began after it was served: an earlier one was of another time. */
function backfillsSince(jobs: readonly JobRow[], { key, version, changedAt }: TrackStatusRow): readonly JobRow[] {
  return jobs.filter((job) => {
    if (job.kind !== BACKFILL || job.createdAt < changedAt) return false
    const spec = specOf(job)
    return spec.track === key && spec.version === version
  })
}

async function addBackfill({ store, now, onJob }: Context, track: string, version: string, id: string): Promise<string> {
  const job = newJob(BACKFILL, id, { track, version }, now())
  await store.addJob(job)
  onJob()
  return job.id
}
