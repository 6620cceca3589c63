/** The operations on backfills and dry runs, and the list of what is published. */
import type { GroupHandler, Handler } from '@waymark/contract'
import type { CancelJobContract, GetJobContract, ListJobsContract, ListTrackVersionsContract } from '../contracts/publishing.ts'
import type { JobRow, JournalStore } from '../ports/index.ts'
import { DRY_RUN, type DryRunSpec, progressOf, specOf } from '../publishing/jobs.ts'
import { cancel } from '../publishing/publisher.ts'
import { validationProblem } from '../record/validation-problem.ts'
import { BAD_CURSOR, parseCursor, toCursor } from './cursor.ts'
import { type Journey, toMoment } from './journey.ts'

/** `learning.onboarding.getJob` */
export function getJob({ store }: Journey): Handler<typeof GetJobContract> {
  return async ({ input, principal, fail }) => {
    const job = await findJob(store, principal.tenant, input.jobId)
    if (job === undefined) throw fail.JOB_NOT_FOUND({ detail: `There is no job ${input.jobId}.` })
    return toJob(job)
  }
}

/** `learning.onboarding.listJobs`: newest first. The cursor is the place of the last one. */
export function listJobs({ store }: Journey): Handler<typeof ListJobsContract> {
  return async ({ input, principal, fail }) => {
    const { trackId, limit } = input
    const after = input.cursor === null ? undefined : parseCursor(input.cursor, ['number', 'string'])
    if (after === null) throw fail.VALIDATION_FAILED(validationProblem([BAD_CURSOR]))
    const jobs = (await store.readJobs())
      .filter((job) => isVisible(job, principal.tenant) && (trackId === undefined || specOf(job).track === trackId))
      .filter((job) => after === undefined || isAfter(job, after as [number, string]))
    const items = jobs.slice(0, limit)
    const last = items.at(-1)
    const nextCursor = last !== undefined && jobs.length > limit ? toCursor([last.createdAt, last.id]) : null
    return { items: items.map(toJob), nextCursor }
  }
}

/** `learning.onboarding.cancelJob`: the page that it is at still ends. */
export function cancelJob(journey: Journey): GroupHandler<typeof CancelJobContract> {
  return {
    commit: 'group',
    handle: async ({ input, principal, fail, check }) => {
      const job = await findJob(journey.store, principal.tenant, input.jobId)
      if (job === undefined) throw fail.JOB_NOT_FOUND({ detail: `There is no job ${input.jobId}.` })
      const checked = check({ success: true, cancelled: await cancel(journey, job) })
      if (!checked.ok) throw checked.error
      return checked.output
    },
  }
}

/** `learning.onboarding.listTrackVersions`: by key, which is the cursor. */
export function listTrackVersions({ catalogue, store }: Journey): Handler<typeof ListTrackVersionsContract> {
  return async ({ input }) => {
    const [versions, statuses] = await Promise.all([store.readTrackVersions(), store.readTrackStatus()])
    const statusOf = new Map(statuses.map((row) => [row.key, row]))
    const keys = [...new Set(versions.map(({ key }) => key))]
      .filter((key) => statusOf.has(key) || catalogue.track(key) !== undefined)
      .filter((key) => input.cursor === null || key > input.cursor)
      .sort()
    const items = keys.slice(0, input.limit).map((key) => {
      const served = catalogue.track(key)
      const { status = 'active', version, policy = 'carry' } = statusOf.get(key) ?? {}
      const published = versions.filter((row) => row.key === key).reverse()
      return {
        trackId: key,
        status,
        version: version ?? served?.version ?? '',
        policy,
        served: served !== undefined,
        versions: published.map((row) => ({ version: row.version, publishedAt: toMoment(row.publishedAt) })),
      }
    })
    return { items, nextCursor: keys.length > items.length ? (items.at(-1)?.trackId ?? null) : null }
  }
}

async function findJob(store: JournalStore, tenant: string, id: string): Promise<JobRow | undefined> {
  return (await store.readJobs()).find((job) => job.id === id && isVisible(job, tenant))
}

/** A backfill is of all tenants; a dry run looks at the people of one. Jobs of other kinds are not for operators. */
function isVisible(job: JobRow, tenant: string): boolean {
  if (job.kind === DRY_RUN) return specOf<DryRunSpec>(job).tenant === tenant
  return job.kind === 'backfill'
}

/** Whether it comes behind a place, newest first. */
function isAfter({ createdAt, id }: JobRow, [at, placeId]: readonly [number, string]): boolean {
  return createdAt < at || (createdAt === at && id < placeId)
}

function toJob(job: JobRow) {
  const { id, kind, status, createdAt, updatedAt } = job
  const { track, version } = specOf(job)
  const { counted, isCounted, done, facts, failed, since, tally } = progressOf(job)
  const seconds = since === null ? 0 : (updatedAt - since) / 1_000
  const perSecond = seconds > 0 && done > 0 ? done / seconds : null
  const left = Math.max(counted - done, 0)
  return {
    jobId: id,
    kind: kind === DRY_RUN ? ('dry-run' as const) : ('backfill' as const),
    trackId: track,
    version,
    status,
    done,
    total: isCounted ? counted : null,
    facts,
    failed,
    perSecond,
    secondsLeft: status !== 'running' ? null : perSecond === null ? null : Math.ceil(left / perSecond),
    startedAt: toMoment(createdAt),
    updatedAt: toMoment(updatedAt),
    report: tally === undefined ? null : toReport(tally),
  }
}

function toReport({ steps, badges, ...rest }: NonNullable<ReturnType<typeof progressOf>['tally']>) {
  return {
    ...rest,
    steps: Object.entries(steps).map(([stepId, counts]) => ({ stepId, ...counts })),
    badges: Object.entries(badges).map(([badge, people]) => ({ badge, people })),
  }
}
