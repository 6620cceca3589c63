import { hash } from 'node:crypto'
import { createReadStream, statSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { IngestStatus } from '@waymark/learning-journey'
import { CliError } from './cli-error.ts'
import { EXIT_CODES } from './exit-codes.ts'
import { print, printJson, say } from './print.ts'
import { createProgress } from './progress.ts'
import { createServerClient, type ServerClient } from './server-client.ts'
import { count, describeTally, isStored, type Tally } from './tally.ts'

interface Answer {
  readonly results: readonly {
    readonly index: number
    readonly status: IngestStatus
    readonly problem?: { readonly detail: string }
  }[]
}

interface Failure {
  readonly line: number
  readonly status: IngestStatus
  readonly detail: string
}

interface Line {
  readonly number: number
  readonly text: string
}

// The server takes 500 events or 1 MB at once; the rest is room for the envelope.
const MOST_EVENTS = 500
const MOST_BYTES = 1_000_000
const SHOWN_FAILURES = 20

/**
 * Sends a file of one JSON event a line through `ingest`, in batches. Sending the same file again counts nothing twice: events without
 * an id get one from their batch and place.
 */
export async function sendFile(path: string, { json }: { readonly json: boolean }): Promise<void> {
  const client = createServerClient()
  const stream = path === '-' ? process.stdin : createReadStream(path)
  const size = path === '-' ? undefined : statSync(path, { throwIfNoEntry: false })?.size
  const counts: Tally = {}
  const failures: Failure[] = []
  const progress = createProgress(size)
  let sent = 0

  const report = (line: number, status: IngestStatus, detail: string) => {
    count(counts, status)
    if (!isStored(status)) failures.push({ line, status, detail })
  }
  const flush = async (batch: readonly Line[], bytes: number) => {
    await sendBatch(client, batch, report)
    sent += batch.length
    progress.advance(batch.length, bytes)
  }
  const onInterrupt = () => {
    progress.end()
    say(`Interrupted after ${sent} events. Send the same file again to go on: what was recorded is not counted twice.`)
    process.exit(EXIT_CODES.interrupted.code)
  }
  process.once('SIGINT', onInterrupt)
  try {
    for await (const { batch, bytes } of batches(stream)) await flush(batch, bytes)
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

async function* batches(stream: NodeJS.ReadableStream): AsyncGenerator<{ readonly batch: Line[]; readonly bytes: number }> {
  let batch: Line[] = []
  let bytes = 0
  let number = 0
  for await (const text of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
    number += 1
    if (text.trim() === '') continue
    const length = Buffer.byteLength(text) + 1
    if (batch.length === MOST_EVENTS || (batch.length > 0 && bytes + length > MOST_BYTES)) {
      yield { batch, bytes }
      batch = []
      bytes = 0
    }
    batch.push({ number, text })
    bytes += length
  }
  if (batch.length > 0) yield { batch, bytes }
}

async function sendBatch(
  client: ServerClient,
  batch: readonly Line[],
  report: (line: number, status: IngestStatus, detail: string) => void,
): Promise<void> {
  const events: unknown[] = []
  const lines: number[] = []
  for (const { number, text } of batch) {
    try {
      // Some editors write a byte order mark before the first line.
      events.push(JSON.parse(text.replace(/^\uFEFF/, '')))
      lines.push(number)
    } catch (error) {
      report(number, 'invalid', `The line is not JSON: ${(error as Error).message}`)
    }
  }
  if (events.length === 0) return
  const content = `${batch[0]?.number}\n${batch.map(({ text }) => text).join('\n')}`
  const { results } = await client.call<Answer>(
    'ingest',
    { events },
    {
      idempotencyKey: `file-${hash('sha256', content, 'base64url')}`,
    },
  )
  for (const { index, status, problem } of results) report(lines[index] as number, status, problem?.detail ?? '')
}

function summarise(path: string, counts: Tally, failures: readonly Failure[]): void {
  for (const { line, status, detail } of failures.slice(0, SHOWN_FAILURES)) say(`${path}:${line}  ${status}  ${detail}`)
  if (failures.length > SHOWN_FAILURES) say(`… and ${failures.length - SHOWN_FAILURES} more; --json lists all.`)
  print(describeTally(counts))
}
