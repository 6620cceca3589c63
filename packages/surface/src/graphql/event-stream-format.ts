import type { Operation, Problem } from '@waymark/contract'
import type { StreamFormat } from '../rest/stream-format.ts'
import { type GraphqlFailure, toFailure } from './graphql-failure.ts'

/** A result as it is sent. */
export interface GraphqlResult {
  readonly data?: unknown
  readonly errors?: readonly GraphqlFailure[]
}

const COMPLETE = 'event: complete\ndata:\n\n'

/**
 * Results as server-sent events, each operation on a connection of its own.
 * @param operation that the stream is of, which knows its errors.
 * @see https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md
 */
export function eventStreamFormat(operation?: Operation): StreamFormat<GraphqlResult> {
  return {
    contentType: 'text/event-stream',
    // Something has to come for the client to know that the stream is open.
    opening: () => HEARTBEAT,
    item: nextEvent,
    problem: (problem: Problem) => `${nextEvent({ errors: [toFailure(problem, operation)] })}${COMPLETE}`,
    end: COMPLETE,
    heartbeat: HEARTBEAT,
  }
}

const HEARTBEAT = ':\n\n'

function nextEvent(result: GraphqlResult): string {
  return `event: next\ndata: ${JSON.stringify(result)}\n\n`
}
