import type { Contract, EventContract, Module } from './contract.ts'
import { DefinitionError } from './errors.ts'
import type { Signal } from './implement.ts'
import type { ServicePrincipal } from './principal.ts'
import { majorOf, type Registry } from './registry.ts'
import type { InferOutput } from './schema.ts'
import type { Transaction } from './transaction.ts'

/** What is known of an event beside its payload. */
export interface DeliveredEvent<Key extends string = string> {
  /** Unique within its source. */
  readonly id: string
  readonly source: string
  readonly key: Key
  /** The version of the contract that its payload was checked against. */
  readonly version: string
  /** When it happened, in epoch milliseconds. */
  readonly occurredAt: number
  /** How it came in, e.g. `rest`, `segment`, `bus`; `fact` for what Waymark derived. */
  readonly channel: string
  readonly learnerId?: string
  readonly accountId?: string
}

/** What a handler of an event gets. */
export interface EventContext<E extends EventContract> {
  readonly event: DeliveredEvent<E['meta']['key']>
  readonly payload: InferOutput<E['payload']>
  /** In whose name the event is delivered; its tenant is that of the event. */
  readonly principal: ServicePrincipal
  /**
   * The transaction that commits that this handler has handled the event, or nothing. All else that a handler does can be done again, when
   * the process ends before the commit: `source` and `id` of the event are the same then.
   */
  readonly tx: Transaction
  /** Aborted after 30 seconds, and when the process will not wait for the handler any more. The handler has failed then. */
  readonly signal: Signal
}

/** A handler of an event, in a unit of work of its own. When it throws, nothing of that is committed and the event is delivered again. */
export type EventHandler<E extends EventContract> = (context: EventContext<E>) => Promise<unknown>

type MajorOf<E extends EventContract> = E['meta']['version'] extends `${infer Major}.${string}` ? Major : never
type NamesOf<E extends EventContract> = E extends EventContract ? E['meta']['key'] | `${E['meta']['key']}@${MajorOf<E>}` : never
type Named<E extends EventContract, Name> = E extends EventContract ? (Name extends NamesOf<E> ? E : never) : never

/** Handlers of some events, by `key` (the latest major that there is) or `key@major`. */
export type EventHandlers<E extends EventContract> = [E] extends [never]
  ? { readonly [name: string]: never }
  : { readonly [Name in NamesOf<E>]?: EventHandler<Named<E, Name>> }

/** The events of a module, or of a list of contracts. */
export type EventsOf<Source extends EventSource> = Extract<
  Source extends Module<string, infer C> ? C : Source extends readonly (infer E)[] ? E : never,
  EventContract
>

/** Where the types of events come from that another module declares. */
export type EventSource = Module<string, Contract> | readonly EventContract[]

/** An event handler with its types erased. */
export interface EventBinding {
  /** The module that handles the event. */
  readonly module: string
  /** `key` or `key@major`, as it was bound. */
  readonly name: string
  readonly handle: (context: never) => Promise<unknown>
}

/** An event handler, found in a registry. */
export interface Listener {
  /** `<module>/<key>@<major>`: under this name the store remembers what was handled, so that it must not change. */
  readonly id: string
  readonly handle: EventBinding['handle']
}

/**
 * The listeners of each event, by `key@major`.
 * @throws DefinitionError when no module declares the event, or a module handles it twice.
 */
export function toListeners(registry: Registry, bindings: readonly EventBinding[]): ReadonlyMap<string, readonly Listener[]> {
  const listeners = new Map<string, Listener[]>()
  const seen = new Map<string, string>()
  for (const { module, name, handle } of bindings) {
    const [key = '', version] = name.split('@')
    const entry = registry.event(key, version)
    if (entry === undefined) {
      throw new DefinitionError(
        'HANDLER_UNKNOWN',
        `Module ${module} handles the event ${name}, which no module declares. Declare it with defineEvent in a module that is served, or correct the name in .on({ … }).`,
      )
    }
    const place = `${key}@${entry.major}`
    const id = `${module}/${place}`
    const twin = seen.get(id)
    if (twin !== undefined) {
      throw new DefinitionError(
        'HANDLER_DUPLICATE',
        `Module ${module} handles ${place} twice, as ${twin} and as ${name}. Do both in one handler, or in two modules.`,
      )
    }
    seen.set(id, name)
    listeners.set(place, [...(listeners.get(place) ?? []), Object.freeze({ id, handle })])
  }
  return listeners
}

/** Where `toListeners` keeps those of a contract. */
export function listenerPlace({ meta }: EventContract): string {
  return `${meta.key}@${majorOf(meta.version)}`
}
