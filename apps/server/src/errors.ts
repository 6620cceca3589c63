/** Every error code of this package, with what it means. Each stops a start; none travels to a caller. */
export const SERVER_ERRORS = {
  SETTINGS_INVALID: 'One or more settings have a value that cannot be used',
  DEFINITIONS_INVALID: 'A module, track or mapping file cannot be served',
  TRACKS_CHANGED: 'A published track version comes with another content',
  KEY_FILE_UNUSABLE: 'The file of the secret key cannot be read or written',
  ADDRESS_TAKEN: 'Another program listens on the address',
  ADDRESS_UNUSABLE: 'The address cannot be listened on',
} as const

export type ServerErrorCode = keyof typeof SERVER_ERRORS

/** Why a server did not start. `problems` are whole messages, one for each thing that is wrong. */
export class ServerError extends Error {
  override readonly name = 'ServerError'
  readonly code: ServerErrorCode
  readonly problems: readonly string[]

  constructor(code: ServerErrorCode, problems: readonly string[], options: { readonly cause?: unknown } = {}) {
    super(problems.join('\n'), options)
    this.code = code
    this.problems = problems
  }
}
