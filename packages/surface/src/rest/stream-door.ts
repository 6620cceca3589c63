import { type Envelope, invoke, type Placed, type Principal, type Runtime, type Stream } from '@waymark/contract'
import type { Door } from './door.ts'
import { isRecord } from './is-record.ts'
import { type HeaderList, refusalResponse, resultResponse } from './respond.ts'
import { acceptedFormat, STREAM_FORMATS } from './stream-format.ts'
import { streamResponse } from './stream-response.ts'
import type { StreamSlots } from './stream-slots.ts'
import { type Refusal, refuse } from './wire-input.ts'

/** What streams need of the process. */
export interface Streaming {
  readonly slots: StreamSlots
  readonly heartbeatMs: number
}

/** Opens the stream of a query: the same pipeline, and an answer that goes on. */
export async function enterStream(
  door: Door,
  { runtime, streaming }: { readonly runtime: Runtime; readonly streaming: Streaming },
  request: Request,
  envelope: Envelope & { readonly principal: Principal; readonly requestId: string },
): Promise<Response> {
  const { entry } = door
  const headers: HeaderList = [...door.headers, ['cache-control', 'no-store']]
  const refused = (refusal: Refusal) => refusalResponse(refusal, envelope.requestId, headers)
  const format = acceptedFormat(request.headers.get('accept'))
  if (format === undefined) return refused(NOT_ACCEPTABLE)
  const wire = await door.read(request)
  if (!wire.ok) return refused(wire)
  const leave = streaming.slots.take(envelope.principal)
  if (typeof leave !== 'function') return refused(leave)
  const input = resumed(wire.input, request.headers.get('last-event-id'))
  const result = await invoke(runtime, entry.id, input, { ...envelope, inputBytes: wire.inputBytes })
  if (!result.ok) {
    leave()
    return resultResponse(result, door.headers)
  }
  const { heartbeatMs } = streaming
  const { after } = runtime.ports
  return streamResponse(result.data as Stream<Placed>, { format, headers: door.headers, heartbeatMs, after, onEnd: leave })
}

const NOT_ACCEPTABLE = refuse('NOT_ACCEPTABLE', {
  detail: `This answer is a stream. Ask for it with Accept: ${STREAM_FORMATS.map(({ contentType }) => contentType).join(' or ')}.`,
})

/** A client that comes back says what it got last in the header; its address still says where it began. */
function resumed(input: unknown, lastEventId: string | null): unknown {
  return lastEventId === null || lastEventId === '' || !isRecord(input) ? input : { ...input, after: lastEventId }
}
