import type { Registry } from '@waymark/contract'
import type { Door } from './door.ts'
import { type IngestItem, ingestOperation, MAX_ITEMS, spoiled } from './ingest-item.ts'
import { isRecord } from './is-record.ts'
import { lifecycleHeaders } from './lifecycle-headers.ts'
import { createMapper, type Mapping } from './mapping.ts'
import type { Flaw } from './parse-json.ts'
import { readJson } from './read-json.ts'
import { isSegmentField, toSegmentItem } from './segment-item.ts'
import { refuse, refuseInput, type WireInput } from './wire-input.ts'

/** The calls that have an endpoint of their own. */
export const SEGMENT_CALLS = ['track', 'identify', 'group', 'alias', 'page', 'screen'] as const

/**
 * The endpoints of Segment's HTTP API, which the SDKs of Segment, RudderStack and Customer.io call.
 * @see https://segment.com/docs/connections/sources/catalog/libraries/server/http-api/
 */
export function segmentDoors(
  registry: Registry,
  mappings: readonly Mapping[],
  bodyLimit: number,
): readonly { readonly path: string; readonly door: Door }[] {
  const entry = ingestOperation(registry)
  if (entry === undefined) return []
  const common = { entry, channel: 'segment', headers: lifecycleHeaders(entry, registry) }
  const map = createMapper(mappings)
  return [
    { path: '/v1/batch', door: { ...common, read: (request) => readBatch(request, bodyLimit, map) } },
    { path: '/v1/import', door: { ...common, read: (request) => readImport(request, bodyLimit, map) } },
    ...SEGMENT_CALLS.map((call) => ({
      path: `/v1/${call}`,
      door: { ...common, read: (request: Request) => readCall(request, bodyLimit, map, call) },
    })),
  ]
}

type Mapper = ReturnType<typeof createMapper>

async function readBatch(request: Request, limit: number, map: Mapper): Promise<WireInput> {
  const body = await readJson(request, limit)
  if (!body.ok) return body
  const batch = isRecord(body.value) ? body.value.batch : undefined
  if (!Array.isArray(batch)) {
    const received = batch === undefined ? 'nothing' : typeof batch
    return refuseInput([{ pointer: '/batch', message: 'Expected the calls as an array', expected: 'array', received }])
  }
  if (batch.length > MAX_ITEMS) {
    return refuse('PAYLOAD_TOO_LARGE', { detail: `The batch has ${batch.length} calls; send at most ${MAX_ITEMS} at once.` })
  }
  const flaws = new Map<PropertyKey, Flaw>()
  for (const flaw of body.flaws) {
    const [root, index, ...path] = flaw.path
    if (root !== 'batch') continue
    if (index === undefined) return refuseInput([flaw])
    if (isSegmentField(path)) flaws.set(index, flaw)
  }
  const events = batch.map((call, index) => keptOrSpoiled(toSegmentItem(call, map), flaws.get(index)))
  return { ok: true, input: { events }, inputBytes: body.bytes }
}

/** Segment's historical import: a batch in which nothing is too late. */
async function readImport(request: Request, limit: number, map: Mapper): Promise<WireInput> {
  const batch = await readBatch(request, limit, map)
  return batch.ok ? { ...batch, input: { ...(batch.input as object), import: true } } : batch
}

async function readCall(request: Request, limit: number, map: Mapper, type: string): Promise<WireInput> {
  const body = await readJson(request, limit)
  if (!body.ok) return body
  const flaw = body.flaws.find(({ path }) => isSegmentField(path))
  return { ok: true, input: { events: [keptOrSpoiled(toSegmentItem(body.value, map, type), flaw)] }, inputBytes: body.bytes }
}

function keptOrSpoiled(item: unknown, flaw: Flaw | undefined): unknown {
  return flaw === undefined || !isRecord(item) ? item : spoiled(item as IngestItem, flaw)
}
