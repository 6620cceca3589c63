import type { EventEntry, JsonSchema, Registry } from '@waymark/contract'
import { createSchemaComponents, type SchemaComponents } from '../rest/openapi/schema-components.ts'
import type { AsyncApiDocument, ChannelObject, MessageObject, OperationObject } from './async-api-document.ts'
import { typeOfEvent } from './event-type.ts'

export interface AsyncApiOptions {
  readonly title: string
  readonly version: string
  /** What the API may be used under, as an SPDX expression such as `Apache-2.0`; the document says nothing of it when absent. */
  readonly license?: string | undefined
  /** The events that have handlers here, as `key@major`: only those are sent. Where it is absent, all of them may have some. */
  readonly handled?: ReadonlySet<string>
}

const DESCRIPTION =
  'Events on their way to handlers, as CloudEvents 1.0 in binary mode. A channel is named after the type of its events, which is the key of their contract, with `.v` and the major behind it unless that is 1. Messages come at least once; `ce-source` and `ce-id` together name an event.'

/** The AsyncAPI 3.0 document of every event contract, as the server sends them to handlers. The same registry always gives the same document. */
export function toAsyncApi(registry: Registry, options: AsyncApiOptions): AsyncApiDocument {
  const { title, version, license, handled } = options
  const components = createSchemaComponents()
  const ofType = new Map<string, EventEntry[]>()
  for (const entry of registry.events) {
    const type = typeOfEvent(entry.event)
    ofType.set(type, [...(ofType.get(type) ?? []), entry])
  }
  const emitted = new Set(
    registry.operations.flatMap(({ operation }) => operation.emits.map(({ meta }) => `${meta.key}@${meta.version}`)),
  )
  const channels: Record<string, ChannelObject> = {}
  const operations: Record<string, OperationObject> = {}
  const messages: Record<string, MessageObject> = {}
  for (const [type, entries] of ofType) {
    const names = entries.map((entry) => nameOf(entry))
    for (const entry of entries) messages[nameOf(entry)] = toMessageObject(type, entry, components)
    channels[type] = {
      address: type,
      description: entries.at(-1)?.event.meta.description ?? type,
      messages: Object.fromEntries(names.map((name) => [name, { $ref: `#/components/messages/${name}` }])),
    }
    const isEmitted = entries.some(({ id }) => emitted.has(id))
    if (handled !== undefined && !entries.some(({ event, major }) => handled.has(`${event.meta.key}@${major}`))) continue
    operations[`send.${type}`] = {
      action: 'send',
      channel: { $ref: `#/channels/${type}` },
      summary: isEmitted
        ? 'Sent when the server has recorded or derived it.'
        : 'Sent when the server has accepted it, by whatever door it came.',
      messages: names.map((name) => ({ $ref: `#/channels/${type}/messages/${name}` })),
    }
  }
  components.add('CloudEventHeaders', HEADERS)
  return {
    asyncapi: '3.0.0',
    info: { title, version, description: DESCRIPTION, ...(license === undefined ? {} : { license: { name: license } }) },
    defaultContentType: 'application/json',
    channels,
    operations,
    components: { schemas: components.schemas, messages },
  }
}

/** Names of components take no `@`. */
function nameOf({ event: { meta } }: EventEntry): string {
  return `${meta.key}-${meta.version}`
}

function toMessageObject(type: string, entry: EventEntry, components: SchemaComponents): MessageObject {
  const { key, version, description, tags, stability } = entry.event.meta
  return {
    name: type,
    title: `${key} ${version}`,
    summary: description,
    contentType: 'application/json',
    tags: tags.map((name) => ({ name })),
    headers: {
      allOf: [{ $ref: '#/components/schemas/CloudEventHeaders' }, { type: 'object', properties: { 'ce-type': { const: type } } }],
    },
    payload: components.add(`payload.${nameOf(entry)}`, entry.payloadSchema),
    'x-stability': stability,
  }
}

const text = (description: string, rest: JsonSchema = {}): JsonSchema => ({ type: 'string', ...rest, description })

/** The attributes of a CloudEvent in binary mode, ours among them. */
const HEADERS: JsonSchema = {
  type: 'object',
  required: ['ce-specversion', 'ce-id', 'ce-source', 'ce-type'],
  properties: {
    'content-type': text('Of the payload.'),
    'ce-specversion': { type: 'string', const: '1.0' },
    'ce-id': text('Names the event within its source.', { minLength: 1 }),
    'ce-source': text('Where the event comes from.', { format: 'uri-reference', minLength: 1 }),
    'ce-type': text('The name of the channel.', { minLength: 1 }),
    'ce-time': text('When it happened.', { format: 'date-time' }),
    'ce-subject': text('The person or the account that it is about.'),
    'ce-tenant': text('The tenant.'),
    'ce-learnerid': text('The person that it is about.'),
    'ce-accountid': text('The account in which it happened.'),
    'ce-channel': text('How it came to the server, which sets it; `fact` for what it derived.'),
  },
}
