import type { Contract, EventContract, Module, Operation, Policy } from './contract.ts'
import { DefinitionError, RESERVED } from './errors.ts'
import { isPage } from './page.ts'
import { findChange } from './payload-check.ts'
import { parsePointer } from './pointer.ts'
import { type JsonSchema, jsonSchemaOf, namesField, type Schema } from './schema.ts'
import { isStream } from './stream.ts'

/** An operation with what the pipeline and the emitters need to know of it, worked out once. */
export interface OperationEntry {
  readonly id: string
  readonly operation: Operation
  readonly major: number
  /** Pointer of the input that names a person; null when it names nobody. */
  readonly subject: string | null
  readonly inputSchema: JsonSchema
  /** Of a stream: the schema of one item. */
  readonly outputSchema: JsonSchema
}

export interface EventEntry {
  readonly id: string
  readonly event: EventContract
  readonly major: number
  readonly payloadSchema: JsonSchema
}

/** The immutable index of all contracts of a process, and the only input of every emitter. */
export interface Registry {
  readonly modules: readonly Module[]
  /** All operations, by key and then version. */
  readonly operations: readonly OperationEntry[]
  readonly events: readonly EventEntry[]
  /** `key@1.0.0` (exact), `key@1` (latest of that major) or `key` (latest). Undefined when there is none. */
  operation(id: string): OperationEntry | undefined
  /** The event of a key and a version: exact, a major, or the latest when absent. */
  event(key: string, version?: string): EventEntry | undefined
  /** What a tag stands for; undefined where no module says so. */
  tag(name: string): string | undefined
}

const KEY = /^[a-z][A-Za-z0-9]*(\.[a-z][A-Za-z0-9]*)+$/
const EVENT_KEY = /^[A-Za-z][A-Za-z0-9_-]*(\.[A-Za-z][A-Za-z0-9_-]*)*$/
const LONGEST_KEY = 200
const VERSION = /^(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})$/
const DATE = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/
const DURATION = /^P(?!$)(\d{1,5}W)?(\d{1,5}D)?(T(?=\d)(\d{1,5}H)?(\d{1,5}M)?(\d{1,5}S)?)?$/
const AUTH: ReadonlySet<string> = new Set(['anonymous', 'user', 'service', 'operator'] satisfies Policy['auth'][])
const ERROR_CODE = /^[A-Z][A-Z0-9_]*$/

/**
 * Indexes the contracts of modules by `key@version`.
 * @throws DefinitionError naming both places, when two contracts collide or one of them cannot be served.
 */
export function composeRegistry(...modules: readonly Module[]): Registry {
  const operations: OperationEntry[] = []
  const events: EventEntry[] = []
  const owners = new Map<string, string>()
  for (const module of modules) {
    for (const contract of module.contracts) {
      const id = checkNames(contract, module)
      const first = owners.get(id)
      if (first !== undefined)
        throw new DefinitionError(
          'CONTRACT_DUPLICATE',
          `${id} is declared in module ${first} and again in module ${module.key}. Give one of them another key or version.`,
        )
      owners.set(id, module.key)
      if (contract.kind === 'event') events.push(eventEntry(id, contract))
      else operations.push(operationEntry(id, contract))
    }
  }
  checkSurfaceNames(operations, owners)
  for (const { id, operation } of operations) {
    for (const event of operation.emits) {
      const target = `${event.meta.key}@${event.meta.version}`
      if (!owners.has(target))
        throw new DefinitionError(
          'CONTRACT_EVENT_UNRESOLVED',
          `${id} emits ${target}, which no module declares. Add the event contract to a module.`,
        )
    }
  }
  return index(modules, operations.sort(byId), events.sort(byId))
}

/** The major number of a semantic version. */
export function majorOf(version: string): number {
  return Number.parseInt(version, 10)
}

function index(modules: readonly Module[], operations: readonly OperationEntry[], events: readonly EventEntry[]): Registry {
  const operationsById = names(operations)
  const eventsById = names(events)
  const tags = new Map(modules.toReversed().flatMap((module) => Object.entries(module.tags)))
  return Object.freeze({
    modules: Object.freeze([...modules]),
    operations: Object.freeze(operations),
    events: Object.freeze(events),
    operation: (id: string) => operationsById.get(id),
    event: (key: string, version?: string) => eventsById.get(version === undefined ? key : `${key}@${version}`),
    tag: (name: string) => tags.get(name),
  })
}

/** Entries come sorted by version, so the latest wins the short names. */
function names<E extends { readonly id: string; readonly major: number }>(entries: readonly E[]): Map<string, E> {
  const map = new Map<string, E>()
  for (const entry of entries) {
    const key = entry.id.slice(0, entry.id.indexOf('@'))
    map.set(entry.id, entry).set(`${key}@${entry.major}`, entry).set(key, entry)
  }
  return map
}

function checkNames(contract: Contract, module: Module): string {
  const { key, version, deprecation } = contract.meta
  const where = `in module ${module.key}`
  if (!(contract.kind === 'event' ? EVENT_KEY : KEY).test(key)) {
    throw new DefinitionError(
      'CONTRACT_NAME_ILLEGAL',
      `The key ${JSON.stringify(key)} ${where} is not a dotted name such as ${contract.kind === 'event' ? 'deal.created' : 'crm.deals.create'}.`,
    )
  }
  if (key.length > LONGEST_KEY) {
    throw new DefinitionError(
      'CONTRACT_NAME_ILLEGAL',
      `The key ${key.slice(0, 60)}… ${where} has ${key.length} characters; at most ${LONGEST_KEY} fit the subjects of brokers.`,
    )
  }
  if (contract.kind === 'event' && /\.v\d+$/.test(key)) {
    throw new DefinitionError(
      'CONTRACT_NAME_ILLEGAL',
      `The event ${key} ${where} ends like a major version, which CloudEvents write behind the key. Leave it out, and give the contract the version.`,
    )
  }
  if (contract.kind === 'event' && key.startsWith('waymark.')) {
    throw new DefinitionError(
      'CONTRACT_NAME_ILLEGAL',
      `The event ${key} ${where} uses the prefix waymark., which is kept for control entries. Choose another name.`,
    )
  }
  if (!VERSION.test(version)) {
    throw new DefinitionError(
      'CONTRACT_VERSION_ILLEGAL',
      `${key} ${where} has the version ${JSON.stringify(version)}; expected major.minor.patch, e.g. 1.0.0.`,
    )
  }
  for (const [field, date] of Object.entries(deprecation ?? {})) {
    if (field !== 'successor' && (!DATE.test(date) || Number.isNaN(Date.parse(date)))) {
      throw new DefinitionError(
        'CONTRACT_DATE_ILLEGAL',
        `deprecation.${field} of ${key}@${version} is ${JSON.stringify(date)}; expected an ISO 8601 date such as 2027-01-31 or 2027-01-31T12:00:00Z.`,
      )
    }
  }
  return `${key}@${version}`
}

function operationEntry(id: string, operation: Operation): OperationEntry {
  const inputSchema = describe(id, 'input', operation.io.input, 'input')
  checkPolicy(id, operation)
  const subject = operation.policy.subject ?? (namesField(inputSchema, ['learnerId']) ? '/learnerId' : null)
  const path = subject === null ? [] : parsePointer(subject)
  if (path === undefined || !namesField(inputSchema, path)) {
    throw new DefinitionError(
      'CONTRACT_POINTER_ILLEGAL',
      `policy.subject of ${id} is ${JSON.stringify(subject)}, which names no field of the input. Expected a JSON Pointer such as /learnerId.`,
    )
  }
  for (const [code, error] of Object.entries(operation.io.errors)) {
    const isStatus = Number.isInteger(error.http) && error.http >= 400 && error.http <= 599
    if (!ERROR_CODE.test(code) || Object.hasOwn(RESERVED, code) || !isStatus) {
      throw new DefinitionError(
        'CONTRACT_ERROR_ILLEGAL',
        `${id} declares the error ${code} with status ${error.http}. Expected an UPPER_SNAKE code that is not reserved, and a status from 400 to 599.`,
      )
    }
  }
  const outputSchema = describe(id, 'output', operation.io.output, 'output')
  checkStream(id, operation, outputSchema)
  return Object.freeze({ id, operation, major: majorOf(operation.meta.version), subject, inputSchema, outputSchema })
}

/** A stream is the whole output of a query, and each of its items says its place. */
function checkStream(id: string, { kind, io: { output } }: Operation, outputSchema: JsonSchema): void {
  const refuse = (problem: string) => {
    throw new DefinitionError('CONTRACT_STREAM_ILLEGAL', `The output of ${id} ${problem}`)
  }
  if (isPage(output) && isStream(output['~page']))
    refuse('is a page of streams. Use stream(item) alone: `after` goes on where it ended.')
  if (!isStream(output)) return
  if (kind === 'command')
    refuse('is a stream, and it is a command. Let the command answer once, and a query stream what follows.')
  if (isPage(output['~stream'])) refuse('is a stream of pages. Use stream(item) alone: `after` goes on where it ended.')
  if (!namesField(outputSchema, ['cursor'])) {
    refuse(
      'is a stream whose items have no field cursor. Add a text that says where each item stands, so that a caller can go on.',
    )
  }
}

/** A policy that says two things is refused: what it names would not be enforced. */
function checkPolicy(id: string, { kind, policy }: { readonly kind: Operation['kind']; readonly policy?: Policy }): void {
  const { auth, subject, permissions, limits = {}, destructive } = policy ?? {}
  const refuse = (problem: string) => {
    throw new DefinitionError('CONTRACT_POLICY_ILLEGAL', `The policy of ${id} ${problem}`)
  }
  if (auth === undefined || !AUTH.has(auth)) {
    refuse(`has the level ${JSON.stringify(auth)}. Expected auth to be one of ${[...AUTH].join(', ')}.`)
  }
  if (auth === 'anonymous' && (subject !== undefined || permissions?.length)) {
    refuse('admits everyone, so its subject and permissions would not be enforced. Remove them, or raise auth.')
  }
  if (kind === 'query' && destructive === true) {
    refuse('says that it is destructive, and it is a query, which only reads. Remove it, or make it a command.')
  }
  for (const [name, limit] of Object.entries(limits)) {
    if (!Number.isInteger(limit) || limit < 1) refuse(`sets limits.${name} to ${limit}. Expected a whole number above 0.`)
  }
}

function eventEntry(id: string, event: EventContract): EventEntry {
  const payloadSchema = describe(id, 'payload', event.payload, 'input')
  const change = findChange(event.payload, payloadSchema, describe(id, 'payload', event.payload, 'output'))
  if (change !== undefined) {
    throw new DefinitionError(
      'CONTRACT_PAYLOAD_TRANSFORMS',
      `The payload schema of ${id} changes what it validates, at ${change}. Payloads are stored as sent: use a schema that only validates.`,
    )
  }
  for (const pointer of event.pii) {
    if (parsePointer(pointer) === undefined) {
      throw new DefinitionError(
        'CONTRACT_POINTER_ILLEGAL',
        `pii of ${id} has ${JSON.stringify(pointer)}. Expected a JSON Pointer such as /email.`,
      )
    }
  }
  if (event.retention !== null && !DURATION.test(event.retention)) {
    throw new DefinitionError(
      'CONTRACT_RETENTION_ILLEGAL',
      `retention of ${id} is ${JSON.stringify(event.retention)}. Expected an ISO 8601 duration of weeks, days, hours, minutes or seconds, such as P90D.`,
    )
  }
  return Object.freeze({ id, event, major: majorOf(event.meta.version), payloadSchema })
}

function describe(id: string, part: string, schema: Schema, direction: 'input' | 'output'): JsonSchema {
  try {
    return jsonSchemaOf(schema, direction)
  } catch (cause) {
    const code = part === 'payload' && direction === 'output' ? 'CONTRACT_PAYLOAD_TRANSFORMS' : 'CONTRACT_SCHEMA_UNDESCRIBED'
    throw new DefinitionError(
      code,
      `The ${part} of ${id} has no JSON Schema: ${cause instanceof Error ? cause.message : String(cause)}. Use a schema that can describe itself.`,
    )
  }
}

/** On GraphQL, MCP and the CLI dots and case fold together: `a.bC` and `a.b.c` would be one name there, as `a.bV2` and `a.b@2`. */
function checkSurfaceNames(operations: readonly OperationEntry[], owners: ReadonlyMap<string, string>): void {
  const seen = new Map<string, OperationEntry>()
  for (const entry of operations) {
    const { key } = entry.operation.meta
    const name = key.replaceAll('.', '').toLowerCase() + (entry.major > 1 ? `v${entry.major}` : '')
    const other = seen.get(name)
    if (other !== undefined && other.operation.meta.key !== key) {
      throw new DefinitionError(
        'CONTRACT_NAME_COLLISION',
        `${entry.id} (module ${owners.get(entry.id)}) and ${other.id} (module ${owners.get(other.id)}) get the same name on GraphQL. Rename one of them.`,
      )
    }
    seen.set(name, entry)
  }
}

function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  const [keyA = '', versionA = ''] = a.id.split('@')
  const [keyB = '', versionB = ''] = b.id.split('@')
  if (keyA !== keyB) return keyA < keyB ? -1 : 1
  const left = versionA.split('.').map(Number)
  const right = versionB.split('.').map(Number)
  for (let i = 0; i < 3; i++) {
    const order = (left[i] ?? 0) - (right[i] ?? 0)
    if (order !== 0) return order
  }
  return 0
}
