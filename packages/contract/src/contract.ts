import type { InferInput, InferOutput, Schema } from './schema.ts'

/** How far a contract may be relied on. */
export type Stability = 'experimental' | 'beta' | 'stable' | 'deprecated'

/** What a contract is, for people and for every generated surface. */
export interface Meta<Key extends string = string, Version extends string = string> {
  /** Dotted name, e.g. `learning.onboarding.recordEvent`. */
  readonly key: Key
  /** Semantic version, e.g. `1.0.0`. */
  readonly version: Version
  readonly stability: Stability
  readonly owners: readonly string[]
  readonly tags: readonly string[]
  /** One sentence: what the operation does, or what happened. */
  readonly description: string
  /** Why it exists. */
  readonly goal?: string
  /** Who calls it, and when. */
  readonly context?: string
  readonly deprecation?: Deprecation
}

/** What an operation is besides: it can be shown by its calls. */
export interface OperationMeta<Key extends string = string, Version extends string = string> extends Meta<Key, Version> {
  readonly examples?: readonly Example[]
}

/**
 * A call with what it answers, as documentation shows it. `defineCommand` and `defineQuery` type it by their schemas; `checkExamples`
 * asks the schemas themselves.
 */
export interface Example<Input = unknown, Output = unknown, Code extends string = string> {
  /** What it shows, as a short sentence. */
  readonly title: string
  readonly input: Input
  /** The whole answer; of a stream the items that come first. Absent where it is too long to be read. */
  readonly output?: Output
  /** Instead of an output: the code of the error that the call meets. */
  readonly error?: Code
}

/** When a contract goes away. Dates are ISO 8601; after `sunset` every call answers 410 `GONE`. */
export interface Deprecation {
  readonly since: string
  readonly sunset: string
  /** The `key@version` that replaces it. */
  readonly successor?: string
}

/** One declared error of an operation. */
export interface ErrorDeclaration<Data extends Schema | undefined = Schema | undefined> {
  readonly description: string
  /** HTTP status, 400 to 599. */
  readonly http: number
  /** The `extensions.code` on GraphQL. */
  readonly gqlCode: string
  /** The situation in which a caller meets it. */
  readonly when: string
  /** Shape of `problem.data`. */
  readonly data?: Data
  /** True when the same call may succeed later. */
  readonly retryable?: boolean
}

export type ErrorMap = { readonly [code: string]: ErrorDeclaration }

/**
 * Who may call. There is no default: a contract without a policy does not compile.
 * - `anonymous` admits everyone;
 * - `user` admits the learner whom the input names, a service whose scope covers the operation, and operators;
 * - `service` admits services with the scope, and operators;
 * - `operator` admits operators only.
 */
export interface Policy {
  readonly auth: 'anonymous' | 'user' | 'service' | 'operator'
  /** JSON Pointer (RFC 6901) into the input that names the person; `/learnerId` when the input has that field. */
  readonly subject?: string
  /** Scopes that the caller must hold besides the operation's own key. */
  readonly permissions?: readonly string[]
  readonly limits?: Limits
  /** True when repeating the call changes nothing more: no idempotency record is then kept for it. */
  readonly idempotent?: boolean
  /** True of a command that takes something away which no other call brings back, so that callers can ask a person first. */
  readonly destructive?: boolean
}

/** Limits that the pipeline enforces on each call. */
export interface Limits {
  /** Largest input as received, in bytes: above it the call answers 413 `PAYLOAD_TOO_LARGE`. */
  readonly inputBytes?: number
  /**
   * Longest time until the output was checked, in milliseconds: above it the call is rolled back and answers 504 `TIMEOUT`. Once
   * the commit has begun, it is waited for.
   */
  readonly timeoutMs?: number
}

interface OperationParts<
  Key extends string,
  Version extends string,
  I extends Schema,
  O extends Schema,
  E extends ErrorMap,
  Emitted extends EventContract,
> {
  readonly meta: OperationMeta<Key, Version>
  readonly io: { readonly input: I; readonly output: O; readonly errors: E }
  readonly policy: Policy
  /** The events that the operation may emit; a query emits none. */
  readonly emits: readonly Emitted[]
}

/** A contract that changes something. */
export interface CommandContract<
  Key extends string = string,
  Version extends string = string,
  I extends Schema = Schema,
  O extends Schema = Schema,
  E extends ErrorMap = ErrorMap,
  Emitted extends EventContract = EventContract,
> extends OperationParts<Key, Version, I, O, E, Emitted> {
  readonly kind: 'command'
}

/** A contract that only reads. */
export interface QueryContract<
  Key extends string = string,
  Version extends string = string,
  I extends Schema = Schema,
  O extends Schema = Schema,
  E extends ErrorMap = ErrorMap,
> extends OperationParts<Key, Version, I, O, E, EventContract> {
  readonly kind: 'query'
}

/** Something that happened: a product event, or a fact that Waymark derived. */
export interface EventContract<Key extends string = string, Version extends string = string, P extends Schema = Schema> {
  readonly kind: 'event'
  readonly meta: Meta<Key, Version>
  readonly payload: P
  /** `client` lets a learner's own browser or app report it; `server` (the default) only services. */
  readonly reportableBy: 'server' | 'client'
  /** JSON Pointers of the payload that hold personal data. */
  readonly pii: readonly string[]
  /**
   * How long payloads are kept after the event happened, as an ISO 8601 duration such as `P90D`; null: for ever. Of several versions of
   * an event the latest decides for all.
   */
  readonly retention: string | null
}

export type Operation = CommandContract | QueryContract
export type Contract = Operation | EventContract

/** A named set of contracts. */
export interface Module<Key extends string = string, C extends Contract = Contract> {
  readonly kind: 'module'
  readonly key: Key
  readonly contracts: readonly C[]
  /** What tags of the contracts stand for, a sentence each. Of several modules the first that describes a tag is heard. */
  readonly tags: Readonly<Record<string, string>>
}

export type InputOf<O extends { readonly io: { readonly input: Schema } }> = InferInput<O['io']['input']>
export type ParsedInputOf<O extends { readonly io: { readonly input: Schema } }> = InferOutput<O['io']['input']>
export type ResultInputOf<O extends { readonly io: { readonly output: Schema } }> = InferInput<O['io']['output']>
export type OutputOf<O extends { readonly io: { readonly output: Schema } }> = InferOutput<O['io']['output']>
export type PayloadOf<E extends { readonly payload: Schema }> = InferInput<E['payload']>
