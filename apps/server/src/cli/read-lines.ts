import type { IngestStatus } from '@waymark/learning-journey'

/** One line of a file of events. */
export interface Line {
  /** From 1. */
  readonly number: number
  /** Without its end. */
  readonly text: string
  /** Bytes from the beginning of the text to the end of this line. */
  readonly end: number
  /** Why it cannot be sent. */
  readonly flaw?: { readonly status: IngestStatus; readonly detail: string }
}

/** Where to begin: all lines before it were read earlier. */
export interface LinePosition {
  readonly offset: number
  readonly lines: number
}

/** No request is larger, so no event in one can be. */
const LONGEST_LINE = 1_048_576
const NEWLINE = 0x0a
const BEGINNING: LinePosition = { offset: 0, lines: 0 }

/**
 * The lines of a stream of bytes, with their exact places. Of a line that is too long to be sent nothing is kept in memory.
 * @param after the stream starts at its beginning, and what comes before this position is passed over.
 */
export async function* readLines(stream: AsyncIterable<Buffer>, after = BEGINNING): AsyncGenerator<Line> {
  let { lines: number } = after
  let position = 0
  let parts: Buffer[] = []
  let length = 0
  const keep = (part: Buffer) => {
    length += part.length
    if (length <= LONGEST_LINE) parts.push(part)
  }
  const finish = (end: number): Line => {
    const line = toLine(++number, parts, length, end)
    parts = []
    length = 0
    return line
  }
  for await (const chunk of stream) {
    let start = Math.max(0, Math.min(chunk.length, after.offset - position))
    for (let at = chunk.indexOf(NEWLINE, start); at >= 0; at = chunk.indexOf(NEWLINE, start)) {
      keep(chunk.subarray(start, at))
      start = at + 1
      yield finish(position + start)
    }
    keep(chunk.subarray(start))
    position += chunk.length
  }
  if (length > 0) yield finish(position)
}

function toLine(number: number, parts: readonly Buffer[], length: number, end: number): Line {
  if (length > LONGEST_LINE) {
    const detail = `The line has ${length} bytes; a request takes at most ${LONGEST_LINE}.`
    return { number, text: '', end, flaw: { status: 'too_large', detail } }
  }
  const bytes = Buffer.concat(parts)
  try {
    // Some editors write a byte order mark before the first line; the decoder leaves it out.
    return { number, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes).replace(/\r$/, ''), end }
  } catch {
    return { number, text: bytes.toString('latin1'), end, flaw: { status: 'invalid', detail: 'The line is not UTF-8 text.' } }
  }
}
