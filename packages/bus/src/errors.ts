/** Every error code of this package, with what it means. */
export const BUS_ERRORS = {
  BUS_CLOSED: 'The bus was closed before everybody had taken the message; whoever published it publishes it again later',
  BUS_UNHANDLED:
    'A group tried a message as often as it tries, and nothing stores it; whoever published it publishes it again later',
  BUS_NAME_ILLEGAL: 'A subject, a group or a header has a name that not every broker can carry',
} as const

export type BusErrorCode = keyof typeof BUS_ERRORS

/** What a bus throws. */
export class BusError extends Error {
  override readonly name = 'BusError'
  readonly code: BusErrorCode

  constructor(code: BusErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
