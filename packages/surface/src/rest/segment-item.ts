import { idOf, withoutAbsent } from './ingest-item.ts'
import { isRecord } from './is-record.ts'
import type { createMapper } from './mapping.ts'

const FIELDS: ReadonlySet<PropertyKey> = new Set([
  'type',
  'messageId',
  'userId',
  'anonymousId',
  'previousId',
  'groupId',
  'event',
  'properties',
  'traits',
  'timestamp',
  'originalTimestamp',
])

/** True for a path of a call that reaches its item: a flaw elsewhere in the call does not matter. */
export function isSegmentField([field, inner]: readonly PropertyKey[]): boolean {
  return field === undefined || FIELDS.has(field) || (field === 'context' && (inner === undefined || inner === 'groupId'))
}

/**
 * One Segment or RudderStack call as an ingest item.
 * @param type of the call, where the endpoint says it; else its own `type`.
 * @see https://segment.com/docs/connections/spec/common/
 */
export function toSegmentItem(call: unknown, map: ReturnType<typeof createMapper>, type?: string): unknown {
  if (!isRecord(call)) return call
  const kind = type ?? call.type
  const userId = idOf(call.userId)
  const anonymousId = idOf(call.anonymousId)
  // What is no text stays what it is: as a text it would be one person for everybody.
  const anonymous = typeof anonymousId === 'string' ? `anon:${anonymousId}` : anonymousId
  const common = {
    eventId: call.messageId,
    anonymousId,
    occurredAt: call.originalTimestamp ?? call.timestamp,
    accountId: isRecord(call.context) ? idOf(call.context.groupId) : undefined,
  }
  const learnerId = userId ?? anonymous
  switch (kind) {
    case 'track':
    case 'page':
    case 'screen': {
      const name = kind === 'track' ? call.event : kind
      const mapped = map(name, call.properties)
      return withoutAbsent({
        type: 'event',
        ...common,
        eventName: name,
        eventPayload: call.properties,
        ...mapped,
        learnerId: userId ?? idOf(mapped?.learnerId) ?? anonymous,
        accountId: common.accountId ?? idOf(mapped?.accountId),
      })
    }
    case 'identify':
      return withoutAbsent({ type: 'identify', ...common, learnerId, anonymousId: anonymous, traits: call.traits })
    case 'group':
      return withoutAbsent({
        type: 'group',
        ...common,
        learnerId,
        accountId: idOf(call.groupId) ?? common.accountId,
        traits: call.traits,
      })
    case 'alias': {
      // It does not say whether the id was a user's or an anonymous one.
      const previousId = idOf(call.previousId)
      const wasAnonymous = typeof previousId === 'string' ? `anon:${previousId}` : anonymous
      return withoutAbsent({ type: 'alias', ...common, learnerId, previousId, anonymousId: wasAnonymous })
    }
    default:
      return withoutAbsent({ ...common, type: kind ?? 'nothing', learnerId })
  }
}
