import {
  type ErrorDeclaration,
  type EventEntry,
  type Example,
  isPage,
  isStream,
  jsonSchemaOf,
  type Meta,
  type OperationEntry,
  type Policy,
  RESERVED,
  type Registry,
} from '@waymark/contract'
import { toMessage } from '../bus/outgoing-message.ts'
import { exampleValue } from './example-value.ts'
import { type FieldRow, toFieldRows } from './field-rows.ts'
import { type Snippet, toSnippets } from './snippets.ts'

/** Where a contract is declared. */
export interface ContractSource {
  readonly file: string
  /** From 1. */
  readonly line: number
  /** The declaration as it is written. */
  readonly code: string
}

/** A track, as far as a page of a contract names it. */
export interface ListeningTrack {
  readonly key: string
  readonly version: string
  /** Keys of the events that it listens to. */
  readonly events: readonly string[]
}

/** A handler of an event, as far as a page names it: an `EventBinding` is one. */
export interface EventConsumer {
  /** The module that handles the event. */
  readonly module: string
  /** `key` (the latest major that there is) or `key@major`. */
  readonly name: string
}

/** What a page knows besides the contract. */
export interface PageContext {
  /** By `key@version`. */
  readonly sources?: ReadonlyMap<string, ContractSource>
  readonly tracks?: readonly ListeningTrack[]
  readonly consumers?: readonly EventConsumer[]
  /** Keys of the events that the server derives: they come through the channel `fact`. */
  readonly facts?: ReadonlySet<string>
}

/** An error that callers of an operation meet. */
export interface PageError {
  readonly code: string
  readonly http: number
  readonly gqlCode: string
  readonly title: string
  readonly when: string
  readonly isReserved: boolean
  readonly isRetryable: boolean
  readonly data: readonly FieldRow[]
}

interface CommonPage {
  readonly id: string
  /** Of its files, and unique. */
  readonly slug: string
  readonly meta: Meta
  readonly source: ContractSource | undefined
  /** All versions of the key, newest first. */
  readonly versions: readonly { readonly version: string; readonly slug: string }[]
}

export interface OperationPage extends CommonPage {
  readonly kind: 'command' | 'query'
  readonly policy: Policy
  readonly subject: string | null
  readonly answers: 'one' | 'page' | 'stream'
  readonly input: readonly FieldRow[]
  readonly output: readonly FieldRow[]
  readonly examples: readonly Example[]
  readonly snippets: readonly Snippet[]
  readonly errors: readonly PageError[]
  /** The events that it may emit, with who handles them. */
  readonly emits: readonly (Linked & { readonly handledBy: readonly string[] })[]
}

export interface EventPage extends CommonPage {
  readonly kind: 'event'
  readonly reportableBy: 'server' | 'client'
  readonly retention: string | null
  /** JSON Pointers of personal data. */
  readonly pii: readonly string[]
  readonly payload: readonly FieldRow[]
  readonly snippets: readonly Snippet[]
  /** Operations that emit it. */
  readonly emittedBy: readonly Linked[]
  /** Modules that handle it. */
  readonly handledBy: readonly string[]
  readonly tracks: readonly ListeningTrack[]
}

export type ContractPage = OperationPage | EventPage

interface Linked {
  readonly id: string
  readonly slug: string
}

/** A page for every contract of a registry, operations first, by key and then version. */
export function toContractPages(registry: Registry, context: PageContext = {}): readonly ContractPage[] {
  return [
    ...registry.operations.map((entry) => operationPage(entry, registry, context)),
    ...registry.events.map((entry) => eventPage(entry, registry, context)),
  ]
}

function operationPage(entry: OperationEntry, registry: Registry, context: PageContext): OperationPage {
  const { id, operation, subject, inputSchema, outputSchema } = entry
  const { io, policy, meta } = operation
  const { examples = [] } = meta
  const answered = examples.find(({ error }) => error === undefined)
  return {
    ...common(id, meta, registry, context),
    kind: operation.kind,
    policy,
    subject,
    answers: isStream(io.output) ? 'stream' : isPage(io.output) ? 'page' : 'one',
    input: toFieldRows(inputSchema),
    output: toFieldRows(outputSchema),
    examples,
    snippets: toSnippets(entry, registry, answered === undefined ? exampleValue(inputSchema) : answered.input),
    errors: [...Object.entries(io.errors).map(([code, error]) => declared(code, error)), ...reserved()],
    emits: operation.emits.map(({ meta: { key, version } }) => ({
      ...linked(`${key}@${version}`),
      handledBy: handlersOf(registry.event(key, version), registry, context),
    })),
  }
}

function eventPage(entry: EventEntry, registry: Registry, context: PageContext): EventPage {
  const { id, event, payloadSchema } = entry
  const { meta, reportableBy, retention, pii } = event
  const payload = exampleValue(payloadSchema)
  const emittedBy = registry.operations
    .filter(({ operation }) => operation.emits.some((emitted) => `${emitted.meta.key}@${emitted.meta.version}` === id))
    .map((operation) => linked(operation.id))
  return {
    ...common(id, meta, registry, context),
    kind: 'event',
    reportableBy,
    retention,
    pii,
    payload: toFieldRows(payloadSchema),
    snippets: [
      { surface: 'json', language: 'json', code: JSON.stringify(payload, null, 2) },
      { surface: 'bus', language: 'text', code: busMessage(meta, payload, channelOf(meta.key, emittedBy.length > 0, context)) },
    ],
    emittedBy,
    handledBy: handlersOf(entry, registry, context),
    tracks: (context.tracks ?? []).filter(({ events }) => events.includes(meta.key)),
  }
}

/** How an event came, where it is shown as an example. */
function channelOf(key: string, isEmitted: boolean, { facts }: PageContext): string {
  if (facts?.has(key) === true) return 'fact'
  return isEmitted ? 'emit' : 'rest'
}

/** The modules that handle an event: a handler is one of all versions of a major. */
function handlersOf(entry: EventEntry | undefined, registry: Registry, { consumers = [] }: PageContext): string[] {
  const of = consumers.filter(({ name }) => {
    const [key = '', version] = name.split('@')
    const handled = registry.event(key, version)
    return key === entry?.event.meta.key && handled?.major === entry.major
  })
  return [...new Set(of.map(({ module }) => module))]
}

/** The message of an event as it is sent to handlers: its subject, its headers, and its body. */
function busMessage({ key, version }: Meta, payload: unknown, channel: string): string {
  const { subject, headers, body } = toMessage({
    tenant: 'default',
    id: '0198c0de-0000-7000-8000-000000000001',
    source: '/tenants/default',
    key,
    version,
    occurredAt: Date.UTC(2026, 0, 1, 9),
    channel,
    learnerId: 'ada',
    payload,
  })
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  return [`subject: ${subject}`, ...lines, '', new TextDecoder().decode(body)].join('\n')
}

function common(id: string, meta: Meta, registry: Registry, { sources }: PageContext): CommonPage {
  const all = [...registry.operations.map((entry) => entry.operation), ...registry.events.map((entry) => entry.event)]
  const versions = all
    .filter((contract) => contract.meta.key === meta.key)
    .map((contract) => ({ version: contract.meta.version, slug: `${meta.key}@${contract.meta.version}` }))
    .reverse()
  return { id, slug: id, meta, source: sources?.get(id), versions }
}

function declared(code: string, error: ErrorDeclaration): PageError {
  const { description, http, gqlCode, when, data, retryable = false } = error
  const rows = data === undefined ? [] : toFieldRows(jsonSchemaOf(data, 'output'))
  return { code, http, gqlCode, title: description, when, isReserved: false, isRetryable: retryable, data: rows }
}

function reserved(): PageError[] {
  return Object.entries(RESERVED).map(([code, { http, title, when, retryable }]) => ({
    code,
    http,
    gqlCode: code,
    title,
    when,
    isReserved: true,
    isRetryable: retryable,
    data: [],
  }))
}

function linked(id: string): Linked {
  return { id, slug: id }
}
