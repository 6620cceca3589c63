import { type IngestItem, idOf, withoutAbsent } from './ingest-item.ts'
import { isRecord } from './is-record.ts'
import type { createMapper } from './mapping.ts'

export interface PostHogOptions {
  readonly map: ReturnType<typeof createMapper>
  /** The group type whose groups are accounts. */
  readonly accountGroup: string
}

type Fields = Readonly<Record<string, unknown>>

const FIELDS: ReadonlySet<PropertyKey> = new Set(['event', 'distinct_id', 'uuid', 'timestamp', 'properties'])

/** True for a path of an event that reaches its item: a flaw elsewhere in the event does not matter. */
export function isPostHogField([field]: readonly PropertyKey[]): boolean {
  return field === undefined || FIELDS.has(field)
}

/**
 * One PostHog event as an ingest item: what the SDK says of people and groups by events of its own becomes what it means.
 * @see https://posthog.com/docs/api/capture
 */
export function toPostHogItem(event: unknown, { map, accountGroup }: PostHogOptions): unknown {
  if (!isRecord(event)) return event
  const properties = isRecord(event.properties) ? withoutKey(event.properties) : {}
  const learnerId = learnerOf(event, properties)
  const common = { eventId: event.uuid, learnerId, occurredAt: event.timestamp }
  switch (event.event) {
    case '$identify':
    case '$set':
      return identify(common, properties.$set, idOf(properties.$anon_distinct_id))
    case '$create_alias':
      return withoutAbsent({ type: 'alias', ...common, previousId: idOf(properties.alias) })
    case '$groupidentify':
      if (properties.$group_type !== accountGroup) break
      return group(common, accountGroup, properties)
  }
  const mapped = map(event.event, properties)
  const groups = isRecord(properties.$groups) ? properties.$groups : {}
  const eventPayload = isRecord(event.properties) ? productOf(properties) : event.properties
  return withoutAbsent({
    type: 'event',
    ...common,
    eventName: event.event,
    ...mapped,
    eventPayload: mapped === undefined || mapped.eventPayload === properties ? eventPayload : mapped.eventPayload,
    learnerId: learnerId ?? idOf(mapped?.learnerId),
    accountId: idOf(groups[accountGroup]) ?? idOf(mapped?.accountId),
  })
}

/** What a product event says of its person besides; undefined when it says nothing. */
export function traitsItem(event: unknown): unknown {
  if (!isRecord(event) || !isRecord(event.properties) || event.event === '$identify' || event.event === '$set') return undefined
  const { $set: traits } = event.properties
  if (!isRecord(traits) || Object.keys(traits).length === 0) return undefined
  const eventId = typeof event.uuid === 'string' ? `${event.uuid}:set` : undefined
  return identify({ eventId, learnerId: learnerOf(event, event.properties), occurredAt: event.timestamp }, traits)
}

function learnerOf(event: Fields, properties: Fields): unknown {
  return idOf(event.distinct_id) ?? idOf(properties.distinct_id)
}

function identify(said: IngestItem, traits: unknown, anonymousId?: unknown): IngestItem {
  return withoutAbsent({ type: 'identify', ...said, anonymousId, traits })
}

function group(said: IngestItem, type: string, { $group_key: key, $group_set: traits }: Fields): IngestItem {
  const accountId = idOf(key)
  // Where the caller names nobody, the SDK makes up a person from the group.
  const isMadeUp = typeof accountId === 'string' && said.learnerId === `$${type}_${accountId}`
  return withoutAbsent({ type: 'group', ...said, ...(isMadeUp ? { learnerId: undefined } : {}), accountId, traits })
}

/** The properties without a key that the call has come with: nothing behind the door sees it. */
function withoutKey({ token: _, api_key: __, ...properties }: Fields): Fields {
  return properties
}

/** The properties without those of the SDK. */
function productOf(properties: Fields): Fields {
  return Object.fromEntries(Object.entries(properties).filter(([name]) => !name.startsWith('$') && name !== 'distinct_id'))
}
