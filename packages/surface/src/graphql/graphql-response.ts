import type { Operation, Ports, Stream } from '@waymark/contract'
import { type HeaderList, textResponse } from '../rest/respond.ts'
import { streamResponse } from '../rest/stream-response.ts'
import { eventStreamFormat, type GraphqlResult } from './event-stream-format.ts'
import type { GraphqlFailure } from './graphql-failure.ts'
import type { GraphqlType } from './media-types.ts'

/** How a response is sent. */
export interface Sending {
  readonly type: GraphqlType
  readonly heartbeatMs: number
  readonly after: Ports['after']
  /** On every response to the request. */
  readonly headers?: HeaderList
}

/** The response to an operation that was executed. */
export function resultResponse(result: GraphqlResult, sending: Sending): Response {
  const waits = (result.errors ?? []).flatMap(({ extensions }) => extensions.retryAfter ?? [])
  const status = result.data === undefined || result.data === null ? 500 : 200
  return send(status, result, sending, waits.length === 0 ? [] : [['retry-after', String(Math.ceil(Math.max(...waits)))]])
}

/**
 * The response to a request of which nothing was executed. Where the request itself is in order, `application/json` always comes with
 * 200, because clients of old read the body of nothing else.
 */
export function failureResponse(
  failures: readonly [GraphqlFailure, ...GraphqlFailure[]],
  sending: Sending,
  isInOrder: boolean,
): Response {
  const [{ extensions }] = failures
  const status = isInOrder && sending.type === 'application/json' ? 200 : extensions.status === 422 ? 400 : extensions.status
  const headers: [string, string][] = []
  if (extensions.status === 401) headers.push(['www-authenticate', 'Bearer'])
  if (extensions.retryAfter !== undefined) headers.push(['retry-after', String(Math.ceil(extensions.retryAfter))])
  return send(status, { errors: failures }, sending, headers)
}

/** The response to a subscription; `onEnd` is called once, whatever ends it. */
export function eventsResponse(
  events: Stream<GraphqlResult>,
  { heartbeatMs, after, headers = [] }: Sending,
  onEnd: () => void,
  operation?: Operation,
): Response {
  return streamResponse(events, { format: eventStreamFormat(operation), headers, heartbeatMs, after, onEnd })
}

/** Who asked for events gets one, and the end: a status other than 200 would tell an event source nothing. */
function send(status: number, result: GraphqlResult, sending: Sending, more: HeaderList): Response {
  const headers: HeaderList = [...(sending.headers ?? []), ...more]
  if (sending.type === 'text/event-stream' && status !== 401) {
    return eventsResponse(once(result), { ...sending, headers }, () => {})
  }
  const type = sending.type === 'text/event-stream' ? 'application/graphql-response+json' : sending.type
  return textResponse(status, JSON.stringify(result), `${type}; charset=utf-8`, [...headers, ['cache-control', 'no-store']])
}

async function* once(result: GraphqlResult) {
  yield result
  return true
}
