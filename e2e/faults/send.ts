import type { ServerProcess } from '../server/server-process.ts'
import type { ClientLog, Sent } from './client-log.ts'

/** Calls an operation by its path, e.g. that of a server process. */
export type Post = (
  path: string,
  input: unknown,
  headers?: Readonly<Record<string, string>>,
  // biome-ignore lint/suspicious/noExplicitAny: the answer of any operation, looked at field by field.
) => Promise<{ readonly status: number; readonly body: any }>

/** Calls that go to a server process, with its key. */
export function postTo(server: ServerProcess): Post {
  return (path, input, headers) => server.post(path, input, { authorization: `Bearer ${server.key}`, ...headers })
}

/**
 * One call for these items: a batch, or the one of another operation. What goes out is logged before, and what comes back after.
 * Rejects when no answer comes, or one that says to try again.
 */
export async function send(post: Post, log: ClientLog, items: readonly [Sent, ...Sent[]]): Promise<void> {
  log.send(...items)
  const [first] = items
  if (first.operation !== 'ingest') return log.answer(first, await sendAlone(post, first))
  const { status, body } = await post('learning/onboarding/ingest', { events: items.map(toEvent) })
  if (status !== 200) throw new Refused(status, body)
  for (const [index, item] of items.entries()) log.answer(item, body.results[index].status)
}

/** An answer that is no result: the client does not know what became of what it sent. */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly status: number

  constructor(status: number, body: unknown) {
    super(`${status}: ${JSON.stringify(body)}`)
    this.status = status
  }
}

async function sendAlone(post: Post, item: Sent): Promise<string> {
  const { learnerId, key, payload } = item
  if (item.operation === 'recordEvent') {
    const { status, body } = await post('learning/onboarding/recordEvent', toEvent(item))
    if (status === 200) return body.duplicate ? 'duplicate' : 'recorded'
    if (status === 409) return 'conflict'
    throw new Refused(status, body)
  }
  const isTicket = item.operation === 'drawTicket'
  const path = isTicket ? 'faults/drawTicket' : 'learning/onboarding/enroll'
  const { status, body } = await post(path, { learnerId, ...payload }, { 'idempotency-key': key })
  if (status !== 200) throw new Refused(status, body)
  return isTicket ? body.ticket : 'enrolled'
}

function toEvent({ learnerId, key, name, payload, occurredAt }: Sent) {
  return { learnerId, eventId: key, eventName: name, eventPayload: payload, ...(occurredAt === undefined ? {} : { occurredAt }) }
}

const BATCH = 400

/** Everything once more, as clients do that do not know what arrived. */
export async function sendAgain(post: Post, log: ClientLog): Promise<void> {
  const all = [...log.sent]
  const batched = all.filter(({ operation }) => operation === 'ingest')
  for (let from = 0; from < batched.length; from += BATCH) {
    await send(post, log, batched.slice(from, from + BATCH) as [Sent, ...Sent[]])
  }
  const alone = all.filter(({ operation }) => operation !== 'ingest')
  for (let from = 0; from < alone.length; from += 20) {
    await Promise.all(alone.slice(from, from + 20).map((item) => send(post, log, [item])))
  }
}
