import type { ExitName } from './exit-codes.ts'

/** Ends a command with an exit code. The message goes to stderr as it is. */
export class CliError extends Error {
  override readonly name = 'CliError'
  readonly exit: ExitName
  /** What `--json` prints on stderr instead; a problem of the server, for example. */
  readonly document: unknown

  constructor(exit: ExitName, message: string, document: unknown = undefined) {
    super(message)
    this.exit = exit
    this.document = document
  }
}
