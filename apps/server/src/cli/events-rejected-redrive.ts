import type { IngestStatus } from '@waymark/learning-journey'
import { CliError } from './cli-error.ts'
import { EXIT_CODES } from './exit-codes.ts'
import { print, printJson, say } from './print.ts'
import { createProgress } from './progress.ts'
import { type RejectedFilter, rejectedEvents } from './rejected-events.ts'
import { createServerClient } from './server-client.ts'
import { count, describeTally, isStored, type Tally } from './tally.ts'

interface RedriveOptions extends RejectedFilter {
  readonly id: readonly string[]
  readonly all?: boolean
  readonly json?: boolean
}

interface Result {
  readonly id: string
  readonly eventId: string | null
  readonly status: IngestStatus | 'not_found'
  readonly problem?: { readonly code: string; readonly detail: string }
}

// As many as the operation takes at once.
const MOST_IDS = 200
const SHOWN_FAILURES = 20

/** `waymark events rejected redrive`: oldest first. Stopped half-way, it is simply called again: nothing is counted twice. */
export async function eventsRejectedRedrive({ id, all = false, json = false, ...filter }: RedriveOptions): Promise<void> {
  if (id.length > 0 === all)
    throw new CliError('usage', 'Expected either --all or one --id or more, e.g. --all --event deal.won.')
  if (!all && (filter.event !== undefined || filter.code !== undefined))
    throw new CliError('usage', '--event and --code choose among all rejected events. Give them with --all, not with --id.')
  const client = createServerClient()
  const ids = all ? [] : [...id]
  if (all) {
    for await (const rejected of rejectedEvents(client, filter)) ids.push(rejected.id)
    // The list is newest first; events fold fastest in the order in which they came.
    ids.reverse()
  }
  const tally: Tally = {}
  const failures: Result[] = []
  const progress = createProgress({ size: ids.length })
  let done = 0
  const onInterrupt = () => {
    progress.end()
    say(`Interrupted after ${done} of ${ids.length}. Call it again to go on: nothing is counted twice.`)
    process.exit(EXIT_CODES.interrupted.code)
  }
  process.once('SIGINT', onInterrupt)
  try {
    while (done < ids.length) {
      const part = ids.slice(done, done + MOST_IDS)
      const { results } = await client.call<{ readonly results: readonly Result[] }>('redriveRejected', { ids: part })
      for (const result of results) {
        count(tally, result.status)
        if (!isStored(result.status)) failures.push(result)
      }
      done += part.length
      progress.advance(part.length, done)
    }
  } finally {
    progress.end()
    process.off('SIGINT', onInterrupt)
    if (done < ids.length) say(`Stopped after ${done} of ${ids.length}. Call it again to go on: nothing is counted twice.`)
  }
  if (json) printJson({ events: ids.length, statuses: tally, failures })
  else {
    for (const { id, eventId, status, problem } of failures.slice(0, SHOWN_FAILURES))
      say(
        `${id}  ${eventId ?? 'no event id'}  ${status}  ${problem?.detail ?? 'It is not among the rejected events (any more).'}`,
      )
    if (failures.length > SHOWN_FAILURES) say(`… and ${failures.length - SHOWN_FAILURES} more; --json lists all.`)
    print(describeTally(tally))
  }
  process.exitCode = failures.length > 0 ? EXIT_CODES.partial.code : EXIT_CODES.ok.code
}
