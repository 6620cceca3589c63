import { type Issue, toPointer } from '@waymark/contract'
import { type IngestItem, withoutAbsent } from './ingest-item.ts'
import { isRecord } from './is-record.ts'
import type { createMapper } from './mapping.ts'
import { isJsonType } from './media-type.ts'
import { parseJson } from './parse-json.ts'

/** The attributes of a CloudEvent by name, with its `data`. */
export type CloudEvent = Readonly<Record<string, unknown>>

/** The attributes of a CloudEvent that reach an item: a flaw elsewhere in it does not matter. */
export const CLOUD_EVENT_FIELDS: ReadonlySet<PropertyKey> = new Set([
  'specversion',
  'id',
  'source',
  'type',
  'time',
  'subject',
  'learnerid',
  'accountid',
  'data',
  'data_base64',
])

/** What a CloudEvent lacks to be one. */
export function cloudEventIssues(event: CloudEvent): readonly Issue[] {
  const missing = (['id', 'source', 'type'] as const).filter((name) => typeof event[name] !== 'string' || event[name] === '')
  return [
    ...(event.specversion === '1.0' ? [] : [attributeIssue('specversion', '1.0', event.specversion)]),
    ...missing.map((name) => attributeIssue(name, 'a text that is not empty', event[name])),
  ]
}

/**
 * A CloudEvent as an ingest item. What is missing in it is null in the item where absence would have a meaning of its own, so
 * that the operation answers `invalid`.
 * @see https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
 */
export function toCloudEventItem(event: unknown, map: ReturnType<typeof createMapper>): unknown {
  if (!isRecord(event)) return event
  const payload = dataOf(event)
  const [eventName, eventVersion] = nameAndMajor(event.type)
  const mapped = map(event.type, payload)
  return {
    ...withoutAbsent({
      // Of another version of the specification, nothing else can be trusted to mean the same.
      type:
        event.specversion === '1.0'
          ? 'event'
          : `cloudevents/${typeof event.specversion === 'string' ? event.specversion : typeof event.specversion}`,
      eventName,
      eventVersion,
      eventPayload: payload,
      ...mapped,
      occurredAt: event.time,
      learnerId: event.learnerid ?? mapped?.learnerId ?? event.subject,
      accountId: event.accountid ?? mapped?.accountId,
    }),
    eventId: event.id ?? null,
    sourceModule: event.source === undefined || event.source === '' ? null : event.source,
  } satisfies IngestItem
}

function attributeIssue(name: string, expected: string, value: unknown): Issue {
  const received = value === undefined ? 'nothing' : typeof value
  return { pointer: toPointer([name]), message: `The attribute ${name} must be ${expected}`, expected, received }
}

/** The key and the major of a type: `deal.created.v2` is version 2 of `deal.created`. */
export function nameAndMajor(type: unknown): [name: unknown, major?: string] {
  const found = typeof type === 'string' ? /^(.+)\.v(\d{1,6})$/s.exec(type) : null
  return found?.[1] === undefined || found[2] === undefined ? [type] : [found[1], found[2]]
}

function dataOf({ data, data_base64: base64, datacontenttype }: CloudEvent): unknown {
  if (data !== undefined || typeof base64 !== 'string') return data
  if (typeof datacontenttype === 'string' && !isJsonType(datacontenttype)) return base64
  const parsed = parseJson(bytesOf(base64) ?? base64)
  return parsed.ok && parsed.flaws.length === 0 ? parsed.value : base64
}

function bytesOf(base64: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))
  } catch {
    return undefined
  }
}
