import type { Registry } from '@waymark/contract'
import { CLOUD_EVENT_FIELDS, type CloudEvent, cloudEventIssues, toCloudEventItem } from './cloud-event.ts'
import type { Door } from './door.ts'
import { type IngestItem, ingestOperation, MAX_ITEMS, spoiled } from './ingest-item.ts'
import { isRecord } from './is-record.ts'
import { lifecycleHeaders } from './lifecycle-headers.ts'
import { createMapper, type Mapping } from './mapping.ts'
import { isJsonType, mediaType } from './media-type.ts'
import type { Flaw } from './parse-json.ts'
import { readJson, refuseType } from './read-json.ts'
import { refuse, refuseInput, type WireInput } from './wire-input.ts'

const STRUCTURED = 'application/cloudevents+json'
const BATCH = 'application/cloudevents-batch+json'

type Mapper = ReturnType<typeof createMapper>

/**
 * The endpoint for CloudEvents 1.0, in all three modes of its HTTP binding.
 * @see https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md
 */
export function cloudEventsDoor(
  registry: Registry,
  mappings: readonly Mapping[],
  bodyLimit: number,
): readonly { readonly path: string; readonly door: Door }[] {
  const entry = ingestOperation(registry)
  if (entry === undefined) return []
  const map = createMapper(mappings)
  const read = (request: Request) => {
    const contentType = request.headers.get('content-type')
    const type = mediaType(contentType)
    if (type === BATCH) return readBatch(request, bodyLimit, map)
    if (type === STRUCTURED) return readStructured(request, bodyLimit, map)
    if (type.startsWith('application/cloudevents'))
      return refuseType(contentType, `${STRUCTURED}, ${BATCH}, or JSON and ce- headers`)
    return readBinary(request, bodyLimit, map)
  }
  return [{ path: '/events', door: { entry, channel: 'cloudevents', headers: lifecycleHeaders(entry, registry), read } }]
}

async function readBatch(request: Request, limit: number, map: Mapper): Promise<WireInput> {
  const body = await readJson(request, limit)
  if (!body.ok) return body
  const { value, bytes } = body
  if (!Array.isArray(value)) {
    return refuseInput([{ pointer: '', message: 'Expected an array of CloudEvents', expected: 'array', received: typeof value }])
  }
  if (value.length > MAX_ITEMS) {
    return refuse('PAYLOAD_TOO_LARGE', { detail: `The batch has ${value.length} events; send at most ${MAX_ITEMS} at once.` })
  }
  const flaws = new Map<PropertyKey, Flaw>()
  for (const flaw of body.flaws) {
    const [index, field] = flaw.path
    if (index !== undefined && (field === undefined || CLOUD_EVENT_FIELDS.has(field))) flaws.set(index, flaw)
  }
  const events = value.map((event, index) => {
    const item = toCloudEventItem(event, map)
    const flaw = flaws.get(index)
    return flaw === undefined || !isRecord(item) ? item : spoiled(item as IngestItem, flaw)
  })
  return { ok: true, input: { events }, inputBytes: bytes }
}

async function readStructured(request: Request, limit: number, map: Mapper): Promise<WireInput> {
  const body = await readJson(request, limit)
  if (!body.ok) return body
  const { value, flaws, bytes } = body
  if (!isRecord(value)) {
    return refuseInput([{ pointer: '', message: 'Expected one CloudEvent', expected: 'object', received: typeof value }])
  }
  return single(value, flaws, bytes, map)
}

async function readBinary(request: Request, limit: number, map: Mapper): Promise<WireInput> {
  const attributes: CloudEvent = Object.fromEntries(
    [...request.headers].filter(([name]) => name.startsWith('ce-')).map(([name, value]) => [name.slice(3), headerText(value)]),
  )
  if (request.body === null) return single(attributes, [], 0, map)
  const contentType = request.headers.get('content-type')
  if (contentType !== null && !isJsonType(contentType)) {
    return refuseType(contentType, `application/json and ce- headers, ${STRUCTURED}, or ${BATCH}`)
  }
  const body = await readJson(request, limit)
  if (!body.ok) return body
  const flaws = body.flaws.map((flaw) => ({ ...flaw, path: ['data', ...flaw.path], pointer: `/data${flaw.pointer}` }))
  return single({ ...attributes, data: body.value }, flaws, body.bytes, map)
}

function single(event: CloudEvent, flaws: readonly Flaw[], inputBytes: number, map: Mapper): WireInput {
  const relevant = flaws.filter(({ path: [field] }) => field === undefined || CLOUD_EVENT_FIELDS.has(field))
  const [first, ...others] = [...cloudEventIssues(event), ...relevant]
  if (first !== undefined) return refuseInput([first, ...others])
  return { ok: true, input: { events: [toCloudEventItem(event, map)] }, inputBytes }
}

/** A header value per section 3.1.3.2 of the binding: unquoted, then percent-decoded once. */
function headerText(value: string): string {
  const quoted = /^"((?:[^"\\]|\\.)*)"$/s.exec(value)
  const text = quoted?.[1] === undefined ? value : quoted[1].replace(/\\(.)/gs, '$1')
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
