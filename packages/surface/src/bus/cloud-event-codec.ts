import { isRecord } from '../rest/is-record.ts'
import { isJsonType, mediaType } from '../rest/media-type.ts'
import { parseJson } from '../rest/parse-json.ts'

/** A CloudEvent whose data is JSON. Extensions of ours: `tenant`, `learnerid`, `accountid`, and `channel` once Waymark has accepted it. */
export interface OutgoingCloudEvent {
  readonly specversion: '1.0'
  readonly id: string
  readonly source: string
  readonly type: string
  /** RFC 3339. */
  readonly time: string
  readonly subject?: string
  readonly datacontenttype: 'application/json'
  readonly tenant: string
  readonly learnerid?: string
  readonly accountid?: string
  readonly channel: string
  readonly data: unknown
}

/** Headers and body of a message, whatever carries it. */
export interface WireMessage {
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

export type DecodedMessage =
  | { readonly ok: true; readonly events: readonly Readonly<Record<string, unknown>>[] }
  | { readonly ok: false; readonly detail: string }

const STRUCTURED = 'application/cloudevents+json'
const BATCH = 'application/cloudevents-batch+json'
const UTF8 = new TextEncoder()

/**
 * The attributes as headers `ce-…`, percent-encoded where they are not plain ASCII, and the data as body.
 * @see https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/nats-protocol-binding.md
 */
export function encodeBinary({ data, datacontenttype, ...attributes }: OutgoingCloudEvent): WireMessage {
  const headers = Object.entries(attributes).map(([name, value]) => [`ce-${name}`, toHeaderText(value)])
  return { headers: { 'content-type': datacontenttype, ...Object.fromEntries(headers) }, body: toBody(data) }
}

/** The whole event as body. */
export function encodeStructured(event: OutgoingCloudEvent): WireMessage {
  return { headers: { 'content-type': STRUCTURED }, body: toBody(event) }
}

/** Several events in one body. */
export function encodeBatch(events: readonly OutgoingCloudEvent[]): WireMessage {
  return { headers: { 'content-type': BATCH }, body: toBody(events) }
}

/** The events of a message in any of the three modes, with their attributes as they came; what they mean is not checked here. */
export function decodeMessage({ headers, body }: WireMessage): DecodedMessage {
  const contentType = headers['content-type'] ?? null
  const type = mediaType(contentType)
  if (type !== STRUCTURED && type !== BATCH && contentType !== null && !isJsonType(contentType)) {
    return refuse(`The content type ${type} is not read here; send JSON with ce- headers, ${STRUCTURED} or ${BATCH}`)
  }
  const parsed = body.byteLength === 0 ? { ok: true as const, value: undefined, flaws: [] } : parseJson(body)
  if (!parsed.ok) return refuse(parsed.issue.message)
  const [flaw] = parsed.flaws
  if (flaw !== undefined) return refuse(`${flaw.pointer}: ${flaw.message}`)
  const { value } = parsed
  if (type === BATCH) {
    return Array.isArray(value) && value.every(isRecord)
      ? { ok: true, events: value }
      : refuse('The batch is not an array of CloudEvents')
  }
  if (type === STRUCTURED) return isRecord(value) ? { ok: true, events: [value] } : refuse('The body is not one CloudEvent')
  const attributes = Object.entries(headers)
    .filter(([name]) => name.startsWith('ce-'))
    .map(([name, text]) => [name.slice(3), fromHeaderText(text)])
  return { ok: true, events: [{ ...Object.fromEntries(attributes), ...(value === undefined ? {} : { data: value }) }] }
}

function toBody(value: unknown): Uint8Array {
  return UTF8.encode(JSON.stringify(value))
}

/** Section 3.1.3.2 of the HTTP binding, which that for NATS takes over. */
function toHeaderText(value: string): string {
  return value.replace(/[^\x21-\x7e]+|["%]/gu, (text) => encodeURIComponent(text))
}

function fromHeaderText(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function refuse(detail: string): DecodedMessage {
  return { ok: false, detail: `${detail}.` }
}
