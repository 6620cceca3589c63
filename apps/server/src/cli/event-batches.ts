import { hash } from 'node:crypto'
import type { IngestStatus } from '@waymark/learning-journey'
import { CliError } from './cli-error.ts'
import type { Line } from './read-lines.ts'
import type { ServerClient } from './server-client.ts'

/** Lines that go in one request. */
export interface Batch {
  readonly lines: readonly Line[]
  /** Where the next one begins. */
  readonly next: { readonly offset: number; readonly lines: number }
}

/** What became of one line. */
export interface LineResult {
  readonly line: Line
  readonly status: IngestStatus
  readonly detail: string
}

// The server takes 500 events or 1 MB at once; the rest is room for the envelope.
const MOST_EVENTS = 500
const MOST_BYTES = 1_000_000

/** Lines in batches, without the empty ones. From the same position on, the batches of a file are always the same. */
export async function* toBatches(lines: AsyncIterable<Line>): AsyncGenerator<Batch> {
  let batch: Line[] = []
  let bytes = 0
  for await (const line of lines) {
    if (line.flaw === undefined && line.text.trim() === '') continue
    const length = Buffer.byteLength(line.text) + 1
    if (batch.length === MOST_EVENTS || (batch.length > 0 && bytes + length > MOST_BYTES)) {
      yield toBatch(batch)
      batch = []
      bytes = 0
    }
    batch.push(line)
    bytes += length
  }
  if (batch.length > 0) yield toBatch(batch)
}

function toBatch(lines: readonly Line[]): Batch {
  const last = lines.at(-1) as Line
  return { lines, next: { offset: last.end, lines: last.number } }
}

/**
 * Sends lines through `ingest`. Sending the same batch again counts nothing twice: events without an id get one from their batch and place.
 * A batch that the server refuses as a whole is halved, so that one line costs no other.
 */
export async function sendLines(
  client: ServerClient,
  lines: readonly Line[],
  mode: { readonly import?: true } = {},
): Promise<readonly LineResult[]> {
  const results: LineResult[] = []
  const events: unknown[] = []
  const sent: Line[] = []
  for (const line of lines) {
    const parsed = parseLine(line)
    if ('status' in parsed) results.push({ line, ...parsed })
    else {
      events.push(parsed.event)
      sent.push(line)
    }
  }
  if (sent.length > 0) results.push(...(await sendEvents(client, sent, events, mode)))
  return results.sort((a, b) => a.line.number - b.line.number)
}

function parseLine({ text, flaw }: Line): { readonly event: unknown } | Omit<LineResult, 'line'> {
  if (flaw !== undefined) return flaw
  try {
    return { event: JSON.parse(text) }
  } catch (error) {
    return { status: 'invalid', detail: `The line is not JSON: ${(error as Error).message}` }
  }
}

async function sendEvents(
  client: ServerClient,
  lines: readonly Line[],
  events: readonly unknown[],
  mode: { readonly import?: true },
): Promise<readonly LineResult[]> {
  const content = `${lines[0]?.number}\n${lines.map(({ text }) => text).join('\n')}`
  try {
    const { results } = await client.call<Answer>(
      'ingest',
      { ...mode, events },
      { idempotencyKey: `file-${hash('sha256', content, 'base64url')}` },
    )
    return results.map(({ index, status, problem }) => ({ line: lines[index] as Line, status, detail: problem?.detail ?? '' }))
  } catch (error) {
    if (!(error instanceof CliError && error.exit === 'validation')) throw error
    if (lines.length === 1) {
      const isLarge = (error.document as { readonly code?: string } | undefined)?.code === 'PAYLOAD_TOO_LARGE'
      return [{ line: lines[0] as Line, status: isLarge ? 'too_large' : 'invalid', detail: error.message }]
    }
    const middle = lines.length >> 1
    return [
      ...(await sendEvents(client, lines.slice(0, middle), events.slice(0, middle), mode)),
      ...(await sendEvents(client, lines.slice(middle), events.slice(middle), mode)),
    ]
  }
}

interface Answer {
  readonly results: readonly {
    readonly index: number
    readonly status: IngestStatus
    readonly problem?: { readonly detail: string }
  }[]
}
