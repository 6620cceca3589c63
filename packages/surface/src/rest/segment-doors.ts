import type { Registry } from '@waymark/contract'
import type { Door } from './door.ts'
import { ingestOperation } from './ingest-item.ts'
import { lifecycleHeaders } from './lifecycle-headers.ts'
import { createMapper, type Mapping } from './mapping.ts'
import { callOf, type Dialect, type ReadItems, readBatch } from './read-batch.ts'
import { readJson } from './read-json.ts'
import { isSegmentField, toSegmentItem } from './segment-item.ts'
import type { WireInput } from './wire-input.ts'

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
  const dialect = (type?: string): Dialect => ({ toItem: (call) => toSegmentItem(call, map, type), isField: isSegmentField })
  const batch = dialect()
  const readCall = async (request: Request, call: Dialect) => {
    const body = await readJson(request, bodyLimit)
    return body.ok ? toInput(callOf(body, call)) : body
  }
  return [
    {
      path: '/v1/batch',
      door: { ...common, read: async (request) => toInput(await readBatch(request, bodyLimit, batch)) },
    },
    {
      path: '/v1/import',
      door: { ...common, read: async (request) => toInput(await readBatch(request, bodyLimit, batch), { import: true }) },
    },
    ...SEGMENT_CALLS.map((type) => {
      const call = dialect(type)
      return { path: `/v1/${type}`, door: { ...common, read: (request: Request) => readCall(request, call) } }
    }),
  ]
}

/** @param more `import`: a batch in which nothing is too late. */
function toInput(read: ReadItems, more: { readonly import?: true } = {}): WireInput {
  return read.ok ? { ok: true, input: { events: read.items, ...more }, inputBytes: read.body.bytes } : read
}
