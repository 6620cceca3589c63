import type { Registry } from '@waymark/contract'
import type { Door } from './door.ts'
import { ingestOperation, MAX_ITEMS } from './ingest-item.ts'
import { isRecord } from './is-record.ts'
import { lifecycleHeaders } from './lifecycle-headers.ts'
import { createMapper, type Mapping } from './mapping.ts'
import { isPostHogField, toPostHogItem, traitsItem } from './posthog-item.ts'
import { batchOf, callOf, type Dialect, tooMany } from './read-batch.ts'
import { readJson } from './read-json.ts'
import type { WireInput } from './wire-input.ts'

/** The endpoint that takes many events. */
export const POSTHOG_BATCH = '/batch'

/** The endpoints that take one event. */
export const POSTHOG_SINGLE = ['/capture', '/i/v0/e'] as const

/** The endpoints of PostHog's capture API, each with and without a slash at the end, as PostHog has them. Its SDKs have their key in the body. */
export function postHogDoors(
  registry: Registry,
  mappings: readonly Mapping[],
  bodyLimit: number,
  accountGroup: string,
): readonly { readonly path: string; readonly door: Door }[] {
  const entry = ingestOperation(registry)
  if (entry === undefined) return []
  const options = { map: createMapper(mappings), accountGroup }
  const dialect: Dialect = { toItem: (event) => toPostHogItem(event, options), isField: isPostHogField }
  const door: Door = {
    entry,
    channel: 'posthog',
    headers: lifecycleHeaders(entry, registry),
    keyInBody: true,
    read: (request) => read(request, bodyLimit, dialect),
  }
  return [POSTHOG_BATCH, ...POSTHOG_SINGLE].flatMap((path) => [
    { path, door },
    { path: `${path}/`, door },
  ])
}

/** A body with a `batch` is one at every endpoint. */
async function read(request: Request, limit: number, dialect: Dialect): Promise<WireInput> {
  const body = await readJson(request, limit)
  if (!body.ok) return body
  const fields = isRecord(body.value) ? body.value : {}
  const found = 'batch' in fields ? batchOf(body, dialect) : callOf(body, dialect)
  if (!found.ok) return found
  const { items, calls } = found
  // After all calls, so that a result keeps the place of its call. A call that was set aside says nothing else.
  const traits = calls.flatMap((call, index) => {
    const item = isRefused(items[index]) ? undefined : traitsItem(call)
    return item === undefined ? [] : [item]
  })
  if (items.length + traits.length > MAX_ITEMS) {
    return tooMany(`The batch has ${items.length} events, and ${traits.length} of them set properties of a person`)
  }
  const events = [...items, ...traits]
  const input = fields.historical_migration === true ? { events, import: true } : { events }
  const key = keyOf(fields) ?? keyOf(isRecord(fields.properties) ? fields.properties : {})
  return { ok: true, input, inputBytes: body.bytes, ...(key === undefined ? {} : { key }) }
}

function isRefused(item: unknown): boolean {
  return isRecord(item) && 'refused' in item
}

function keyOf({ api_key: key, token }: Readonly<Record<string, unknown>>): string | undefined {
  if (typeof key === 'string') return key
  return typeof token === 'string' ? token : undefined
}
