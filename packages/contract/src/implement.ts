import type { Contract, Module, Operation, ParsedInputOf, ResultInputOf } from './contract.ts'
import type { EmitOf } from './emit.ts'
import { ContractError, DefinitionError, type FailInit, RESERVED, type ReservedCode } from './errors.ts'
import type { EventBinding, EventHandlers, EventSource, EventsOf } from './event-handlers.ts'
import type { Principal } from './principal.ts'
import type { InferInput, Schema } from './schema.ts'
import { isStream, type StreamSchema } from './stream.ts'
import type { Transaction } from './transaction.ts'

/** Functions that make the errors of an operation; `throw fail.TRACK_NOT_FOUND({ … })`. */
export type Fail<C extends Operation> = {
  readonly [Code in keyof C['io']['errors'] & string]: C['io']['errors'][Code] extends { readonly data: infer D extends Schema }
    ? (init: FailInit<InferInput<D>> & { readonly data: InferInput<D> }) => ContractError
    : (init?: Omit<FailInit, 'data'>) => ContractError
} & { readonly [Code in ReservedCode]: (init?: Omit<FailInit, 'data'>) => ContractError }

/** What a surface knows of one call, besides its input. */
export interface CallInfo {
  /** How the call came in, e.g. `rest`, `segment`, `cloudevents`. Set by the surface, never by the caller. */
  readonly channel: string
  readonly requestId: string
  /** The `Idempotency-Key` of the call. */
  readonly idempotencyKey?: string
}

/** The abort signal of the platform, without depending on a platform's types. */
export type Signal = typeof globalThis extends { AbortSignal: { prototype: infer S } } ? S : { readonly aborted: boolean }

/** What every handler gets. Admitted, valid, within limits: the pipeline saw to it. */
export interface HandlerContext<C extends Operation> {
  readonly input: ParsedInputOf<C>
  readonly principal: Exclude<Principal, { kind: 'invalid' }>
  readonly fail: Fail<C>
  readonly call: CallInfo
  /** Aborted when the caller went away or the time limit passed. */
  readonly signal: Signal
}

/**
 * A handler of its own unit of work: everything it does through `tx`, and what it emits, commits once, after its output was checked. That of
 * a query has no `emit`.
 */
export type Handler<C extends Operation> = (
  context: HandlerContext<C> & { readonly tx: Transaction } & EmitOf<C>,
) => Promise<ResultInputOf<C>>

/**
 * A handler whose calls share one commit with others. It asks `check` before it commits, and returns what `check` gave. It has neither `tx`
 * nor `emit`: nothing would be committed with what it emits.
 */
export interface GroupHandler<C extends Operation> {
  readonly commit: 'group'
  readonly handle: (context: HandlerContext<C> & { readonly check: OutputCheck<ResultInputOf<C>> }) => Promise<CheckedOutput>
}

/**
 * A handler of a stream query. It opens the stream and answers the iterable; refusals belong before that. There is no transaction: a
 * stream lasts as long as its caller. Its signal is aborted when the stream ends, whoever ends it.
 */
export type StreamHandler<C extends Operation> = (context: HandlerContext<C>) => Promise<ResultInputOf<C>>

/** Checks an output against the contract. A failed check must keep the call out of the commit; rethrow its error. */
export type OutputCheck<Output> = (
  output: Output,
) => { readonly ok: true; readonly output: CheckedOutput } | { readonly ok: false; readonly error: Error }

declare const checked: unique symbol
/** An output that was checked already. */
export interface CheckedOutput {
  readonly [checked]: true
}

/** Major 0 and 1 are bound by key, later ones as `key@major`. */
export type HandlerName<C extends Operation> = C['meta']['version'] extends `0.${string}` | `1.${string}`
  ? C['meta']['key']
  : C['meta']['version'] extends `${infer Major}.${string}`
    ? `${C['meta']['key']}@${Major}`
    : never

type OperationsOf<M extends Module> = M extends Module<string, infer C> ? Extract<C, Operation> : never

type HandlerOf<C extends Operation> =
  C['io']['output'] extends StreamSchema<unknown, unknown> ? StreamHandler<C> : Handler<C> | GroupHandler<C>

/** One handler for each operation of a module. A missing one does not compile. */
export type Handlers<M extends Module> = { readonly [C in OperationsOf<M> as HandlerName<C>]: HandlerOf<C> }

/** A handler with its types erased, as the pipeline calls it. */
export interface Binding {
  /** `none` for streams. */
  readonly commit: 'own' | 'group' | 'none'
  /** The key of its module. */
  readonly module: string
  readonly handle: (context: never) => Promise<unknown>
  /** Makes the errors of the operation, declared and reserved; it has no other code. */
  readonly fail: Readonly<Record<string, (init?: FailInit) => ContractError>>
}

/** A module and the handlers of its operations. */
export interface Implementation {
  readonly kind: 'implementation'
  readonly module: Module
  /** By `key@version`. */
  readonly bindings: ReadonlyMap<string, Binding>
  readonly events: readonly EventBinding[]
}

/** An implementation to which event handlers can be added; each `on` answers a new one. */
export interface ListeningImplementation<M extends Module> extends Implementation {
  /** Handles events of the module itself. */
  on(handlers: EventHandlers<EventsOf<M>>): ListeningImplementation<M>
  /** Handles events of another module, or of contracts. */
  on<S extends EventSource>(source: S, handlers: EventHandlers<EventsOf<S>>): ListeningImplementation<M>
}

/** Binds handlers to the operations of a module, and to events. */
export function implement<M extends Module<string, Contract>>(
  module: M,
): { handlers(handlers: Handlers<M>): ListeningImplementation<M> } {
  return {
    handlers: (handlers) => listening(module, bind(module, handlers as unknown as Readonly<Record<string, unknown>>), []),
  }
}

function listening<M extends Module>(
  module: M,
  bindings: ReadonlyMap<string, Binding>,
  events: readonly EventBinding[],
): ListeningImplementation<M> {
  const on = (...args: readonly object[]) => {
    // The source is for the compiler alone: names are found in the registry.
    const handlers = Object.entries(args.at(-1) ?? {}) as [string, EventBinding['handle']][]
    const added = handlers.map(([name, handle]): EventBinding => Object.freeze({ module: module.key, name, handle }))
    return listening(module, bindings, Object.freeze([...events, ...added]))
  }
  return Object.freeze({ kind: 'implementation', module, bindings, events, on })
}

function bind(module: Module, handlers: Readonly<Record<string, unknown>>): ReadonlyMap<string, Binding> {
  const bindings = new Map<string, Binding>()
  const used = new Map<string, string>()
  for (const contract of module.contracts) {
    if (contract.kind === 'event') continue
    const id = `${contract.meta.key}@${contract.meta.version}`
    const name = handlerName(contract)
    const twin = used.get(name)
    if (twin !== undefined)
      throw new DefinitionError(
        'HANDLER_DUPLICATE',
        `${twin} and ${id} of module ${module.key} share the handler ${name}. Put one of the two versions into a module of its own.`,
      )
    used.set(name, id)
    const handler = handlers[name]
    const own = { module: module.key, fail: failOf(contract) }
    const isOfStream = isStream(contract.io.output)
    if (typeof handler === 'function')
      bindings.set(id, { ...own, commit: isOfStream ? 'none' : 'own', handle: handler as Binding['handle'] })
    else if (isGroup(handler) && !isOfStream) bindings.set(id, { ...own, commit: 'group', handle: handler.handle })
    else
      throw new DefinitionError(
        'HANDLER_MISSING',
        `Module ${module.key} has no handler ${name} for ${id}. Add it to implement(…).handlers({ … }).`,
      )
  }
  const stray = Object.keys(handlers).find((name) => !used.has(name))
  if (stray !== undefined)
    throw new DefinitionError(
      'HANDLER_UNKNOWN',
      `The handler ${stray} belongs to no operation of module ${module.key}. Known: ${[...used.keys()].join(', ')}.`,
    )
  return bindings
}

function handlerName({ meta }: Operation): string {
  return /^[01]\./.test(meta.version) ? meta.key : `${meta.key}@${Number.parseInt(meta.version, 10)}`
}

function isGroup(handler: unknown): handler is { readonly handle: Binding['handle'] } {
  if (typeof handler !== 'object' || handler === null) return false
  return 'commit' in handler && handler.commit === 'group' && 'handle' in handler && typeof handler.handle === 'function'
}

function failOf({ io }: Operation): Binding['fail'] {
  const codes = [...Object.keys(RESERVED), ...Object.keys(io.errors)]
  return Object.freeze(Object.fromEntries(codes.map((code) => [code, (init?: FailInit) => new ContractError(code, init)])))
}
