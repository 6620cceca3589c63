import {
  type Envelope,
  type InvalidCredential,
  invoke,
  isStream,
  type OperationEntry,
  type Principal,
  type Runtime,
} from '@waymark/contract'
import { idempotencyKeyIssue } from './idempotency-key.ts'
import { type HeaderList, refusalResponse, resultResponse } from './respond.ts'
import { enterStream, type Streaming } from './stream-door.ts'
import { refuseInput, type WireInput } from './wire-input.ts'

/** One way into one operation. */
export interface Door {
  readonly entry: OperationEntry
  readonly channel: string
  /** On every answer. */
  readonly headers: HeaderList
  /** wire → input; nothing else happens in an adapter. */
  readonly read: (request: Request) => WireInput | Promise<WireInput>
}

/** What a door needs of the process. */
export interface DoorContext {
  readonly runtime: Runtime
  readonly authenticate: (request: Request) => Promise<Principal | InvalidCredential>
  readonly streaming: Streaming
}

/** Answers one request: authenticates, reads, and calls the pipeline once. */
export async function enter(door: Door, context: DoorContext, request: Request, requestId: string): Promise<Response> {
  const { entry, channel, headers } = door
  const { runtime, authenticate } = context
  const principal = await authenticate(request)
  const envelope = { principal, channel, requestId, signal: request.signal as NonNullable<Envelope['signal']> }
  // The pipeline refuses these callers before it looks at the input, so their bodies are not worth reading.
  if (principal.kind === 'invalid' || (principal.kind === 'anonymous' && entry.operation.policy.auth !== 'anonymous')) {
    return resultResponse(await invoke(runtime, entry.id, undefined, envelope), headers)
  }
  if (isStream(entry.operation.io.output)) return enterStream(door, context, request, { ...envelope, principal })
  const key = request.headers.get('idempotency-key')
  const badKey = idempotencyKeyIssue(key)
  const wire = badKey === undefined ? await door.read(request) : refuseInput([badKey])
  if (!wire.ok) return refusalResponse(wire, requestId, [...headers, ['cache-control', 'no-store']])
  const { input, inputBytes } = wire
  const result = await invoke(runtime, entry.id, input, {
    ...envelope,
    inputBytes,
    ...(key === null ? {} : { idempotencyKey: key }),
  })
  return resultResponse(result, headers)
}
