import { type IngestItem, MAX_ITEMS, spoiled } from './ingest-item.ts'
import { isRecord } from './is-record.ts'
import type { Flaw } from './parse-json.ts'
import { type JsonBody, readJson } from './read-json.ts'
import { type Refusal, refuse, refuseInput } from './wire-input.ts'

/** How the calls of one event SDK are read. */
export interface Dialect {
  /** One call as an ingest item. */
  readonly toItem: (call: unknown) => unknown
  /** True for a path of a call that reaches its item: a flaw elsewhere in the call does not matter. */
  readonly isField: (path: readonly PropertyKey[]) => boolean
}

/** The items of a body, one for each call, with the body itself. */
export type ReadItems =
  | { readonly ok: true; readonly items: readonly unknown[]; readonly calls: readonly unknown[]; readonly body: ParsedBody }
  | Refusal

type ParsedBody = Extract<JsonBody, { ok: true }>

/** The calls in `batch` of a body, as items. A call with flawed JSON is set aside alone. */
export async function readBatch(request: Request, limit: number, dialect: Dialect): Promise<ReadItems> {
  const body = await readJson(request, limit)
  return body.ok ? batchOf(body, dialect) : body
}

/** The calls in `batch` of a body that is read already, as items. */
export function batchOf(body: ParsedBody, { toItem, isField }: Dialect): ReadItems {
  const batch = isRecord(body.value) ? body.value.batch : undefined
  if (!Array.isArray(batch)) {
    const received = batch === undefined ? 'nothing' : typeof batch
    return refuseInput([{ pointer: '/batch', message: 'Expected the calls as an array', expected: 'array', received }])
  }
  if (batch.length > MAX_ITEMS) return tooMany(`The batch has ${batch.length} calls`)
  const flaws = new Map<PropertyKey, Flaw>()
  for (const flaw of body.flaws) {
    const [root, index, ...path] = flaw.path
    if (root !== 'batch') continue
    if (index === undefined) return refuseInput([flaw])
    if (isField(path)) flaws.set(index, flaw)
  }
  const items = batch.map((call, index) => keptOrSpoiled(toItem(call), flaws.get(index)))
  return { ok: true, items, calls: batch, body }
}

/** A body that is one call, as an item. */
export function callOf(body: ParsedBody, { toItem, isField }: Dialect): ReadItems {
  const flaw = body.flaws.find(({ path }) => isField(path))
  return { ok: true, items: [keptOrSpoiled(toItem(body.value), flaw)], calls: [body.value], body }
}

/** 413: an SDK sends smaller batches then. */
export function tooMany(what: string): Refusal {
  return refuse('PAYLOAD_TOO_LARGE', { detail: `${what}; send at most ${MAX_ITEMS} at once.` })
}

function keptOrSpoiled(item: unknown, flaw: Flaw | undefined): unknown {
  return flaw === undefined || !isRecord(item) ? item : spoiled(item as IngestItem, flaw)
}
