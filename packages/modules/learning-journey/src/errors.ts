/** Codes of the errors that stop a process from starting with a wrong set of tracks. */
export type TrackErrorCode = 'TRACK_INVALID' | 'TRACK_DUPLICATE' | 'TRACK_LINT' | 'TRACK_CONTENT_CHANGED'

/** A set of tracks cannot be served. The message says what, where, and what to do. */
export class TrackDefinitionError extends Error {
  override readonly name = 'TrackDefinitionError'
  readonly code: TrackErrorCode

  constructor(code: TrackErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
