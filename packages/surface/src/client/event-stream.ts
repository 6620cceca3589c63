/** A message of server-sent events. */
export interface Message {
  /** `message` when it says nothing else. */
  readonly event: string
  readonly data: string
}

/** Reads server-sent events, whatever the pieces in which they come. What has no empty line behind it never happened. */
export interface EventStreamReader {
  /** The messages that a piece of text completes. */
  take(text: string): Message[]
  /** The last id; undefined before there was one. */
  readonly lastId: string | undefined
  /** How long to wait before coming back, in milliseconds, as far as the server said it. */
  readonly retryMs: number | undefined
}

/** @see https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream */
export function createEventStreamReader(): EventStreamReader {
  let rest = ''
  let event = ''
  let data: string[] = []
  let id: string | undefined
  const reader = {
    lastId: undefined as string | undefined,
    retryMs: undefined as number | undefined,
    take(text: string): Message[] {
      const messages: Message[] = []
      rest += text
      // A carriage return at the end may be the first half of a line break.
      const lines = rest.split(/\r\n|\n|\r(?!$)/)
      rest = lines.pop() as string
      for (const line of lines) {
        if (line !== '') {
          field(line)
          continue
        }
        reader.lastId = id
        if (data.length > 0) messages.push({ event: event || 'message', data: data.join('\n') })
        event = ''
        data = []
      }
      return messages
    },
  }

  function field(line: string): void {
    const [, name, value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) as RegExpExecArray
    if (name === 'data') data.push(value)
    else if (name === 'event') event = value
    else if (name === 'id' && !value.includes('\0')) id = value
    else if (name === 'retry' && /^\d+$/.test(value)) reader.retryMs = Number(value)
  }

  return reader
}
