import {
  type ErrorDeclaration,
  type EventEntry,
  isPage,
  isStream,
  jsonSchemaOf,
  type Meta,
  type OperationEntry,
  type Policy,
  RESERVED,
  type Registry,
} from '@waymark/contract'
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

/** What a page knows besides the contract. */
export interface PageContext {
  /** By `key@version`. */
  readonly sources?: ReadonlyMap<string, ContractSource>
  readonly tracks?: readonly ListeningTrack[]
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
  readonly snippets: readonly Snippet[]
  readonly errors: readonly PageError[]
  /** Keys of the events that it may emit, with the pages of those. */
  readonly emits: readonly Linked[]
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
  return {
    ...common(id, meta, registry, context),
    kind: operation.kind,
    policy,
    subject,
    answers: isStream(io.output) ? 'stream' : isPage(io.output) ? 'page' : 'one',
    input: toFieldRows(inputSchema),
    output: toFieldRows(outputSchema),
    snippets: toSnippets(entry, registry, exampleValue(inputSchema)),
    errors: [...Object.entries(io.errors).map(([code, error]) => declared(code, error)), ...reserved()],
    emits: operation.emits.map((event) => linked(`${event.meta.key}@${event.meta.version}`)),
  }
}

function eventPage({ id, event, payloadSchema }: EventEntry, registry: Registry, context: PageContext): EventPage {
  const { meta, reportableBy, retention, pii } = event
  const payload = exampleValue(payloadSchema)
  return {
    ...common(id, meta, registry, context),
    kind: 'event',
    reportableBy,
    retention,
    pii,
    payload: toFieldRows(payloadSchema),
    snippets: [{ surface: 'json', language: 'json', code: JSON.stringify(payload, null, 2) }],
    emittedBy: registry.operations
      .filter(({ operation }) => operation.emits.some((emitted) => `${emitted.meta.key}@${emitted.meta.version}` === id))
      .map((entry) => linked(entry.id)),
    tracks: (context.tracks ?? []).filter(({ events }) => events.includes(meta.key)),
  }
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
