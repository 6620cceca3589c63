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

/** Why nothing was changed. */
export type Obstacle =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'taken' }
  | { readonly kind: 'no_version'; readonly published: readonly string[] }
  | { readonly kind: 'backfill'; readonly jobId: string }
  | { readonly kind: 'paused'; readonly status: TrackStatusRow['status'] }
  | { readonly kind: 'in_use'; readonly by: readonly string[] }

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
  publish(model: TrackModel, policy: Policy): Promise<Changed | Obstacle>
  /** Serves an earlier version again; the one that was published before when none is named. */
  rollback(key: string, version: string | undefined): Promise<Changed | Obstacle>
  setStatus(key: string, status: TrackStatusRow['status']): Promise<Changed | Obstacle>
  /** Adds a backfill of what is served. */
  backfill(key: string): Promise<Changed | Obstacle>
}

export function createPublisher(context: Context): Publisher {
  const { store, catalogue, reload, now, hash } = context
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

  const serve = async (row: TrackVersionRow, policy: Policy): Promise<Changed | Obstacle> => {
    const { key, version, contentHash } = row
    const { versions, jobs, statusOf } = await readAll()
    const status = statusOf(key)
    const known = versions.findLast((other) => other.key === key && other.version === version)
    if (known !== undefined && known.contentHash !== contentHash) return { kind: 'taken' }
    if (status?.status === 'paused') return { kind: 'paused', status: 'paused' }
    const job = runningBackfill(jobs, key)
    const isServed = status?.status === 'active' && status.version === version && known !== undefined
    if (isServed) {
      // A process that died may have left no job.
      const hasJob = jobs.some((other) => other.kind === BACKFILL && isAbout(other, key, version))
      const jobId = job?.id ?? (hasJob || status.changedAt < 0 ? null : await addBackfill(context, key, version))
      return { kind: 'changed', version, policy: status.policy, status: 'active', isNew: false, jobId }
    }
    if (job !== undefined) return { kind: 'backfill', jobId: job.id }
    await store.putTrackVersion(row)
    // What was archived was not kept up to date.
    const isStale = isEnding(policy) || status?.status === 'archived'
    const generation = (status?.generation ?? 0) + (isStale ? 1 : 0)
    await store.putTrackStatus({ key, status: 'active', version, policy, generation, changedAt: now() })
    await reload()
    const jobId = await addBackfill(context, key, version)
    return { kind: 'changed', version, policy, status: 'active', isNew: true, jobId }
  }

  return {
    publish: (model, policy) =>
      inTurn(() => {
        const { key, version } = model
        return serve({ tenant: '*', key, version, ...contentOf(model, hash), publishedAt: now() }, policy)
      }),
    rollback: (key, version) =>
      inTurn(async () => {
        const { versions, statusOf } = await readAll()
        const status = statusOf(key)
        const own = versions.filter((row) => row.key === key)
        if (status === undefined || own.length === 0) return { kind: 'unknown' }
        const earlier = own.filter((row) => row.version !== status.version)
        const row = version === undefined ? earlier.at(-1) : own.findLast((other) => other.version === version)
        if (row === undefined) return { kind: 'no_version', published: [...new Set(own.map((other) => other.version))] }
        return serve({ ...row, publishedAt: now() }, 'carry')
      }),
    setStatus: (key, next) =>
      inTurn(async () => {
        const { jobs, statusOf } = await readAll()
        const row = statusOf(key)
        if (row === undefined) return { kind: 'unknown' }
        const { version, status, policy } = row
        if (status === next) return { kind: 'changed', version, policy, status, isNew: false, jobId: null }
        const by = catalogue.tracks.filter(({ after }) => after.includes(key)).map((track) => track.key)
        if (next === 'archived' && by.length > 0) return { kind: 'in_use', by }
        const job = runningBackfill(jobs, key)
        if (job !== undefined && next !== 'active') await cancel(context, job)
        // An ending that was brought to everybody is over.
        const isOver =
          isEnding(policy) && jobs.some((one) => one.status === 'done' && one.kind === BACKFILL && isAbout(one, key, version))
        const generation = row.generation + (next === 'active' ? 1 : 0)
        const changed = { key, version, status: next, policy: isOver ? ('carry' as const) : policy, generation, changedAt: now() }
        await store.putTrackStatus(changed)
        await reload()
        const jobId = next === 'active' ? await addBackfill(context, key, version) : null
        return { ...changed, kind: 'changed', isNew: true, jobId }
      }),
    backfill: (key) =>
      inTurn(async () => {
        const { jobs, statusOf } = await readAll()
        const row = statusOf(key)
        if (row === undefined) return { kind: 'unknown' }
        if (row.status !== 'active') return { kind: 'paused', status: row.status }
        const job = runningBackfill(jobs, key)
        if (job !== undefined) return { kind: 'backfill', jobId: job.id }
        const jobId = await addBackfill(context, key, row.version)
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

function isAbout(job: JobRow, key: string, version: string): boolean {
  const spec = specOf(job)
  return spec.track === key && spec.version === version
}

async function addBackfill({ store, now, newId, onJob }: Context, track: string, version: string): Promise<string> {
  const job = newJob(BACKFILL, newId(), { track, version }, now())
  await store.addJob(job)
  onJob()
  return job.id
}
