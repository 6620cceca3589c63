/**
 * The import of one file. Several batches are in flight, and they are acknowledged in the order of the file: a batch is counted, its
 * failures written and the position moved on in one go, when all before it are. So the progress file always speaks of a beginning of the
 * file; what was in flight beyond it is sent again after a stop, and is a duplicate then.
 *
 * States: reading and sending, waiting for the server, interrupted, stopped by an error, done. All but the last leave the progress file.
 */
import { createReadStream, statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { createGunzip } from 'node:zlib'
import { CliError } from './cli-error.ts'
import { type Batch, type LineResult, sendLines, toBatches } from './event-batches.ts'
import { EXIT_CODES } from './exit-codes.ts'
import { createFailureFile } from './failure-file.ts'
import { createProgressFile, type ImportProgress } from './import-progress.ts'
import { say } from './print.ts'
import { createProgress } from './progress.ts'
import { readLines } from './read-lines.ts'
import type { ServerClient } from './server-client.ts'
import { count, isStored, type Tally } from './tally.ts'

export interface ImportFileOptions {
  /** How many batches are in flight at once. */
  readonly concurrency: number
  /** How long a batch is sent again while the server does not answer. */
  readonly waitSeconds: number
  /** Path of the file of failures. */
  readonly failures: string
  /** Forgets how far an earlier run came. */
  readonly restart: boolean
}

export interface Imported {
  readonly document: {
    readonly events: number
    readonly statuses: Tally
    /** Path of the file of failures; null when there are none. */
    readonly failures: string | null
  }
  readonly failed: number
  /** Some of the failures of this run. */
  readonly shown: readonly LineResult[]
}

const SHOWN_FAILURES = 20
/** How often the progress file is written: what it does not know yet is sent again. */
const SAVE_MS = 1_000
const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 2_000

export async function importFile(client: ServerClient, path: string, options: ImportFileOptions): Promise<Imported> {
  const { size, progressFile } = open(path, client)
  const earlier: ImportProgress = (options.restart ? undefined : progressFile.read()) ?? NOTHING
  const statuses: Tally = { ...earlier.statuses }
  const failureFile = createFailureFile(options.failures, earlier.failureBytes)
  const shown: LineResult[] = []
  let { next } = earlier
  let saved = performance.now()
  if (next.lines > 0) say(`${path}: goes on after line ${next.lines}.`)

  const file = createReadStream(path)
  let progress: ReturnType<typeof createProgress> | undefined
  const save = () => {
    // First, so that the progress file never speaks of more than there is.
    failureFile.sync()
    progressFile.write({ next, statuses, failureBytes: failureFile.bytes })
    saved = performance.now()
  }
  const acknowledge = (batch: Batch, results: readonly LineResult[]) => {
    for (const result of results) {
      count(statuses, result.status)
      if (isStored(result.status)) continue
      failureFile.add(result)
      if (shown.length < SHOWN_FAILURES) shown.push(result)
    }
    next = batch.next
    progress?.advance(batch.lines.length, file.bytesRead)
    if (performance.now() - saved >= SAVE_MS) save()
  }
  const onInterrupt = () => {
    progress?.end()
    save()
    say(`Interrupted after line ${next.lines} of ${path}. The same command goes on from there.`)
    process.exit(EXIT_CODES.interrupted.code)
  }
  process.once('SIGINT', onInterrupt)
  const send = createPatientSend(client, options.waitSeconds, () => progress?.end())
  try {
    const bytes = /\.gz$/i.test(path) ? file.pipe(createGunzip()) : file
    file.once('error', (error) => bytes.destroy(error))
    const inFlight: { readonly batch: Batch; readonly results: Promise<readonly LineResult[]> }[] = []
    const takeFirst = async () => {
      const first = inFlight.shift()
      if (first !== undefined) acknowledge(first.batch, await first.results)
    }
    for await (const batch of toBatches(readLines(bytes, next))) {
      progress ??= createProgress({ size, from: earlier.next.lines > 0 ? file.bytesRead : 0, inLines: true })
      const results = send(batch)
      // Whoever takes it hears of a failure; until then it is no unhandled one.
      results.catch(() => {})
      inFlight.push({ batch, results })
      if (inFlight.length >= options.concurrency) await takeFirst()
    }
    while (inFlight.length > 0) await takeFirst()
  } catch (error) {
    save()
    if (error instanceof CliError) say(`Stopped after line ${next.lines} of ${path}. The same command goes on from there.`)
    throw unreadable(error, path)
  } finally {
    progress?.end()
    failureFile.close()
    process.off('SIGINT', onInterrupt)
  }
  progressFile.remove()
  const entries = Object.entries(statuses)
  const sum = (some: typeof entries) => some.reduce((total, [, number]) => total + number, 0)
  const failed = sum(entries.filter(([status]) => !isStored(status as keyof Tally)))
  return {
    document: { events: sum(entries), statuses, failures: failed > 0 ? failureFile.path : null },
    failed,
    shown,
  }
}

const NOTHING: ImportProgress = { next: { offset: 0, lines: 0 }, statuses: {}, failureBytes: 0 }

/** Sends a batch, again and again while the server does not answer, with growing pauses. */
function createPatientSend(client: ServerClient, waitSeconds: number, beforeMessage: () => void) {
  let isWaiting = false
  return async ({ lines }: Batch): Promise<readonly LineResult[]> => {
    let since: number | undefined
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      try {
        const results = await sendLines(client, lines, { import: true })
        isWaiting = false
        return results
      } catch (error) {
        if (!(error instanceof CliError && error.exit === 'unreachable')) throw error
        since ??= performance.now()
        if (performance.now() - since + pause > waitSeconds * 1_000) throw error
        if (!isWaiting) {
          beforeMessage()
          say(`The server does not answer. Trying again for ${waitSeconds} s.`)
        }
        isWaiting = true
        await sleep(pause)
      }
    }
  }
}

function open(path: string, { url, credentialHash }: ServerClient) {
  try {
    const { size } = statSync(path)
    return { size, progressFile: createProgressFile(path, size, { url, credential: credentialHash }) }
  } catch (error) {
    throw unreadable(error, path)
  }
}

function unreadable(error: unknown, path: string): unknown {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'ENOENT' || code === 'EISDIR' || code === 'EACCES')
    return new CliError('usage', `The events cannot be read from ${path}: ${message}. Correct the path.`)
  return code?.startsWith('Z_')
    ? new CliError(
        'validation',
        `${path} is not whole gzip data: ${message}. Compress it again, or import it without compression.`,
      )
    : error
}
