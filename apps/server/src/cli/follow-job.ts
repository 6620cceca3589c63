import { setTimeout as pause } from 'node:timers/promises'
import type { OutputOf } from '@waymark/contract'
import type { GetJobContract } from '@waymark/learning-journey'
import { EXIT_CODES } from './exit-codes.ts'
import { say } from './print.ts'
import { createProgress } from './progress.ts'
import type { ServerClient } from './server-client.ts'

/** A backfill or dry run, as the server answers it. */
export type Job = OutputOf<typeof GetJobContract>

const FIRST_PAUSE_MS = 50
const LONGEST_PAUSE_MS = 1_000

/** Waits for a job to end, with its progress on a terminal. Interrupted, the job goes on in the server. */
export async function followJob(client: ServerClient, jobId: string): Promise<Job> {
  let job = await readJob(client, jobId)
  let progress = createProgress({ size: undefined, what: 'subjects' })
  let isSized = false
  let done = 0
  const onInterrupt = () => {
    progress.end()
    say(
      `The ${job.kind} ${jobId} goes on in the server. See it with \`waymark tracks jobs\`; stop it with \`waymark tracks cancel ${jobId}\`.`,
    )
    process.exit(EXIT_CODES.interrupted.code)
  }
  process.once('SIGINT', onInterrupt)
  try {
    for (let wait = FIRST_PAUSE_MS; job.status === 'running'; wait = Math.min(wait * 2, LONGEST_PAUSE_MS)) {
      if (job.total !== null && !isSized) {
        progress.end()
        progress = createProgress({ size: job.total, from: job.done, what: 'subjects' })
        isSized = true
        done = job.done
      }
      progress.advance(job.done - done, job.done)
      done = job.done
      await pause(wait)
      job = await readJob(client, jobId)
    }
    return job
  } finally {
    progress.end()
    process.off('SIGINT', onInterrupt)
  }
}

/** One line about a job that has ended. */
export function describeJob({ kind, status, done, total, facts, failed }: Job): string {
  const number = (value: number) => value.toLocaleString('en')
  const name = kind === 'backfill' ? 'Backfill' : 'Dry run'
  const ended =
    status === 'done' ? `${number(done)} subjects` : `${status} after ${number(done)} of ${total === null ? '?' : number(total)}`
  return [
    `${name}: ${ended}`,
    ...(kind === 'backfill' ? [`${number(facts)} facts`] : []),
    ...(failed > 0 ? [`${number(failed)} failed (the log of the server says why)`] : []),
  ].join(', ')
}

/** The exit code that a job has earned. */
export function exitCodeOf(job: Job | null): number {
  return job !== null && (job.status === 'cancelled' || job.failed > 0) ? EXIT_CODES.partial.code : EXIT_CODES.ok.code
}

function readJob(client: ServerClient, jobId: string): Promise<Job> {
  return client.call<Job>('getJob', { jobId })
}
