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
  /** True: without an Authorization header, the key that the body has is the credential, as the user name of Basic would be. */
  readonly keyInBody?: true
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
  let wire: WireInput | undefined
  let credentials = request
  if (door.keyInBody === true && !request.headers.has('authorization')) {
    wire = await door.read(request)
    if (!wire.ok) return refusalResponse(wire, requestId, [...headers, NOT_STORED])
    if (wire.key !== undefined) credentials = withKey(request, wire.key)
  }
  const principal = await authenticate(credentials)
  const envelope = { principal, channel, requestId, signal: request.signal as NonNullable<Envelope['signal']> }
  // The pipeline refuses these callers before it looks at the input, so their bodies are not worth reading.
  if (principal.kind === 'invalid' || (principal.kind === 'anonymous' && entry.operation.policy.auth !== 'anonymous')) {
    return resultResponse(await invoke(runtime, entry.id, undefined, envelope), headers)
  }
  if (isStream(entry.operation.io.output)) return enterStream(door, context, request, { ...envelope, principal })
  const key = request.headers.get('idempotency-key')
  const badKey = idempotencyKeyIssue(key)
  if (badKey !== undefined) wire = refuseInput([badKey])
  wire ??= await door.read(request)
  if (!wire.ok) return refusalResponse(wire, requestId, [...headers, NOT_STORED])
  const { input, inputBytes } = wire
  const call = key === null ? { ...envelope, inputBytes } : { ...envelope, inputBytes, idempotencyKey: key }
  return resultResponse(await invoke(runtime, entry.id, input, call), headers)
}

const NOT_STORED = ['cache-control', 'no-store'] as const

/** The head of a request with a key for its credential. Its body is read already. */
function withKey({ url, method, headers, signal }: Request, key: string): Request {
  const all = new Headers(headers)
  all.delete('content-length')
  // What no header can carry is no key either.
  const isPlain = /^[\x21-\x39\x3b-\x7e]+$/.test(key)
  all.set('authorization', `Basic ${btoa(`${isPlain ? key : ''}:`)}`)
  return new Request(url, { method, headers: all, signal })
}
