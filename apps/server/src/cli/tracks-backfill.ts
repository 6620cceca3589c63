import type { OutputOf } from '@waymark/contract'
import type { BackfillTrackContract } from '@waymark/learning-journey'
import { describeJob, exitCodeOf, followJob } from './follow-job.ts'
import { print, printJson } from './print.ts'
import { createServerClient } from './server-client.ts'

/** `waymark tracks backfill` */
export async function tracksBackfill(
  trackId: string,
  { wait, json = false }: { readonly wait: boolean; readonly json?: boolean },
): Promise<void> {
  const client = createServerClient()
  const started = await client.call<OutputOf<typeof BackfillTrackContract>>('backfillTrack', { trackId })
  const job = wait ? await followJob(client, started.jobId) : null
  if (json) printJson({ ...started, job })
  else print(job === null ? `The backfill ${started.jobId} of ${trackId} ${started.version} is on its way.` : describeJob(job))
  process.exitCode = exitCodeOf(job)
}
