import type { OutputOf } from '@waymark/contract'
import type { CancelJobContract, ListJobsContract } from '@waymark/learning-journey'
import { describeJob, type Job } from './follow-job.ts'
import { parseCount } from './parse-count.ts'
import { print, printJson } from './print.ts'
import { createServerClient } from './server-client.ts'

interface JobsOptions {
  readonly track?: string
  readonly limit: string
  readonly json?: boolean
}

/** `waymark tracks jobs`: newest first. */
export async function tracksJobs({ track, limit, json = false }: JobsOptions): Promise<void> {
  const input = { limit: parseCount('--limit', limit, 200), ...(track === undefined ? {} : { trackId: track }) }
  const { items } = await createServerClient().call<OutputOf<typeof ListJobsContract>>('listJobs', input)
  for (const job of items) json ? printJson(job) : print(toLine(job))
}

/** `waymark tracks cancel` */
export async function tracksCancel(jobId: string, { json = false }: { readonly json?: boolean }): Promise<void> {
  const answer = await createServerClient().call<OutputOf<typeof CancelJobContract>>('cancelJob', { jobId })
  if (json) printJson(answer)
  else print(answer.cancelled ? 'Cancelled. What it did stays.' : 'It had ended already.')
}

function toLine(job: Job): string {
  const { jobId, trackId, version, status, done, total, secondsLeft } = job
  const left = secondsLeft === null ? '' : `, ${secondsLeft.toLocaleString('en')} s left`
  const state =
    status === 'running'
      ? `running: ${done.toLocaleString('en')} of ${total?.toLocaleString('en') ?? '?'}${left}`
      : describeJob(job)
  return `${jobId}  ${trackId} ${version}  ${state}`
}
