import type { OperationEntry, Registry } from '@waymark/contract'
import { isRecord } from './is-record.ts'
import type { Flaw } from './parse-json.ts'

/**
 * One item of `learning.onboarding.ingest`, as an adapter hands it over. Nothing is checked here: the operation parses every item by
 * itself, so that a bad one costs only itself.
 */
export interface IngestItem {
  readonly type?: unknown
  readonly learnerId?: unknown
  readonly eventName?: unknown
  readonly eventId?: unknown
  readonly eventVersion?: unknown
  readonly sourceModule?: unknown
  readonly accountId?: unknown
  readonly occurredAt?: unknown
  readonly eventPayload?: unknown
  readonly traits?: unknown
  readonly anonymousId?: unknown
  readonly previousId?: unknown
  /** Why the adapter could not hand over the item as it came; the operation answers `invalid` with it. */
  readonly refused?: string
}

/** The most items that one request may carry. */
export const MAX_ITEMS = 500

/** The operation behind every ingest endpoint; undefined when the registry has none. */
export function ingestOperation(registry: Registry): OperationEntry | undefined {
  return registry.operation('learning.onboarding.ingest')
}

/** The item without its absent fields; senders write null for absent. */
export function withoutAbsent(item: IngestItem): IngestItem {
  const kept: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(item)) if (value !== undefined && value !== null) kept[name] = value
  return kept
}

/** An id as an item has it: SDKs also send numbers as ids, and `''` for none. */
export function idOf(value: unknown): unknown {
  if (value === null || value === '') return undefined
  return typeof value === 'number' ? String(value) : value
}

/**
 * An item whose JSON must not be kept. Only its plain texts stay, with the reason: the operation then answers `invalid` for this item,
 * under its own id.
 */
export function spoiled(item: IngestItem, { message, path }: Flaw): IngestItem {
  const texts = Object.entries(item).filter(([, value]) => typeof value === 'string')
  return { ...Object.fromEntries(texts), refused: `/${path.map(String).join('/')}: ${message}` }
}

/** The input of `ingest` in which a flaw inside an item costs that item alone, and the flaws that are inside none. */
export function spoilItems(input: unknown, flaws: readonly Flaw[]): { readonly input: unknown; readonly flaws: readonly Flaw[] } {
  if (flaws.length === 0 || !isRecord(input) || !Array.isArray(input.events)) return { input, flaws }
  const events = [...input.events]
  const others = flaws.filter((flaw) => {
    const [field, index] = flaw.path
    if (field !== 'events' || typeof index !== 'number') return true
    events[index] = spoiled(isRecord(events[index]) ? events[index] : {}, { ...flaw, path: flaw.path.slice(2) })
    return false
  })
  return { input: { ...input, events }, flaws: others }
}
