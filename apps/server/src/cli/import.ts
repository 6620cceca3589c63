import { resolve } from 'node:path'
import { CliError } from './cli-error.ts'
import { EXIT_CODES } from './exit-codes.ts'
import { type Imported, importFile } from './import-file.ts'
import { parseCount } from './parse-count.ts'
import { parseSeconds } from './parse-seconds.ts'
import { print, printJson, say } from './print.ts'
import { createServerClient } from './server-client.ts'
import { describeTally } from './tally.ts'

interface ImportOptions {
  readonly concurrency: string
  readonly wait: string
  readonly failures?: string
  readonly restart?: boolean
  readonly json?: boolean
}

const MOST_CONCURRENT = 64
const LONGEST_WAIT_SECONDS = 24 * 3_600

/** `waymark import`: one file after the other; each goes on where it was stopped. */
export async function importFiles(paths: readonly string[], options: ImportOptions): Promise<void> {
  const { failures, restart = false, json = false } = options
  const concurrency = parseCount('--concurrency', options.concurrency, MOST_CONCURRENT)
  const waitSeconds = parseSeconds('--wait', options.wait, LONGEST_WAIT_SECONDS)
  if (failures !== undefined && paths.length > 1)
    throw new CliError('usage', '--failures names one file, and several are imported. Leave it out: each gets a file of its own.')
  if (failures !== undefined && paths.some((path) => resolve(path) === resolve(failures)))
    throw new CliError('usage', '--failures names the file that is imported, which would be overwritten. Name another one.')
  if (paths.includes('-'))
    throw new CliError(
      'usage',
      'An import goes on where it was stopped, and standard input cannot. Write it to a file first, or use `waymark events send --file -`.',
    )
  const client = createServerClient()
  let failed = 0
  for (const path of paths) {
    const imported = await importFile(client, path, {
      concurrency,
      waitSeconds,
      failures: failures ?? `${path}.rejected.ndjson`,
      restart,
    })
    failed += imported.failed
    if (json) printJson({ file: path, ...imported.document })
    else summarise(path, imported)
  }
  process.exitCode = failed > 0 ? EXIT_CODES.partial.code : EXIT_CODES.ok.code
}

function summarise(path: string, { document, failed, shown }: Imported): void {
  for (const { line, status, detail } of shown) say(`${path}:${line.number}  ${status}  ${detail}`)
  if (failed > 0) say(`${failed} were not recorded; ${document.failures} has them all, each with its reason.`)
  print(`${path}: ${describeTally(document.statuses)}`)
}
