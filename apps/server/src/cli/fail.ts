import { StoreError } from '@waymark/store/sqlite'
import { ServerError, type ServerErrorCode } from '../errors.ts'
import { CliError } from './cli-error.ts'
import { EXIT_CODES, type ExitName } from './exit-codes.ts'

/** Says on stderr why a command failed, and ends the process with its exit code. */
export function fail(error: unknown, { json = false }: { readonly json?: boolean } = {}): never {
  const { exit, message, document } = describeFailure(error)
  process.stderr.write(`${json ? JSON.stringify(document) : message}\n`)
  process.exit(EXIT_CODES[exit].code)
}

interface Failure {
  readonly exit: ExitName
  readonly message: string
  readonly document: unknown
}

/** Exit code, text and JSON of whatever a command threw. */
export function describeFailure(error: unknown): Failure {
  if (error instanceof CliError) {
    const { exit, message, document = { error: { message } } } = error
    return { exit, message, document }
  }
  if (error instanceof ServerError) return known(EXITS[error.code], error.code, error.problems)
  if (error instanceof StoreError)
    return known(error.code === 'STORE_LOCKED' ? 'conflict' : 'failure', error.code, [error.message])
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { exit: 'failure', message: text, document: { error: { message: text } } }
}

const EXITS: Readonly<Record<ServerErrorCode, ExitName>> = {
  SETTINGS_INVALID: 'usage',
  DEFINITIONS_INVALID: 'validation',
  TRACKS_CHANGED: 'conflict',
  KEY_FILE_UNUSABLE: 'failure',
  ADDRESS_TAKEN: 'conflict',
  ADDRESS_UNUSABLE: 'failure',
}

function known(exit: ExitName, code: string, problems: readonly string[]): Failure {
  return { exit, message: problems.join('\n'), document: { error: { code, problems } } }
}
