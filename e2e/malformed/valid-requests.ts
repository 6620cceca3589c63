/** Right requests for every door of a server, from its own contracts, the table of calls and what event SDKs send: what damage is done to. */
import { composeRegistry, isStream, type OperationEntry } from '@waymark/contract'
import { toSdl } from '@waymark/surface/graphql'
import { buildSchema, type GraphQLOutputType, getNamedType, isObjectType, isUnionType } from 'graphql'
import { OWN_MODULES } from '../../apps/server/src/modules/own-modules.ts'
import { exampleValue } from '../../packages/surface/src/docs/example-value.ts'
import { operationIdOf } from '../../packages/surface/src/rest/openapi/operation-name.ts'
import { operationPath, servedOperations } from '../../packages/surface/src/rest/operation-path.ts'
import { shop } from '../../packages/surface/test-support/fixture.ts'
import { CALLS } from '../surfaces/calls.ts'

export const registry = composeRegistry(...OWN_MODULES, shop)

/** Makes files, or work for minutes: what reads them is asked all the same. */
const LEFT_OUT = new Set(['server.database.backup', 'learning.onboarding.backfillTrack'])

/** What an operation is called with. */
export interface OperationCall {
  readonly entry: OperationEntry
  readonly input: Readonly<Record<string, unknown>>
}

/** Every operation with an input of its schema, and the calls of the table. */
export const OPERATION_CALLS: readonly OperationCall[] = [
  ...servedOperations(registry)
    .filter(({ operation }) => !LEFT_OUT.has(operation.meta.key))
    .map((entry) => ({ entry, input: exampleValue(entry.inputSchema) as Record<string, unknown> })),
  ...CALLS.flatMap(({ id, input }) => {
    const entry = registry.operation(id)
    return entry === undefined ? [] : [{ entry, input: input as Record<string, unknown> }]
  }),
  ...journeyCalls(),
]

function journeyCalls(): OperationCall[] {
  const learnerId = 'ada'
  const event = {
    learnerId,
    eventName: 'deal.created',
    eventPayload: { dealId: 'd', pipelineId: 'p', amount: 5, currency: 'EUR' },
  }
  const calls: Readonly<Record<string, Record<string, unknown>>> = {
    recordEvent: { ...event, eventId: 'e-1', occurredAt: '2026-06-01T12:00:00Z', sourceModule: 'web', accountId: 'acme' },
    ingest: {
      events: [
        event,
        { type: 'alias', learnerId, previousId: 'anon:1' },
        { type: 'identify', learnerId, traits: { plan: 'pro' } },
      ],
    },
    simulate: { trackId: 'first-win', learnerId, events: [event], advanceTo: '2026-12-01T00:00:00Z' },
    explain: { learnerId, trackId: 'first-win', eventName: 'deal.created', eventPayload: event.eventPayload },
    getProgress: { learnerId, trackId: 'first-win' },
    watchFacts: { learnerId, after: '5' },
    exportLearner: { learnerId, after: '5' },
    redriveRejected: { rejectedIds: ['1'] },
  }
  // Of the form of a cursor, and with places in it that no page has ended at.
  const cursors = [
    ['listEvents', ['1767225600000', '"l:ada"', '""', '"e-1"']],
    ['listFacts', ['5']],
    ['listLearners', ['"l:ada"']],
    ['listEnrolments', ['1767225600000', '"first-win"', '"l:ada"', '1']],
    ['listJobs', ['1767225600000', '"job-1"']],
    ['listUnknownEvents', ['1767225600000', '"ticket.closed"']],
  ] as const
  const lists = cursors.flatMap(([name, parts]) =>
    ['', '-1', '9007199254740993', '1e308', '"\\u0000"', '"\\ud800"', 'null'].map((odd, index) => {
      const place = parts.map((part, at) => (odd !== '' && at === index % parts.length ? odd : part))
      return [name, { limit: 5, cursor: encodeURIComponent(`[${place.join(',')}]`) }] as const
    }),
  )
  return [...Object.entries(calls), ...lists].flatMap(([name, input]) => {
    const entry = registry.operation(`learning.onboarding.${name}`)
    return entry === undefined ? [] : [{ entry, input }]
  })
}

export const pathOf = ({ entry }: OperationCall): string => operationPath(entry)
export const toolOf = ({ entry }: OperationCall): string => operationIdOf(entry, registry)
export const isStreamed = ({ entry }: OperationCall): boolean => isStream(entry.operation.io.output)

/** A query string for a query by GET. */
export function searchOf(input: Readonly<Record<string, unknown>>): readonly (readonly [string, string])[] {
  return Object.entries(input).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map(
      (one) => [name, typeof one === 'string' ? one : (JSON.stringify(one) ?? 'null')] as const,
    ),
  )
}

const event = { event: 'deal.created', properties: { dealId: 'd', pipelineId: 'p', amount: 5, currency: 'EUR' } }
const track = { type: 'track', messageId: 'm-1', userId: 'ada', anonymousId: 'a-1', ...event, timestamp: '2026-06-01T12:00:00Z' }
const segment = [
  track,
  { type: 'identify', messageId: 'm-2', userId: 'ada', anonymousId: 'a-1', traits: { plan: 'pro' } },
  { type: 'group', messageId: 'm-3', userId: 'ada', groupId: 'acme', traits: { seats: 3 }, context: { groupId: 'acme' } },
  { type: 'alias', messageId: 'm-4', userId: 'ada', previousId: 'a-2' },
  { type: 'page', messageId: 'm-5', userId: 'ada', name: 'Start', properties: { url: 'https://example.com/' } },
]
const postHog = [
  {
    event: 'deal.created',
    distinct_id: 'ada',
    uuid: '0198c0de-0000-7000-8000-000000000001',
    properties: { ...event.properties, $groups: { company: 'acme' }, $set: { plan: 'pro' } },
  },
  { event: '$identify', distinct_id: 'ada', properties: { $anon_distinct_id: 'a-1', $set: { plan: 'pro' }, token: 'wm_sk_x' } },
  { event: '$groupidentify', properties: { $group_type: 'company', $group_key: 'acme', $group_set: { seats: 3 } } },
  { event: '$create_alias', distinct_id: 'ada', properties: { alias: 'a-3' } },
]
export const cloudEvent = {
  specversion: '1.0',
  id: 'c-1',
  source: '/crm',
  type: 'deal.created.v1',
  time: '2026-06-01T12:00:00Z',
  subject: 'ada',
  learnerid: 'ada',
  accountid: 'acme',
  datacontenttype: 'application/json',
  data: event.properties,
}

/** Bodies of the endpoints of event SDKs. */
export const INGEST_BODIES: readonly { readonly path: string; readonly type: string; readonly body: unknown }[] = [
  ...['/v1/batch', '/v1/import'].map((path) => ({
    path,
    type: 'application/json',
    body: { batch: segment, sentAt: '2026-06-01T12:00:00Z' },
  })),
  ...segment.map((call) => ({ path: `/v1/${call.type}`, type: 'application/json', body: call })),
  { path: '/v1/screen', type: 'application/x-www-form-urlencoded', body: track },
  { path: '/batch/', type: 'application/json', body: { api_key: 'wm_sk_x', batch: postHog, historical_migration: false } },
  ...['/capture/', '/i/v0/e/'].flatMap((path) =>
    postHog.map((one) => ({ path, type: 'application/json', body: { api_key: 'wm_sk_x', ...one } })),
  ),
  { path: '/events', type: 'application/cloudevents+json', body: cloudEvent },
  {
    path: '/events',
    type: 'application/cloudevents-batch+json',
    body: [cloudEvent, { ...cloudEvent, id: 'c-2', data: undefined, data_base64: 'eyJhIjoxfQ==' }],
  },
  { path: '/events', type: 'application/json', body: event.properties },
]

const schema = buildSchema(await toSdl(registry))

/** A document for every operation, with all the fields that its types have a few levels down, and its input as a variable. */
export const DOCUMENTS: readonly { readonly query: string; readonly call: OperationCall }[] = OPERATION_CALLS.map((call) => ({
  query: documentOf(toolOf(call).replace(/\.(.)/g, (_, letter: string) => letter.toUpperCase())),
  call,
}))

function documentOf(name: string): string {
  const roots = { query: schema.getQueryType(), mutation: schema.getMutationType(), subscription: schema.getSubscriptionType() }
  for (const [kind, type] of Object.entries(roots)) {
    const field = type?.getFields()[name]
    if (field === undefined) continue
    const [input] = field.args
    const use = input === undefined ? '' : '(input: $input)'
    return `${kind} Named${input === undefined ? '' : `($input: ${input.type})`} { ${name}${use} ${selectionOf(field.type, 3)} }`
  }
  throw new Error(`The schema has no field ${name}.`)
}

function selectionOf(use: GraphQLOutputType, levels: number): string {
  const type = getNamedType(use)
  if (isUnionType(type)) return '{ __typename }'
  if (!isObjectType(type)) return ''
  const fields = Object.values(type.getFields()).filter((field) => levels > 0 || !isObjectType(getNamedType(field.type)))
  return `{ __typename ${fields.map((field) => `${field.name} ${selectionOf(field.type, levels - 1)}`).join(' ')} }`
}
