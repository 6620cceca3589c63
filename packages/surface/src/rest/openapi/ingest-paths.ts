import type { Registry } from '@waymark/contract'
import { ingestOperation, MAX_ITEMS } from '../ingest-item.ts'
import { POSTHOG_BATCH, POSTHOG_SINGLE } from '../posthog-doors.ts'
import { SEGMENT_CALLS } from '../segment-doors.ts'
import { errorResponses } from './error-responses.ts'
import type { Json, PathItem } from './open-api-document.ts'
import { componentName } from './operation-name.ts'
import { successResponse } from './operation-paths.ts'
import type { SchemaComponents } from './schema-components.ts'

/** Of the operations that stand for the endpoints of event SDKs. */
export const INGEST_TAG = 'ingest'

/** The endpoints of event SDKs; none when nothing in the registry ingests. */
export function ingestPaths(registry: Registry, components: SchemaComponents): Readonly<Record<string, PathItem>> {
  const entry = ingestOperation(registry)
  if (entry === undefined) return {}
  const name = componentName(entry, registry)
  const output = { $ref: `#/components/schemas/${name}Output` }
  const shared = {
    tags: [INGEST_TAG],
    security: [{ writeKey: [] }, { secretKey: [] }],
    'x-waymark-id': entry.id,
    'x-waymark-stability': entry.operation.meta.stability,
  }
  const responses = { 200: successResponse(entry, output), ...errorResponses(entry, true, name, components) }
  const event = components.add('CloudEvent', CLOUD_EVENT)
  const call = components.add('SegmentCall', SEGMENT_CALL)
  const batch = components.add('SegmentBatch', segmentBatch(call))
  const postHogEvent = components.add('PostHogEvent', POSTHOG_EVENT)
  const postHog = (path: string, operationId: string, summary: string, schema: Json): [string, PathItem] => [
    path,
    {
      post: {
        operationId,
        summary,
        description:
          'The body is JSON under any content type, plain or compressed. Its `api_key` is the credential where no header has one. SDKs write the path with a slash at the end, which is the same.',
        ...shared,
        security: [{}, ...shared.security],
        parameters: [{ $ref: '#/components/parameters/IdempotencyKey' }],
        requestBody: { required: true, content: { 'application/json': { schema } } },
        responses,
      },
    },
  ]
  const segment = (path: string, summary: string, schema: Json): [string, PathItem] => [
    `/v1/${path}`,
    {
      post: {
        operationId: `segment.${path}`,
        summary,
        description: 'The body is JSON under any content type, plain or compressed.',
        ...shared,
        parameters: [{ $ref: '#/components/parameters/IdempotencyKey' }],
        requestBody: { required: true, content: { 'application/json': { schema } } },
        responses,
      },
    },
  ]
  return {
    ...Object.fromEntries([
      segment('batch', 'Takes a batch of calls from a Segment or RudderStack SDK.', batch),
      segment('import', 'Takes a batch of calls that happened before, at any age; needs the scope `events:import`.', batch),
      ...SEGMENT_CALLS.map((kind) => segment(kind, `Takes one ${kind} call from a Segment or RudderStack SDK.`, call)),
      postHog(POSTHOG_BATCH, 'postHog.batch', 'Takes a batch of events from a PostHog SDK.', postHogBatch(postHogEvent)),
      ...POSTHOG_SINGLE.map((path, index) =>
        postHog(path, index === 0 ? 'postHog.capture' : 'postHog.event', 'Takes one event from a PostHog SDK.', postHogEvent),
      ),
    ]),
    '/events': {
      post: {
        operationId: 'cloudEvents.receive',
        summary: 'Takes CloudEvents 1.0: one in binary or structured mode, or a batch.',
        ...shared,
        parameters: [{ $ref: '#/components/parameters/IdempotencyKey' }, ...BINARY_MODE.map(cloudEventHeader)],
        requestBody: {
          required: false,
          content: {
            'application/json': { schema: { description: 'Binary mode: the data of the event.' } },
            'application/cloudevents+json': { schema: event },
            'application/cloudevents-batch+json': { schema: { type: 'array', maxItems: MAX_ITEMS, items: event } },
          },
        },
        responses,
      },
    },
  }
}

const TEXT = { type: 'string' }
const OBJECT = { type: 'object' }

const SEGMENT_CALL = {
  type: 'object',
  description: 'One call as event SDKs send it. What is missing or unknown costs this call only.',
  properties: {
    type: { type: 'string', description: 'In a batch: track, identify, group, alias, page or screen.' },
    messageId: { ...TEXT, description: 'The event id.' },
    userId: { type: ['string', 'number', 'null'], description: 'The learner.' },
    anonymousId: { type: ['string', 'number', 'null'], description: 'Without userId the learner is `anon:` and this.' },
    previousId: { type: ['string', 'number', 'null'], description: 'Of alias.' },
    groupId: { type: ['string', 'number', 'null'], description: 'Of group: the account.' },
    event: { ...TEXT, description: 'Of track: the event name, through mappings.' },
    properties: OBJECT,
    traits: OBJECT,
    context: { ...OBJECT, properties: { groupId: { description: 'The account.' } } },
    timestamp: TEXT,
    originalTimestamp: TEXT,
  },
} as const

function segmentBatch(call: Json): Json {
  return {
    type: 'object',
    properties: { batch: { type: 'array', maxItems: MAX_ITEMS, items: call } },
    required: ['batch'],
  }
}

const POSTHOG_EVENT = {
  type: 'object',
  description: 'One event as PostHog SDKs send it. What is missing or unknown costs this event only.',
  properties: {
    api_key: { ...TEXT, description: 'Outside a batch: a secret key.' },
    event: {
      ...TEXT,
      description:
        'The event name, through mappings; `$identify`, `$set`, `$create_alias` and `$groupidentify` are about people.',
    },
    distinct_id: { type: ['string', 'number', 'null'], description: 'The learner; may be in the properties instead.' },
    uuid: { ...TEXT, description: 'The event id.' },
    timestamp: TEXT,
    properties: { ...OBJECT, description: 'The payload; `$groups` and `$set` are read, other names with `$` are left out.' },
  },
} as const

function postHogBatch(event: Json): Json {
  return {
    type: 'object',
    properties: {
      api_key: { ...TEXT, description: 'A secret key.' },
      historical_migration: {
        type: 'boolean',
        description: 'True: the events happened before, and may be of any age; needs the scope `events:import`.',
      },
      batch: { type: 'array', maxItems: MAX_ITEMS, items: event },
    },
    required: ['batch'],
  }
}

const CLOUD_EVENT = {
  type: 'object',
  description: 'A CloudEvent 1.0 in the JSON format.',
  properties: {
    specversion: { const: '1.0' },
    id: { ...TEXT, minLength: 1, description: 'The event id, unique within its source.' },
    source: { ...TEXT, minLength: 1 },
    type: { ...TEXT, minLength: 1, description: 'The event name, through mappings; a trailing `.vN` is the major version.' },
    time: { ...TEXT, format: 'date-time' },
    subject: { ...TEXT, description: 'The learner, where nothing else names one.' },
    learnerid: { ...TEXT, description: 'The learner.' },
    accountid: { ...TEXT, description: 'The account.' },
    datacontenttype: TEXT,
    data: { description: 'The payload.' },
    data_base64: { ...TEXT, contentEncoding: 'base64' },
  },
  required: ['specversion', 'id', 'source', 'type'],
} as const

const BINARY_MODE = ['specversion', 'id', 'source', 'type', 'time', 'subject', 'learnerid', 'accountid']

function cloudEventHeader(attribute: string): Json {
  return { name: `ce-${attribute}`, in: 'header', required: false, description: 'Binary mode.', schema: TEXT }
}
