import type {
  CommandContract,
  Contract,
  ErrorMap,
  EventContract,
  Example,
  Meta,
  Module,
  OperationMeta,
  Policy,
  QueryContract,
} from './contract.ts'
import type { ReservedCode } from './errors.ts'
import { isPage, type Paged, type PageSchema, paged } from './page.ts'
import type { InferInput, InferOutput, Schema } from './schema.ts'
import { isStream, type Resumable, resumable, type StreamSchema } from './stream.ts'

interface OperationSpec<Key extends string, Version extends string, I extends Schema, O extends Schema, E extends ErrorMap> {
  readonly meta: Meta<Key, Version> & { readonly examples?: readonly ExampleOf<NoInfer<I>, NoInfer<O>, NoInfer<E>>[] }
  readonly io: { readonly input: I; readonly output: O; readonly errors?: E }
  readonly policy: Policy
}

/** An example as a contract with these schemas has it. */
type ExampleOf<I extends Schema, O extends Schema, E extends ErrorMap> = Example<
  Said<InferInput<InputFor<I, O>>>,
  O extends StreamSchema<unknown, infer Item> ? readonly Said<Item>[] : Said<InferOutput<O>>,
  (keyof E & string) | ReservedCode
>

/** The same data, written down as a constant: no list of it can be changed. */
type Said<T> = T extends readonly (infer Item)[]
  ? readonly Said<Item>[]
  : T extends object
    ? { readonly [Name in keyof T]: Said<T[Name]> }
    : T

type NoErrors = Record<never, never>
type InputFor<I extends Schema, O extends Schema> =
  O extends PageSchema<unknown, unknown> ? Paged<I> : O extends StreamSchema<unknown, unknown> ? Resumable<I> : I

/**
 * Declares an operation that changes something, and in `emits` the events that its handler may emit. Returns frozen data; nothing is
 * registered anywhere.
 */
export function defineCommand<
  const Key extends string,
  const Version extends string,
  I extends Schema,
  O extends Schema,
  const E extends ErrorMap = NoErrors,
  Emitted extends EventContract = never,
>(
  spec: OperationSpec<Key, Version, I, O, E> & { readonly emits?: readonly Emitted[] },
): CommandContract<Key, Version, I, O, E, Emitted> {
  return Object.freeze({ kind: 'command', ...operation(spec, spec.io.input, spec.emits ?? []) })
}

/**
 * Declares an operation that only reads. With `output: page(item)` its input also takes `cursor` and `limit`, with
 * `output: stream(item)` it takes `after`.
 */
export function defineQuery<
  const Key extends string,
  const Version extends string,
  I extends Schema,
  O extends Schema,
  const E extends ErrorMap = NoErrors,
>(spec: OperationSpec<Key, Version, I, O, E>): QueryContract<Key, Version, InputFor<I, O>, O, E> {
  const { input: declared, output } = spec.io
  const input = (isPage(output) ? paged(declared) : isStream(output) ? resumable(declared) : declared) as InputFor<I, O>
  return Object.freeze({ kind: 'query', ...operation(spec, input, []) })
}

/** Declares an event. Its payload schema only validates: payloads are stored as they were sent. */
export function defineEvent<const Key extends string, const Version extends string, P extends Schema>(spec: {
  readonly meta: Meta<Key, Version>
  readonly payload: P
  readonly reportableBy?: 'server' | 'client'
  readonly pii?: readonly string[]
  /** How long payloads are kept, e.g. `P90D`; for ever when absent. */
  readonly retention?: string
}): EventContract<Key, Version, P> {
  return Object.freeze({
    kind: 'event',
    meta: frozen(spec.meta),
    payload: spec.payload,
    reportableBy: spec.reportableBy ?? 'server',
    pii: frozen(spec.pii ?? []),
    retention: spec.retention ?? null,
  })
}

/** Names a set of contracts. */
export function defineModule<const Key extends string, C extends Contract>(spec: {
  readonly key: Key
  readonly contracts: readonly C[]
  /** What tags of the contracts stand for, e.g. `{ orders: 'From the basket to the door.' }`. */
  readonly tags?: Readonly<Record<string, string>>
}): Module<Key, C> {
  const { key, contracts, tags = {} } = spec
  return Object.freeze({ kind: 'module', key, contracts: Object.freeze([...contracts]), tags: frozen(tags) })
}

function operation<
  Key extends string,
  Version extends string,
  I extends Schema,
  O extends Schema,
  E extends ErrorMap,
  Emitted extends EventContract,
>(spec: OperationSpec<Key, Version, Schema, O, E>, input: I, emits: readonly Emitted[]) {
  return {
    meta: frozen<OperationMeta<Key, Version>>(spec.meta),
    io: Object.freeze({ input, output: spec.io.output, errors: frozenErrors(spec.io.errors ?? ({} as E)) }),
    policy: frozen(spec.policy),
    emits: Object.freeze([...emits]),
  }
}

/** A frozen copy of plain data. */
function frozen<T>(value: T): T {
  if (Array.isArray(value)) return Object.freeze(value.map(frozen)) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.freeze(Object.fromEntries(Object.entries(value).map(([key, item]) => [key, frozen(item)]))) as T
}

/** Error declarations hold schemas, which belong to their library and stay as they are. */
function frozenErrors<E extends ErrorMap>(errors: E): E {
  return Object.freeze(
    Object.fromEntries(Object.entries(errors).map(([code, error]) => [code, Object.freeze({ ...error })])),
  ) as E
}
