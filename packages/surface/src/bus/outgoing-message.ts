import { majorOf } from '@waymark/contract'
import { encodeBinary, type WireMessage } from './cloud-event-codec.ts'
import { toEventType } from './event-type.ts'

/** An event that Waymark has accepted or derived, on its way out. */
export interface OutgoingEvent {
  readonly tenant: string
  readonly id: string
  readonly source: string
  /** Key and version of its contract. */
  readonly key: string
  readonly version: string
  /** Epoch milliseconds. */
  readonly occurredAt: number
  readonly channel: string
  readonly learnerId?: string
  readonly accountId?: string
  readonly payload: unknown
}

/** A message of the bus. */
export interface OutgoingMessage extends WireMessage {
  readonly subject: string
  readonly key: string
}

/** The message of an event, as a CloudEvent in binary mode. What is about one person, or one account, has one key. */
export function toMessage(event: OutgoingEvent): OutgoingMessage {
  const { tenant, id, source, key, version, occurredAt, channel, learnerId, accountId, payload } = event
  const type = toEventType(key, majorOf(version))
  const about = learnerId ?? accountId
  const wire = encodeBinary({
    specversion: '1.0',
    id,
    source,
    type,
    time: new Date(occurredAt).toISOString(),
    ...(about === undefined ? {} : { subject: about }),
    datacontenttype: 'application/json',
    tenant,
    ...(learnerId === undefined ? {} : { learnerid: learnerId }),
    ...(accountId === undefined ? {} : { accountid: accountId }),
    channel,
    data: payload,
  })
  return { subject: type, key: `${tenant} ${about ?? ''}`, ...wire }
}
