import type { OutputOf } from '@waymark/contract'
import type { DryRunTrackContract } from '@waymark/learning-journey'
import { describeJob, exitCodeOf, followJob, type Job } from './follow-job.ts'
import { parseCount } from './parse-count.ts'
import { parsePolicy } from './parse-policy.ts'
import { print, printJson, tint } from './print.ts'
import { sayFindings } from './say-findings.ts'
import { createServerClient } from './server-client.ts'
import { tracksAtHand } from './tracks-at-hand.ts'

interface DryRunOptions {
  readonly policy: string
  readonly sample?: string
  readonly json?: boolean
}

/** `waymark tracks dry-run`: what publishing would do, on the journals of the server. */
export async function tracksDryRun(files: readonly string[], options: DryRunOptions): Promise<void> {
  const policy = parsePolicy(options.policy)
  const sample = options.sample === undefined ? {} : { sample: parseCount('--sample', options.sample) }
  const tracks = await tracksAtHand(files)
  const client = createServerClient()
  for (const definition of tracks) {
    const started = await client.call<OutputOf<typeof DryRunTrackContract>>('dryRunTrack', { definition, policy, ...sample })
    if (!options.json) sayFindings(started)
    const job = await followJob(client, started.jobId)
    if (options.json) printJson({ ...job, findings: started.findings })
    else {
      print(tint('bold', `${job.trackId} ${job.version}, ${policy}`), describeJob(job))
      if (job.report !== null) print(...toLines(job.report))
    }
    const code = exitCodeOf(job)
    if (code !== 0) process.exitCode = code
  }
}

function toLines(report: NonNullable<Job['report']>): string[] {
  const number = (value: number) => value.toLocaleString('en')
  const { enrolled, completed, percent } = report
  const rows: [string, string][] = [
    ['looked at', number(report.subjects)],
    ['enrolled', `${number(enrolled.before)} → ${number(enrolled.after)}`],
    ['completed', `${number(completed.before)} → ${number(completed.after)}, ${number(completed.newly)} newly`],
    ...report.steps.map(({ stepId, before, after, newly }): [string, string] => [
      `  ${stepId}`,
      `${number(before)} → ${number(after)}, ${number(newly)} newly`,
    ]),
    ['progress', `${number(percent.up)} up, ${number(percent.down)} down, ${number(percent.same)} the same`],
    ['XP', `${number(report.xp)} would be granted`],
    ...report.badges.map(({ badge, people }): [string, string] => [`badge ${badge}`, `${number(people)} people`]),
  ]
  const some: [string, number][] = [
    ['starting', report.starting],
    ['begin again', report.restarting],
    ['exit', report.exiting],
    ['stay', report.staying],
    ['standing', report.standing],
  ]
  rows.push(...some.filter(([, count]) => count > 0).map(([name, count]): [string, string] => [name, number(count)]))
  const width = Math.max(...rows.map(([name]) => name.length)) + 2
  return rows.map(([name, value]) => `  ${name.padEnd(width)}${value}`)
}
