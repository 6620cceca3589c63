import { createReadStream, statSync } from 'node:fs'
import type { IngestStatus } from '@waymark/learning-journey'
import { CliError } from './cli-error.ts'
import { sendLines, toBatches } from './event-batches.ts'
import { EXIT_CODES } from './exit-codes.ts'
import { print, printJson, say } from './print.ts'
import { createProgress } from './progress.ts'
import { readLines } from './read-lines.ts'
import { createServerClient } from './server-client.ts'
import { count, describeTally, isStored, type Tally } from './tally.ts'

interface Failure {
  readonly line: number
  readonly status: IngestStatus
  readonly detail: string
}

const SHOWN_FAILURES = 20

/** Sends a file of one JSON event a line, in batches, one after the other. */
export async function sendFile(path: string, { json }: { readonly json: boolean }): Promise<void> {
  const client = createServerClient()
  const stream = path === '-' ? process.stdin : createReadStream(path)
  const size = path === '-' ? undefined : statSync(path, { throwIfNoEntry: false })?.size
  const counts: Tally = {}
  const failures: Failure[] = []
  const progress = createProgress({ size })
  let sent = 0

  const onInterrupt = () => {
    progress.end()
    say(`Interrupted after ${sent} events. Send the same file again to go on: what was recorded is not counted twice.`)
    process.exit(EXIT_CODES.interrupted.code)
  }
  process.once('SIGINT', onInterrupt)
  try {
    for await (const { lines, next } of toBatches(readLines(stream))) {
      for (const { line, status, detail } of await sendLines(client, lines)) {
        count(counts, status)
        if (!isStored(status)) failures.push({ line: line.number, status, detail })
      }
      sent += lines.length
      progress.advance(lines.length, next.offset)
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (error instanceof CliError && sent > 0) say(`Stopped after ${sent} events; sending the same file again goes on.`)
    throw code === 'ENOENT' || code === 'EISDIR' || code === 'EACCES'
      ? new CliError('usage', `The events cannot be read from ${path}: ${message}. Correct --file.`)
      : error
  } finally {
    progress.end()
    process.off('SIGINT', onInterrupt)
  }
  if (json) printJson({ events: sent, statuses: counts, failures })
  else summarise(path, counts, failures)
  process.exitCode = failures.length > 0 ? EXIT_CODES.partial.code : EXIT_CODES.ok.code
}

function summarise(path: string, counts: Tally, failures: readonly Failure[]): void {
  for (const { line, status, detail } of failures.slice(0, SHOWN_FAILURES)) say(`${path}:${line}  ${status}  ${detail}`)
  if (failures.length > SHOWN_FAILURES) say(`… and ${failures.length - SHOWN_FAILURES} more; --json lists all.`)
  print(describeTally(counts))
}
