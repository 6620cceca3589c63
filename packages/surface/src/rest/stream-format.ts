import type { Placed, Problem } from '@waymark/contract'
import { mediaType } from './media-type.ts'

/** How a stream is written. */
export interface StreamFormat<Item = Placed> {
  readonly contentType: string
  /** What comes first. @param cursor the place before the first item, where the stream knows it. */
  readonly opening: (cursor: string | undefined) => string
  readonly item: (item: Item) => string
  /** The last thing that is written when the stream failed. */
  readonly problem: (problem: Problem) => string
  /** The last thing that is written when nothing more will come: an answer that just ends may have been cut off. */
  readonly end: string
  /** Written when nothing else is, so that both sides see that the other is still there. */
  readonly heartbeat: string
}

const RETRY_MS = 2_000

/**
 * Server-sent events. The opening gives the client an id, so that it can go on from there before the first item came.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
const EVENT_STREAM: StreamFormat = {
  contentType: 'text/event-stream',
  opening: (cursor) => `retry: ${RETRY_MS}\n${cursor === undefined ? '' : idLine(cursor)}\n`,
  item: (item) => `${idLine(item.cursor)}data: ${JSON.stringify(item)}\n\n`,
  problem: (problem) => `event: problem\ndata: ${JSON.stringify(problem)}\n\n`,
  end: 'event: end\ndata: {}\n\n',
  heartbeat: ':\n\n',
}

/** A line of JSON for each item; an empty line is a heartbeat. */
const NDJSON: StreamFormat = {
  contentType: 'application/x-ndjson',
  opening: () => '\n',
  item: (item) => `${JSON.stringify(item)}\n`,
  problem: (problem) => `${JSON.stringify({ problem })}\n`,
  // Every line that is not empty is an item, for tools that know nothing else.
  end: '',
  heartbeat: '\n',
}

export const STREAM_FORMATS: readonly StreamFormat[] = [EVENT_STREAM, NDJSON]

/** The format that an Accept header names. Wildcards name none: who did not ask for a stream would wait for its end. */
export function acceptedFormat(accept: string | null): StreamFormat | undefined {
  const types = (accept ?? '').split(',').map(mediaType)
  return STREAM_FORMATS.find(({ contentType }) => types.includes(contentType))
}

/** A line break would begin another field; an id with one cannot be sent. */
function idLine(cursor: string): string {
  return /[\0\r\n]/.test(cursor) ? '' : `id: ${cursor}\n`
}
