import type { OutputOf } from '@waymark/contract'
import type { SetTrackStatusContract } from '@waymark/learning-journey'
import { describeJob, exitCodeOf, followJob } from './follow-job.ts'
import { print, printJson } from './print.ts'
import { createServerClient } from './server-client.ts'

interface StatusOptions {
  readonly wait?: boolean
  readonly json?: boolean
}

type Changed = OutputOf<typeof SetTrackStatusContract>

/** `waymark tracks pause`, `resume` and `archive`. */
export async function tracksStatus(
  trackId: string,
  status: Changed['status'],
  { wait = true, json = false }: StatusOptions,
): Promise<void> {
  const client = createServerClient()
  const changed = await client.call<Changed>('setTrackStatus', { trackId, status })
  if (!json) print(`${trackId} ${changed.version} is ${status}${changed.changed ? '' : ' already'}.`)
  const job = changed.jobId === null || !wait ? null : await followJob(client, changed.jobId)
  if (json) printJson({ ...changed, job })
  else if (job !== null) print(describeJob(job))
  process.exitCode = exitCodeOf(job)
}
