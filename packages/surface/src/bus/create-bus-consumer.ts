import { deliver, type EventEnvelope, invoke, type Runtime, type ServicePrincipal } from '@waymark/contract'
import { type CloudEvent, cloudEventIssues, nameAndMajor, toCloudEventItem } from '../rest/cloud-event.ts'
import { ingestOperation, MAX_ITEMS } from '../rest/ingest-item.ts'
import { createMapper, type Mapping } from '../rest/mapping.ts'
import { decodeMessage, type WireMessage } from './cloud-event-codec.ts'
import { typeOfEvent } from './event-type.ts'

export interface BusConsumerOptions {
  readonly runtime: Runtime
  /** How events of other systems become ours. */
  readonly mappings?: readonly Mapping[]
  /** The tenant of an event that names none. */
  readonly defaultTenant: string
}

/** What became of a message; a bus acts on it. */
export type Consumed =
  | { readonly outcome: 'ack' }
  | { readonly outcome: 'retry'; readonly reason: string; readonly delayMs?: number }
  | { readonly outcome: 'dead'; readonly reason: string }

export interface BusConsumer {
  /** A subject for each event contract and each mapping. */
  readonly subjects: readonly string[]
  /** Never rejects. */
  consume(message: WireMessage, signal?: EventEnvelope['signal']): Promise<Consumed>
}

/**
 * What a server does with messages of a bus. An event that Waymark has accepted (it has the attribute `channel`) goes to its handlers;
 * any other is reported, and goes to `learning.onboarding.ingest` with the channel `bus`. Of a batch that fails, all of it comes again.
 */
export function createBusConsumer({ runtime, mappings = [], defaultTenant }: BusConsumerOptions): BusConsumer {
  const map = createMapper(mappings)
  const mapped = new Set(mappings.map(({ from }) => from))
  const types = [...runtime.registry.events.map(({ event }) => typeOfEvent(event)), ...mapped]

  const principalOf = (event: CloudEvent): ServicePrincipal => {
    const tenant = typeof event.tenant === 'string' && event.tenant !== '' ? event.tenant : defaultTenant
    return { kind: 'service', tenant, id: 'bus', scopes: ['*'] }
  }

  /** A subject without a major is that of the first one; elsewhere the latest is meant. */
  const withMajor = (event: CloudEvent): CloudEvent => {
    const { type } = event
    const isFirst = typeof type === 'string' && !mapped.has(type) && runtime.registry.event(type, '1') !== undefined
    return isFirst ? { ...event, type: `${type}.v1` } : event
  }

  async function report(principal: ServicePrincipal, events: readonly CloudEvent[]): Promise<Consumed> {
    const entry = ingestOperation(runtime.registry)
    if (entry === undefined) return { outcome: 'dead', reason: 'Nothing here takes events that are reported.' }
    const input = { events: events.map((event) => toCloudEventItem(withMajor(event), map)) }
    const result = await invoke(runtime, entry.id, input, { principal, channel: 'bus' })
    if (!result.ok) {
      const { code, detail, status, retryAfter } = result.problem
      const reason = `${code}: ${detail}`
      if (status < 500 && status !== 429) return { outcome: 'dead', reason }
      return { outcome: 'retry', reason, ...(retryAfter === undefined ? {} : { delayMs: retryAfter * 1_000 }) }
    }
    // Whatever else is wrong with an event, the operation keeps it as rejected.
    const unknown = (result.data as IngestAnswer).results.find(({ status }) => status === 'unknown')
    return unknown === undefined ? ACK : { outcome: 'dead', reason: `${unknown.problem?.code}: ${unknown.problem?.detail}` }
  }

  async function handle(event: CloudEvent, signal: EventEnvelope['signal']): Promise<Consumed> {
    const delivery = await deliver(runtime, toEnvelope(event, principalOf(event), signal))
    if (delivery.outcome === 'retry') return { outcome: 'retry', reason: `These handlers failed: ${delivery.failed.join(', ')}.` }
    if (delivery.outcome === 'dead') return { outcome: 'dead', reason: `${delivery.problem.code}: ${delivery.problem.detail}` }
    return ACK
  }

  return {
    subjects: [...new Set(types.filter((type) => /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/.test(type)))],
    async consume(message, signal) {
      const decoded = decodeMessage(message)
      if (!decoded.ok) return { outcome: 'dead', reason: decoded.detail }
      const { events } = decoded
      if (events.length > MAX_ITEMS) return { outcome: 'dead', reason: `The batch has more than ${MAX_ITEMS} events.` }
      for (const event of events) {
        const [issue] = cloudEventIssues(event)
        if (issue !== undefined) return { outcome: 'dead', reason: `${issue.message}.` }
      }
      const accepted = events.filter(isAccepted)
      const reported = new Map<string, CloudEvent[]>()
      for (const event of events) {
        const { tenant } = principalOf(event)
        if (!isAccepted(event)) reported.set(tenant, [...(reported.get(tenant) ?? []), event])
      }
      const consumed = await Promise.all([
        ...accepted.map((event) => handle(event, signal)),
        ...[...reported.values()].map((own) => report(principalOf(own[0] as CloudEvent), own)),
      ])
      return consumed.find(({ outcome }) => outcome === 'retry') ?? consumed.find(({ outcome }) => outcome === 'dead') ?? ACK
    },
  }
}

const ACK: Consumed = { outcome: 'ack' }

interface IngestAnswer {
  readonly results: readonly { readonly status: string; readonly problem?: { readonly code: string; readonly detail: string } }[]
}

function isAccepted({ channel }: CloudEvent): boolean {
  return typeof channel === 'string' && channel !== ''
}

function toEnvelope(event: CloudEvent, principal: ServicePrincipal, signal: EventEnvelope['signal']): EventEnvelope {
  const [key, version = '1'] = nameAndMajor(event.type)
  const { learnerid: learnerId, accountid: accountId } = event
  const time = typeof event.time === 'string' ? Date.parse(event.time) : Number.NaN
  return {
    id: event.id as string,
    source: event.source as string,
    key: key as string,
    version,
    occurredAt: Number.isNaN(time) ? 0 : time,
    channel: event.channel as string,
    ...(typeof learnerId === 'string' ? { learnerId } : {}),
    ...(typeof accountId === 'string' ? { accountId } : {}),
    payload: event.data,
    principal,
    ...(signal === undefined ? {} : { signal }),
  }
}
