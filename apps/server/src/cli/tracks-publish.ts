import type { OutputOf } from '@waymark/contract'
import type { PublishTrackContract } from '@waymark/learning-journey'
import { describeJob, exitCodeOf, followJob } from './follow-job.ts'
import { parsePolicy } from './parse-policy.ts'
import { print, printJson } from './print.ts'
import { sayFindings } from './say-findings.ts'
import { createServerClient, type ServerClient } from './server-client.ts'
import { tracksAtHand } from './tracks-at-hand.ts'

export interface PublishOptions {
  readonly policy: string
  /** Whether to wait for the backfill. */
  readonly wait: boolean
  readonly json?: boolean
}

export type Published = OutputOf<typeof PublishTrackContract>

/** `waymark tracks publish`: one track after the other, each with its backfill. */
export async function tracksPublish(files: readonly string[], options: PublishOptions): Promise<void> {
  const policy = parsePolicy(options.policy)
  const tracks = await tracksAtHand(files)
  const client = createServerClient()
  for (const definition of tracks) {
    await reportPublished(client, await client.call<Published>('publishTrack', { definition, policy }), options)
  }
}

/** Says what was published, and follows the backfill. */
export async function reportPublished(
  client: ServerClient,
  published: Published,
  { wait, json = false }: Pick<PublishOptions, 'wait' | 'json'>,
): Promise<void> {
  const { trackId, version, policy, jobId } = published
  if (!json) {
    sayFindings(published)
    print(published.published ? `${trackId} ${version} is served (${policy}).` : `${trackId} ${version} is served already.`)
  }
  const job = jobId === null || !wait ? null : await followJob(client, jobId)
  if (json) printJson({ ...published, job })
  else if (job !== null) print(describeJob(job))
  else if (jobId !== null) print(`The backfill ${jobId} brings everybody to it.`)
  const code = exitCodeOf(job)
  if (code !== 0) process.exitCode = code
}
