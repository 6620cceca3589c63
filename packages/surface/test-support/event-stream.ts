/** A message of an event stream, as an EventSource would dispatch it. */
export interface Message {
  readonly event: string
  readonly id: string
  readonly data: string
}

/** Reads an event stream by the rules of the HTML standard, byte by byte, whatever the chunks. */
export function readEventStream(response: Response) {
  const messages: Message[] = []
  const watchers = new Set<() => void>()
  const state = { lastEventId: '', retry: undefined as number | undefined, comments: 0, isOver: false }
  let buffer = { event: '', data: [] as string[], id: '' }
  let line = ''

  function take(text: string): void {
    if (text === '') {
      state.lastEventId = buffer.id
      if (buffer.data.length > 0) {
        messages.push({ event: buffer.event || 'message', id: buffer.id, data: buffer.data.join('\n') })
      }
      buffer = { event: '', data: [], id: buffer.id }
      return
    }
    const colon = text.indexOf(':')
    if (colon === 0) {
      state.comments += 1
      return
    }
    const [field, value] = colon < 0 ? [text, ''] : [text.slice(0, colon), text.slice(colon + 1).replace(/^ /, '')]
    if (field === 'event') buffer.event = value
    if (field === 'data') buffer.data.push(value)
    if (field === 'id' && !value.includes('\0')) buffer.id = value
    if (field === 'retry' && /^\d+$/.test(value)) state.retry = Number(value)
  }

  async function read(): Promise<void> {
    const decoder = new TextDecoder()
    try {
      for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
        for (const character of decoder.decode(chunk, { stream: true })) {
          if (character !== '\n') line += character
          else {
            take(line)
            line = ''
          }
        }
        for (const watch of watchers) watch()
      }
    } finally {
      state.isOver = true
      for (const watch of watchers) watch()
    }
  }

  const ended = read()
  ended.catch(() => {})
  return {
    messages,
    state,
    /** Resolves when the server ended the stream; rejects when it broke. */
    ended,
    /** Resolves when this is true; rejects when the stream is over first. */
    until: (isTrue: () => boolean) =>
      new Promise<void>((resolve, reject) => {
        const watch = () => {
          if (isTrue()) resolve()
          else if (state.isOver) reject(new Error(`The stream was over: ${JSON.stringify({ state, messages })}`))
          else return
          watchers.delete(watch)
        }
        watchers.add(watch)
        watch()
      }),
  }
}

export type EventStream = ReturnType<typeof readEventStream>
